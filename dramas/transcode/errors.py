"""Refusals of this slice: what happened, why, what to do next."""

from typing import ClassVar

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from dramas.transcode.refusal import REFUSAL_CODES, Refusal
from merchants.foundation.errors import Conflict, DomainError, NotFound


class SourceRefused(DomainError):
    """The file is no source for an episode. Subclasses name the reason; `code` is what the office's pages and logs show."""

    code = "source_refused"
    http_status = 422
    text = _("This file cannot become an episode. Export it again as MP4 (H.264) and upload that.")


class SourceEmpty(SourceRefused):
    code = "source_empty"
    text = _("The file is empty. Choose the exported video and upload it again.")


class SourceNotVideoFile(SourceRefused):
    code = "source_not_video_file"
    text = _("This is no MP4, MOV, MKV or WebM file, whatever its name says. Export the video in one of these formats.")


class SourceWithoutVideo(SourceRefused):
    code = "source_no_video"
    text = _("The file holds sound but no video. Choose the export that has the picture in it.")


class SourceWithoutPicture(SourceRefused):
    code = "source_no_picture"
    text = _("No picture could be read from this file: it has only a cover image, or its video is damaged. Export it again.")


class SourceTruncated(SourceRefused):
    code = "source_truncated"
    text = _("The file was cut off: its end is missing. Copy it again from the camera or the editor, then upload it once more.")


class SourceCodecUnsupported(SourceRefused):
    code = "source_unsupported_codec"
    text = _("The video is encoded as %(codec)s, which is not supported. Export it as H.264 or H.265.")


class SourceTooLarge(SourceRefused):
    code = "source_too_large"
    http_status = 413
    text = _("The file is larger than %(limit_mb)s MB. Export it with a lower bitrate.")


class SourceTooLong(SourceRefused):
    code = "source_too_long"
    text = _("The video lasts %(duration_s)s s; an episode may last %(limit_s)s s at most. Cut it into several episodes.")


class SourceTooShort(SourceRefused):
    code = "source_too_short"
    text = _("The video is shorter than %(limit_s)s s. Choose the whole episode.")


class SourceTooManyPixels(SourceRefused):
    code = "source_too_many_pixels"
    text = _("The picture is %(width)s×%(height)s; at most %(limit_megapixels)s megapixels (4K) are possible. Export it smaller.")


class SourceTooFast(SourceRefused):
    code = "source_too_fast"
    text = _("The video has more than %(limit_fps)s pictures a second. Export it at 24, 25, 30 or 60.")


class SourceUnreadable(SourceRefused):
    code = "source_unreadable"
    text = _("The file could not be read as a video. It may be damaged: open it in a player, then export it again.")


class SourceDamaged(SourceRefused):
    code = "source_damaged"
    text = _("Parts of the video are damaged and cannot be decoded. Export it again and upload the new file.")


_BY_CODE: dict[str, type[SourceRefused]] = {
    kind.code.removeprefix("source_"): kind
    for kind in (
        SourceEmpty,
        SourceNotVideoFile,
        SourceWithoutVideo,
        SourceWithoutPicture,
        SourceTruncated,
        SourceCodecUnsupported,
        SourceTooLarge,
        SourceTooLong,
        SourceTooShort,
        SourceTooManyPixels,
        SourceTooFast,
        SourceUnreadable,
        SourceDamaged,
    )
}
if set(_BY_CODE) != REFUSAL_CODES:
    raise RuntimeError(f"refusals without words, or words without refusal: {set(_BY_CODE) ^ REFUSAL_CODES}")


def refused(refusal: Refusal) -> SourceRefused:
    """The refusal in people's words."""
    return _BY_CODE[refusal.code](**refusal.figures)


class TranscodeFailed(DomainError):
    code = "transcode_failed"
    http_status = 500
    text = _("The video could not be converted. Retry; if it fails again, export it anew and upload that.")


class TranscodeTimedOut(TranscodeFailed):
    code = "transcode_timed_out"
    text = _("Converting took too long and was stopped. Retry when the shop is less busy, or upload a smaller export.")


class TranscodeOutOfSpace(TranscodeFailed):
    code = "transcode_out_of_space"
    text = _("There was no room left to store the video. Ask the platform's operator for space, then retry.")


class TranscodeInterrupted(TranscodeFailed):
    code = "transcode_interrupted"
    text = _("Converting was interrupted too often. Retry to continue where it stopped.")


class TranscodeCancelled(TranscodeFailed):
    code = "transcode_cancelled"
    text = _("Converting was cancelled. Retry to continue where it stopped, or upload another file.")


class SourceLost(TranscodeFailed):
    code = "transcode_source_lost"
    text = _("The uploaded file is no longer there. Upload it again.")


_TRANSCODE: tuple[type[DomainError], ...] = (
    TranscodeFailed,
    TranscodeTimedOut,
    TranscodeOutOfSpace,
    TranscodeInterrupted,
    TranscodeCancelled,
    SourceLost,
)
_FAILURES: dict[str, type[DomainError]] = {kind.code: kind for kind in (*_BY_CODE.values(), *_TRANSCODE)}


def failure_text(code: str, params: dict[str, object]) -> str:
    """The sentence for a stored failure code, in the reader's language; a general one for a code of an older version."""
    kind = _FAILURES.get(code, TranscodeFailed)
    text: str | Promise = kind.text
    try:
        return str(text) % params
    except (KeyError, TypeError):
        return str(TranscodeFailed.text)


class UploadNotFound(NotFound):
    code = "upload_not_found"
    text = _("This upload does not exist, or it expired. Start it again.")


class UploadOffsetWrong(Conflict):
    code = "upload_offset_wrong"
    text = _("The upload stands at another point than this piece. It continues from there by itself.")


class UploadClosed(Conflict):
    code = "upload_closed"
    http_status = 410
    text = _("This upload is finished or was cancelled.")


class UploadTooMuch(DomainError):
    code = "upload_too_much"
    http_status = 413
    text = _("More was sent than the file holds. Start the upload again.")


class QuotaExceeded(DomainError):
    code: ClassVar[str] = "media_quota_exceeded"
    http_status = 413
    text = _("The shop's media space of %(quota_mb)s MB would be exceeded. Remove old episodes or ask the platform's operator for more.")


class DiskFull(DomainError):
    code = "disk_full"
    http_status = 507
    text = _("There is no room left to store this file. Ask the platform's operator for space.")


class TooManyUploads(DomainError):
    code = "too_many_uploads"
    http_status = 429
    text = _("%(limit)s uploads are already under way in this shop. Finish or cancel one first.")


class NothingToRetry(Conflict):
    code = "nothing_to_retry"
    text = _("There is no failed video to retry for this episode.")


class ProtocolMismatch(DomainError):
    code = "upload_protocol"
    http_status = 412
    text = _("The upload protocol is not the expected one. Reload the page.")
