"""Addresses of the rooms floor on a shop's host."""

from django.urls import URLPattern, URLResolver, include, path

from merchants.dashboard.site import office
from rooms.director import api as console
from rooms.engagement import api as crowd
from rooms.insights.events import api as events
from rooms.insights.letters.views import letters
from rooms.preparation.views import room_forecast
from rooms.program import api as program

_console: list[URLPattern | URLResolver] = [
    path("state", console.ConsoleState.as_view(), name="console-state"),
    path("start", console.Start.as_view(), name="console-start"),
    path("end", console.End.as_view(), name="console-end"),
    path("undo", console.Undo.as_view(), name="console-undo"),
    path("next", console.Next.as_view(), name="console-next"),
    path("previous", console.Previous.as_view(), name="console-previous"),
    path("play", console.Play.as_view(), name="console-play"),
    path("slate", console.Slate.as_view(), name="console-slate"),
    path("back", console.Back.as_view(), name="console-back"),
    path("cards/raise", console.RaiseCard.as_view(), name="console-cards-raise"),
    path("cards/lower", console.LowerCard.as_view(), name="console-cards-lower"),
    path("products/pin", console.PinProduct.as_view(), name="console-products-pin"),
    path("cues/fire", console.FireCue.as_view(), name="console-cues-fire"),
    path("pin", console.Pin.as_view(), name="console-pin"),
    path("mute", console.Mute.as_view(), name="console-mute"),
    path("unmute", console.Unmute.as_view(), name="console-unmute"),
    path("ban", console.Ban.as_view(), name="console-ban"),
    path("unban", console.Unban.as_view(), name="console-unban"),
    path("delete", console.Delete.as_view(), name="console-delete"),
    path("go-live", console.GoLive.as_view(), name="console-go-live"),
    path("return", console.Return.as_view(), name="console-return"),
    path("live", console.ConsoleLive.as_view(), name="console-live"),
    path("live/token", console.LiveToken.as_view(), name="console-live-token"),
    path("filter", console.Filter.as_view(), name="console-filter"),
    path("stage/invite", console.StageInvite.as_view(), name="console-stage-invite"),
    path("stage/admit", console.StageAdmit.as_view(), name="console-stage-admit"),
    path("stage/mute", console.StageMute.as_view(), name="console-stage-mute"),
    path("stage/unmute", console.StageUnmute.as_view(), name="console-stage-unmute"),
    path("stage/remove", console.StageRemove.as_view(), name="console-stage-remove"),
    path("stage/token", console.GuestToken.as_view(), name="console-stage-token"),
    path("ghosts/start", console.GhostsStart.as_view(), name="console-ghosts-start"),
    path("ghosts/stop", console.GhostsStop.as_view(), name="console-ghosts-stop"),
    path("slow-mode", console.SlowMode.as_view(), name="console-slow-mode"),
]

urlpatterns: list[URLPattern | URLResolver] = [
    path("api/v1/rooms/", program.Rooms.as_view(), name="rooms"),
    path("api/v1/rooms/<slug:slug>/", program.OneRoom.as_view(), name="room-api"),
    path("api/v1/rooms/<slug:slug>/danmaku", crowd.RoomDanmaku.as_view(), name="room-danmaku"),
    path("api/v1/rooms/<slug:slug>/comments", crowd.RoomComments.as_view(), name="room-comments"),
    path("api/v1/rooms/<slug:slug>/events", events.EventsView.as_view(), name="room-events"),
    path("api/v1/rooms/<slug:slug>/nickname", crowd.RoomNickname.as_view(), name="room-nickname"),
    path("api/v1/console/<slug:slug>/", include(_console)),
    path("", include("rooms.insights.contribution.urls")),
    path("", include("rooms.insights.experiments.urls")),
    path("", include("rooms.insights.forecasts.urls")),
    path("insights/<slug:slug>/forecast/", office.admin_view(room_forecast), name="room-forecast"),
    path("insights/letters/", office.admin_view(letters), name="insight-letters"),
    path("", include("rooms.insights.moments.urls")),
    path("", include("rooms.insights.reports.urls")),
    path("", include("rooms.insights.story.urls")),
    path("", include("rooms.live.urls")),
    path("", include("rooms.pages.urls")),
]
