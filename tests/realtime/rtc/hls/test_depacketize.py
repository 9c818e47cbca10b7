"""Packets become whole pictures, whatever the network did to them."""

import pytest
from aiortc.codecs.h264 import H264Encoder
from hypothesis import given, settings
from hypothesis import strategies as st

from realtime.rtc.hls.depacketize import REPAIR_S, Depacketizer, Picture
from realtime.rtc.hls.h264 import BitstreamInvalid, read_size
from realtime.rtc.packets import Packet
from tests.realtime.rtc.hls.material import depacketized, packets, pictures

GOP = 10
FILM = pictures(gop=GOP, count=60)


def shown_units(picture: bytes) -> list[bytes]:
    return [bytes(unit) for unit in H264Encoder._split_bitstream(picture) if unit[0] & 31 not in {7, 8, 9}]


def units(picture: Picture) -> list[bytes]:
    found, at = [], 0
    while at < len(picture.data):
        size = int.from_bytes(picture.data[at : at + 4], "big")
        found.append(picture.data[at + 4 : at + 4 + size])
        at += 4 + size
    return found


def play(sent: list[Packet], *, step_s: float = 0.001) -> list[Picture]:
    depacketizer = Depacketizer()
    return [picture for place, packet in enumerate(sent) for picture in depacketizer.add(packet, now=place * step_s)]


def numbers(found: list[Picture]) -> list[int]:
    first = packets(FILM)[0].timestamp
    return [((picture.timestamp - first) & 0xFFFFFFFF) // 3_000 for picture in found]


def test_pictures_come_out_as_the_encoder_made_them() -> None:
    """Small units, aggregates and fragments, over the end of both counts; parameter sets stand beside the pictures."""
    found = depacketized(FILM)
    assert [units(picture) for picture in found] == [shown_units(picture) for picture in FILM]
    assert [place for place, picture in enumerate(found) if picture.is_keyframe] == list(range(0, 60, GOP))
    assert {picture.parameters.size for picture in found} == {(160, 96)}


@given(st.lists(st.integers(0, 12), min_size=400, max_size=400))
@settings(max_examples=40)
def test_disorder_changes_nothing(delays: list[int]) -> None:
    sent = packets(FILM)
    late = sorted(range(len(sent)), key=lambda place: place + delays[place % len(delays)] if place else -1)
    assert numbers(play([sent[place] for place in late])) == list(range(60))


@given(st.sets(st.integers(0, 59 * 2), min_size=1, max_size=6), st.booleans())
@settings(max_examples=40)
def test_a_lost_packet_costs_the_pictures_up_to_the_next_keyframe(gone: set[int], is_repeated: bool) -> None:
    sent = packets(FILM)
    lost = {place for place in gone if place < len(sent)}
    # A keyframe is whole without its parameter sets when they are known from the one before: they did not change.
    sets = {place for place, packet in enumerate(sent) if packet.payload[0] & 31 == 24 and packet.timestamp != sent[0].timestamp}
    kept = [packet for place, packet in enumerate(sent) if place not in lost for _ in range(1 + is_repeated)]
    broken = sorted({((sent[place].timestamp - sent[0].timestamp) & 0xFFFFFFFF) // 3_000 for place in lost - sets})
    expected, is_whole = [], False
    for number in range(60):
        if number in broken:
            is_whole = False
        elif number % GOP == 0:
            is_whole = True
        if is_whole:
            expected.append(number)
    found = numbers(play(kept, step_s=0.05))
    # what came while the hole was being waited for, and the very end, may be missing too; nothing else may be there
    assert set(found) <= set(expected)
    first_hole = min([*broken, 60])
    assert {number for number in expected if number < first_hole} - set(found) <= set(range(first_hole - GOP, 60) if lost & sets else ())
    later = [number for number in expected if number > max([*broken, 0]) + GOP]
    assert set(later) - set(found) <= set(range(60 - GOP, 60))


def test_a_repair_within_the_time_saves_the_picture() -> None:
    sent = packets(FILM)
    missing = sent.pop(20)
    depacketizer = Depacketizer()
    found = [picture for place, packet in enumerate(sent[:60]) for picture in depacketizer.add(packet, now=place * 0.002)]
    assert len(found) < 21
    found += depacketizer.add(missing, now=REPAIR_S / 2)
    assert depacketizer.lost == 0
    assert numbers(found) == list(range(len(found)))
    assert len(found) > 21


def test_a_source_that_starts_over_begins_at_its_keyframe() -> None:
    sent, other = packets(FILM), packets(pictures(320, 192, gop=GOP, count=20), sequence=20_000)
    found = play(sent[:40] + other)
    assert found[-1].parameters.size == (320, 192)
    assert next(picture for picture in found if picture.parameters.size == (320, 192)).is_keyframe


@given(st.lists(st.tuples(st.integers(0, 40), st.binary(max_size=40), st.booleans()), max_size=60))
@settings(max_examples=200)
def test_garbage_is_left_out(payloads: list[tuple[int, bytes, bool]]) -> None:
    """What a publisher sends is never trusted: no error but our own, and no picture without parameters."""
    sent = [Packet(number, number * 3_000, int(is_last), bytes([kind & 31]) + data) for number, (kind, data, is_last) in enumerate(payloads)]
    for picture in play(sent):
        assert picture.parameters.size


@pytest.mark.parametrize("size", [(160, 96), (640, 360), (1280, 720), (854, 480), (270, 480), (1920, 1080)])
@pytest.mark.parametrize("preset", ["ultrafast", "veryfast"])
def test_the_size_is_the_encoders(size: tuple[int, int], preset: str) -> None:
    """In baseline and high profile; heights that are no multiple of 16 are cropped."""
    found = depacketized(pictures(*size, count=1, preset=preset))[0]
    assert found.parameters.size == size
    assert found.parameters.codec.startswith("avc1.42" if preset == "ultrafast" else "avc1.64")


@given(st.binary(min_size=1, max_size=60))
def test_a_broken_sps_has_a_name(data: bytes) -> None:
    try:
        width, height = read_size(b"\x67" + data)
    except BitstreamInvalid:
        return
    assert 0 < width <= 8192
    assert 0 < height <= 8192


def test_a_picture_without_an_end_is_bounded() -> None:
    depacketizer = Depacketizer()
    for number in range(20_000):
        assert depacketizer.add(Packet(number & 0xFFFF, 1, 0, b"\x41" + bytes(20)), now=0.0) == []
        assert len(depacketizer._picture) <= 4096
    assert depacketizer.lost > 3
