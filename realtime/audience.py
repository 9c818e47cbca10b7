"""Everybody in this process who listens to one topic, and what each of them has got so far.

Pure bookkeeping, no waiting: the hub decides when. Each *seat* remembers the last sequence number that was written to its
socket, so that a message is written exactly once whichever way it came: live, after a pause, or replayed.
"""

from collections import deque
from collections.abc import Awaitable, Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import islice
from typing import NamedTuple

from realtime.lossy import Batch, tick_payload
from realtime.stream import Head
from realtime.topics import Topic
from realtime.ws import Outlet, frame


@dataclass(frozen=True, slots=True)
class Limits:
    """Bounds of the hub. Sizes are of one socket's write buffer in user space."""

    tick_s: float = 0.05
    lossy_per_s: float = 50
    # Above `skip_bytes` a socket misses lossy messages; above `behind_bytes` it gets nothing until it drained to
    # `drained_bytes`, then what it missed; without progress for `behind_s` it is cut off and comes back by itself.
    skip_bytes: int = 64 * 1024
    behind_bytes: int = 256 * 1024
    drained_bytes: int = 16 * 1024
    behind_s: float = 15.0
    ring: int = 512
    bundle_bytes: int = 64 * 1024
    # Other rooms get their turn after this many sockets (about 3 ms).
    chunk: int = 500
    idle_s: float = 30.0
    open_timeout_s: float = 3.0
    snapshots_at_once: int = 32


OWN_RING = 16


class Seat:
    """One socket's place in one audience. `recover` makes the snapshot that starts it over at a head."""

    __slots__ = ("behind_since", "has_left", "is_replaying", "outlet", "recover", "sent", "viewer_id")

    def __init__(self, *, outlet: Outlet, viewer_id: str, recover: Callable[[Head], Awaitable[bytes]]) -> None:
        self.outlet = outlet
        self.viewer_id = viewer_id
        self.recover = recover
        self.sent = 0
        self.behind_since: float | None = None
        self.is_replaying = False
        self.has_left = False


class Bundle(NamedTuple):
    """Consecutive frames, ready to be written at once; `last` is the number of the last."""

    data: bytes
    last: int


class Audience:
    """The seats of a topic, with the last few hundred frames for those who come back after a short break."""

    __slots__ = ("_bundles", "_limits", "_ring", "behind", "head", "seats", "skipped", "topic")

    def __init__(self, topic: Topic, limits: Limits) -> None:
        self.topic = topic
        self.head: Head | None = None
        self.seats: set[Seat] = set()
        self.behind: set[Seat] = set()
        self.skipped = 0
        self._limits = limits
        self._ring: deque[tuple[int, bytes]] | None = None  # most viewers' own streams stay silent
        self._bundles: dict[int, Bundle] = {}

    @property
    def seq(self) -> int:
        return self.head.seq if self.head else 0

    @property
    def epoch(self) -> str:
        return self.head.epoch if self.head else ""

    def restart(self, head: Head) -> list[Seat]:
        """Begin another life of the stream. Returns the seats that need a snapshot; they are no longer seated."""
        lost = list(self.seats)
        self.head = head
        self._ring = None
        self._bundles.clear()
        self.seats.clear()
        self.behind.clear()
        return lost

    def append(self, seq: int, payload: bytes) -> None:
        """Take the next message of the stream. Needs: `seq` follows the head."""
        if self.head is None or seq != self.head.seq + 1:
            raise ValueError(f"{self.topic.key}: {seq} does not follow {self.head}")
        self.head = Head(self.head.epoch, seq)
        if self._ring is None:
            self._ring = deque(maxlen=OWN_RING if self.topic.address else self._limits.ring)
        self._ring.append((seq, frame(payload)))
        self._bundles.clear()

    def admit(self, seat: Seat, sent: int, now: float) -> None:
        """Seat somebody who has got everything up to `sent`."""
        if seat.has_left:
            return
        seat.sent = sent
        seat.behind_since = None
        self.seats.add(seat)
        if sent < self.seq:
            self._advance(seat, now)

    def unseat(self, seat: Seat) -> None:
        """Write nothing to a seat until it is admitted again."""
        self.seats.discard(seat)
        self.behind.discard(seat)

    def dismiss(self, seat: Seat) -> None:
        """The socket has gone for good."""
        seat.has_left = True
        self.unseat(seat)

    def deliver(self, now: float) -> Iterator[None]:
        """Write to every seat what it has not got yet; pauses after each chunk. Slow seats fall behind."""
        seats, chunk, most = tuple(self.seats), self._limits.chunk, self._limits.behind_bytes
        for start in range(0, len(seats), chunk):
            last = self.seq
            usual = self._bundle_after(last - 1)
            for seat in seats[start : start + chunk]:
                outlet = seat.outlet
                if seat.sent == last or seat.behind_since is not None:
                    continue
                # The common case, spelled out: this loop runs once for each delivery, and a call costs as much as it does.
                if usual is not None and seat.sent == last - 1 and outlet.get_write_buffer_size() <= most and not outlet.is_closing():
                    outlet.write(usual.data)
                    seat.sent = last
                else:
                    self._advance(seat, now)
            if start + chunk < len(seats):
                yield

    def deliver_lossy(self, batch: Batch) -> Iterator[None]:
        """Write a tick's lossy messages to every seat that keeps up; pauses after each chunk."""
        common = frame(tick_payload(batch.common)) if batch.common else None
        skip_bytes, own = self._limits.skip_bytes, batch.own
        for count, seat in enumerate(tuple(self.seats), start=1):
            data = common
            if own and seat.viewer_id in own:
                data = frame(tick_payload(batch.common + own[seat.viewer_id]))
            outlet = seat.outlet
            if data is not None and not outlet.is_closing():
                if seat.behind_since is not None or outlet.get_write_buffer_size() > skip_bytes:
                    self.skipped += 1
                else:
                    outlet.write(data)
            if count % self._limits.chunk == 0:
                yield

    def tend_behind(self, now: float) -> list[Seat]:
        """Go on with the seats that have drained, cut off the stuck. Returns those whose frames have left the ring."""
        strayed = []
        for seat in list(self.behind):
            if seat.is_replaying:
                continue
            if seat.outlet.is_closing():
                self.behind.discard(seat)
            elif seat.outlet.get_write_buffer_size() <= self._limits.drained_bytes:
                if self._bundle_after(seat.sent) is None and seat.sent < self.seq:
                    strayed.append(seat)
                else:
                    self._advance(seat, now)
            elif seat.behind_since is not None and now - seat.behind_since > self._limits.behind_s:
                self.unseat(seat)
                seat.outlet.abort()
        return strayed

    def resume(self, seat: Seat, now: float) -> bool:
        """Go on from the ring after a replay. False while the ring begins later than the seat needs."""
        if seat.sent < self.seq and self._bundle_after(seat.sent) is None:
            return False
        self._advance(seat, now)
        return True

    def _advance(self, seat: Seat, now: float) -> None:
        outlet = seat.outlet
        if outlet.is_closing():
            return
        if outlet.get_write_buffer_size() > self._limits.behind_bytes:
            self._fall_behind(seat, now)
            return
        while seat.sent < self.seq:
            bundle = self._bundle_after(seat.sent)
            if bundle is None:
                self._fall_behind(seat, now)
                return
            outlet.write(bundle.data)
            seat.sent = bundle.last
            if seat.sent < self.seq and outlet.get_write_buffer_size() > self._limits.drained_bytes:
                self._fall_behind(seat, now)
                return
        seat.behind_since = None
        self.behind.discard(seat)

    def _fall_behind(self, seat: Seat, now: float) -> None:
        seat.behind_since = now
        self.behind.add(seat)

    def _bundle_after(self, sent: int) -> Bundle | None:
        """The frames after `sent`, cut at `bundle_bytes`; None when the ring does not reach back that far."""
        bundle = self._bundles.get(sent)
        if bundle is None and self._ring and self._ring[0][0] <= sent + 1 <= self.seq:
            bundle = self._bundles[sent] = self._join(islice(self._ring, sent + 1 - self._ring[0][0], None))
        return bundle

    def _join(self, numbered: Iterable[tuple[int, bytes]]) -> Bundle:
        frames: list[bytes] = []
        size = last = 0
        for seq, data in numbered:
            if frames and size + len(data) > self._limits.bundle_bytes:
                break
            frames.append(data)
            size += len(data)
            last = seq
        return Bundle(b"".join(frames), last)
