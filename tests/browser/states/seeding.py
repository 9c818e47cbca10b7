"""Rooms of `aurora` in the states that shoppers meet: scheduled, on air with a paid episode, about to wait, in fault, over."""

import json
from dataclasses import dataclass

from tests.browser.platform import PASSWORD, Platform

HOST = "states@room.test"
FREE_S, PAID_S = 8, 24
LONG_TITLE = "The night the lighthouse keeper's daughter walked all the way back across the frozen bay"

_COMMON = """
import json, subprocess, time
from datetime import timedelta
from pathlib import Path
from tempfile import mkdtemp
from uuid import UUID
from django.conf import settings
from commerce.catalog.actions import VariantDraft, create_product
from commerce.stock.actions import set_stock
from dramas.seasons.actions import CueDraft, add_cue, add_episode, create_season, edit_episode
from dramas.seasons.queries import get_season
from dramas.transcode.actions import import_source_file
from merchants.accounts.models import User
from merchants.foundation import clock
from merchants.foundation.tenancy import in_schema
from rooms.program import actions, steps
from rooms.program.lineup import get_lineup
from rooms.program.models import Room
from rooms.program.schedule import create_room
from tests.dramas.building import ACTOR, approve, make_product
from django.db import transaction

def film(seconds, low, high):
    path = Path(mkdtemp(dir=settings.DATA_DIR)) / "film.mp4"
    picture = f"gradients=s=360x640:r=30:d={seconds}:c0={low}:c1={high}:x0=60:y0=0:x1=300:y1=640:speed=0.01"
    command = [settings.FFMPEG_BIN, "-v", "error", "-f", "lavfi", "-i", picture, "-f", "lavfi", "-i", f"sine=frequency=220:duration={seconds}"]
    command += ["-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p", "-c:a", "aac", "-shortest", str(path)]
    subprocess.run(command, check=True, timeout=60)
    return path

def wait_ready(season_id, seconds=200):
    until = time.monotonic() + seconds
    while not all(episode.state == "ready" for episode in get_season(season_id).episodes) and time.monotonic() < until:
        time.sleep(0.2)

def room(slug, title, season_id=None, **options):
    return create_room(slug=slug, title=title, season_id=season_id, host_name="Maren", actor=ACTOR, **options)

def play(episode_id):
    actions.play_episode(room_id=Room.objects.get(slug="tide").pk, episode_id=episode_id, actor=ACTOR)
"""

_SEED = """
with in_schema("aurora"):
    host = User.objects.create_user(email=%(host)r, password=%(password)r, role="owner", name="Maren Voss")
    lamp = make_product("Lamp of the last lighthouse on the northern shore, hand blown", price_minor=12900)
    set_stock(variant_id=lamp.variants[0].id, available=0, reason="delivery", actor=ACTOR)
    alone = create_season(actor=ACTOR, title="One night only", profile="short", licence_line="Made for this test")
    only = add_episode(actor=ACTOR, season_id=alone, title=%(long)r)
    import_source_file(episode_id=only, path=film(%(free)s, "0x14304a", "0xb8652f"), actor=ACTOR)
    tide = create_season(actor=ACTOR, title="Tide and lamp", profile="short", licence_line="Made for this test")
    free = add_episode(actor=ACTOR, season_id=tide, title="The keeper")
    paid = add_episode(actor=ACTOR, season_id=tide, title="The bay")
    bay = VariantDraft(sku="BAY", price_minor=199, grants=f"episode:{paid}", is_limited=False)
    key = create_product(title="Episode 2: The bay", variants=[bay], ships=False, actor=ACTOR)
    edit_episode(actor=ACTOR, episode_id=paid, changes={"access": "paid", "unlock_variant_id": key.variants[0].id})
    import_source_file(episode_id=free, path=film(%(free)s, "0x2a1440", "0xc04a5a"), actor=ACTOR)
    import_source_file(episode_id=paid, path=film(%(paid)s, "0x0d3b33", "0xd9a441"), actor=ACTOR)
    wait_ready(alone)
    approve(alone, host)
    over = room("over", "Last night at the pier", alone, is_looping=True)
    actions.start_show(room_id=over, actor=%(host)r)
    wait_ready(tide)
    add_cue(actor=ACTOR, episode_id=free, draft=CueDraft(at_ms=500, duration_ms=7_000, product_id=lamp.id))
    add_cue(actor=ACTOR, episode_id=paid, draft=CueDraft(at_ms=500, duration_ms=20_000, product_id=lamp.id))
    approve(tide, host)
    actions.start_show(room_id=room("tide", %(long)r, tide, is_looping=True), actor=%(host)r)
    fault = room("fault", "Maren in the studio", tide, is_looping=True)
    actions.start_show(room_id=fault, actor=%(host)r)
    with transaction.atomic():
        locked = steps.lock_room(fault)
        actions.report_fault(room=locked, lineup=get_lineup(tide))
    room("soon", %(long)r, alone, scheduled_at=clock.now() + timedelta(minutes=50), starts_by_itself=False)
    room("later", "Holiday gift table", tide, scheduled_at=clock.now() + timedelta(days=3), starts_by_itself=False)
    room("waiting", "Premiere of the second part", alone)
    actions.end_show(room_id=over, actor=%(host)r)
print(json.dumps({"tide": str(tide), "alone": str(alone), "paid": str(paid), "lamp": lamp.title, "lamp_variant": str(lamp.variants[0].id)}))
"""


@dataclass(frozen=True)
class Rooms:
    """Ids and titles of what was seeded. Rooms by slug: over, tide, fault, soon, later, waiting."""

    tide: str
    alone: str
    paid: str
    lamp: str
    lamp_variant: str


def seed_rooms(platform: Platform) -> Rooms:
    """Four short films are made and transcoded by the platform's worker."""
    wanted = {"host": HOST, "password": PASSWORD, "long": LONG_TITLE, "free": FREE_S, "paid": PAID_S}
    output = platform.run(_COMMON + _SEED % wanted, timeout_s=300)
    return Rooms(**json.loads(output.strip().splitlines()[-1]))


def act(platform: Platform, code: str) -> str:
    """Run a few lines in `aurora`, with the stories at hand."""
    body = "\n".join("    " + line for line in code.strip().splitlines())
    return platform.run(f'{_COMMON}\nwith in_schema("aurora"):\n{body}')
