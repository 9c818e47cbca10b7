"""A finished show as a page: its timeline, the cards at their times, and where the crowd was loudest."""

from typing import Any
from uuid import UUID

import msgspec

from dramas.playback.gates import Watcher
from dramas.seasons.queries import CueView, list_cues_of
from merchants.foundation import clock
from rooms.cards.queries import list_cards_of_airing, list_products
from rooms.engagement.queries import count_danmaku_along
from rooms.pages.reel import Reel, Stretch, lay_out
from rooms.pages.seasons import SeasonPage, find_season, season_state
from rooms.pages.state import Visit, frame_state, measure_state, playback_state, room_urls
from rooms.pages.texts import REPLAY
from rooms.program.queries import ReplayView
from rooms.recordings.queries import RecordingView, is_under_way, list_recordings

HEAT_BUCKETS = 120
CARD_CUE = "card"


def replay_state(replay: ReplayView, visit: Visit, shop_name: str) -> dict[str, Any]:
    """Everything the replay page starts from. Shape: `ReplayPage` in rooms/frontend/replay/state.ts."""
    recordings = list_recordings(replay.airing_id)
    reel = lay_out(replay.spans, recordings)
    moments = _moments(replay, reel)
    products = list_products([UUID(moment["product_id"]) for moment in moments])
    season = find_season(replay.season_id, visit.watcher)
    return frame_state(visit, shop_name, REPLAY) | {
        "urls": room_urls(replay.slug),
        "measure": measure_state(replay.slug, visit),
        "show": {
            "airing_id": str(replay.airing_id),
            "room_id": str(replay.room_id),
            "title": replay.title,
            "host_name": replay.host_name,
            "started_at_ms": clock.to_ms(replay.started_at),
            "duration_ms": reel.duration_ms,
            "likes_total": replay.likes_total,
        },
        "stretches": [_stretch_state(stretch) for stretch in reel.stretches],
        "recordings": [_recording_state(recording) for recording in recordings],
        "left_out": [{"at_ms": part.at_ms, "length_ms": part.length_ms} for part in reel.left_out],
        "is_being_prepared": bool(reel.left_out) and is_under_way(replay.airing_id, ended_at=replay.ended_at),
        "season": season_state(season),
        "playback": _first_playback(reel, season, visit.watcher),
        "moments": moments,
        "products": msgspec.to_builtins(products),
        "heat": heat_of(replay.airing_id, reel),
    }


def heat_of(airing_id: UUID, reel: Reel) -> list[int]:
    """Danmaku in each of `HEAT_BUCKETS` equal parts of the timeline."""
    total_ms = reel.duration_ms
    heat = [0] * HEAT_BUCKETS
    if not total_ms:
        return heat
    bucket_ms = max(1, total_ms // HEAT_BUCKETS)
    for seq, position_ms, count in count_danmaku_along(airing_id, bucket_ms=bucket_ms):
        place = reel.place_of(seq, position_ms)
        if place is not None:
            heat[min(HEAT_BUCKETS - 1, place * HEAT_BUCKETS // total_ms)] += count
    return heat


def _moments(replay: ReplayView, reel: Reel) -> list[dict[str, Any]]:
    """Cards in the order they were seen: those of the episodes' cues, and those that the host raised."""
    cues = list_cues_of({stretch.episode_id for stretch in reel.stretches if stretch.episode_id})
    shown = [(stretch, cue) for stretch in reel.stretches if stretch.episode_id for cue in cues[stretch.episode_id]]
    found = [moment for stretch, cue in shown if (moment := _cue_moment(stretch, cue))]
    for card in list_cards_of_airing(replay.airing_id):
        place = reel.place_of(card.program_seq, card.position_ms)
        if place is not None and card.cue_id is None:
            found.append(_moment(f"card:{card.id}", place, card.expires_at_ms - card.raised_at_ms, card.product_id, None))
    return sorted(found, key=lambda moment: moment["at_ms"])


def _cue_moment(stretch: Stretch, cue: CueView) -> dict[str, Any] | None:
    place = stretch.place_of(cue.at_ms)
    if place is None or cue.kind != CARD_CUE or cue.product_id is None:
        return None
    return _moment(f"{stretch.seq}:{cue.id}", place, cue.duration_ms, cue.product_id, cue.id)


def _moment(key: str, at_ms: int, duration_ms: int, product_id: UUID, cue_id: UUID | None) -> dict[str, Any]:
    return {"key": key, "at_ms": at_ms, "duration_ms": duration_ms, "product_id": str(product_id), "cue_id": str(cue_id) if cue_id else None}


def _stretch_state(stretch: Stretch) -> dict[str, Any]:
    return {
        "seq": stretch.seq,
        "episode_id": str(stretch.episode_id) if stretch.episode_id else None,
        "recording_id": str(stretch.recording_id) if stretch.recording_id else None,
        "at_ms": stretch.at_ms,
        "from_ms": stretch.from_ms,
        "to_ms": stretch.to_ms,
        "media_ms": stretch.media_ms,
    }


def _recording_state(recording: RecordingView) -> dict[str, Any]:
    return {
        "id": str(recording.id),
        "url": recording.url,
        "width": recording.width,
        "height": recording.height,
        "duration_ms": recording.duration_ms,
    }


def _first_playback(reel: Reel, season: SeasonPage | None, watcher: Watcher) -> dict[str, Any] | None:
    first = reel.stretches[0].episode_id if reel.stretches else None
    return playback_state(first, watcher) if first and season else None
