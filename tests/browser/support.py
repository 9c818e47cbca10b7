"""What browser tests of a room share: a show on air from a real film, and steps that people take."""

import json
from dataclasses import dataclass

from playwright.sync_api import Page, expect

from tests.browser.platform import PASSWORD, Platform

HOST = "host@room.test"

_SEED = """
import json, time
from pathlib import Path
from tempfile import mkdtemp
from django.conf import settings
from merchants.accounts.models import User
from merchants.foundation.tenancy import in_schema
from commerce.stock.actions import set_stock
from dramas.seasons.actions import CueDraft, add_cue, add_episode, create_season
from dramas.seasons.queries import get_season, list_seasons
from dramas.transcode.actions import import_source_file
from rooms.program.actions import end_show, start_show
from rooms.program.queries import list_rooms_on_air
from rooms.program.schedule import create_room
from tests.dramas.building import ACTOR, approve, make_product
from tests.dramas.stamps import make_stamped_film

def owner():
    found = User.objects.filter(email=%(host)r).first()
    return found or User.objects.create_user(email=%(host)r, password=%(password)r, role="owner", name="Ada Lin")

def all_ready(season_id):
    return all(episode.state == "ready" for episode in get_season(season_id).episodes)

def make_season(title, host, product):
    season_id = create_season(actor=ACTOR, title=title, profile="short", licence_line="Made for this test")
    folder = Path(mkdtemp(dir=settings.DATA_DIR))
    for number in (1, 2):
        episode_id = add_episode(actor=ACTOR, season_id=season_id, title=f"Part {number}")
        film = make_stamped_film(folder / f"{number}.mp4", seconds=%(seconds)s, episode=number)
        import_source_file(episode_id=episode_id, path=film, actor=ACTOR)
    until = time.monotonic() + 240
    while not all_ready(season_id) and time.monotonic() < until:
        time.sleep(0.3)
    for episode in get_season(season_id).episodes:
        add_cue(actor=ACTOR, episode_id=episode.id, draft=CueDraft(at_ms=1_000, duration_ms=5_000, product_id=product.id))
    approve(season_id, host)
    return season_id

with in_schema("aurora"):
    host = owner()
    for over in () if %(is_beside)r else list_rooms_on_air():
        end_show(room_id=over.id, actor=%(host)r)
    found = {season.title: season.id for season in list_seasons()}
    season_id = found.get(%(season)r)
    if season_id is None:
        product = make_product(%(product)r)
        set_stock(variant_id=product.variants[0].id, available=17, reason="delivery", actor=ACTOR)
        season_id = make_season(%(season)r, host, product)
    room_id = create_room(slug=%(slug)r, title="Night of the lantern", season_id=season_id, host_name="Lin", is_looping=True, actor=%(host)r)
    start_show(room_id=room_id, actor=%(host)r)
print(json.dumps({"room_id": str(room_id), "slug": %(slug)r, "product": %(product)r}))
"""


@dataclass(frozen=True)
class Show:
    """A room of `aurora` that is on air and loops two short episodes; each has one card at its first second."""

    room_id: str
    slug: str
    product: str

    @property
    def path(self) -> str:
        return f"/rooms/{self.slug}/"

    @property
    def console(self) -> str:
        return f"/console/{self.slug}/"


def put_on_air(platform: Platform, slug: str, *, seconds: float = 16.0, is_beside: bool = False) -> Show:
    """Start a room whose season has two films of `seconds`, transcoded by the platform's worker. Rooms of equal films share one season.

    What earlier tests left on air ends, unless this one is shown beside it.
    """
    wanted = {"host": HOST, "password": PASSWORD, "slug": slug, "seconds": seconds, "is_beside": is_beside}
    wanted |= {"season": f"Two films of {seconds} s", "product": f"Lantern of {seconds} s"}
    output = platform.run(_SEED % wanted, timeout_s=300)
    return Show(**json.loads(output.strip().splitlines()[-1]))


def enter_room(page: Page, platform: Platform, show: Show) -> None:
    """Open the room and wait for its picture and its socket."""
    page.goto(platform.url(show.path, "aurora"))
    page.wait_for_function("() => window.room?.model?.connection.value === 'open' && window.room.model.picture.value === 'playing'", timeout=60_000)


_LISTEN = """async ([selector, isFilm]) => {
  const video = document.querySelector(selector);
  if (video.muted || video.volume === 0) return 0;
  const context = new AudioContext(), analyser = context.createAnalyser(), samples = new Float32Array(2048);
  context.createMediaStreamSource(isFilm ? video.captureStream() : video.srcObject).connect(analyser);
  let energy = 0;
  for (let i = 0; i < 200 && energy < 0.02; i++) {
    await new Promise((resolve) => setTimeout(resolve, 50));
    analyser.getFloatTimeDomainData(samples);
    energy += samples.reduce((sum, value) => sum + value * value, 0);
  }
  await context.close();
  return energy;
}"""
FRONT = ".stage-screen.is-front video"


def energy_of(page: Page, video: str = FRONT, *, is_film: bool = False) -> float:
    """How loud somebody's line is, or a film: 0 when muted or silent. Fails where the picture is the other of the two.

    Sound may come after its picture, so ten seconds are listened to, or until it is heard.
    """
    heard: float = page.evaluate(_LISTEN, [video, is_film])
    return heard


def say(page: Page, text: str) -> None:
    page.get_by_label("Say something…").fill(text)
    page.get_by_role("button", name="Send").click()
    expect(page.get_by_label("Say something…")).to_have_value("")


def sign_in(page: Page, platform: Platform, email: str = HOST) -> None:
    page.goto(platform.url("/accounts/login/", "aurora"))
    page.locator("[name=login]").fill(email)
    page.locator("[name=password]").fill(PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_url(lambda url: "/accounts/login" not in url)
