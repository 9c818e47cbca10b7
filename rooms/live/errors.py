"""Refusals of live sound and pictures: what the media plane refuses gets its words here, under the same code."""

from django.utils.translation import gettext_lazy as _

from merchants.foundation.errors import Conflict, DomainError, Forbidden, NotFound, Unavailable
from realtime.rtc.errors import RtcError


class NoLine(Conflict):
    """Nobody sends, or nothing is heard of who does."""

    code = "no_line"
    text = _("No picture of the host arrives yet. Connect the camera first, then go live.")


class NotLive(Conflict):
    code = "not_live"
    text = _("The host is not live at the moment.")


class TokenUsed(DomainError):
    code = "token_used"
    http_status = 401
    text = _("This stream key has been used already. Make another one in the console.")


class DeskFull(Unavailable):
    """More consoles are open at this process than it tells numbers to."""

    code = "desk_full"
    text = _("Too many consoles are open at the moment. Close one, then reload this page.")


class FiltersBarred(Conflict):
    code = "filters_barred"
    text = _("Picture filters are switched off for this room: its picture must show things as they are. The office can allow them.")


class DrillRuns(Conflict):
    code = "drill_runs"
    text = _("A drill is running in this room. Wait until its report is there.")


class DrillNeedsLine(Conflict):
    code = "drill_needs_line"
    text = _("No picture of the host arrives. Connect the camera first, then start the drill.")


class DrillNeedsBackup(Conflict):
    code = "drill_needs_backup"
    text = _("There is no backup line to take over. Connect a second source as the backup, then start the drill.")


class DrillNeedsAir(Conflict):
    code = "drill_needs_air"
    text = _("The fault scene only comes up while the host is live on air. Go live, then start the drill.")


class DrillNeedsFaultScene(Conflict):
    code = "drill_needs_fault_scene"
    text = _("The room has no fault scene that can be shown. Choose one with the room in the office, then start the drill.")


class DrillNeedsNode(Conflict):
    code = "drill_needs_node"
    text = _("There is only one media server, so the line has nowhere to move to. Start a second one, then start the drill.")


class DrillUnsupported(Conflict):
    code = "drill_unsupported"
    text = _("This media server cannot rehearse a loss. Pull the cable of the camera instead.")


class GrantInvalid(DomainError):
    code = "token_invalid"
    http_status = 401
    text = _("This stream key is not valid here, or no longer. Make another one in the console.")


class ForeignOrigin(Forbidden):
    """Asked by a script of another site's page. Programs send no origin."""

    code = "foreign_origin"
    text = _("Pages of other sites cannot send or watch here.")


class WordInvalid(Forbidden):
    code = "live_word_invalid"
    text = _("This address of the live picture is not valid here, or no longer. Reload the page.")


class FilmNotFound(NotFound):
    code = "film_not_found"
    text = _("There is no such part of the live picture, or no longer.")


class TooManyWatch(Unavailable):
    code = "too_many_watch"
    text = _("Too many people ask for the live picture at this moment. It is tried again by itself.")


class MethodNotAllowed(DomainError):
    code = "method_not_allowed"
    http_status = 405
    text = _("This address does not answer to this method.")


class NotASessionDescription(DomainError):
    code = "unsupported_media_type"
    http_status = 415
    text = _("A session description (SDP) is expected here.")


class NoNode(Unavailable):
    code = "no_node"
    text = _("Live does not work right now: no media server answers. Try again in a moment.")


class NodeFull(Unavailable):
    code = "node_full"
    text = _("All places for live pictures are taken. Try again in a moment.")


class ViewersFull(NodeFull):
    """The page goes on to the room's film."""

    code = "viewers_full"


class NodeBusy(Unavailable):
    code = "node_busy"
    text = _("The media server is busy. Try again in a moment.")


class NodeDraining(NodeBusy):
    code = "node_draining"


class NodeSilent(NodeBusy):
    code = "node_silent"
    http_status = 504


class RoomMoved(NodeBusy):
    code = "room_moved"
    http_status = 409


class RoomFull(Unavailable):
    code = "room_full"
    text = _("Too many people send into this room already. One of them has to leave first.")


class CodecUnsupported(DomainError):
    code = "codec_unsupported"
    http_status = 422
    text = _("Your browser or program offers nothing that can be shown here: H264 pictures and Opus sound are needed.")


class SendingForbidden(Forbidden):
    code = "sending_forbidden"
    text = _("Viewers cannot send sound or pictures into this room.")


class OfferUnwanted(DomainError):
    """For programs: pages ask again without an offer, and answer."""

    code = "offer_unwanted"
    http_status = 406
    text = _("The media server makes the offers here. Watch from the room's page.")


class RoleForbidden(SendingForbidden):
    code = "role_forbidden"


class SdpTooLarge(DomainError):
    code = "sdp_too_large"
    http_status = 413
    text = _("The session description is too long.")


class UploadTooLarge(DomainError):
    code = "upload_too_large"
    http_status = 413
    text = _("That is more than this measurement takes.")


class SdpInvalid(DomainError):
    """`reason` is in English, for developers of publishing programs."""

    code = "sdp_invalid"
    http_status = 400
    text = _("The session description cannot be read.")


class RequestInvalid(SdpInvalid):
    code = "request_invalid"


class NegotiationFailed(DomainError):
    code = "negotiation_failed"
    http_status = 422
    text = _("No connection for sound and pictures could be agreed on. Reload the page and try again.")


class NameInvalid(DomainError):
    code = "name_invalid"
    http_status = 422
    text = _("A guest's name is missing or has letters that cannot be used here.")


class SessionUnknown(NotFound):
    code = "peer_unknown"
    text = _("This connection is over. Connect again.")


class LineUnknown(NotFound):
    code = "line_unknown"
    text = _("Nobody sends under this name.")


class RoomUnknown(NotFound):
    code = "room_unknown"
    text = _("Nobody sends into this room right now.")


_KNOWN: dict[str, type[DomainError]] = {
    kind.code: kind
    for kind in (
        NoNode, NodeFull, ViewersFull, NodeBusy, NodeDraining, NodeSilent, RoomMoved, RoomFull, CodecUnsupported, SendingForbidden, RoleForbidden,
        OfferUnwanted, SdpTooLarge, SdpInvalid, RequestInvalid, NegotiationFailed, NameInvalid, SessionUnknown, LineUnknown, RoomUnknown,
        DrillUnsupported,
    )
}  # fmt: skip


def translate(error: RtcError) -> DomainError:
    """The refusal in words. A code of a newer node gets the general ones."""
    return _KNOWN.get(error.code, DomainError)(**error.params)
