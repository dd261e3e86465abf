"""Live sources on the loopback address: what comes, in which order and when; what happens when they fail."""

import os
import socket
import threading
import time
from datetime import datetime
from fractions import Fraction
from itertools import pairwise

import cv2
import pytest
from made import STEPS, write
from streams import HTTP, levels, mpegts, send, tcp, udp

from posecore.video import LiveInput, LiveSource, VideoReader, devices, live_decoder, live_input

RATE = 60
PIECES = mpegts(levels(), RATE)


def opened(address, kind="url", **more):
    return LiveSource(LiveInput(kind, address), **{"retry": 20, "stall": 5, "stop": threading.Event()} | more)


def take(source, count):
    """So many frames that come, with their brightness."""
    found = []
    with source:
        for arrival in source.arrivals():
            found.append((arrival, float(arrival.frame.image.mean())))
            if len(found) == count:
                source.stop.set()
    return found


def check_in_order(found):
    """Every frame once, at the times of the stream, each as bright as it must be."""
    frames = [arrival.frame for arrival, _ in found]
    assert [frame.index for frame in frames] == list(range(len(frames)))
    assert frames[0].timestamp_ms == 0
    steps = [round(float(b.time - a.time) * RATE, 3) for a, b in pairwise(frames)]
    assert steps == [1.0] * len(steps)
    numbers = [round((level - 20) / 5) for _, level in found]
    assert all((b - a) % len(PIECES) == 1 for a, b in pairwise(numbers)), numbers


def check_arrivals(found):
    arrivals = [arrival for arrival, _ in found]
    assert all(a.arrived <= b.arrived and a.received_at <= b.received_at for a, b in pairwise(arrivals))
    assert arrivals[-1].received_at.utcoffset() is not None
    assert abs((datetime.now().astimezone() - arrivals[-1].received_at).total_seconds()) < 600


@pytest.mark.parametrize(("scheme", "head"), [("tcp", b""), ("http", HTTP)])
def test_a_connection(scheme, head):
    """It goes on while the clock of the stream is set anew, after 40 frames."""
    with tcp(lambda write, _: send(PIECES, write, RATE), head) as port:
        found = take(opened(f"{scheme}://127.0.0.1:{port}"), 90)
    check_in_order(found)
    check_arrivals(found)


def test_datagrams():
    """They are sent whether somebody listens or not, so that it begins somewhere."""
    with udp(PIECES, RATE) as port:
        found = take(opened(f"udp://127.0.0.1:{port}"), 40)
    check_in_order(found)
    check_arrivals(found)


def test_a_source_that_stalls_is_opened_anew():
    def serve(write, number):
        send(PIECES, write, RATE, until=60 if number == 0 else None)
        time.sleep(1.5)  # the connection stays

    said = []
    with tcp(serve) as port:
        source = opened(f"tcp://127.0.0.1:{port}", stall=0.6, tell=said.append)
        found = take(source, 90)
    (broken,) = source.breaks
    assert broken.kind == "reconnected" and broken.facts["cause"] == "nothing came for 0.6 s"
    assert [arrival.breaks for arrival, _ in found] == [0] * 60 + [1] * 30
    frames = [arrival.frame for arrival, _ in found]
    assert [frame.index for frame in frames] == list(range(90))
    gap = found[60][0].arrived - found[59][0].arrived
    assert gap > 0.6 and float(frames[60].time - frames[59].time) == pytest.approx(gap, abs=0.01)
    assert "nothing came" in said[0] and "reconnected" in said[1]


def test_a_source_that_dies_and_comes_back():
    """Twice somebody answers and says nothing: that is not coming back."""

    def serve(write, number):
        if number in (0, 3):
            send(PIECES, write, RATE, until=60 if number == 0 else None)

    with tcp(serve) as port:
        source = opened(f"tcp://127.0.0.1:{port}")
        found = take(source, 80)
    assert [broken.kind for broken in source.breaks] == ["reconnected"]
    assert source.breaks[0].facts["cause"] == "it ended" and not source.lost
    assert found[60][0].breaks == 1 and found[60][0].frame.time > found[59][0].frame.time
    assert [round((level - 20) / 5) for _, level in found[60:63]] == [0, 1, 2]


def test_a_source_that_does_not_come_back():
    def serve(write, number):
        if number == 0:
            send(PIECES, write, RATE, until=60)

    with tcp(serve) as port:
        source = opened(f"tcp://127.0.0.1:{port}", retry=0.5)
        assert len(take(source, 999)) == 60
    assert source.lost == "it ended, and it did not come back within 0.5 s"


def test_no_retry_is_the_end_of_a_stream_that_ends():
    with tcp(lambda write, number: send(PIECES, write, RATE, until=60)) as port:
        source = opened(f"tcp://127.0.0.1:{port}", retry=0)
        assert len(take(source, 999)) == 60
    assert source.lost == "" and source.breaks == []


def test_another_size_is_brought_into_the_first_with_bars():
    """64×48 becomes 48×48 in the middle of a connection: 8 columns left and right are black."""
    narrow = mpegts(levels((48, 48)), RATE)

    def serve(write, number):
        send(PIECES, write, RATE, until=60)
        send(narrow, write, RATE)

    with tcp(serve) as port:
        source = opened(f"tcp://127.0.0.1:{port}")
        found = take(source, 90)
    (broken,) = source.breaks
    assert broken.kind == "resized" and broken.facts == {"width": 48, "height": 48}
    at = next(number for number, (arrival, _) in enumerate(found) if arrival.breaks)
    assert 58 <= at <= 62
    picture = found[-1][0].frame.image
    assert picture.shape == (48, 64, 3)
    assert picture[:, :7].max() < 8 and picture[:, -7:].max() < 8 and picture[:, 9:-9].min() > 20


def test_what_cannot_be_decoded_in_time_is_left_out_up_to_a_key_picture(monkeypatch):
    """40 ms a frame for 60 frames a second: it falls behind, catches up at a key picture, and begins anew."""
    monkeypatch.setattr(live_decoder, "LATE", 0.2)
    monkeypatch.setattr(live_decoder, "LONG", 0.1)
    with tcp(lambda write, _: send(PIECES, write, RATE)) as port:
        source, found = opened(f"tcp://127.0.0.1:{port}"), []
        with source:
            for arrival in source.arrivals():
                time.sleep(0.04)
                found.append((arrival.arrived, float(arrival.frame.time)))
                if len(found) == 100:
                    source.stop.set()
    late = [arrived - shown for arrived, shown in found]
    assert source.skipped > 20 and source.damaged == 0
    assert min(late[50:]) - min(late[:50]) < 0.5  # else it would be 50 * (0.04 - 1 / 60) and more


class Packet:
    time_base, is_keyframe = Fraction(1, 1000), True

    def __init__(self, seconds):
        self.dts = round(1000 * seconds)


def test_a_source_that_is_slow_or_pauses_is_not_taken_for_slow_decoding():
    """Its packets have to be waited for."""
    delay = live_decoder._Delay()
    for seconds in range(20_000):
        paused = 60.0 if seconds == 10_000 else 0.0
        now = seconds + (60.0 if seconds >= 10_000 else 0.0)
        assert not delay.skips(Packet(0.99 * seconds), now, waited=0.5 + paused)


def test_what_is_decoded_too_slowly_is_left_out_until_a_packet_has_to_be_waited_for():
    """0.1 s for what comes every 0.05 s: after some seconds, up to a key picture, one in ten."""
    delay, now, skipped = live_decoder._Delay(), 0.0, []
    for number in range(1000):
        ready = 0.05 * number  # when it comes
        waited = max(0.0, ready - now)
        now = max(now, ready)
        packet = Packet(ready)
        packet.is_keyframe = number % 10 == 0
        skipped.append(delay.skips(packet, now, waited))
        now += 0 if skipped[-1] else 0.1
    assert 400 < sum(skipped) < 600 and now < 55
    ends = [number for number in range(1, 1000) if skipped[number - 1] and not skipped[number]]
    assert len(ends) > 3 and all(number % 10 == 0 for number in ends)


def test_what_comes_faster_than_its_clock_is_not_left_out():
    """As `cat clip.ts |` sends it: nothing has to be waited for, and nothing is late."""
    delay = live_decoder._Delay()
    assert not any(delay.skips(Packet(float(seconds)), seconds / 10, waited=0) for seconds in range(1000))


def test_pictures_without_times_have_those_of_their_arrival():
    """JPEGs as cameras send them, 40 a second, which FFmpeg takes for 25."""
    head = b"HTTP/1.0 200 OK\r\nContent-Type: multipart/x-mixed-replace; boundary=next\r\n\r\n"
    part = b"--next\r\nContent-Type: image/jpeg\r\nContent-Length: %d\r\n\r\n%s\r\n"
    jpegs = [cv2.imencode(".jpg", picture)[1].tobytes() for picture in levels()]
    with tcp(lambda write, _: send([part % (len(jpeg), jpeg) for jpeg in jpegs], write, 40), head) as port:
        found = take(opened(f"http://127.0.0.1:{port}"), 60)
    for (a, _), (b, _) in pairwise(found):
        apart = b.arrived - a.arrived
        assert float(b.frame.time - a.frame.time) == pytest.approx(max(apart, 1 / 90_000), abs=1e-4)


@pytest.fixture(scope="module")
def file(tmp_path_factory):
    """40 frames of a variable rate, in 2.6 s."""
    path = tmp_path_factory.mktemp("file") / "file.mp4"
    write(path, levels(), [Fraction(sum(STEPS[:number]), 1000) for number in range(40)], (64, 48))
    return path


def test_a_file_is_read_as_a_file(file):
    """Whatever its frames' times: all of them, as fast as they are taken, and no retry."""
    path = file
    source = opened(str(path), retry=99)
    assert source.lossless
    with VideoReader(path) as video:
        expected = [(frame.index, frame.timestamp_ms) for frame in video]
    assert [(a.frame.index, a.frame.timestamp_ms) for a, _ in take(source, 999)] == expected
    assert source.lost == ""


def test_a_file_that_http_sends_is_one_too(file):
    data = file.read_bytes()
    head = b"HTTP/1.0 200 OK\r\nContent-Length: %d\r\n\r\n" % len(data)
    with tcp(lambda write, _: write(data), head) as port:
        source = opened(f"http://127.0.0.1:{port}/file.mp4")
        assert source.lossless and len(take(source, 999)) == 40


def test_a_silent_source_can_be_stopped():
    with tcp(lambda write, _: (send(PIECES, write, RATE, until=60), time.sleep(30))) as port:
        source = opened(f"tcp://127.0.0.1:{port}", stall=0.5)
        threading.Timer(0.1, source.stop.set).start()
        assert len(take(source, 999)) <= 60
    assert source.breaks == [] and source.lost == ""


def test_a_playlist_cannot_name_a_file_of_this_machine(tmp_path):
    clip = tmp_path / "clip.ts"
    clip.write_bytes(b"".join(PIECES))
    playlist = f"#EXTM3U\n#EXT-X-TARGETDURATION:2\n#EXTINF:2,\nfile://{clip}\n#EXT-X-ENDLIST\n".encode()
    head = b"HTTP/1.0 200 OK\r\nContent-Type: application/vnd.apple.mpegurl\r\n\r\n"
    with tcp(lambda write, _: write(playlist), head) as port, pytest.raises(ValueError, match="cannot be opened"):
        opened(f"http://127.0.0.1:{port}/list.m3u8")


def test_a_list_of_files_is_none():
    with tcp(lambda write, _: write(b"ffconcat version 1.0\nfile '/etc/passwd'\n")) as port:
        with pytest.raises(ValueError, match="is no video stream"):
            opened(f"tcp://127.0.0.1:{port}")


def test_what_cannot_be_opened_is_named_with_a_cure(tmp_path):
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))
        port = nobody.getsockname()[1]
    os.mkfifo(tmp_path / "pipe")
    for address, message in (
        (f"tcp://127.0.0.1:{port}", r"cannot be opened \(Connection refused\); check the address and that somebody"),
        ("gopher://127.0.0.1/x", "gopher is no way to a stream; known are http, "),
        (str(tmp_path / "pipe"), "is a pipe; posecore live --stdin < "),
        ("/dev/null", "is a device; posecore live --camera /dev/null"),
    ):
        with pytest.raises(ValueError, match=message):
            opened(address)
    with pytest.raises(FileNotFoundError):
        opened(str(tmp_path / "absent.mp4"))


def test_who_wants_a_password_says_so():
    head = b'HTTP/1.0 401 Unauthorized\r\nWWW-Authenticate: Basic realm="a"\r\nContent-Length: 0\r\n\r\n'
    cure = r"authorization failed\)\); give http://USER:PASSWORD@…"
    with tcp(lambda write, _: None, head) as port, pytest.raises(ValueError, match=cure) as raised:
        opened(f"http://me:secret@127.0.0.1:{port}/")
    assert "secret" not in str(raised.value)


def test_who_sends_nothing_is_given_up(monkeypatch):
    monkeypatch.setattr("posecore.video.live_source.OPENED", 0.3)
    with tcp(lambda write, _: time.sleep(1)) as port, pytest.raises(ValueError, match=r"nothing came for 0.3 s"):
        opened(f"tcp://127.0.0.1:{port}")


def test_names_hide_passwords_and_keys():
    names = {
        "rtsp://me:secret@cam.local:554/a/b?token=1#x": "rtsp://cam.local:554/a/b",
        "http://cam.local/stream": "http://cam.local/stream",
        "videos/a?b.mp4": "videos/a?b.mp4",
    }
    assert {address: LiveInput("url", address).name for address in names} == names


# Cameras: none is there; FFmpeg's own test picture stands in for one.


@pytest.fixture
def camera(monkeypatch):
    picture = devices.Camera(0, "Test picture", f"testsrc=size=64x48:rate={RATE},realtime")
    monkeypatch.setattr(devices, "list_cameras", lambda: [picture])
    monkeypatch.setattr(live_input, "device_format", lambda: ("lavfi", {}))


@pytest.mark.parametrize("wanted", ["0", "test PICTURE"])
def test_a_camera(camera, wanted):
    found = take(opened(wanted, "camera"), 20)
    assert [arrival.frame.index for arrival, _ in found] == list(range(20))
    check_arrivals(found)


def test_a_camera_that_is_not_there(camera):
    with pytest.raises(ValueError, match=r"camera 7: is not there; there is: 0 \(Test picture\)"):
        opened("7", "camera")


def test_cameras_of_linux_have_names_and_one_node_each(tmp_path, monkeypatch):
    for node, index, name in ((0, 0, "Integrated"), (1, 1, "Integrated"), (10, 0, "USB camera"), (2, 0, "")):
        folder = tmp_path / f"video{node}"
        folder.mkdir()
        (folder / "index").write_text(f"{index}\n")
        (folder / "name").write_text(f"{name}\n")
    monkeypatch.setattr(devices, "SYSFS", tmp_path)
    monkeypatch.setattr(devices.sys, "platform", "linux")
    cameras = [(camera.number, camera.name, camera.address) for camera in devices.list_cameras()]
    assert cameras == [
        (0, "Integrated", "/dev/video0"),
        (2, "video2", "/dev/video2"),
        (10, "USB camera", "/dev/video10"),
    ]


def test_no_camera_at_all(tmp_path, monkeypatch):
    monkeypatch.setattr(devices, "SYSFS", tmp_path / "absent")
    assert devices.list_cameras() == []
