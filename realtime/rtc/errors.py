"""What the media plane refuses. Codes and parameters only: the doors above give them words and an HTTP status."""

from typing import Any, ClassVar


class RtcError(Exception):
    """`params` are JSON values; they cross the relay together with the code."""

    code: ClassVar[str] = "rtc_refused"
    http_status: ClassVar[int] = 400

    def __init__(self, **params: Any) -> None:
        self.params = params
        super().__init__(self.code)

    def __str__(self) -> str:
        return " ".join([self.code, *(f"{name}={value}" for name, value in self.params.items())])


class SdpTooLarge(RtcError):
    """`bytes` came and `most` are read."""

    code = "sdp_too_large"
    http_status = 413


class SdpInvalid(RtcError):
    """`reason` says what is wrong, in English, for developers of publishing programs."""

    code = "sdp_invalid"
    http_status = 400


class CodecUnsupported(RtcError):
    """`kind` offers nothing that we carry: H264 in packetization mode 1, and Opus."""

    code = "codec_unsupported"
    http_status = 422


class SendingForbidden(RtcError):
    """A viewer offered to send media."""

    code = "sending_forbidden"
    http_status = 403


class OfferUnwanted(RtcError):
    """This engine offers to viewers itself: ask without an offer, and answer its own."""

    code = "offer_unwanted"
    http_status = 406


class RoleForbidden(RtcError):
    """`role` may not publish."""

    code = "role_forbidden"
    http_status = 403


class NameInvalid(RtcError):
    """A guest's name is missing, too long, or has other letters than those of a topic."""

    code = "name_invalid"
    http_status = 422


class RoomUnknown(RtcError):
    code = "room_unknown"
    http_status = 404


class LineUnknown(RtcError):
    """`line` is not in this room."""

    code = "line_unknown"
    http_status = 404


class PeerUnknown(RtcError):
    code = "peer_unknown"
    http_status = 404


class RoomFull(RtcError):
    """`most` publishers are in the room already."""

    code = "room_full"
    http_status = 503


class NodeFull(RtcError):
    """`most` of `what` are here already."""

    code = "node_full"
    http_status = 503


class ViewersFull(RtcError):
    """`most` watch the room by WebRTC already; its film has room for more."""

    code = "viewers_full"
    http_status = 503


class NodeDraining(RtcError):
    """The node is going away; the next request finds another."""

    code = "node_draining"
    http_status = 503


class NodeBusy(RtcError):
    """Too many requests wait for the node."""

    code = "node_busy"
    http_status = 503


class NodeSilent(RtcError):
    """The node did not answer in time."""

    code = "node_silent"
    http_status = 504


class NoNode(RtcError):
    """No node is alive and has a place."""

    code = "no_node"
    http_status = 503


class RoomMoved(RtcError):
    """Another node has the room by now; signal again."""

    code = "room_moved"
    http_status = 409


class NegotiationFailed(RtcError):
    """`reason`: what the peer connection said, or that it took too long."""

    code = "negotiation_failed"
    http_status = 422


class DrillUnsupported(RtcError):
    """This engine cannot act as if packets were lost."""

    code = "drill_unsupported"
    http_status = 409


class RequestInvalid(RtcError):
    """The relay got something that is not one of its requests."""

    code = "request_invalid"
    http_status = 400


def _by_code() -> dict[str, type[RtcError]]:
    return {kind.code: kind for kind in RtcError.__subclasses__()}


def revive(code: str, params: dict[str, Any]) -> RtcError:
    """The error that another process raised. Unknown codes (a newer node) become a plain RtcError that keeps the code."""
    kind = _by_code().get(code)
    return kind(**params) if kind is not None else RtcError(**{"code": code, **params})
