"""Playback: who may watch what, playlists, keys, captions, media in development, and where a viewer left."""
