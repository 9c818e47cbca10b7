"""Recordings of live parts in the office: how far they are, and why one is missing."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.defaultfilters import filesizeformat
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from unfold.decorators import action, display

from merchants.accounts.permissions import can
from merchants.dashboard.site import OfficeAdmin, ask_first, office
from rooms.recordings.actions import remove_recording, retry_recording
from rooms.recordings.errors import NothingToRetry, RecordingNotFound, failure_text
from rooms.recordings.models import Recording

TONES = {"waiting": "info", "working": "info", "done": "success", "empty": "", "failed": "danger"}


@admin.register(Recording, site=office)
class RecordingAdmin(OfficeAdmin):
    """What nodes kept of live parts on its way to the replay."""

    area = "rooms"
    list_display = ["show_airing", "show_state", "show_note", "show_length", "show_size", "created_at"]
    list_filter = ["state"]
    list_select_related = ["airing__room"]
    actions = None
    actions_row = ["retry", "remove"]

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_edit_permission(self, request: HttpRequest, object_id: str | None = None) -> bool:
        return can(request.user, "rooms.edit")

    @display(description=_("show"), header=True)
    def show_airing(self, recording: Recording) -> list[str]:
        return [str(recording.airing), f"/rooms/{recording.airing.room.slug}/replay/"]

    @display(description=_("state"), ordering="state", label=TONES)
    def show_state(self, recording: Recording) -> tuple[str, str]:
        return recording.state, recording.get_state_display()

    @display(description=_("note"))
    def show_note(self, recording: Recording) -> str:
        if recording.state == Recording.State.WORKING:
            return f"{recording.progress_permille // 10} %"
        return failure_text(recording.error_code, recording.error_params)

    @display(description=_("length"))
    def show_length(self, recording: Recording) -> str:
        minutes, seconds = divmod(round(recording.duration_ms / 1000), 60)
        return f"{minutes}:{seconds:02}" if recording.duration_ms else "—"

    @display(description=_("size"), ordering="size_bytes")
    def show_size(self, recording: Recording) -> str:
        return filesizeformat(recording.size_bytes) if recording.size_bytes else "—"

    @action(description=_("Try again"), url_path="retry", permissions=["edit"])
    def retry(self, request: HttpRequest, object_id: str) -> HttpResponse:
        page = self._ask(
            request, object_id, question=_("Take this recording in again?"), consequence=_("What was stored is used again."), deed=_("Try again")
        )
        if page is None:
            self._do(request, object_id, retry_recording)
        return page or self._back()

    @action(description=_("Remove"), url_path="remove", permissions=["edit"])
    def remove(self, request: HttpRequest, object_id: str) -> HttpResponse:
        consequence = _("The replay leaves this live part out. This cannot be undone.")
        page = self._ask(request, object_id, question=_("Remove this recording?"), consequence=consequence, deed=_("Remove"))
        if page is None:
            self._do(request, object_id, remove_recording)
        return page or self._back()

    def _ask(self, request: HttpRequest, object_id: str, **words: Any) -> HttpResponse | None:
        if self.get_object(request, object_id) is None:
            return self._back()
        return ask_first(self, request, back=reverse("admin:rooms_recording_changelist"), **words)

    def _do(self, request: HttpRequest, object_id: str, deed: Any) -> None:
        recording = self.get_object(request, object_id)
        try:
            if recording is not None:
                deed(recording_id=recording.pk, actor=str(getattr(request.user, "email", "")))
        except (NothingToRetry, RecordingNotFound) as refusal:
            self.message_user(request, refusal.message, "WARNING")

    def _back(self) -> HttpResponse:
        return redirect("admin:rooms_recording_changelist")
