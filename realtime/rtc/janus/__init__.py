"""A Janus beside us: its API, its rooms, and the media that pass between it and this process."""
