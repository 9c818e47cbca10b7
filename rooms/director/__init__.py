"""Fires what is due in a room, and takes the host's orders."""
