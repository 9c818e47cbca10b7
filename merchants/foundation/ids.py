"""Identifiers that sort by time (RFC 9562, version 7), so that new rows land at the end of an index."""

import os
import time
from uuid import UUID


def new_id() -> UUID:
    """48 bits of milliseconds, then 74 random bits."""
    stamp = time.time_ns() // 1_000_000
    tail = int.from_bytes(os.urandom(10), "big")
    high = (stamp & 0xFFFF_FFFF_FFFF) << 80 | 0x7 << 76 | (tail >> 68 & 0xFFF) << 64
    low = 0b10 << 62 | tail & 0x3FFF_FFFF_FFFF_FFFF
    return UUID(int=high | low)
