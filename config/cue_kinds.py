"""What a cue may be. `dramas.seasons.cue_kinds.CueKind` says what a kind checks; the room draws it by the same name."""

CUE_KINDS: dict[str, str] = {
    "card": "dramas.seasons.cue_kinds.CARD",
}
