"""The clock of a room: its append-only program, its states, its schedule."""
