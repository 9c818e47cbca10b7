"""Reading what a browser sent: size, form, kind, each with its own refusal."""

from dataclasses import dataclass

import msgspec

from merchants.foundation.errors import DomainError
from realtime.errors import KindUnknown, MessageInvalid, MessageTooLarge
from realtime.messages import MAX_INCOMING_BYTES, MOST_INCOMING_BYTES, Incoming, Peek, Ping
from realtime.table import Entry, Handler
from realtime.throttle import Limit

# Refused messages that a browser may send before it is sent away.
REFUSALS = Limit(per_s=1, burst=30)
# A browser measures the clock with eight quick pings, then now and then.
PINGS = Limit(per_s=2, burst=20)

_peek = msgspec.json.Decoder(Peek)
_ping = msgspec.json.Decoder(Ping)


class Refused(Exception):
    """`error` goes back to the sender, with the `ref` of the message as far as it could be read."""

    def __init__(self, error: DomainError, ref: str = "") -> None:
        super().__init__(error.code)
        self.error = error
        self.ref = ref


@dataclass(frozen=True, slots=True)
class Received:
    """A message of the right form, and who handles it. A ping has no handler: the consumer answers it."""

    kind: str
    message: Incoming
    handler: Handler
    limit: Limit


def read(data: str | bytes | None, entries: dict[str, Entry]) -> Received:
    """Decode one frame strictly. Raises: Refused."""
    raw = data.encode() if isinstance(data, str) else data or b""
    if len(raw) > MOST_INCOMING_BYTES:
        raise Refused(MessageTooLarge(bytes=len(raw), most=MOST_INCOMING_BYTES))
    try:
        peek = _peek.decode(raw)
    except msgspec.DecodeError as error:
        raise Refused(MessageInvalid(reason=str(error))) from error
    ref = peek.ref[:40]
    entry = entries.get(peek.k)
    most = entry.struct.most_bytes if entry is not None else MAX_INCOMING_BYTES
    if len(raw) > most:
        raise Refused(MessageTooLarge(bytes=len(raw), most=most), ref)
    try:
        if peek.k == "ping":
            return Received("ping", _ping.decode(raw), _unhandled, PINGS)
        if entry is None:
            raise Refused(KindUnknown(kind=peek.k[:40]), ref)
        return Received(entry.kind, entry.decoder.decode(raw), entry.handler, entry.struct.limit)
    except msgspec.DecodeError as error:
        raise Refused(MessageInvalid(reason=str(error)), ref) from error


async def _unhandled(_context: object, _message: object) -> None:
    raise AssertionError("a ping is answered by the consumer")
