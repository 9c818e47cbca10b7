"""Socket messages of live sound and pictures. Offers and answers are SDP; `session` is a secret of who got it."""

from typing import Annotated, ClassVar, Literal

import msgspec

from realtime.messages import MOST_INCOMING_BYTES, Incoming
from realtime.throttle import Limit

Session = Annotated[str, msgspec.Meta(min_length=1, max_length=64)]
Tier = Literal["webrtc", "llhls"]
Pixels = Annotated[int, msgspec.Meta(ge=0, le=8192)]
Count = Annotated[int, msgspec.Meta(ge=0, le=10_000)]
PerS = Annotated[float, msgspec.Meta(ge=0, le=240)]
Permille = Annotated[int, msgspec.Meta(ge=0, le=1000)]
Ms = Annotated[float, msgspec.Meta(ge=0, le=120_000)]


class Watch(Incoming, tag="live.watch"):
    """Offers to receive the host's line: one video and one audio, recvonly. Another one on the same socket ends the former.
    Without `sdp` the media server offers, and `live.accept` takes the answer; refused with `offer_unwanted` it is the only way.

    Answered by `live.answer`. Refused with `not_live` unless the live line is on air or announced (staff may always watch).
    """

    limit: ClassVar[Limit] = Limit(per_s=0.5, burst=5)
    most_bytes: ClassVar[int] = MOST_INCOMING_BYTES

    sdp: str = ""


class Accept(Incoming, tag="live.accept"):
    """The answer to what the media server offered for `live.watch`, on the same socket."""

    limit: ClassVar[Limit] = Limit(per_s=0.5, burst=5)
    most_bytes: ClassVar[int] = MOST_INCOMING_BYTES

    session: Session
    sdp: str


class Publish(Incoming, tag="live.publish"):
    """Offers to send the host's line, as `primary` or `backup`: H264 and Opus, sendonly. For staff who may air.

    Answered by `live.answer`. Whoever sent on this line before is replaced.
    """

    limit: ClassVar[Limit] = Limit(per_s=0.5, burst=5)
    most_bytes: ClassVar[int] = MOST_INCOMING_BYTES

    sdp: str
    line: Literal["primary", "backup"]


class Leave(Incoming, tag="live.leave"):
    """Ends a session of this socket. Closing the socket ends them all."""

    session: Session


class Answer(msgspec.Struct, tag_field="k", tag="live.answer"):
    """The node's answer to an offer, or what it offers itself. `ref` is the request's."""

    sdp: str
    session: str
    kind: Literal["answer", "offer"] = "answer"


class Figures(Incoming, tag="live.figures"):
    """What a viewer's page saw of the host's line in the last `over_ms`: a sample, every few seconds at most.

    `freezes` and `stalls` are how often the picture stood still, for `frozen_ms` together. Acknowledged also when it is not kept: the
    host is not on air, or enough others have reported.
    """

    limit: ClassVar[Limit] = Limit(per_s=0.4, burst=3)

    tier: Tier
    over_ms: Annotated[int, msgspec.Meta(ge=500, le=120_000)]
    width: Pixels
    height: Pixels
    frames_per_s: PerS
    freezes: Count
    frozen_ms: Annotated[int, msgspec.Meta(ge=0, le=120_000)]
    stalls: Count
    lost_permille: Permille
    decode_ms: Ms
    buffered_ms: Ms
    round_trip_ms: Ms | None = None


class SendingFigures(msgspec.Struct, forbid_unknown_fields=True):
    """Of the last second: from the camera to the wire. `encode_ms` for a picture, `send_ms` that a packet waited to be sent."""

    captured_per_s: PerS
    encoded_per_s: PerS
    encode_ms: Ms
    send_ms: Ms
    kbits_per_s: Annotated[int, msgspec.Meta(ge=0, le=100_000)]
    lost_permille: Permille
    width: Pixels
    height: Pixels
    limited_by: Literal["none", "cpu", "bandwidth", "other"]
    round_trip_ms: Ms | None


class Sending(Incoming, tag="live.sending"):
    """What the page that sends the host's line says of it, once a second. For staff who may air."""

    limit: ClassVar[Limit] = Limit(per_s=1.5, burst=6)

    line: Literal["primary", "backup"]
    figures: SendingFigures


class WatchDesk(Incoming, tag="desk.watch"):
    """Asks for the line's numbers from now on: `desk`, once a second. For staff who may moderate; asked anew every half minute."""

    limit: ClassVar[Limit] = Limit(per_s=0.5, burst=5)


class StartDrill(Incoming, tag="desk.drill"):
    """Rehearses a failure on this room, really. For staff who may air. The report follows in the console's state and in the office."""

    limit: ClassVar[Limit] = Limit(per_s=0.5, burst=6)

    failure: Literal["primary_lost", "line_lost", "node_moves"]
