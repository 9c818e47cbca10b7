"""The C part of the fan-out beside Python's: the same bytes to the same addresses, the same counts, and nothing of who is gone."""

import gc
import os
import socket
import stat
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pylibsrtp import Policy, Session

from realtime.rtc import fanout, native
from realtime.rtc.fanout import Track
from realtime.rtc.leg import pack_header
from realtime.rtc.native import Counts, Descriptor, Lane, Seat, pack_address
from realtime.rtc.packets import Packet
from tests.realtime.rtc import test_conformance as stories
from tests.realtime.rtc.troupe import Troupe

MOST_PAYLOAD = 1344
PROFILES = (Policy.SRTP_PROFILE_AES128_CM_SHA1_80, Policy.SRTP_PROFILE_AEAD_AES_128_GCM)


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> Any:
    built = native.build(tmp_path_factory.mktemp("native"))
    if built is None:
        pytest.fail("a C compiler is needed: sudo apt-get install gcc libc6-dev")
    return built


@pytest.fixture
def in_c(library: Any) -> Iterator[None]:
    fanout.use(library)
    yield
    fanout.use(None)


def session(profile: int) -> Session:
    return Session(Policy(key=bytes(range(46)), ssrc_type=Policy.SSRC_ANY_OUTBOUND, srtp_profile=profile))


class Ear:
    """A viewer's socket."""

    def __init__(self) -> None:
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.bind(("127.0.0.1", 0))
        self.socket.setblocking(False)

    def hears(self) -> list[bytes]:
        heard = []
        while True:
            try:
                heard.append(self.socket.recv(2048))
            except BlockingIOError:
                return heard


@pytest.fixture
def seat_at() -> Iterator[Callable[..., Seat]]:
    """`seat_at(ear, …)`: sent from one socket, to the ear's."""
    sender = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    sender.bind(("127.0.0.1", 0))

    def make(ear: Ear, *, profile: int = PROFILES[1], ssrc: int = 7, shift: int = 0, payload_type: int = 96) -> Seat:
        address = pack_address(sender, ear.socket.getsockname())
        assert address is not None
        return Seat(session(profile), Descriptor(sender.fileno()), address, ssrc, shift, payload_type)

    yield make
    sender.close()


class Viewer:
    """An outlet that is put packets where nobody sends in its place."""

    def __init__(self) -> None:
        self.got: list[Packet] = []

    def put(self, packet: Packet, /) -> None:
        self.got.append(packet)

    def report_soon(self) -> None:
        return


@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    profile=st.sampled_from(PROFILES), sequence=st.integers(0, 0xFFFF), timestamp=st.integers(0, 0xFFFFFFFF), marker=st.integers(0, 1),
    payload=st.binary(min_size=1, max_size=MOST_PAYLOAD), ssrc=st.integers(0, 0xFFFFFFFF), shift=st.integers(0, 0xFFFF), kind=st.integers(0, 127),
)  # fmt: skip
def test_c_sends_what_python_would(
    library: Any,
    seat_at: Callable[..., Seat],
    profile: int,
    sequence: int,
    timestamp: int,
    marker: int,
    payload: bytes,
    ssrc: int,
    shift: int,
    kind: int,
) -> None:
    """Byte for byte, with both ciphers that browsers choose, zero bytes in the payload included."""
    ear, lane = Ear(), Lane(library)
    lane.add(ear, seat_at(ear, profile=profile, ssrc=ssrc, shift=shift, payload_type=kind))
    lane.put(Packet(sequence, timestamp, marker, payload))
    header = pack_header(0x80, marker << 7 | kind, (sequence + shift) & 0xFFFF, timestamp, ssrc)
    expected = session(profile).protect(header + payload)
    assert ear.hears() == [expected]
    assert lane.take_counts(ear) == Counts(1, len(payload), 1, len(expected), 0)
    ear.socket.close()


def test_everybody_gets_each_packet_whoever_comes_and_goes(library: Any, seat_at: Callable[..., Seat]) -> None:
    """More than the array begins with; those who leave from its middle take nobody's place, and counts stay with their owners."""
    lane, ears = Lane(library), [Ear() for _ in range(30)]
    for number, ear in enumerate(ears):
        lane.add(ear, seat_at(ear, ssrc=number))
    lane.put(Packet(1, 1, 0, b"first"))
    gone = ears[::3]
    assert [lane.remove(ear).sent for ear in gone] == [1] * len(gone)
    assert lane.remove(gone[0]) == Counts()
    lane.put(Packet(2, 2, 0, b"second"))
    for number, ear in enumerate(ears):
        heard = ear.hears()
        assert [int.from_bytes(data[8:12], "big") for data in heard] == [number] * (1 if ear in gone else 2)
        assert lane.take_counts(ear).sent == (0 if ear in gone else 2)
        ear.socket.close()


@pytest.mark.parametrize("size", [0, 1, MOST_PAYLOAD, MOST_PAYLOAD + 1, 1_500, 70_000])
def test_what_does_not_fit_reaches_nobody(library: Any, seat_at: Callable[..., Seat], size: int) -> None:
    """A payload is measured before it is copied."""
    ear, lane = Ear(), Lane(library)
    lane.add(ear, seat_at(ear))
    lane.put(Packet(1, 1, 0, b"x" * size))
    heard = ear.hears()
    assert len(heard) == (size <= MOST_PAYLOAD)
    assert lane.take_counts(ear).sent == len(heard)
    ear.socket.close()


def test_a_descriptor_is_no_other_file_while_somebody_may_send(library: Any, seat_at: Callable[..., Seat]) -> None:
    """ICE closes a socket without asking: its number must not come to mean a file that is opened next."""
    sender, ear, lane = socket.socket(socket.AF_INET, socket.SOCK_DGRAM), Ear(), Lane(library)
    address = pack_address(sender, ear.socket.getsockname())
    assert address is not None
    descriptor = Descriptor(sender.fileno())
    number = descriptor.fd
    lane.add(ear, Seat(session(PROFILES[0]), descriptor, address, 1, 0, 96))
    del descriptor
    sender.close()
    gc.collect()
    assert stat.S_ISSOCK(os.fstat(number).st_mode)
    lane.put(Packet(1, 1, 0, b"still there"))
    assert len(ear.hears()) == 1
    lane.remove(ear)
    gc.collect()
    with pytest.raises(OSError, match="Bad file descriptor"):
        os.fstat(number)
    ear.socket.close()


def test_a_refused_packet_costs_only_its_own_viewer(library: Any, seat_at: Callable[..., Seat]) -> None:
    """A number that was encrypted before is refused by SRTP: the next viewer gets it all the same."""
    first, second, lane = Ear(), Ear(), Lane(library)
    lane.add(first, seat_at(first))
    lane.put(Packet(5, 1, 0, b"once"))
    lane.add(second, seat_at(second))
    lane.put(Packet(5, 1, 0, b"again"))
    assert (len(first.hears()), len(second.hears())) == (1, 1)
    assert (lane.take_counts(first).refused, lane.take_counts(second).refused) == (1, 0)
    for ear in (first, second):
        ear.socket.close()


def test_a_track_sends_in_whichever_way_it_can(in_c: None, seat_at: Callable[..., Seat]) -> None:
    """With a seat by C, without one by hand; a viewer whose socket is no longer ours changes over, and nothing is sent twice."""
    track, ear, seated, walking = Track("video", now=0.0), Ear(), Viewer(), Viewer()
    track.add(seated, seat_at(ear))
    track.add(walking)
    for number in range(3):
        track.forward(Packet(number, number, 1, b"\x41x"), now=0.0)
    assert (len(ear.hears()), len(seated.got), len(walking.got), len(track.outlets)) == (3, 0, 3, 2)
    assert track.reseat(seated, None).sent == 3
    track.forward(Packet(3, 3, 1, b"\x41x"), now=0.0)
    assert (len(ear.hears()), len(seated.got), len(walking.got), len(track.outlets)) == (0, 1, 4, 2)
    for viewer in (seated, walking):
        track.remove(viewer)
    track.forward(Packet(4, 4, 1, b"\x41x"), now=0.0)
    assert (len(seated.got), len(walking.got), track.outlets) == (1, 4, [])
    ear.socket.close()


def test_without_a_compiler_or_with_a_broken_one_python_does_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing fails: the node starts and sends."""
    monkeypatch.setattr(native, "COMPILERS", ("no-such-compiler",))
    assert native.build(tmp_path) is None
    monkeypatch.setattr(native, "COMPILERS", ("false",))
    assert native.build(tmp_path) is None
    assert list(tmp_path.glob("*.so")) == []
    monkeypatch.setattr(native, "PROTECT", "of another libsrtp")
    assert native.build(tmp_path) is None
    assert Track("video", now=0.0)._lane is None


@pytest.mark.parametrize("troupe", ["aiortc"], indirect=True)
async def test_viewers_see_and_hear_what_c_sends(in_c: None, troupe: Troupe) -> None:
    """The first story of the conformance suite, numbers included."""
    await stories.test_pictures_and_sound_reach_every_viewer(troupe)
    legs = [leg for peer in (await troupe.engine.stats(stories.ROOM))["peers"].values() for leg in peer.get("legs", [])]
    assert min(leg["packets"] for leg in legs) > 30
    line = troupe.engine.node.stage(stories.ROOM).line("host")
    assert all(track._lane is not None and track._lane._owners for track in line.tracks.values())


@pytest.mark.parametrize("troupe", ["aiortc"], indirect=True)
async def test_guests_come_and_go_by_c(in_c: None, troupe: Troupe) -> None:
    """The same connection gains a line and loses it."""
    await stories.test_a_guest_comes_into_the_connection_that_is_there(troupe)
