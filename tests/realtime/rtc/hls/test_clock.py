"""Dates of packets: by the source's reports, by arrival without them, over every bound of the counts."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from realtime.rtc.hls.clock import LOOK_S, REPORTS_S, Timeline
from realtime.rtc.names import CLOCK_HZ, KINDS, Kind

BEGAN = 1_000.0


class Reports:
    """What a line tells: per kind, the timestamp that belongs to `BEGAN`, or nothing yet."""

    def __init__(self, **first: int) -> None:
        self.first = first

    def rtp_at(self, kind: Kind, now: float) -> int | None:
        first = self.first.get(kind)
        return None if first is None else (first + round((now - BEGAN) * CLOCK_HZ[kind])) & 0xFFFFFFFF


def stamp(first: int, kind: Kind, at: float) -> int:
    return (first + round((at - BEGAN) * CLOCK_HZ[kind])) & 0xFFFFFFFF


def date(timeline: Timeline, kind: Kind, timestamp: int) -> float:
    return timeline.date_of(kind, timeline.place_of(kind, timestamp))


@given(st.integers(0, (1 << 32) - 1), st.integers(0, (1 << 32) - 1), st.floats(0, 0.4))
def test_reports_date_both_kinds_whatever_the_way_took(video: int, audio: int, delay_s: float) -> None:
    """Pictures arrive later than sound; a flash and a beep of the same moment get the same date, hours on."""
    timeline = Timeline(Reports(video=video, audio=audio).rtp_at)
    for step in range(200):
        captured_at = BEGAN + step * 300.0
        for kind, first in (("video", video), ("audio", audio)):
            timeline.note(kind, stamp(first, kind, captured_at), now=captured_at + (delay_s if kind == "video" else 0.0))  # type: ignore[arg-type]
            assert date(timeline, kind, stamp(first, kind, captured_at)) == pytest.approx(captured_at, abs=1e-3)  # type: ignore[arg-type]
    assert timeline.is_settled(captured_at)


def test_without_reports_arrival_dates() -> None:
    timeline = Timeline(Reports().rtp_at)
    timeline.note("video", 4_000, now=BEGAN)
    assert not timeline.is_settled(BEGAN + REPORTS_S - 0.1)
    assert timeline.is_settled(BEGAN + REPORTS_S)
    assert date(timeline, "video", 4_000 + 90_000) == BEGAN + 1


def test_reports_that_come_later_are_believed() -> None:
    reports = Reports()
    timeline = Timeline(reports.rtp_at)
    for kind in KINDS:
        timeline.note(kind, stamp(7, kind, BEGAN), now=BEGAN + 0.2)
    assert date(timeline, "video", stamp(7, "video", BEGAN)) == BEGAN + 0.2
    reports.first = {"video": 7, "audio": 7}
    now = BEGAN + 0.2 + LOOK_S
    timeline.note("audio", stamp(7, "audio", now), now=now)
    assert timeline.is_settled(now)
    assert [date(timeline, kind, stamp(7, kind, BEGAN)) for kind in KINDS] == pytest.approx([BEGAN, BEGAN])


def test_late_packets_do_not_move_the_count() -> None:
    """The count passes its end between two packets that come in the wrong order."""
    timeline = Timeline(Reports().rtp_at)
    timeline.note("audio", (1 << 32) - 960, now=BEGAN)
    places = []
    for timestamp in (960, 0, 1_920):
        timeline.note("audio", timestamp, now=BEGAN)
        places.append(timeline.place_of("audio", timestamp))
    assert [place - places[1] for place in places] == [960, 0, 1_920]
    assert places[1] == timeline.place_of("audio", (1 << 32) - 960) + 960
