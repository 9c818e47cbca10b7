"""What is due in a room, decided from what is known of it. Pure: the same scene and moment give the same steps.

The steps are safe to repeat: once done, they change the scene so that they are no longer due.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from uuid import UUID

from dramas.seasons.queries import CueView
from rooms.preparation.queries import Expected
from rooms.program.clock import Entry, Source, as_run, current_entry, upcoming_entry
from rooms.program.errors import NoSuchEpisode
from rooms.program.lineup import Lineup, Slot
from rooms.program.states import ON_AIR, SourceKind, State
from rooms.program.steps import LEAD_MS

# The next episode is announced this long before it starts, so that players can preload it.
ANNOUNCE_MS = 4_000
# So long the host's line may say nothing on air before the fault scene is announced: with the announcement's lead it stands within
# two seconds. A backup takes over after 0.3 s, so neither line has sent anything for this long.
SILENCE_MS = 1_100
# However quiet a room is, it is looked at again after this long: a hand may have changed it.
HEARTBEAT_MS = 500
# A card that many will tap is prepared for this long before its moment.
AHEAD_MS = 20_000
# A hand moves the program: the same card so soon before or after a moment that was prepared for finds everything still ready.
SAME_MS = 60_000


@dataclass(frozen=True)
class Line:
    """The host's line as the node tells of it. `silent_since_ms`: None while it is heard. `is_steady`: heard long enough to be trusted."""

    silent_since_ms: int | None = None
    is_steady: bool = False


@dataclass(frozen=True)
class Scene:
    """A room as the director sees it. `fired` holds (program seq, cue id); times in epoch milliseconds.

    `line` None: not looked at, so that nothing is decided about it. `fault_scene`: the episode that bridges its silence.

    `expected`: cards that were forecast to bring many taps; `prepared`: by cue, the last moment that was prepared for.

    `start_at_ms`: when a scheduled room is to start by itself; None if it is not. `close_at_ms`: when an ended room becomes a replay.
    """

    state: State
    log: Sequence[Entry]
    lineup: Lineup
    is_looping: bool
    cues: Mapping[UUID, Sequence[CueView]] = field(default_factory=dict)
    fired: frozenset[tuple[int, UUID]] = frozenset()
    start_at_ms: int | None = None
    close_at_ms: int | None = None
    line: Line | None = None
    fault_scene: Slot | None = None
    expected: Mapping[UUID, Expected] = field(default_factory=dict)
    prepared: Mapping[UUID, int] = field(default_factory=dict)


@dataclass(frozen=True)
class Start:
    pass


@dataclass(frozen=True)
class Show:
    """Put the episode on, or the scene that waits for it, from `at_ms` on."""

    slot: Slot
    at_ms: int
    cause: str


@dataclass(frozen=True)
class End:
    at_ms: int


@dataclass(frozen=True)
class Close:
    pass


@dataclass(frozen=True)
class Fault:
    pass


@dataclass(frozen=True)
class Bridge:
    """The host's line is gone: show the fault scene from `at_ms` on, the slate if there is none."""

    scene: Slot | None
    at_ms: int


@dataclass(frozen=True)
class ReturnToLine:
    at_ms: int


@dataclass(frozen=True)
class Fire:
    """The effect of a cue, due at `due_ms`."""

    cue: CueView
    program_seq: int
    due_ms: int


@dataclass(frozen=True)
class Ahead:
    """A card that many will tap comes at `due_ms`. `program_seq`: what is on air now."""

    cue: CueView
    program_seq: int
    due_ms: int
    expected: Expected


Step = Start | Show | End | Close | Fault | Bridge | ReturnToLine | Fire


@dataclass(frozen=True)
class Plan:
    """`look_again_ms`: when the room is to be looked at again at the latest. `ahead` is no step: the show does not depend on it."""

    steps: tuple[Step, ...]
    look_again_ms: int
    ahead: tuple[Ahead, ...] = ()


def decide(scene: Scene, now_ms: int) -> Plan:
    """At most one step that changes the program, after all cues that are due."""
    fires, next_cue_ms = _due_cues(scene, now_ms)
    moment: Step | None = None
    wait_until_ms: int | None = None
    if scene.state == State.SCHEDULED:
        moment, wait_until_ms = _when(scene.start_at_ms, now_ms, Start())
    elif scene.state == State.ENDED:
        moment, wait_until_ms = _when(scene.close_at_ms, now_ms, Close())
    elif scene.state in ON_AIR:
        moment, wait_until_ms = _next_on_air(scene, now_ms)
    waits = [at_ms for at_ms in (next_cue_ms, wait_until_ms, now_ms + HEARTBEAT_MS) if at_ms is not None]
    return Plan(steps=(*fires, *([moment] if moment else [])), look_again_ms=max(now_ms, min(waits)), ahead=tuple(_ahead(scene, now_ms)))


def _ahead(scene: Scene, now_ms: int) -> Iterator[Ahead]:
    on_air = current_entry(scene.log, now_ms) if scene.expected and scene.state in ON_AIR else None
    if on_air is None:
        return
    for entry, until_ms in _coming(scene, on_air, now_ms):
        for cue in scene.cues.get(entry.source.id, ()) if entry.source.kind == SourceKind.EPISODE and entry.source.id else ():
            due_ms = entry.reaches_at_ms(cue.at_ms) if cue.id in scene.expected and cue.product_id else None
            if due_ms is None or not now_ms <= due_ms < min(until_ms, now_ms + AHEAD_MS):
                continue
            if abs(scene.prepared.get(cue.id, -SAME_MS) - due_ms) >= SAME_MS:
                yield Ahead(cue, on_air.seq, due_ms, scene.expected[cue.id])


def _coming(scene: Scene, on_air: Entry, now_ms: int) -> Iterator[tuple[Entry, int]]:
    """What is on air and what follows it, announced or not yet, each with the moment at which it is cut off at the latest."""
    announced, ends_ms = upcoming_entry(scene.log, now_ms), on_air.ends_at_ms
    yield on_air, announced.started_at_ms if announced else ends_ms or now_ms + AHEAD_MS
    if announced is not None:
        yield announced, announced.ends_at_ms or now_ms + AHEAD_MS
    elif ends_ms is not None and (slot := following(scene, on_air)) is not None:
        yield Entry(on_air.seq, Source(SourceKind.EPISODE, slot.episode_id), ends_ms, duration_ms=slot.duration_ms), ends_ms + slot.duration_ms


def following(scene: Scene, on_air: Entry) -> Slot | None:
    """The episode that comes after the one on air if no hand moves the program."""
    try:
        return scene.lineup.beside(on_air.source.id, 1, is_looping=scene.is_looping) if scene.lineup.find(on_air.source.id) else None
    except NoSuchEpisode:
        return None


def _when(at_ms: int | None, now_ms: int, step: Step) -> tuple[Step | None, int | None]:
    return (step, None) if at_ms is not None and at_ms <= now_ms else (None, at_ms)


def _due_cues(scene: Scene, now_ms: int) -> tuple[list[Fire], int | None]:
    """Cues whose moment was shown and whose effect is missing, and when the next one comes.

    A moment belongs to the span that shows it, from its first millisecond up to but not including its last: no cue is lost
    at a cut and none counts twice.
    """
    due: list[Fire] = []
    next_ms: int | None = None
    on_air = current_entry(scene.log, now_ms)
    for span in as_run(scene.log, now_ms):
        for cue in scene.cues.get(span.source.id, ()) if span.source.kind == SourceKind.EPISODE and span.source.id else ():
            entry = next(entry for entry in scene.log if entry.seq == span.seq)
            reached_ms = entry.reaches_at_ms(cue.at_ms)
            if reached_ms is None or (span.seq, cue.id) in scene.fired:
                continue
            if span.from_ms <= cue.at_ms < span.to_ms:
                due.append(Fire(cue=cue, program_seq=span.seq, due_ms=reached_ms))
            elif on_air is not None and span.seq == on_air.seq and reached_ms >= now_ms:
                next_ms = min(reached_ms + 1, next_ms or reached_ms + 1)
    return sorted(due, key=lambda fire: fire.due_ms), next_ms


def _next_on_air(scene: Scene, now_ms: int) -> tuple[Step | None, int | None]:
    entry = current_entry(scene.log, now_ms)
    if upcoming_entry(scene.log, now_ms) is not None or entry is None:
        return None, None
    if entry.source.kind == SourceKind.LIVE:
        return _while_live(scene, entry, now_ms)
    if entry.is_silence:
        return _while_bridged(scene, entry, now_ms)
    if entry.source.kind == SourceKind.WAITING:
        return _go_on(scene, entry, now_ms), None
    if entry.source.kind != SourceKind.EPISODE:
        return None, None
    slot = scene.lineup.find(entry.source.id)
    if slot is None or not slot.is_ready:
        return Fault(), None
    return _after(scene, entry, now_ms)


def _while_live(scene: Scene, entry: Entry, now_ms: int) -> tuple[Step | None, int | None]:
    """A line that was silent before it came on air gets its two seconds from then on."""
    if scene.line is None or scene.line.silent_since_ms is None:
        return None, None
    bridged = scene.fault_scene if scene.fault_scene is not None and scene.lineup.can_show(scene.fault_scene) else None
    due_ms = max(scene.line.silent_since_ms, entry.started_at_ms) + SILENCE_MS
    return _when(due_ms, now_ms, Bridge(scene=bridged, at_ms=now_ms + LEAD_MS))


def _while_bridged(scene: Scene, entry: Entry, now_ms: int) -> tuple[Step | None, int | None]:
    """The line returns where the scene ends, or at once from the slate; until it can be trusted the scene comes again."""
    is_steady = scene.line is not None and scene.line.is_steady
    ends_ms = entry.ends_at_ms
    if ends_ms is None:
        return (ReturnToLine(at_ms=now_ms + LEAD_MS) if is_steady else None), None
    at_ms = max(ends_ms, now_ms + LEAD_MS)
    if is_steady:
        return _when(ends_ms - LEAD_MS, now_ms, ReturnToLine(at_ms=at_ms))
    again = scene.lineup.find(entry.source.id)
    return _when(ends_ms - LEAD_MS, now_ms, Bridge(scene=again if again and scene.lineup.can_show(again) else None, at_ms=at_ms))


def _go_on(scene: Scene, entry: Entry, now_ms: int) -> Step | None:
    """The awaited episode, once it can be shown; if it was removed meanwhile, the first one."""
    slot = scene.lineup.find(entry.source.id) or next(iter(scene.lineup.slots), None)
    if slot is None or not scene.lineup.can_show(slot):
        return None
    return Show(slot=slot, at_ms=now_ms + LEAD_MS, cause="ready")


def _after(scene: Scene, entry: Entry, now_ms: int) -> tuple[Step | None, int | None]:
    ends_ms = entry.ends_at_ms
    if ends_ms is None:
        return None, None
    at_ms = max(ends_ms, now_ms + LEAD_MS)
    try:
        slot = scene.lineup.beside(entry.source.id, 1, is_looping=scene.is_looping)
    except NoSuchEpisode:
        return _when(ends_ms - LEAD_MS, now_ms, End(at_ms=at_ms))
    # A waiting scene is announced as late as possible: the episode may become ready in the last seconds.
    ahead_ms = ANNOUNCE_MS if scene.lineup.can_show(slot) else LEAD_MS
    return _when(ends_ms - ahead_ms, now_ms, Show(slot=slot, at_ms=at_ms, cause="advance"))
