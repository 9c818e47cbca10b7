"""The sandbox's time: the machine's, moved forward on request so that expiry can be tried without waiting."""

import time


class Clock:
    """Epoch seconds plus an offset that the store keeps."""

    def __init__(self, offset_s: int = 0) -> None:
        self.offset_s = offset_s

    def now(self) -> int:
        """Epoch seconds as every object's `created` sees them."""
        return int(time.time()) + self.offset_s

    def now_ms(self) -> int:
        """Machine time in milliseconds, without the offset: deliveries and signatures happen in real time."""
        return int(time.time() * 1000)
