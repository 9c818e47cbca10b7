"""A room's media: who publishes, who is on air, and the lines that viewers watch."""

from collections import deque
from collections.abc import Callable, Iterable, Mapping
from typing import Any, Literal, NamedTuple, Protocol

from realtime.rtc.errors import LineUnknown, RoomFull
from realtime.rtc.failover import Patience, choose, is_alive
from realtime.rtc.fanout import Track
from realtime.rtc.names import HOST_LINE, PRIORITY, Kind, Role, RoomName, line_of
from realtime.rtc.packets import Gop, Packet, is_keyframe_start
from realtime.rtc.timing import SourceClock

EventKind = Literal["joined", "left", "on_air", "silent", "heard", "moving"]

MOST_SOURCES = 8
MOST_MUTED = 64
KEYFRAME_PAUSE_S = 0.3
# Browsers send keyframes only when asked: without this, segments of recordings and playlists would never end.
KEYFRAME_EVERY_S = 2.0
# A second of sound, kept for whoever listens to it; older pieces go by themselves.
SOUNDS = 64
# Viewers see pictures further apart than this as a stop.
GAP_S = 0.2
DAY_S = 86_400.0


class Feedback(Protocol):
    """A publisher's side of a kind: what can be asked of it."""

    def ask_keyframe(self) -> None: ...
    def describe(self) -> dict[str, Any]: ...


class Source:
    """One publisher: its packets since the newest keyframe, its clock, and when it was last heard.

    `troubles` (what is wrong with it, since when) and `size` are written by the inspection. Until `dropped_until` nothing of it is
    taken: a drill.
    """

    def __init__(self, *, peer_id: str, role: Role, name: str, kinds: tuple[Kind, ...]) -> None:
        self.peer_id = peer_id
        self.role = role
        self.name = name
        self.kinds = kinds
        self.priority = PRIORITY[role]
        self.last_at: float | None = None
        self.steady_since: float | None = None
        self.is_gone = False
        self.gop = Gop()
        self.clock = SourceClock()
        self.feedback: dict[Kind, Feedback] = {}
        self.sounds: deque[bytes] = deque(maxlen=SOUNDS)
        self.troubles: Mapping[str, float] = {}
        self.size = (0, 0)
        self.dropped_until = float("-inf")
        self._keyframe_asked_at = float("-inf")

    @property
    def has_video(self) -> bool:
        return "video" in self.kinds

    def hear(self, kind: Kind, packet: Packet, *, now: float, silence_s: float) -> bool:
        """Note a packet. Returns whether a decoder may begin with it. Sound does not prove that the picture lives."""
        if kind == "audio":
            self.sounds.append(packet.payload)
        if kind == "audio" and self.has_video:
            return False
        if self.steady_since is None or self.last_at is None or now - self.last_at > silence_s:
            self.steady_since = now
        self.last_at = now
        if kind == "audio":
            return True
        is_keyframe = is_keyframe_start(packet.payload)
        self.gop.add(packet, is_keyframe=is_keyframe)
        return is_keyframe

    def ask_keyframe(self, *, now: float, pause_s: float = KEYFRAME_PAUSE_S) -> bool:
        """Ask the publisher unless it was asked a moment ago, however many viewers want it."""
        if "video" not in self.feedback or now - self._keyframe_asked_at < pause_s:
            return False
        self._keyframe_asked_at = now
        self.feedback["video"].ask_keyframe()
        return True

    def describe(self, *, now: float) -> dict[str, Any]:
        """As stats tell it. `heard_ms` ago it said something, which it has done for `steady_ms` without a pause."""
        return {
            "role": self.role,
            "name": self.name,
            "line": line_of(self.role, self.name),
            "heard_ms": None if self.last_at is None else round((now - self.last_at) * 1000),
            "steady_ms": 0 if self.steady_since is None else round(min(now - self.steady_since, DAY_S) * 1000),
            "width": self.size[0],
            "height": self.size[1],
            "troubles": {trouble: round((now - since) * 1000) for trouble, since in self.troubles.items()},
            "kinds": {kind: feedback.describe() for kind, feedback in self.feedback.items()},
        }


class Event(NamedTuple):
    """Something that the floors above may want to show. `source` is a peer's id.

    `silent` and `heard` say whether the source on air sends anything; `moving` asks everybody to signal again.
    """

    room: RoomName
    kind: EventKind
    line: str = ""
    source: str = ""
    role: str = ""


class Line:
    """What viewers watch under one name. The host's has a primary and a backup, a guest's a single source."""

    def __init__(self, name: str, *, now: float) -> None:
        self.name = name
        self.sources: list[Source] = []
        self.active: Source | None = None
        self.preferred: str | None = None
        self.tracks: dict[Kind, Track] = {"video": Track("video", now=now), "audio": Track("audio", now=now)}
        self.opened_at: float | None = None
        self.is_silent = True
        self.gaps = 0
        self.last_gap_s = 0.0
        self._shown_at: float | None = None
        self.is_muted = False
        self._next: Source | None = None

    @property
    def outlets(self) -> int:
        return sum(len(track.outlets) for track in self.tracks.values())

    def hear(self, source: Source, kind: Kind, packet: Packet, *, now: float, patience: Patience) -> bool:
        """Take a source's packet. Returns whether another source went on air with it."""
        is_start = source.hear(kind, packet, now=now, silence_s=patience.silence_s)
        is_awaited = source is self._next or (self.active is None and self._next is None)
        if is_start and is_awaited and source is not self.active:
            self._put_on_air(source, now=now)
            return True
        if source is self.active and not (self.is_muted and kind == "audio"):
            self.tracks[kind].forward(packet, now=now, is_keyframe=is_start and kind == "video")
            if kind == "video":
                self._note_shown(now)
        return False

    def mute(self, is_muted: bool) -> None:
        """Muted, no packet of its sound goes out. What comes after is joined to what went before: no viewer sees a loss."""
        if is_muted != self.is_muted:
            self.is_muted = is_muted
            self.tracks["audio"].forget_source()

    def tick(self, *, now: float, patience: Patience) -> bool:
        """Look for a silent or departed source. Returns whether another went on air at once."""
        ranked = [_Preferred(source, 0 if source.peer_id == self.preferred else source.priority + 1) for source in self.sources]
        held = next((candidate for candidate in ranked if candidate.source is self.active), None)
        chosen, is_urgent = choose(ranked, held, now=now, patience=patience, opened_at=self.opened_at)
        if chosen is None or chosen.source is self.active:
            self._next = None
            return False
        source = chosen.source
        if (is_urgent or held is None) and len(source.gop):
            self._put_on_air(source, now=now)
            return True
        self._next = source
        source.ask_keyframe(now=now)
        return False

    def ask_keyframe(self, *, now: float) -> None:
        if self.active is not None:
            self.active.ask_keyframe(now=now)

    def rtp_at(self, kind: Kind, now: float) -> int | None:
        """The timestamp, as viewers of this line count, of what the active source captured at `now` (seconds since 1970)."""
        source = self.active
        if source is None or not self.tracks[kind].has_source or not source.clock.is_known(source.kinds):
            return None
        rtp = source.clock.rtp_at(kind, now)
        return None if rtp is None else (rtp + self.tracks[kind].timestamp_shift) & 0xFFFFFFFF

    def remove(self, source: Source) -> None:
        self.sources.remove(source)
        if self._next is source:
            self._next = None
        if self.preferred == source.peer_id:
            self.preferred = None
        if self.active is source and not self.sources:
            self.active = None

    def _put_on_air(self, source: Source, *, now: float) -> None:
        self.active, self._next = source, None
        if self.opened_at is None:
            self.opened_at = now
        for track in self.tracks.values():
            track.forget_source()
        self.tracks["video"].replay(source.gop.in_order(), now=now)
        self._note_shown(now)

    def _note_shown(self, now: float) -> None:
        """A stop is over once something is shown again."""
        if self._shown_at is not None and now - self._shown_at > GAP_S:
            self.gaps += 1
            self.last_gap_s = now - self._shown_at
        self._shown_at = now


class _Preferred(NamedTuple):
    """A source whose priority the room's direction may have changed."""

    source: Source
    priority: int

    @property
    def last_at(self) -> float | None:
        return self.source.last_at

    @property
    def steady_since(self) -> float | None:
        return self.source.steady_since


class Stage:
    """Times are monotonic seconds, given by the caller."""

    def __init__(self, room: RoomName, *, patience: Patience, now: float, on_event: Callable[[Event], None]) -> None:
        self.room = room
        self.patience = patience
        self.lines: dict[str, Line] = {HOST_LINE: Line(HOST_LINE, now=now)}
        self._muted: set[str] = set()  # also lines that nobody sends on yet
        self._on_event = on_event

    @property
    def sources(self) -> list[Source]:
        return [source for line in self.lines.values() for source in line.sources]

    @property
    def is_empty(self) -> bool:
        return not any(line.sources or line.outlets for line in self.lines.values())

    def line(self, name: str) -> Line:
        """Raises: LineUnknown."""
        try:
            return self.lines[name]
        except KeyError:
            raise LineUnknown(line=name[:80]) from None

    def find_rival(self, role: Role, name: str) -> Source | None:
        """Who has this role already (guests: under this name): a reloaded page, which the newer one replaces."""
        return next((source for source in self.sources if source.role == role and (role != "guest" or source.name == name)), None)

    def add_source(self, source: Source, *, now: float) -> Line:
        """Raises: RoomFull."""
        if len(self.sources) >= MOST_SOURCES:
            raise RoomFull(most=MOST_SOURCES)
        name = line_of(source.role, source.name)
        line = self.lines.setdefault(name, Line(name, now=now))
        line.mute(name in self._muted)
        line.sources.append(source)
        self._tell("joined", line, source)
        return line

    def remove_source(self, source: Source) -> None:
        line = self.lines[line_of(source.role, source.name)]
        if source not in line.sources:
            return
        source.is_gone = True
        line.remove(source)
        self._tell("left", line, source)
        self._forget_empty(line)

    def forget_line(self, name: str) -> None:
        """After a viewer left: a guest's line goes when nobody speaks or watches on it."""
        if name in self.lines:
            self._forget_empty(self.lines[name])

    def hear(self, source: Source, kind: Kind, packet: Packet, *, now: float) -> None:
        """Take a publisher's packet; those that still come while its connection closes are dropped."""
        if source.is_gone or now < source.dropped_until:
            return
        line = self.lines[line_of(source.role, source.name)]
        if line.hear(source, kind, packet, now=now, patience=self.patience):
            self._tell("on_air", line, source)

    def tick(self, *, now: float) -> None:
        for line in self.lines.values():
            if line.tick(now=now, patience=self.patience) and line.active is not None:
                self._tell("on_air", line, line.active)
            is_silent = line.active is None or not is_alive(line.active, now=now, patience=self.patience)
            if is_silent != line.is_silent:
                line.is_silent = is_silent
                self._tell("silent" if is_silent else "heard", line, line.active)

    def prefer(self, peer_id: str | None) -> None:
        """Put this source on air while it lives; None goes back to primary before backup.

        Raises: LineUnknown.
        """
        if peer_id is None:
            self.lines[HOST_LINE].preferred = None
            return
        source = next((source for source in self.lines[HOST_LINE].sources if source.peer_id == peer_id), None)
        if source is None:
            raise LineUnknown(line=peer_id[:80])
        source.steady_since = float("-inf")  # chosen by a person: it need not prove itself
        self.lines[HOST_LINE].preferred = peer_id

    def drop(self, roles: Iterable[Role], *, until: float) -> None:
        """Take nothing of these publishers until then, as if the network had lost it. Raises: LineUnknown when there is none."""
        dropped = [source for source in self.sources if source.role in set(roles)]
        if not dropped:
            raise LineUnknown(line=HOST_LINE)
        for source in dropped:
            source.dropped_until = until

    def mute(self, name: str, *, is_muted: bool) -> None:
        """Of a guest's line, whether or not somebody sends on it: who comes back comes back muted.

        Raises: LineUnknown for the host's line, RoomFull when too many are remembered.
        """
        if name == HOST_LINE:
            raise LineUnknown(line=name)
        if not is_muted:
            self._muted.discard(name)
        elif name not in self._muted and len(self._muted) >= MOST_MUTED:
            raise RoomFull(most=MOST_MUTED)
        else:
            self._muted.add(name)
        if name in self.lines:
            self.lines[name].mute(is_muted)

    def empty(self, name: str) -> set[str]:
        """Forget what was said about a guest's line. Returns who sends on it: the engine lets them go.

        Raises: LineUnknown for the host's line.
        """
        if name == HOST_LINE:
            raise LineUnknown(line=name)
        self._muted.discard(name)
        return {source.peer_id for source in self.lines[name].sources} if name in self.lines else set()

    def keep_fresh(self, sources: Iterable[Source], *, now: float) -> None:
        for source in sources:
            source.ask_keyframe(now=now, pause_s=KEYFRAME_EVERY_S)

    def _forget_empty(self, line: Line) -> None:
        if line.name != HOST_LINE and not line.sources and not line.outlets:
            self.lines.pop(line.name, None)

    def _tell(self, kind: EventKind, line: Line, source: Source | None) -> None:
        self._on_event(Event(self.room, kind, line.name, source.peer_id if source else "", source.role if source else ""))
