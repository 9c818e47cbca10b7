"""The console's REST: every button of the host and the moderators. Each answers with the console's new state."""

from collections.abc import Callable
from typing import Any, ClassVar
from uuid import UUID

from django.db import transaction
from django.urls import reverse
from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from merchants.accounts.permissions import require
from merchants.foundation import clock as wall
from merchants.foundation.http import ApiView
from realtime.rtc.names import Role
from rooms.cards import actions as cards
from rooms.director import serializers as forms
from rooms.director.actions import fire_cue
from rooms.director.console import get_console, get_console_live
from rooms.engagement import actions as crowd
from rooms.live import actions as live
from rooms.live.grants import BEGINS_WITHIN_S, issue_grant
from rooms.live.serializers import GrantOut, LiveOut
from rooms.live.stage import actions as stage
from rooms.live.stage.errors import GuestNotFound
from rooms.live.stage.queries import find_sender
from rooms.moderation import actions as moderation
from rooms.program import actions as program
from rooms.program.queries import get_room
from rooms.rehearsal import actions as rehearsal

AIR, MODERATE = "rooms.air", "rooms.moderate"


class ConsoleState(ApiView):
    """What the console shows beside the snapshot of the socket."""

    @extend_schema(operation_id="console_state", tags=["console"], responses=forms.ConsoleOut)
    def get(self, request: Request, slug: str) -> Response:
        require(request.user, MODERATE)
        return Response(forms.ConsoleOut(get_console(slug)).data)


class ConsoleLive(ApiView):
    """The host's lines in numbers."""

    @extend_schema(operation_id="console_live", tags=["console"], responses=LiveOut)
    def get(self, request: Request, slug: str) -> Response:
        require(request.user, MODERATE)
        return Response(LiveOut(get_console_live(slug)).data)


class LiveToken(ApiView):
    """A stream key for OBS, FFmpeg or another WHIP program, and for WHEP players with the line `viewer`. Keys to send work once."""

    @extend_schema(operation_id="console_live_token", tags=["console"], request=forms.LiveTokenIn, responses={201: GrantOut})
    def post(self, request: Request, slug: str) -> Response:
        require(request.user, AIR)
        form = forms.LiveTokenIn(data=request.data)
        form.is_valid(raise_exception=True)
        return _grant(request, get_room(slug).id, slug, role=form.validated_data["line"])


class GuestToken(ApiView):
    """A stream key with which an invited guest sends by OBS or FFmpeg. It works once, and as long as the guest is invited."""

    @extend_schema(operation_id="console_stage_token", tags=["console"], request=forms.GuestIn, responses={201: GrantOut})
    def post(self, request: Request, slug: str) -> Response:
        require(request.user, AIR)
        form = forms.GuestIn(data=request.data)
        form.is_valid(raise_exception=True)
        room = get_room(slug)
        guest = find_sender(room.id, guest_id=str(form.validated_data["guest_id"]))
        if guest is None:
            raise GuestNotFound
        return _grant(request, room.id, slug, role="guest", name=str(guest.id))


def _grant(request: Request, room_id: UUID, slug: str, *, role: Role, name: str = "") -> Response:
    until_ms = wall.now_ms() + BEGINS_WITHIN_S * 1000
    with transaction.atomic(durable=True):
        token = issue_grant(room_id=room_id, slug=slug, role=role, actor=str(getattr(request.user, "email", "")), name=name)
    url = request.build_absolute_uri(reverse("whep" if role == "viewer" else "whip", args=[slug]))
    body = {"line": role, "url": url, "token": token, "begins_until_ms": until_ms}
    return Response(GrantOut(body).data, status=201, headers={"Cache-Control": "no-store"})


class ConsoleButton(ApiView):
    """One button: who may press it, what it needs to know, what it does."""

    permission: ClassVar[str]
    form: ClassVar[type[forms.Strict]]
    press: ClassVar[Callable[..., Any]]

    def post(self, request: Request, slug: str) -> Response:
        require(request.user, self.permission)
        form = self.form(data=request.data)
        form.is_valid(raise_exception=True)
        room = get_room(slug)
        actor = str(getattr(request.user, "email", ""))
        type(self).press(room_id=room.id, actor=actor, **form.validated_data)
        return Response(forms.ConsoleOut(get_console(slug)).data)


def _button(name: str, permission: str, form: type[forms.Strict], press: Callable[..., Any], summary: str) -> type[APIView]:
    view = type(f"Console{name.title().replace('_', '')}", (ConsoleButton,), {"permission": permission, "form": form, "press": staticmethod(press)})
    described = extend_schema(operation_id=f"console_{name}", tags=["console"], summary=summary, request=form, responses=forms.ConsoleOut)
    return extend_schema_view(post=described)(view)  # type: ignore[no-any-return]  # it gives back what it gets


def _lower(*, card_id: Any = None, cue_id: Any = None, **who: Any) -> None:
    if cue_id is not None:
        cards.lower_cue(cue_id=cue_id, **who)
    else:
        cards.lower_card(card_id=card_id, **who)


def _pin(*, comment_id: Any = None, danmaku_id: Any = None, **who: Any) -> None:
    if danmaku_id is not None:
        crowd.pin_line(danmaku_id=danmaku_id, **who)
    else:
        crowd.pin_comment(comment_id=comment_id, **who)


def _unmute(*, nickname: str, **who: Any) -> None:
    moderation.unmute(**who)


def _ban(*, room_id: Any, **who: Any) -> None:
    moderation.ban(**who)


def _unban(*, room_id: Any, nickname: str, **who: Any) -> None:
    moderation.unban(**who)


def _delete(*, of: str, id: Any, **who: Any) -> None:
    if of == "danmaku":
        crowd.delete_danmaku(danmaku_id=id, **who)
    else:
        crowd.delete_comment(comment_id=id, **who)


Start = _button("start", AIR, forms.NothingIn, program.start_show, "Begin the show")
End = _button("end", AIR, forms.NothingIn, program.end_show, "End the show; it may be taken back for 10 seconds")
Undo = _button("undo", AIR, forms.NothingIn, program.undo, "Take the last step back")
Next = _button("next", AIR, forms.NothingIn, program.play_next, "Play the next episode")
Previous = _button("previous", AIR, forms.NothingIn, program.play_previous, "Play the previous episode")
Play = _button("play", AIR, forms.EpisodeIn, program.play_episode, "Play an episode of the season")
Slate = _button("slate", AIR, forms.NothingIn, program.put_up_slate, "Interrupt with the slate")
Back = _button("back", AIR, forms.NothingIn, program.go_back, "Return to the interrupted episode where it stood")
Return = _button("return", AIR, forms.NothingIn, program.go_back, "Return from live to the interrupted episode where it stood")
GoLive = _button("go_live", AIR, forms.GoLiveIn, live.go_live, "Put the host's line on air, at once or at the episode's end")
Filter = _button("filter", AIR, forms.FilterIn, live.set_filter, "Note that a picture filter is switched on or off")
StageInvite = _button("stage_invite", AIR, forms.GuestIn, stage.invite, "Ask a viewer backstage: only staff see and hear them there")
StageAdmit = _button("stage_admit", AIR, forms.GuestIn, stage.admit, "Let a guest on stage")
StageMute = _button("stage_mute", AIR, forms.GuestIn, stage.mute_guest, "Let nobody hear a guest")
StageUnmute = _button("stage_unmute", AIR, forms.GuestIn, stage.unmute_guest, "Let a muted guest be heard again")
StageRemove = _button("stage_remove", AIR, forms.GuestIn, stage.remove_guest, "Decline a request, or send a guest off")
RaiseCard = _button("raise_card", AIR, forms.RaiseIn, cards.raise_card, "Show a product to everybody")
LowerCard = _button("lower_card", AIR, forms.LowerIn, _lower, "Take a card down")
PinProduct = _button("pin_product", AIR, forms.ProductPinIn, cards.pin_product, "Mark the product that is explained now")
GhostsStart = _button("ghosts_start", AIR, forms.GhostsIn, rehearsal.start_ghosts, "Let a past show's crowd play in this rehearsal")
GhostsStop = _button("ghosts_stop", AIR, forms.NothingIn, rehearsal.stop_ghosts, "Send the ghosts home")
FireCue = _button("fire_cue", AIR, forms.CueIn, fire_cue, "Fire a cue of the episode on air by hand")
Pin = _button("pin", MODERATE, forms.PinIn, _pin, "Put a comment above the stack")
Mute = _button("mute", MODERATE, forms.MuteIn, moderation.mute, "Keep a viewer from writing in this room")
Unmute = _button("unmute", MODERATE, forms.ViewerIn, _unmute, "Let a muted viewer write again")
Ban = _button("ban", MODERATE, forms.ViewerIn, _ban, "Shut a viewer out of all rooms")
Unban = _button("unban", MODERATE, forms.ViewerIn, _unban, "Lift a ban")
Delete = _button("delete", MODERATE, forms.DeleteIn, _delete, "Remove a comment or a danmaku from every screen")
SlowMode = _button("slow_mode", MODERATE, forms.SlowModeIn, moderation.set_slow_mode, "Seconds between two messages of a viewer")
