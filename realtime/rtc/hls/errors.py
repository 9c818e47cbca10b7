"""Why a recording ends before the show. Viewers do not notice; the manifest and the console tell."""

from realtime.rtc.errors import RtcError


class RecordingDiskFull(RtcError):
    """`free_bytes` are left on the disk, and `least_bytes` must stay free."""

    code = "recording_disk_full"
    http_status = 507


class RecordingTooLarge(RtcError):
    """The recording has reached the `most_bytes` that it may have."""

    code = "recording_too_large"
    http_status = 507


class RecordingFailed(RtcError):
    """`reason`: what the file system said."""

    code = "recording_failed"
    http_status = 500
