"""The viewer's page in a browser."""

import pytest


@pytest.fixture
def show(open_page):
    """Open a page and wait until it is ready."""

    def show(path, *arguments, **named):
        page = open_page(path, *arguments, **named)
        page.wait_for_function("() => !document.getElementById('message').textContent.startsWith('Opening')")
        if "video" in path.name:
            page.wait_for_selector("body.has-video")
        return page

    return show
