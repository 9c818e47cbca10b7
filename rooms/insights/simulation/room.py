"""What a room's page tells its viewers: the story, where it stands, what is for sale."""

from dataclasses import dataclass
from typing import Any

from rooms.insights.simulation.figures import Refused
from rooms.insights.simulation.shopfront import Browser
from rooms.insights.simulation.story import CuePoint, Part, Story

CARD = "card"


@dataclass(frozen=True)
class Room:
    """`begins_at_s`: the second of the story that was on air when the page was made. `variants`: by product, the first that can be bought."""

    slug: str
    story: Story
    begins_at_s: float
    is_looping: bool
    program_seq: int
    variants: dict[str, str]


async def read_room(browser: Browser, slug: str) -> Room:
    """Raises: Refused (`no_episode` while the room shows none: there is no story to watch)."""
    page = await browser.open_page(f"rooms/{slug}/")
    snapshot, season = page["snapshot"], page.get("season") or {"episodes": []}
    entry = next((entry for entry in snapshot["entries"] if entry["started_at_ms"] <= page["server_ms"]), None)
    parts = tuple([await _read_part(browser, card) for card in season["episodes"] if card["is_playable"]])
    on_air = entry["source"]["id"] if entry and entry["source"]["kind"] == "episode" else None
    story = Story(parts)
    starts = {part.episode_id: begin for part, begin in zip(parts, story.starts_s, strict=False)}
    if entry is None or on_air not in starts:
        raise Refused("no_episode")
    position_ms = entry["offset_ms"] + (page["server_ms"] - entry["started_at_ms"]) * entry["rate"]
    return Room(
        slug=slug,
        story=story,
        begins_at_s=starts[on_air] + min(position_ms, entry["duration_ms"] or position_ms) / 1000,
        is_looping=snapshot["is_looping"],
        program_seq=entry["seq"],
        variants=_variants(snapshot["products"]),
    )


async def _read_part(browser: Browser, card: dict[str, Any]) -> Part:
    """Cues of an episode that is locked are nobody's who has not paid."""
    playback = await browser.get(f"api/v1/playback/episodes/{card['id']}/")
    cues = [CuePoint(cue["id"], cue["product_id"], cue["at_ms"]) for cue in playback["cues"] if cue["kind"] == CARD and cue["product_id"]]
    return Part(card["id"], card["number"], card["duration_ms"], tuple(cues))


def _variants(products: list[dict[str, Any]]) -> dict[str, str]:
    found = {}
    for product in products:
        ready = [variant["id"] for variant in product["variants"] if variant["available"] > 0]
        if ready:
            found[product["id"]] = ready[0]
    return found
