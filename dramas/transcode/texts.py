"""What the upload panel's script says."""

from django.utils.translation import gettext as _


def upload_texts() -> dict[str, str]:
    return {
        "video": _("Video"),
        "drop": _("Drop the episode's video here"),
        "drop_other": _("Drop another video here to replace this one"),
        "choose": _("Choose a file"),
        "hint": _("MP4, MOV, MKV or WebM, upright or wide, up to 4 GB and 15 minutes"),
        "uploading": _("Uploading"),
        "of_bytes": _("%(done)s of %(all)s MB"),
        "seconds_left": _("about %(count)s s left"),
        "minutes_left": _("about %(count)s min left"),
        "pause": _("Pause"),
        "resume": _("Go on"),
        "cancel": _("Cancel"),
        "stop": _("Stop converting"),
        "paused": _("Paused. What has arrived is kept for two days."),
        "waiting_for_line": _("The connection broke. It goes on by itself when the line is back."),
        "checking": _("Checking the file…"),
        "converting": _("Converting"),
        "step_waiting": _("Waiting for a free worker"),
        "step_sound": _("Evening out the sound"),
        "step_preview": _("Making the preview"),
        "step_ladder": _("The preview can be watched. Making all qualities"),
        "step_publish": _("Publishing"),
        "ready": _("Ready in all qualities"),
        "failed": _("Failed:"),
        "retry": _("Retry"),
        "open_timeline": _("Open the timeline"),
        "continue_upload": _("%(name)s arrived to %(percent)s %%. Choose the same file again to go on."),
        "forget": _("Forget it"),
        "empty": _("The file is empty. Choose the exported video."),
        "too_large": _("The file is larger than 4 GB. Export it with a lower bitrate."),
        "offline": _("No answer from the shop. Check the connection and try again."),
        "warning_silent": _("This video has no sound."),
        "warning_sound_not_understood": _("Its sound could not be read; the episode is silent. Export the sound as AAC."),
        "warning_damaged_packets": _("Parts of the file were damaged; watch the episode before you air it."),
    }
