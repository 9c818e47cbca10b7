"""What each viewer of a made-up audience will do, decided beforehand. Pure: the same story, truth and seed give the same plan."""

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum

from rooms.insights.simulation.story import CuePoint, Story
from rooms.insights.simulation.truth import Truth

HEARTBEAT_S = 10
FIRST_FRAME_S = 0.8
BEAT_S = 4.0
MOST_LIKES = 8
LINES = (
    "I knew it!", "no way", "wait, who was that?", "the lantern again…", "这集太好看了", "she saw him", "where is that coat from?", "哈哈哈",
    "do not open the door", "again please", "同款在哪里买", "this music",
)  # fmt: skip


class Act(StrEnum):
    """Kinds are those of viewer events where there is one; `buy` is an order, `exit` the end."""

    ENTER = "enter"
    PLAY = "play"
    HEARTBEAT = "heartbeat"
    LINE = "danmaku"
    LIKE = "like"
    SHOWN = "cue.shown"
    DISMISS = "cue.dismissed"
    TAP = "cue.clicked"
    BAG = "bag"
    BUY = "buy"
    EXIT = "exit"


@dataclass(frozen=True)
class Step:
    """`at_s`: seconds of the story after the visit began. `watched_s`: of heartbeats and exits, since the last one."""

    at_s: float
    act: Act
    cue: CuePoint | None = None
    text: str = ""
    count: int = 1
    watched_s: float = 0.0
    is_declined_first: bool = False


@dataclass(frozen=True)
class Visit:
    """One viewer. They come `arrives_s` (of the story's pace) after the audience began, when the room shows `from_s` of the story."""

    number: int
    arrives_s: float
    from_s: float
    steps: tuple[Step, ...]

    @property
    def watched_s(self) -> float:
        return self.steps[-1].at_s

    @property
    def leaves_at_s(self) -> float:
        """The second of the story."""
        return self.from_s + self.watched_s


@dataclass(frozen=True)
class Crowd:
    """How many come within how many seconds, when the room shows `begins_at_s`. In a looping room the story begins again."""

    count: int
    arrivals_s: float = 0.0
    begins_at_s: float = 0.0
    is_looping: bool = False


def plan_visits(story: Story, truth: Truth, crowd: Crowd, *, seed: int) -> list[Visit]:
    """In order of arrival. Who would come after the end of a room that does not loop is left out.

    Who stays how long is stratified: shares come out as planted also in small audiences.
    """
    rng = random.Random(f"visits {seed}")
    strata = [(number + rng.random()) / max(1, crowd.count) for number in range(crowd.count)]
    rng.shuffle(strata)
    survival = _survival(story, truth)
    arrivals = sorted(rng.uniform(0, crowd.arrivals_s) for _ in range(crowd.count))
    visits = []
    for number, (arrives_s, share) in enumerate(zip(arrivals, strata, strict=True)):
        from_s = crowd.begins_at_s + arrives_s
        if from_s >= story.length_s:
            if not crowd.is_looping:
                continue
            from_s %= story.length_s
        steps = _steps(story, truth, from_s, _leaves_at(survival, from_s, share), random.Random(f"{seed} {number}"))
        visits.append(Visit(number, arrives_s, from_s, tuple(steps)))
    return visits


def _survival(story: Story, truth: Truth) -> list[float]:
    """By second of the story: the share of an audience from its begin that is still there after it."""
    shares, left = [], 1.0
    nodes = {story.second_of(place): share for place, share in truth.nodes.items()}
    for second in range(story.length_s):
        left *= 1 - nodes.get(second, truth.hazard)
        shares.append(left)
    return shares


def _leaves_at(survival: Sequence[float], from_s: float, share: float) -> float:
    """The moment at which this share of those who began at `from_s` is gone; the story's length for those who see its end."""
    first = int(from_s)
    base = survival[first - 1] if first else 1.0
    for second in range(first, len(survival)):
        if survival[second] / base <= 1 - share:
            return max(from_s + 0.5, second + 0.5)  # within the second, so that it is told as this one
    return float(len(survival))


def _steps(story: Story, truth: Truth, from_s: float, until_s: float, rng: random.Random) -> list[Step]:
    watched_s = until_s - from_s
    steps = [Step(0.0, Act.ENTER)]
    if watched_s > FIRST_FRAME_S:
        steps.append(Step(FIRST_FRAME_S, Act.PLAY))
    beats = range(HEARTBEAT_S, int(watched_s) + 1, HEARTBEAT_S)
    steps += [Step(float(at_s), Act.HEARTBEAT, watched_s=float(HEARTBEAT_S)) for at_s in beats if at_s < watched_s]
    steps += _chat(story, truth, from_s, watched_s, rng)
    steps += _shopping(story, truth, from_s, watched_s, rng)
    told_s = sum(step.watched_s for step in steps)
    steps.sort(key=lambda step: step.at_s)  # stable: what follows at the same moment follows
    return [*steps, Step(watched_s, Act.EXIT, watched_s=watched_s - told_s)]


def _chat(story: Story, truth: Truth, from_s: float, watched_s: float, rng: random.Random) -> Iterator[Step]:
    at_s = FIRST_FRAME_S
    while truth.lines_a_minute and (at_s := at_s + rng.expovariate(truth.lines_a_minute / 60)) < watched_s:
        yield Step(at_s, Act.LINE, text=rng.choice(LINES))
    at_s = FIRST_FRAME_S
    while truth.likes_a_minute and (at_s := at_s + rng.expovariate(truth.likes_a_minute / 60)) < watched_s:
        yield Step(at_s, Act.LIKE, count=rng.randint(1, MOST_LIKES))
    for place, share in truth.beats.items():
        second = story.second_of(place)
        writes, after_s = rng.random() < share, rng.uniform(0.2, BEAT_S)
        if writes and second is not None and FIRST_FRAME_S <= second - from_s and second - from_s + after_s < watched_s:
            yield Step(second - from_s + after_s, Act.LINE, text=rng.choice(LINES))


def _shopping(story: Story, truth: Truth, from_s: float, watched_s: float, rng: random.Random) -> Iterator[Step]:
    """A tap comes 1 to 8 s after the card, the order 4 to 25 s after the tap; who has left by then does neither."""
    for second, cue in story.cues:
        draw, pay = rng.random(), rng.random()
        pause_s, form_s, is_declined = rng.uniform(1, 8), rng.uniform(4, 25), rng.random() < truth.declines
        at_s = second - from_s
        if not FIRST_FRAME_S < at_s < watched_s:
            continue
        yield Step(at_s, Act.SHOWN, cue)
        if at_s + pause_s >= watched_s:
            continue
        taps = truth.taps.get(cue.id, 0.0)
        if draw < taps:
            yield Step(at_s + pause_s, Act.TAP, cue)
            yield Step(at_s + pause_s, Act.BAG, cue)
            if pay < truth.buys and at_s + pause_s + form_s < watched_s:
                yield Step(at_s + pause_s + form_s, Act.BUY, cue, is_declined_first=is_declined)
        elif draw < taps + (1 - taps) * truth.dismissals:
            yield Step(at_s + pause_s, Act.DISMISS, cue)
