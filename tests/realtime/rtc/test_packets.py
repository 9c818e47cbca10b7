"""Numbers, histories, keyframes, lost packets and clocks, each on its own."""

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from realtime.rtc.fanout import HISTORY, Track
from realtime.rtc.gaps import ANSWER_AGAIN_S, MOST_ANSWERS_PER_S, MOST_MISSING, RETRY_S, TRIES, Answers, Gaps
from realtime.rtc.packets import GOP_PACKETS, MASK_16, MASK_32, Gop, Packet, is_keyframe_start, sequence_diff, timestamp_diff
from realtime.rtc.timing import SourceClock, from_ntp, to_ntp

FRAME_TICKS = 3000


class Viewer:
    """Keeps what a track sent."""

    def __init__(self) -> None:
        self.got: list[Packet] = []
        self.reports = 0

    def put(self, packet: Packet, /) -> None:
        self.got.append(packet)

    def report_soon(self) -> None:
        self.reports += 1


def make_track(now: float = 0.0) -> tuple[Track, Viewer]:
    track, viewer = Track("video", now=now), Viewer()
    track.add(viewer)
    return track, viewer


def frames(first: int, stamp: int, count: int, *, each: int = 2) -> list[Packet]:
    """`count` pictures of `each` packets; payloads name the source's own number."""
    return [
        Packet((first + place) & MASK_16, (stamp + place // each * FRAME_TICKS) & MASK_32, int(place % each == each - 1), f"{first}/{place}".encode())
        for place in range(count * each)
    ]


@given(start=st.integers(0, MASK_16), stamp=st.integers(0, MASK_32), seed=st.integers(0, 99), count=st.integers(1, 60))
def test_a_track_keeps_a_sources_order_and_spacing(start: int, stamp: int, seed: int, count: int) -> None:
    """Wherever a source's numbers begin, wrap or arrive out of order, viewers see the same order and the same distances."""
    track, viewer = make_track()
    packets = frames(start, stamp, count)
    mixed = packets[:1] + sorted(
        packets[1:], key=lambda packet: sequence_diff(packet.sequence, start) + random.Random(seed + packet.sequence).random() * 8
    )
    for packet in mixed:
        assert track.forward(packet, now=1.0)
    got = sorted(viewer.got, key=lambda packet: sequence_diff(packet.sequence, viewer.got[0].sequence))
    assert [packet.payload for packet in got] == [packet.payload for packet in packets]
    assert [sequence_diff(packet.sequence, got[0].sequence) for packet in got] == list(range(len(packets)))
    assert [timestamp_diff(packet.timestamp, got[0].timestamp) for packet in got] == [
        timestamp_diff(packet.timestamp, packets[0].timestamp) for packet in packets
    ]


@settings(max_examples=40)
@given(steps=st.lists(st.tuples(st.sampled_from(["send", "again", "late", "change", "replay"]), st.integers(0, MASK_16)), min_size=1, max_size=60))
def test_a_number_is_never_given_to_two_payloads(steps: list[tuple[str, int]]) -> None:
    """Across repetitions, late packets, changes of source and replays: SRTP's keystream is used once per number."""
    track, viewer = make_track()
    at, stamp, now = 0, 0, 1.0
    for step, number in steps:
        now += 0.05
        if step == "change":
            track.forget_source()
            at, stamp = number, number * 7
        elif step == "replay":
            track.replay(frames(number, number * 11, 3), now=now)
            at, stamp = number + 6, number * 11 + 3 * FRAME_TICKS
        elif step == "late":
            track.forward(Packet((at - 1 - number % 900) & MASK_16, stamp, 0, f"late {now}".encode()), now=now)
        else:
            track.forward(Packet(at & MASK_16, stamp & MASK_32, 1, f"{step} {now}".encode()), now=now)
            at, stamp = (at, stamp) if step == "again" else (at + 1 + number % 3, stamp + FRAME_TICKS)
    payloads: dict[int, set[bytes]] = {}
    for packet in viewer.got:
        payloads.setdefault(packet.sequence, set()).add(packet.payload)
    assert all(len(different) == 1 for different in payloads.values())


def test_a_track_runs_on_through_several_rounds_of_numbers() -> None:
    """Three times around the 16 bits without a hole: nothing is mistaken for old."""
    track, viewer = make_track()
    for place in range(3 * (MASK_16 + 1)):
        assert track.forward(Packet((place + 5) & MASK_16, place & MASK_32, 1, b"x"), now=1.0)
    assert {sequence_diff(after.sequence, before.sequence) for before, after in zip(viewer.got, viewer.got[1:], strict=False)} == {1}


def test_a_change_of_source_goes_on_where_the_viewer_is() -> None:
    """The next number follows, and the picture's time has moved on by what really passed."""
    track, viewer = make_track()
    for packet in frames(60_000, 5, 3):
        track.forward(packet, now=10.0)
    track.forget_source()
    track.forward(Packet(17, 4_000_000_000, 1, b"other"), now=10.5)
    before, after = viewer.got[-2:]
    assert sequence_diff(after.sequence, before.sequence) == 1
    assert timestamp_diff(after.timestamp, before.timestamp) == 45_000


def test_a_replay_presses_the_past_into_the_gap() -> None:
    """A backup's two seconds since its keyframe are shown as the 0.4 s that viewers missed: stamps rise, the newest is now."""
    track, viewer = make_track()
    for packet in frames(10, 900, 5):
        track.forward(packet, now=1.0)
    shown = viewer.got[-1]
    track.replay(frames(40_000, 77, 60), now=1.4)
    replayed = viewer.got[10:]
    assert len(replayed) == 120
    stamps = [timestamp_diff(packet.timestamp, shown.timestamp) for packet in replayed]
    assert stamps == sorted(stamps)
    assert stamps[0] > 0
    assert stamps[-1] == 36_000
    assert track.since_keyframe() == replayed[0].sequence
    track.forward(Packet(40_120, 77 + 60 * FRAME_TICKS, 1, b"live"), now=1.43)
    assert timestamp_diff(viewer.got[-1].timestamp, shown.timestamp) == 36_000 + FRAME_TICKS


def test_joiners_begin_at_the_parameters_of_the_newest_keyframe() -> None:
    """Not at one of the picture's own packets; parameters that come late, repeated, count where they belong."""
    track, viewer = make_track()
    packets = frames(500, 0, 4, each=4)
    order = [0, 1, 2, 3, 5, 6, 7, 4, 8, 9]  # 4 was lost and repeated
    for place in order:
        track.forward(packets[place], now=1.0, is_keyframe=place in {0, 4})
    at = track.since_keyframe()
    assert at is not None
    assert [packet.payload for packet in track.between(at, 20)] == [packet.payload for packet in packets[4:10]]


def test_a_publisher_that_starts_over_is_joined_again() -> None:
    """A few stray numbers are dropped; a run of them is a new encoder and goes on air."""
    track, viewer = make_track()
    for packet in frames(100, 0, 3):
        track.forward(packet, now=1.0)
    accepted = [track.forward(packet, now=1.1) for packet in frames(30_000, 99, 12)]
    assert accepted.index(True) <= 9
    assert all(accepted[accepted.index(True) :])
    assert sequence_diff(viewer.got[6].sequence, viewer.got[5].sequence) == 1


def test_history_gives_back_what_it_still_has() -> None:
    """A number is found for 2,048 packets, and its successor in the same place is not mistaken for it."""
    track, viewer = make_track()
    for packet in frames(0, 0, HISTORY // 2 + 10):
        track.forward(packet, now=1.0)
    assert track.find(viewer.got[0].sequence) is None
    newest = viewer.got[-1]
    assert track.find(newest.sequence) == newest
    assert [packet.payload for packet in track.between(viewer.got[-3].sequence, 40)] == [packet.payload for packet in viewer.got[-3:]]


@pytest.mark.parametrize(
    ("payload", "is_start"),
    [
        (b"\x67\x42", True),
        (b"\x65\x88", False),
        (b"\x41\x9a", False),
        (b"\x7c\x85\x00", False),
        (b"\x78\x00\x02\x67\x42\x00\x02\x68\xce", True),
        (b"\x78\x00\x02\x09\x10\x00\x02\x67\x42", True),
        (b"\x78\x00\x02\x09\x10\x00\x02\x65\x88", False),
        (b"\x78\x00\xff\x67", False),
        (b"\x78", False),
        (b"", False),
    ],
)
def test_a_keyframe_is_recognised_by_its_payload(payload: bytes, is_start: bool) -> None:
    """Parameter sets, alone or in an aggregate (RFC 6184): where a decoder may begin, which is not the picture behind them."""
    assert is_keyframe_start(payload) is is_start


@given(st.binary(max_size=80))
def test_any_payload_can_be_asked(payload: bytes) -> None:
    """Publishers send what they like."""
    is_keyframe_start(payload)


def test_a_group_of_pictures_is_put_in_order_and_bounded() -> None:
    """Late packets of the keyframe are kept, those before it are not, and an endless group is given up."""
    gop, packets = Gop(), frames(65_530, 1000, 8)
    gop.add(packets[0], is_keyframe=True)
    gop.add(packets[3], is_keyframe=False)
    for place in (2, 5, 4, 1, 6):  # the second picture is a keyframe whose parameters, number 2, were repeated
        gop.add(packets[place], is_keyframe=place == 2)
    assert [packet.payload for packet in gop.in_order()] == [packets[place].payload for place in (2, 3, 4, 5, 6)]
    for packet in frames(0, 1000 + 9 * FRAME_TICKS, GOP_PACKETS):
        gop.add(packet, is_keyframe=False)
        assert len(gop) <= GOP_PACKETS


def test_a_lost_packet_is_asked_for_until_it_comes_or_is_given_up() -> None:
    """At once, then every 40 ms, ten times at most; what arrives is not asked for again."""
    gaps = Gaps()
    assert not gaps.add(10, 0.0)
    assert gaps.add(13, 0.0)
    assert gaps.take_due(0.0) == [11, 12]
    assert gaps.take_due(RETRY_S / 2) == []
    gaps.add(12, 0.03)
    asked = sum(len(gaps.take_due(step * RETRY_S)) for step in range(1, 40))
    assert asked == TRIES - 1
    assert len(gaps) == 0


@given(st.lists(st.integers(0, MASK_16), max_size=300))
def test_gaps_stay_bounded(sequences: list[int]) -> None:
    """Whatever numbers a publisher sends."""
    gaps = Gaps()
    for place, sequence in enumerate(sequences):
        gaps.add(sequence, place / 1000)
        assert len(gaps) <= MOST_MISSING
        assert len(gaps.take_due(place / 1000)) <= 60


def test_a_viewer_gets_each_repetition_once_a_round_trip() -> None:
    """Repeated lists of the same numbers are answered every 150 ms, and never more than a thousand a second."""
    answers = Answers()
    given_at = [step / 100 for step in range(100) if answers.may_give(7, 5 + step / 100)]
    assert len(given_at) == 7
    assert min(after - before for before, after in zip(given_at, given_at[1:], strict=False)) >= ANSWER_AGAIN_S - 1e-6
    assert sum(answers.may_give(number, 8.5) for number in range(5000)) == MOST_ANSWERS_PER_S


def test_both_kinds_are_told_in_one_clock() -> None:
    """Sound and picture of one instant get one wall time, however far apart their reports travelled; a publisher's wrong clock does not matter."""
    clock = SourceClock()
    captured_at = 1_000_000.0  # of a publisher whose clock is far off ours
    assert clock.rtp_at("video", 5_000.0) is None
    clock.note("video", ntp=to_ntp(captured_at), rtp=MASK_32 - 10, now=5_000.020)
    clock.note("audio", ntp=to_ntp(captured_at + 1), rtp=500, now=5_001.090)
    assert clock.is_known(("video", "audio"))
    video, audio = clock.rtp_at("video", 5_003.0), clock.rtp_at("audio", 5_003.0)
    assert video is not None
    assert audio is not None
    video_s = timestamp_diff(video, MASK_32 - 10) / 90_000
    audio_s = timestamp_diff(audio, 500) / 48_000 + 1
    assert video_s == pytest.approx(audio_s, abs=0.001)
    assert video_s == pytest.approx(2.98, abs=0.001)
    assert from_ntp(to_ntp(1_700_000_000.25)) == pytest.approx(1_700_000_000.25)
