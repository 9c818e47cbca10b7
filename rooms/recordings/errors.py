"""What keeps a live part from its replay, in words; the media node's own reasons among them."""

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from merchants.foundation.errors import Conflict, DomainError, NotFound


class RecordingNotFound(NotFound):
    code = "recording_not_found"
    text = _("There is no such recording.")


class NothingToRetry(Conflict):
    code = "nothing_to_retry"
    text = _("This recording has not failed.")


class RecordingLost(DomainError):
    code = "recording_lost"
    text = _("The recording is no longer where the media server left it. Check that the folder of recordings is shared with the workers.")


class RecordingUnreadable(DomainError):
    code = "recording_unreadable"
    text = _("The recording is damaged and cannot be read.")


class RecordingOverQuota(DomainError):
    code = "recording_over_quota"
    http_status = 413
    text = _("The shop's media space of %(quota_mb)s MB has no room for it. Remove old recordings or episodes, then try again.")


class RecordingNotStored(DomainError):
    code = "recording_not_stored"
    text = _("The media storage did not take it. Try again; if it stays like this, tell the platform's operator.")


class RecordingInterrupted(DomainError):
    code = "recording_interrupted"
    text = _("The work on it was interrupted again and again. Try again, or tell the platform's operator.")


class RecordingDiskFull(DomainError):
    code = "recording_disk_full"
    text = _("The disk of the recordings is full: from then on nothing was recorded.")


class RecordingTooLarge(DomainError):
    code = "recording_too_large"
    text = _("The recording has reached its greatest length; nothing was recorded after that.")


class RecordingFailed(DomainError):
    code = "recording_failed"
    text = _("The media server could not write the recording.")


_KNOWN: dict[str, type[DomainError]] = {
    kind.code: kind
    for kind in (
        RecordingLost, RecordingUnreadable, RecordingOverQuota, RecordingNotStored, RecordingInterrupted,
        RecordingDiskFull, RecordingTooLarge, RecordingFailed,
    )
}  # fmt: skip


def failure_text(code: str, params: dict[str, object]) -> str:
    """The sentence for a stored code, in the reader's language; a general one for a code of another release. Empty for none."""
    if not code:
        return ""
    text: str | Promise = _KNOWN.get(code, RecordingFailed).text
    try:
        return str(text) % params
    except (KeyError, TypeError):
        return str(RecordingFailed.text)
