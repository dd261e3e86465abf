"""A file behind an address, from hosts that hang up, refuse, or have another one."""

import os
import sys
from concurrent.futures import ThreadPoolExecutor

import pytest

from posecore.assets.transfer import received

WHOLE = os.urandom(300_000)


@pytest.fixture
def get(host, tmp_path):
    """The content of what is received as `file`; by default all of it is there."""
    host.files["/file"] = WHOLE

    def get():
        with received(host.address("/file"), tmp_path / "new" / "file", len(WHOLE)) as file:
            return file.read()

    return get


@pytest.fixture
def part(tmp_path):
    return tmp_path / "new" / "file.part"


def test_all_of_it(get, host, part):
    assert get() == WHOLE
    assert host.asked == [("/file", None)] and not part.exists()


def test_on_a_terminal_a_bar_shows_bytes_and_total(get, monkeypatch, capsys):
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True, raising=False)
    get()
    assert "file: 100%" in (told := capsys.readouterr().err) and "300k/300k" in told
    monkeypatch.undo()
    get()
    assert capsys.readouterr().err == ""


def test_goes_on_where_an_earlier_one_stopped(get, host, part):
    host.stop_after, host.ranges = 1000, False
    with pytest.raises(ConnectionAbortedError, match="broke off after 1000 of 300000 bytes"):
        get()
    assert part.read_bytes() == WHOLE[:1000]
    host.stop_after, host.ranges = None, True
    assert get() == WHOLE
    assert host.asked[-1] == ("/file", "bytes=1000-") and not part.exists()


def test_goes_on_by_itself_as_long_as_something_comes(get, host):
    host.stop_after = 70_000
    assert get() == WHOLE
    assert [wanted for _, wanted in host.asked] == [None, *(f"bytes={n}-" for n in range(70_000, 300_000, 70_000))]


def test_a_host_without_ranges_sends_all_of_it_again(get, host, part):
    part.parent.mkdir()
    part.write_bytes(WHOLE[:1000])
    host.ranges = False
    assert get() == WHOLE and host.asked == [("/file", "bytes=1000-")]


def test_what_an_earlier_one_left_whole_is_not_asked_for(get, host, part):
    part.parent.mkdir()
    part.write_bytes(WHOLE)
    assert get() == WHOLE and host.asked == []


def test_a_part_of_a_file_that_the_host_has_no_more_is_deleted(get, host, part):
    part.parent.mkdir()
    part.write_bytes(b"x" * 5000)
    host.files["/file"] = b"short"
    with pytest.raises(ConnectionRefusedError, match="Range Not Satisfiable"):
        get()
    assert not part.exists() and get() == b"short"


def test_a_part_that_is_too_long_is_deleted(get, part):
    part.parent.mkdir()
    part.write_bytes(b"x" * (len(WHOLE) + 1))
    assert get() == WHOLE


def test_nothing_is_left_of_one_that_never_began(get, host, part):
    host.stop_after = 0
    with pytest.raises(ConnectionAbortedError, match="broke off after 0 of"):
        get()
    host.refuses = ("/file",)
    with pytest.raises(ConnectionRefusedError, match="Forbidden"):
        get()
    assert not part.exists()


@pytest.mark.parametrize(("error", "stays"), [(ValueError, False), (KeyboardInterrupt, True)])
def test_what_is_wrong_goes_and_what_is_interrupted_stays(host, get, part, error, stays):
    with pytest.raises(error):
        with received(host.address("/file"), part.with_suffix(""), len(WHOLE)):
            raise error
    assert part.exists() == stays


def stop_at(limit):
    """A bar's update that is interrupted when so many bytes have come."""

    def update(bar, count):
        bar.n += count
        if bar.n >= limit:
            raise KeyboardInterrupt

    return update


def test_a_stop_in_the_middle_keeps_what_has_come(get, host, part, monkeypatch):
    with monkeypatch.context() as patch:
        patch.setattr("tqdm.tqdm.update", stop_at(3 * 4000))
        patch.setattr("posecore.assets.transfer.CHUNK", 4000)
        with pytest.raises(KeyboardInterrupt):
            get()
    assert part.read_bytes() == WHOLE[: 2 * 4000]
    assert get() == WHOLE and not part.exists()
    assert host.asked[-1] == ("/file", "bytes=8000-")


def test_several_at_the_same_time_have_the_same(get, host, part):
    host.stop_after = 50_000
    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(lambda _: get(), range(8))) == [WHOLE] * 8
    assert not part.exists()
