"""Past shows made by the simulator's model: the same story evening after evening, to audiences and moods that vary."""

import math
import random
from collections import Counter
from dataclasses import replace

from rooms.insights.simulation.behaviour import Act, Crowd, plan_visits
from rooms.insights.simulation.story import CuePoint, Part, Story
from rooms.insights.simulation.truth import plant
from rooms.insights.stats.forecast import CardSeen, PastShow

EPISODES, EPISODE_MS = 4, 45_000
CARDS_AT_MS = (10_000, 25_000)
USUAL_AUDIENCE = 60
# Evenings differ by about a third in how many come, and by a quarter in how willing they are.
AUDIENCE_SPREAD, MOOD_SPREAD = 0.35, 0.25


def make_shows(count: int, *, seed: int) -> list[PastShow]:
    """Oldest first. Eight cards; an audience of about 60. Nobody chats: it costs time and sells nothing."""
    rng = random.Random(f"shows {seed}")
    story = _story()
    truth = replace(plant(story, seed=seed), lines_a_minute=0.0, likes_a_minute=0.0, beats={})
    shows = []
    for number in range(count):
        audience = max(5, round(USUAL_AUDIENCE * math.exp(rng.gauss(0, AUDIENCE_SPREAD))))
        mood = math.exp(rng.gauss(0, MOOD_SPREAD))
        evening = replace(
            truth, taps={cue: min(0.9, share * mood) for cue, share in truth.taps.items()}, hazard=truth.hazard * math.exp(rng.gauss(0, MOOD_SPREAD))
        )
        visits = plan_visits(story, evening, Crowd(audience, arrivals_s=20), seed=seed * 1_000 + number)
        counts = {act: Counter(step.cue.id for visit in visits for step in visit.steps if step.act == act and step.cue) for act in _ACTS}
        cards = [CardSeen(cue.id, "card", second / story.length_s, *(counts[act][cue.id] for act in _ACTS)) for second, cue in story.cues]
        shows.append(PastShow(len(visits), tuple(cards)))
    return shows


_ACTS = (Act.SHOWN, Act.TAP, Act.BUY)


def _story() -> Story:
    parts = []
    for number in range(1, EPISODES + 1):
        cues = tuple(CuePoint(f"card-{number}-{at_ms}", f"product-{number}", at_ms) for at_ms in CARDS_AT_MS)
        parts.append(Part(f"episode-{number}", number, EPISODE_MS, cues))
    return Story(tuple(parts))
