"""Seasons: ordered episodes, cues, captions, the rules before air and the sealed approval."""
