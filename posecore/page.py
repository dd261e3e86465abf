"""HTML pages that are one file each: they load nothing from elsewhere, and open from disk.

A page is a template of jinja2 in the folder of the room that makes it. It extends `page.html`, which lies beside this
file with `page.css`, the look that all pages share:

    {% extends "page.html" %}
    {% set styles = ["view.css"] %}        files beside the template, added to the look
    {% set scripts = ["a.js", "b.js"] %}   joined in this order to one module; no other script runs in the page
    {% set media = "blob:" %}              where video may come from
    {% block body %}<h1>{{ title }}</h1>{% endblock %}

Values are escaped wherever they stand. Data for a script go into a `<script type="application/json">` through jinja2's
`tojson`, which writes `<`, `>`, `&` and all that is not ASCII as escapes.
"""

import base64
import hashlib
import os
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from posecore.files import replacing, writing

if TYPE_CHECKING:
    from jinja2 import Template


def render_page(folder: Path, template: str, **values: Any) -> str:
    """The page that a template in `folder` makes of values, of which `title` must be one."""
    return _template(folder, template).render(values)


def write_page(path: str | os.PathLike[str], folder: Path, template: str, **values: Any) -> None:
    """The same as a file, complete or not at all. What the template takes part by part is never all in memory.

    Raises OSError when it cannot be written.
    """
    page = _template(folder, template)
    with replacing(path) as temporary, writing(path), open(temporary, "w", encoding="utf-8", newline="\n") as file:
        file.writelines(page.generate(values))


def _template(folder: Path, name: str) -> "Template":
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    folders = [folder, Path(__file__).parent]
    environment = Environment(
        loader=FileSystemLoader(folders),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )

    def text_of(names: Iterable[str]) -> str:
        """Files of the project as they are."""
        found = (next(path for path in (place / name for place in folders) if path.exists()) for name in names)
        return "\n".join(path.read_text(encoding="utf-8") for path in found)

    environment.globals |= {"text_of": text_of, "sha256": _sha256}
    return environment.get_template(name)


def _sha256(text: str) -> str:
    """As a Content-Security-Policy names a script that may run."""
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"
