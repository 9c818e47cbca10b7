"""A show with a live part, and the folder that a media node would have left of it. Needs the shop's schema."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from uuid import UUID

from django.conf import settings

from merchants.foundation import clock
from merchants.foundation.tenancy import current_schema
from realtime.rtc.hls.recording import Limits, Recorder
from rooms.director.actions import direct
from rooms.live.actions import go_live
from rooms.program import actions
from rooms.program.steps import LEAD_MS
from tests.realtime.rtc.hls.material import depacketized, pictures, sounds
from tests.realtime.rtc.hls.test_segmenter import run
from tests.rooms.building import HOST, Stage
from tests.rooms.live.lines import tell

# The show: ten seconds of drama, three live, ten of drama again.
LIVE_AFTER_S, LIVE_S, DRAMA_AFTER_S = 10, 3, 10
# The camera is recorded from a little before to a little after; keyframes every second.
EARLY_S, FILM_S = 1.3, 5


@dataclass(frozen=True)
class Evening:
    """`live_at`: when the host's line came on air; `folder`: what the node left."""

    stage: Stage
    airing_id: UUID
    live_at: datetime
    folder: Path

    @property
    def live_s(self) -> float:
        return self.live_at.timestamp()


def have_evening(stage: Stage, *, is_recorded: bool = True, sizes: tuple[tuple[int, int], ...] = ((160, 96),)) -> Evening:
    """An hour ago; the show is a replay by now."""
    began = clock.now() - timedelta(hours=1)
    with clock.frozen(began):
        actions.start_show(room_id=stage.room_id, actor=HOST)
        airing_id = stage.room.airing_id
    assert airing_id is not None
    with clock.frozen(began + timedelta(seconds=LIVE_AFTER_S)):
        tell(stage.room_id)
        go_live(room_id=stage.room_id, actor=HOST)
    with clock.frozen(began + timedelta(seconds=LIVE_AFTER_S + LIVE_S)):
        actions.go_back(room_id=stage.room_id, actor=HOST)
    with clock.frozen(began + timedelta(seconds=LIVE_AFTER_S + LIVE_S + DRAMA_AFTER_S)):
        actions.end_show(room_id=stage.room_id, actor=HOST)
    direct(room_id=stage.room_id)
    live_at = began + timedelta(seconds=LIVE_AFTER_S, milliseconds=LEAD_MS)
    folder = Path(settings.RECORDINGS_DIR) / current_schema() / f"{airing_id}~{clock.to_ms(live_at)}"
    if is_recorded:
        record(folder, began_at=live_at.timestamp() - EARLY_S, sizes=sizes)
    return Evening(stage, airing_id, live_at, folder)


def record(folder: Path, *, began_at: float, sizes: tuple[tuple[int, int], ...] = ((160, 96),), limits: Limits | None = None) -> None:
    """Five seconds that flash and beep: of one size, or three of the first and two of the second."""
    seconds = (3, 2) if len(sizes) == 2 else (FILM_S,)
    film = [picture for size, length_s in zip(sizes, seconds, strict=True) for picture in depacketized(pictures(*size, count=length_s * 30))]
    recorder = Recorder(folder, room="r", limits=limits or Limits(least_free_bytes=0))
    recorder.start()
    recorder.add(run(film, [began_at + number / 30 for number in range(len(film))], sounds(FILM_S, began_at=began_at)))
    recorder.close()
