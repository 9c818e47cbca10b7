"""The socket table: doors, what a browser may send, what it hears, and on which stream."""

from typing import Any

from merchants.foundation.ids import new_id

# Address pattern: who comes in.
DOORS: dict[str, str] = {
    "ws/rooms/<slug:slug>/": "whoever has this shop's ticket for this room",
    "ws/office/": "office.open",
}

# Kind: a message of that kind that goes through.
INCOMING: dict[str, dict[str, Any]] = {
    "danmaku": {"text": "WORD flies"},
    "comment": {"text": "WORD stays"},
    "likes": {"count": 3},
    "name": {"ticket": "of-somebody-else"},
    "events": {"session": str(new_id()), "events": [{"k": "like", "id": str(new_id()), "count": 1}]},
    "live.watch": {"sdp": "v=0 WORD"},
    "live.accept": {"session": "of-somebody-else", "sdp": "v=0 WORD"},
    "live.publish": {"sdp": "v=0 WORD", "line": "primary"},
    "live.leave": {"session": "of-somebody-else"},
    "live.figures": {
        **{"tier": "webrtc", "over_ms": 5000, "width": 720, "height": 1280, "frames_per_s": 30, "freezes": 0, "frozen_ms": 0, "stalls": 0},
        **{"lost_permille": 0, "decode_ms": 4, "buffered_ms": 60},
    },
    "live.sending": {
        "line": "primary",
        "figures": {
            **{"captured_per_s": 30, "encoded_per_s": 30, "encode_ms": 7, "send_ms": 1, "kbits_per_s": 1500, "lost_permille": 0},
            **{"width": 1280, "height": 720, "limited_by": "none", "round_trip_ms": 20},
        },
    },
    "desk.watch": {},
    "desk.drill": {"failure": "primary_lost"},
    "stage.ask": {"has_picture": True},
    "stage.withdraw": {},
    "stage.look": {},
    "stage.publish": {"sdp": "v=0 WORD"},
    "stage.watch": {"sdp": "v=0 WORD", "lines": ["host"], "session": "of-somebody-else"},
}
# What a shopper in a room that is not live hears to them.
REFUSED: dict[str, str] = {
    "name": "ticket_invalid",
    "live.watch": "not_live",
    **dict.fromkeys(("live.sending", "desk.watch", "desk.drill"), "forbidden"),
    "live.accept": "peer_unknown",
    "live.publish": "forbidden",
    "live.leave": "peer_unknown",
    "stage.ask": "stage_closed",
    "stage.publish": "not_invited",
    "stage.watch": "not_live",
}
OFFICE_INCOMING: dict[str, dict[str, Any]] = {}

# Kind of message: the streams it is said on (see `realtime.topics.Topic`), or "answer" when only who asked hears it.
OUTGOING: dict[str, str] = {
    "snapshot": "answer",
    "sent": "answer",
    "live.answer": "answer",
    "desk": "answer",
    "program": "room",
    "state": "room",
    "card": "room",
    "card.lower": "room",
    "product": "room",
    "bag": "room",
    "cue": "room",
    "danmaku": "room",
    "likes": "room",
    "comment": "room",
    "comment.deleted": "room",
    "pin": "room",
    "rules": "room",
    "mute": "viewer",
    "guests": "room",
    "stage.mine": "viewer",
    "ghost": "room",
    "ghosts": "room",
    "order": "viewer",
    "episode.progress": "office",
}

# Streams, as `Topic`'s constructors name them.
STREAMS = ("office", "room", "viewer")
