"""Rooms, refused words and restrictions in the office."""

from typing import Any
from uuid import UUID

from django import forms
from django.contrib import admin
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from unfold.admin import TabularInline
from unfold.decorators import action, display

from merchants.accounts.permissions import can
from merchants.dashboard.site import OfficeAdmin, ask_first, office
from merchants.foundation import clock as wall
from merchants.foundation.audit import record_action
from rooms.cards.actions import refresh_bag
from rooms.cards.models import BagItem
from rooms.moderation.actions import unban, unmute
from rooms.moderation.mirror import mirror_shop_on_commit
from rooms.moderation.models import RefusedWord, Restriction
from rooms.moderation.words import fold
from rooms.program.lineup import get_lineup
from rooms.program.models import Airing, Room
from rooms.program.schedule import reschedule
from rooms.program.states import ON_AIR, State
from rooms.program.steps import bump, lock_room

TONES = {
    "scheduled": "info", "waiting": "warning", "drama": "success", "live": "success", "fault": "danger", "ended": "warning", "replay": "",
}  # fmt: skip


class RoomForm(forms.ModelForm):
    """A time that lies behind, or one for a room on air, is refused with what to do; the fault scene is one of the season's episodes."""

    fault_episode_id = forms.TypedChoiceField(
        label=_("fault scene"),
        required=False,
        coerce=UUID,
        empty_value=None,
        help_text=_("An episode that is shown while the host's line is gone. It needs the season's approval; without one the slate is shown."),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "fault_episode_id" in self.fields:
            slots = get_lineup(self.instance.season_id).slots
            named = [(str(slot.episode_id), _("Episode %(number)s: %(title)s") % {"number": slot.number, "title": slot.title}) for slot in slots]
            self.fields["fault_episode_id"].choices = [("", _("the slate")), *named]  # type: ignore[attr-defined]  # a choice field
            self.initial["fault_episode_id"] = str(self.instance.fault_episode_id or "")  # as the choices have it, or it seems changed

    def clean_scheduled_at(self) -> Any:
        at = self.cleaned_data["scheduled_at"]
        if "scheduled_at" not in self.changed_data or at is None:
            return at
        if self.instance.state in {*ON_AIR, State.ENDED}:
            raise forms.ValidationError(_("The room is on air. End the show in the console, then give it a new time."))
        if at < wall.now():
            raise forms.ValidationError(_("This time has passed. Choose one that is still to come, or leave it empty and start by hand."))
        return at


class BagItemInline(TabularInline):
    model = BagItem
    fields = ["product", "rank"]
    extra = 0
    verbose_name_plural = _("Products in the bag, beside those of the season's cues")

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return can(request.user, "rooms.view")

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return can(request.user, "rooms.edit")

    has_add_permission = has_change_permission
    has_delete_permission = has_change_permission


@admin.register(Room, site=office)
class RoomAdmin(OfficeAdmin):
    """A room: its season, its time, its host. What happens on air belongs to the console."""

    area = "rooms"
    form = RoomForm
    list_display = ["show_title", "show_state", "season", "show_readiness", "scheduled_at"]
    list_filter = ["state"]
    list_select_related = ["season"]
    search_fields = ["title", "slug", "host_name"]
    fields = [
        *["title", "slug", "season", "scheduled_at", "starts_by_itself", "is_looping", "is_rehearsal", "fault_episode_id", "allows_filters"],
        *["host_name", "host_avatar"],
    ]
    prepopulated_fields = {"slug": ["title"]}
    inlines = [BagItemInline]
    actions = None  # a room with shows stays for its replays
    actions_row = ["open_room", "open_console", "open_line"]
    actions_detail = ["open_room", "open_console", "open_line"]

    def get_readonly_fields(self, request: HttpRequest, obj: Room | None = None) -> list[str]:
        if obj is None:
            return []
        return ["is_rehearsal", *(["slug", "season"] if obj.state in {*ON_AIR, State.ENDED} else [])]

    def get_prepopulated_fields(self, request: HttpRequest, obj: Room | None = None) -> dict[str, Any]:
        return {} if obj else {"slug": ["title"]}

    def has_delete_permission(self, request: HttpRequest, obj: Room | None = None) -> bool:
        return super().has_delete_permission(request, obj) and not (obj and Airing.objects.filter(room=obj).exists())

    @display(description=_("room"), ordering="title", header=True)
    def show_title(self, room: Room) -> list[str]:
        return [room.title, _("%(address)s · rehearsal") % {"address": f"/rooms/{room.slug}/"} if room.is_rehearsal else f"/rooms/{room.slug}/"]

    @display(description=_("state"), ordering="state", label=TONES)
    def show_state(self, room: Room) -> tuple[str, str]:
        return room.state, room.get_state_display()

    @display(description=_("before air"))
    def show_readiness(self, room: Room) -> str:
        if room.season is None:
            return _("has no season yet")  # type: ignore[return-value]  # lazy text
        return _("approved") if room.season.is_approved else _("season waits for approval")  # type: ignore[return-value]

    @action(description=_("Open the room"), url_path="room", permissions=["view"])
    def open_room(self, request: HttpRequest, object_id: str) -> HttpResponse:
        return self._open(request, object_id, "rooms")

    @action(description=_("Open the console"), url_path="console", permissions=["view"])
    def open_console(self, request: HttpRequest, object_id: str) -> HttpResponse:
        return self._open(request, object_id, "console")

    @action(description=_("Line and drills"), url_path="line", permissions=["view"])
    def open_line(self, request: HttpRequest, object_id: str) -> HttpResponse:
        return self._open(request, object_id, "office/lines")

    def _open(self, request: HttpRequest, object_id: str, place: str) -> HttpResponse:
        room = self.get_object(request, object_id)
        return redirect(f"/{place}/{room.slug}/" if room else "admin:rooms_room_changelist")

    def save_model(self, request: HttpRequest, obj: Room, form: Any, change: bool) -> None:
        """Write the form's fields alone: the director may change the others at the same moment."""
        actor = str(getattr(request.user, "email", ""))
        if not change:
            obj.save()
            record_action(actor=actor, action="room.create", subject=f"room:{obj.pk}", slug=obj.slug)
            return
        room = lock_room(obj.pk)
        changed = [name for name in form.changed_data if name != "scheduled_at"]
        if changed:
            obj.save(update_fields=changed)
            record_action(actor=actor, action="room.edit", subject=f"room:{obj.pk}", fields=", ".join(changed))
            room = lock_room(obj.pk)
        if "allows_filters" in changed:  # open consoles hear of it within a second
            bump(room)
            room.save(update_fields=["revision"])
        if "scheduled_at" in form.changed_data:
            reschedule(room=room, at=obj.scheduled_at, actor=actor)

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        super().save_related(request, form, formsets, change)
        if form.instance.airing_id is not None:
            transaction.on_commit(lambda: refresh_bag(room_id=form.instance.pk))


class _Moderated(OfficeAdmin):
    """Pages of the moderators."""

    area = "rooms"

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return can(request.user, "rooms.moderate")

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return can(request.user, "rooms.moderate")


class WordForm(forms.ModelForm):
    def clean_text(self) -> str:
        text = self.cleaned_data["text"]
        if not fold(text):
            raise forms.ValidationError(_("A word needs a letter or a digit."))
        if RefusedWord.objects.filter(folded=fold(text)).exclude(pk=self.instance.pk).exists():
            raise forms.ValidationError(_("The list has this word already, perhaps in another spelling."))
        return str(text)


@admin.register(RefusedWord, site=office)
class RefusedWordAdmin(_Moderated):
    """Words that no message of the crowd may hold, however they are disguised."""

    form = WordForm
    list_display = ["text", "created_at"]
    search_fields = ["text"]
    fields = ["text"]

    def save_model(self, request: HttpRequest, obj: RefusedWord, form: Any, change: bool) -> None:
        super().save_model(request, obj, form, change)
        self._note(request, "word.refuse", obj.text)

    def delete_model(self, request: HttpRequest, obj: RefusedWord) -> None:
        super().delete_model(request, obj)
        self._note(request, "word.allow", obj.text)

    def delete_queryset(self, request: HttpRequest, queryset: Any) -> None:
        words = ", ".join(queryset.values_list("text", flat=True))
        super().delete_queryset(request, queryset)
        with transaction.atomic():
            self._note(request, "word.allow", words)

    def _note(self, request: HttpRequest, what: str, words: str) -> None:
        record_action(actor=str(getattr(request.user, "email", "")), action=what, subject="words", words=words)
        mirror_shop_on_commit()


@admin.register(Restriction, site=office)
class RestrictionAdmin(_Moderated):
    """Who may not write, and since when. Lifting is the only thing to do here; muting happens where it is said."""

    list_display = ["show_viewer", "kind", "room", "created_at", "until", "by", "lifted_at"]
    list_filter = ["kind"]
    search_fields = ["nickname", "viewer_id"]
    actions_row = ["lift"]
    actions = None

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    @display(description=_("viewer"), header=True)
    def show_viewer(self, restriction: Restriction) -> list[str]:
        return [restriction.nickname or "—", restriction.viewer_id]

    @action(description=_("Lift"), url_path="lift", permissions=["view"])
    def lift(self, request: HttpRequest, object_id: str) -> HttpResponse:
        restriction = self.get_object(request, object_id)
        actor = str(getattr(request.user, "email", ""))
        question = _("Let %(viewer)s write again?") % {"viewer": restriction.nickname or restriction.viewer_id} if restriction else ""
        back = reverse("admin:rooms_restriction_changelist")
        consequence = _("What was deleted stays deleted.")
        if restriction and (page := ask_first(self, request, question=question, consequence=consequence, deed=_("Lift"), back=back)):
            return page
        if restriction is not None and restriction.kind == Restriction.Kind.BAN:
            unban(viewer_id=restriction.viewer_id, actor=actor)
        elif restriction is not None:
            unmute(room_id=restriction.room_id, viewer_id=restriction.viewer_id, actor=actor)
        return redirect("admin:rooms_restriction_changelist")
