"""What the leader of a room keeps of its scene between two looks, so that a quiet look is one query instead of seven.

Whatever happens in the program is written to the room's row; only what the season's people do is not: an episode that becomes ready, an
approval, a cue. That is seen `FRESH_MS` later at the latest. Nothing is written on the word of a kept scene: who acts reads anew, locked.
"""

from dataclasses import replace
from typing import Any

from merchants.foundation import clock as wall
from rooms.director.plan import Line, Scene
from rooms.director.queries import read_scene
from rooms.program.models import Room

FRESH_MS = 2_000


class Recall:
    """Of one room. Not for two threads at once."""

    def __init__(self) -> None:
        self._scene: Scene | None = None
        self._row: dict[str, Any] = {}
        self._read_at_ms = 0

    def scene_of(self, room: Room, line: Line | None) -> Scene:
        """`room` is its row as it stands now. No query, or `read_scene`'s when the row has changed or the time is over."""
        row = {name: value for name, value in vars(room).items() if not name.startswith("_")}
        if self._scene is None or row != self._row or not 0 <= wall.now_ms() - self._read_at_ms < FRESH_MS:
            self._scene, self._row, self._read_at_ms = read_scene(room), row, wall.now_ms()
        return replace(self._scene, line=line)

    def forget(self) -> None:
        """Something is about to be written that the room's row does not tell."""
        self._scene = None
