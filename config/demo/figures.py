"""What insights are read from: a made-up audience of the first showing, what the seasons cost, a test of the cards that runs."""

import asyncio
import threading
import time
from uuid import UUID

from config.demo import rooms
from config.demo.film import Story
from config.demo.people import email_of
from rooms.insights.contribution.actions import note_cost
from rooms.insights.contribution.queries import get_costs
from rooms.insights.experiments.actions import GoalDraft, VariantDraft, create_experiment, start_experiment
from rooms.insights.experiments.errors import KeyTaken
from rooms.insights.simulation.run import Refused, Run, Wish

VIEWERS, SEED, BUYS = 60, 11, 0.6
ARRIVALS_S, STAY_S, PATIENCE_S = 20.0, 240.0, 300.0
COSTS_MINOR = {"production": 18_000, "media": 4_500}
LATER_MS = 3_000
DOOR_TRIES = 8


class Audience:
    """Strangers who come to a room by its front door, watch, talk, tap and buy, while other work goes on."""

    def __init__(self, *, host: str, port: int, slug: str) -> None:
        wish = Wish(
            f"http://{host}:{port}", slug, VIEWERS, seed=SEED, buys=BUYS, arrivals_s=ARRIVALS_S, duration_s=STAY_S, most_requests=4, source="friends"
        )
        self._run = Run(wish, tell=lambda _line: None)
        self._thread = threading.Thread(target=self._attend, daemon=True)

    def come(self) -> None:
        self._thread.start()

    def see_off(self) -> None:
        """Wait until the last one has left."""
        self._thread.join(PATIENCE_S)

    def _attend(self) -> None:
        for _ in range(DOOR_TRIES):
            try:
                asyncio.run(self._run.carry_out())
                return
            except Refused as refusal:
                why = refusal.code
            time.sleep(1)  # a show that was just started shows its first episode in a moment
        print(f"The first showing had no audience: {why}", flush=True)


def note_costs(*, season_id: UUID, shop: str) -> None:
    """Once a season. Needs: the shop's schema."""
    if not any(get_costs([season_id]).values()):
        for kind, amount_minor in COSTS_MINOR.items():
            note_cost(season_id=season_id, kind=kind, amount_minor=amount_minor, note="Demo", actor=email_of("finance", shop))


def begin_test(*, story: Story, slug: str) -> None:
    """Half of the room's viewers see each card a little later. Begun once. Needs: the shop's schema; the season is approved."""
    room = rooms.find_room(slug)
    if room is None:
        return
    variants = [VariantDraft(title="As it is"), VariantDraft(title="Three seconds later", shift_ms=LATER_MS)]
    editor = email_of("editor", story.slug)
    try:
        experiment_id = create_experiment(
            key="later-cards",
            title="Do cards sell more after the line is spoken?",
            kind="cue_time",
            variants=variants,
            goals=[GoalDraft("buyers"), GoalDraft("revenue")],
            room_ids=[room.id],
            actor=editor,
        )
    except KeyTaken:
        return
    start_experiment(experiment_id=experiment_id, actor=email_of("owner", story.slug))
