"""Recordings of live parts: taken from the nodes' folders into the shop's media, cut to what was on air, for the replay."""
