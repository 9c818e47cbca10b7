"""The host cuts in: who may send and watch, by socket and by WHIP and WHEP, and whether the host's line is heard."""
