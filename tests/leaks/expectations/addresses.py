"""What each address answers to whom. A new address is one more line here; see `tests.leaks.doors.Door` for the words."""

from dataclasses import replace
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile

from merchants.foundation.ids import new_id
from tests.leaks.doors import (
    API,
    EVERYBODY,
    GONE,
    NOBODY,
    OFFICE,
    OPERATORS,
    OWN_BUYER,
    PAGE,
    SIGNED_IN,
    STRANGERS,
    Door,
    Refusal,
)

HOME = Refusal(200, 302, 302)  # pages of the sign-in: who is signed in is led on
STAFF = "office.open"
LED_ON = Refusal(302, 302, 302)
LOCKED = Refusal(403, 403, 403)
TUS = {"Tus-Resumable": "1.0.0"}


def _model(
    name: str,
    object_id: str,
    *,
    view: str,
    add: str = NOBODY,
    edit: str = NOBODY,
    delete: str = NOBODY,
    office: str = STAFF,
    shows: bool = True,
    saves: int = 200,
    foreign: int = 302,
    special: dict[str, Door] | None = None,
) -> dict[str, Door]:
    """The pages that the admin makes for a model: who may look, add, edit, delete. `special` says otherwise for a page of that name."""
    base, common = f"admin/{name.replace('.', '/')}/", {"refused": OFFICE, "is_strict": False, "is_form": True}
    one: dict[str, Any] = common | {"where": {"object_id": object_id}, "foreign": foreign}
    object_base = f"{base}<path:object_id>/"
    pages = {
        "list": (base, Door(view, {"GET": 200}, shows=shows, **common)),
        "add": (f"{base}add/", Door(add, {"GET": 200, "POST": 200}, **common)),
        "change": (f"{object_base}change/", Door(view, {"GET": 200}, shows=shows, **one)),
        "edit": (f"{object_base}change/#edit", Door(edit, {"POST": saves}, **one)),
        "delete": (f"{object_base}delete/", Door(delete, {"GET": 200}, **one)),
        "history": (f"{object_base}history/", Door(view, {"GET": 200}, **one)),
        "short": (object_base, Door(office, {"GET": 302}, **(one | {"foreign": 302}))),
    }
    made = {page: replace(door, where={"object_id": object_id}) for page, door in (special or {}).items()}
    return {path: made.get(page, door) for page, (path, door) in pages.items()}


def _office(permission: str, *, refused: Refusal = OFFICE, foreign: int = 404, **answers: int) -> Door:
    return Door(permission, answers, refused=refused, foreign=foreign, is_strict=False, is_form=True)


def _action(permission: str, object_id: str) -> Door:
    """A button of a model's list or page."""
    return replace(_office(permission, foreign=302, GET=302), where={"object_id": object_id})


def _asked_action(permission: str, object_id: str) -> Door:
    """A button that changes something: its page asks, the form does it."""
    return replace(_office(permission, foreign=302, GET=200, POST=302), where={"object_id": object_id})


def _captions(_values: dict[str, Any]) -> dict[str, Any]:
    return {"language": "en", "file": SimpleUploadedFile("en.vtt", b"WEBVTT\n\n00:01.000 --> 00:02.000\nHello\n")}


def _button(permission: str, status: int = 200, **send: str | int) -> Door:
    """A button of the console; `send` names the shop's values where it is text."""
    return Door(permission, {"POST": status}, send=lambda values: {name: values.get(value, value) for name, value in send.items()})


# Pages of a model that lead whoever works here to another page, which then decides.
_LEADS_ON = _office(STAFF, foreign=302, GET=302, POST=302)

_READ_ONLY = _office(STAFF, foreign=405, POST=405)

# What allauth and Django's admin bring along: the same on a shop's host and on the platform's.
_ACCOUNTS: dict[str, Door] = {
    path: Door(to, answers, refused=refused, is_strict=False, is_form=True)
    for path, to, answers, refused in (
        ("accounts/2fa/", SIGNED_IN, {"GET": 200}, LED_ON),
        ("accounts/2fa/authenticate/", NOBODY, {"GET": 200, "POST": 200}, LED_ON),
        ("accounts/2fa/reauthenticate/", NOBODY, {"GET": 200, "POST": 200}, LED_ON),
        ("accounts/2fa/recovery-codes/", SIGNED_IN, {"GET": 404}, LED_ON),
        ("accounts/2fa/recovery-codes/download/", SIGNED_IN, {"GET": 404}, LED_ON),
        ("accounts/2fa/recovery-codes/generate/", SIGNED_IN, {"GET": 302, "POST": 302}, LED_ON),
        ("accounts/2fa/totp/activate/", SIGNED_IN, {"GET": 302, "POST": 302}, LED_ON),
        ("accounts/2fa/totp/deactivate/", SIGNED_IN, {"GET": 404, "POST": 404}, LED_ON),
        (r"accounts/^confirm-email/(?P<key>[-:\w]+)/$", EVERYBODY, {"GET": 200, "POST": 404}, API),
        (r"accounts/^password/reset/key/(?P<uidb36>[0-9A-Za-z]+)-(?P<key>.+)/$", EVERYBODY, {"GET": 200}, API),
        ("accounts/confirm-email/", EVERYBODY, {"GET": 200}, API),
        ("accounts/email/", SIGNED_IN, {"GET": 200, "POST": 302}, LED_ON),
        ("accounts/inactive/", EVERYBODY, {"GET": 200}, API),
        ("accounts/login/", STRANGERS, {"GET": 200, "POST": 200}, LED_ON),
        ("accounts/login/code/confirm/", NOBODY, {"GET": 200}, LED_ON),
        ("accounts/logout/", SIGNED_IN, {"GET": 200, "POST": 302}, LED_ON),
        ("accounts/password/change/", SIGNED_IN, {"GET": 200, "POST": 200}, LED_ON),
        ("accounts/password/reset/", EVERYBODY, {"GET": 200, "POST": 200}, API),
        ("accounts/password/reset/done/", EVERYBODY, {"GET": 200}, API),
        ("accounts/password/reset/key/done/", EVERYBODY, {"GET": 200}, API),
        ("accounts/password/set/", SIGNED_IN, {"GET": 302, "POST": 302}, LED_ON),
        ("accounts/reauthenticate/", SIGNED_IN, {"GET": 200, "POST": 200}, LED_ON),
        ("accounts/signup/", STRANGERS, {"GET": 200, "POST": 200}, LED_ON),
        ("i18n/setlang/", EVERYBODY, {"GET": 302, "POST": 302}, API),
    )
}


# The library writes down a member's address when they first look at their list of addresses.
_ACCOUNTS["accounts/email/"] = replace(_ACCOUNTS["accounts/email/"], notes=("aurora.account_emailaddress", "public.account_emailaddress"))


def _frame(rule: str) -> dict[str, Door]:
    """The admin site's own pages."""
    refused = OFFICE if rule == STAFF else LED_ON
    return {
        "admin/": _office(rule, refused=refused, GET=200 if rule == STAFF else 302),
        "admin/(?P<url>.*)$": _office(rule, refused=refused, GET=404),
        "admin/<app_label>/": _office("staff.view", refused=Refusal(302, 302, 404), GET=200)
        if rule == STAFF
        else _office(rule, refused=refused, GET=200),
        "admin/autocomplete/": _office(rule, refused=refused, GET=403),
        "admin/jsi18n/": _office(rule, refused=refused, GET=200),
        "admin/login/": _office(EVERYBODY, GET=302),
        "admin/logout/": _office(EVERYBODY, GET=302),
        "admin/password_change/": _office(rule, refused=refused, GET=200),
        "admin/password_change/done/": _office(rule, refused=refused, GET=200),
        "admin/r/<path:content_type_id>/<path:object_id>/": _office(rule, refused=refused, GET=404),
        "admin/search/": _office(rule, refused=refused, GET=200),
    }


def _cost(values: dict[str, Any]) -> dict[str, Any]:
    return {"season": str(values["season_id"]), "kind": "media", "amount": "1.00"}


_SEASON, _EPISODE = "admin/dramas/season/<uuid:season_id>/", "admin/dramas/episode/<uuid:episode_id>/"
_OFFICE: dict[str, Door] = {
    **_frame(STAFF),
    **_model("accounts.user", "user_id", view="staff.view", add="staff.edit", edit="staff.edit", saves=302),
    **_model("accounts.keptmail", "mail_id", view="mail.view"),
    **_model("commerce.product", "product_id", view="products.view", add="products.edit", edit="products.edit"),
    **_model("commerce.order", "order_id", view="orders.view"),
    **_model("rooms.room", "room_id", view="rooms.view", add="rooms.edit", edit="rooms.edit"),
    **_model("rooms.refusedword", "word_id", view="rooms.moderate", add="rooms.moderate", edit="rooms.moderate", delete="rooms.moderate"),
    **_model("rooms.restriction", "restriction_id", view="rooms.moderate"),
    **_model("rooms.experiment", "experiment_id", view="insights.view", add="insights.edit"),
    **_model("rooms.recording", "recording_id", view="rooms.view"),
    **_model(
        "dramas.season",
        "season_id",
        view="seasons.view",
        add="seasons.edit",
        delete="seasons.edit",
        foreign=404,
        special={"history": _LEADS_ON, "edit": _READ_ONLY},
    ),
    **_model(
        "dramas.episode",
        "episode_id",
        view="seasons.view",
        foreign=404,
        special=dict.fromkeys(("list", "add", "delete", "history"), _LEADS_ON) | {"edit": _READ_ONLY},
    ),
    f"{_SEASON}approve/": _office("seasons.approve", POST=302),
    f"{_SEASON}details/": _office("seasons.edit", GET=200, POST=200),
    f"{_SEASON}episodes/": _office("seasons.edit", POST=302),
    f"{_SEASON}order/": replace(_office("seasons.edit", POST=302), send=lambda values: {"order": values["episode_order"]}),
    f"{_SEASON}remove/": _office("seasons.edit", GET=200, POST=302),
    f"{_SEASON}submit/": _office("seasons.edit", POST=302),
    f"{_SEASON}tags/": _office("seasons.view", GET=200),
    f"{_SEASON}tags/#edit": _office("seasons.edit", POST=302),
    f"{_SEASON}take_back/": _office("seasons.approve", POST=302),
    f"{_EPISODE}captions/": replace(_office("seasons.edit", POST=302), send=_captions),
    f"{_EPISODE}captions/<slug:language>/remove/": _office("seasons.edit", POST=302),
    f"{_EPISODE}preview/": _office("seasons.view", GET=200),
    f"{_EPISODE}remove/": _office("seasons.edit", POST=302),
    f"{_EPISODE}save/": _office("seasons.edit", POST=422),
    "admin/rooms/room/<path:object_id>/console/": _action("rooms.view", "room_id"),
    "admin/rooms/room/<path:object_id>/line/": _action("rooms.view", "room_id"),
    "admin/rooms/room/<path:object_id>/room/": _action("rooms.view", "room_id"),
    "admin/rooms/restriction/<path:object_id>/lift/": _asked_action("rooms.moderate", "restriction_id"),
    "office/lines/<slug:slug>/": Door("rooms.view", {"GET": 200}, refused=Refusal(302, 302, 404), shows=True),
    "office/lines/<slug:slug>/viewers.csv": Door("rooms.view", {"GET": 200}, refused=Refusal(302, 302, 404)),
    "admin/rooms/experiment/<path:object_id>/start/": _asked_action("insights.start", "experiment_id"),
    "admin/rooms/experiment/<path:object_id>/stop/": _asked_action("insights.stop", "experiment_id"),
    "admin/rooms/experiment/<path:object_id>/judge/": _asked_action("insights.view", "experiment_id"),
    "admin/rooms/recording/<path:object_id>/remove/": _asked_action("rooms.edit", "recording_id"),
    "admin/rooms/recording/<path:object_id>/retry/": _asked_action("rooms.edit", "recording_id"),
    "office/orders/<uuid:order_id>/refund/": Door("orders.refund", {"GET": 200, "POST": 302}, refused=OFFICE, shows=True),
    "office/stock/<uuid:variant_id>/": Door("stock.edit", {"GET": 200, "POST": 200}, refused=Refusal(302, 302, 404), shows=True, is_form=True),
    "insights/contribution/": Door("insights.view", {"GET": 200}, refused=OFFICE, shows=True),
    "insights/contribution/cost/": Door("insights.edit", {"POST": 302}, refused=OFFICE, send=_cost, is_form=True),
    "insights/": Door("insights.view", {"GET": 200}, refused=OFFICE),
    "insights/<slug:slug>/forecast/": Door("insights.view", {"GET": 200}, refused=OFFICE, shows=True),
    "insights/letters/": Door("insights.view", {"GET": 200, "POST": 302}, refused=OFFICE, is_form=True),
    "finance/": Door("finance.view", {"GET": 200}, refused=OFFICE, shows=True),
    "finance/reconciliation/": Door("finance.view", {"GET": 200}, refused=PAGE),
    "finance/exports/orders.csv": Door("finance.export", {"GET": 200}, refused=PAGE, shows=True, notes=("aurora.audit_entry",)),
    "console/<slug:slug>/": Door("rooms.moderate", {"GET": 200}, refused=PAGE, shows=True),
}

_CONSOLE: dict[str, Door] = {
    f"api/v1/console/<slug:slug>/{name}": door
    for name, door in {
        "state": Door("rooms.moderate", {"GET": 200}, shows=True),
        "start": _button("rooms.air", 409),
        "end": _button("rooms.air"),
        "undo": _button("rooms.air", 409),
        "next": _button("rooms.air"),
        "previous": _button("rooms.air"),
        "play": _button("rooms.air", episode_id="episode_id"),
        "slate": _button("rooms.air"),
        "back": _button("rooms.air", 409),
        "return": _button("rooms.air", 409),
        "go-live": _button("rooms.air", 409),
        "live": Door("rooms.moderate", {"GET": 200}),
        "filter": Door("rooms.air", {"POST": 200}, send={"is_on": False}),
        "live/upload": _button("rooms.air", 204),
        "live/token": _button("rooms.air", 201, line="primary"),
        "cards/raise": _button("rooms.air", product_id="product_id"),
        "cards/lower": _button("rooms.air", cue_id="cue_id"),
        "products/pin": _button("rooms.air", product_id="product_id"),
        "cues/fire": _button("rooms.air", cue_id="cue_id"),
        "pin": _button("rooms.moderate", comment_id="comment_id"),
        "mute": _button("rooms.moderate", viewer_id="viewer-9", nickname="Nine", for_s=60),
        "unmute": _button("rooms.moderate", viewer_id="viewer-9"),
        "ban": _button("rooms.moderate", viewer_id="viewer-9"),
        "unban": _button("rooms.moderate", viewer_id="viewer-9"),
        "delete": _button("rooms.moderate", of="comment", id="comment_id"),
        "slow-mode": _button("rooms.moderate", seconds=5),
        "ghosts/start": _button("rooms.air", 409, past_id="room_id"),
        "ghosts/stop": _button("rooms.air"),
        **{f"stage/{name}": _button("rooms.air", 404, guest_id="room_id") for name in ("invite", "admit", "mute", "unmute", "remove", "token")},
    }.items()
}


def _checkout(values: dict[str, Any]) -> dict[str, Any]:
    lines = [{"variant_id": str(values["variant_id"]), "quantity": 1}]
    return {"client_key": "key-of-a-tap", "email": "new@buyer.test", "lines": lines}


def _cue(values: dict[str, Any]) -> dict[str, Any]:
    return {"at": "00:07.000", "duration_ms": 4000, "product_id": str(values["product_id"])}


def _position(values: dict[str, Any]) -> dict[str, Any]:
    return {"episode_id": str(values["episode_id"]), "position_ms": 100}


def _experiment(values: dict[str, Any]) -> dict[str, Any]:
    variants, goals = [{"title": "As it is"}, {"title": "Later", "shift_ms": 3000}], [{"metric": "buyers"}]
    rooms = [str(values["room_id"])]
    return {"key": "of-a-test", "title": "Later?", "kind": "cue_time", "room_ids": rooms, "variants": variants, "goals": goals}


def _exposure(values: dict[str, Any]) -> dict[str, Any]:
    return {"experiment_id": str(values["experiment_id"])}


def _events(_values: dict[str, Any]) -> dict[str, Any]:
    return {"session": str(new_id()), "events": [{"k": "like", "id": str(new_id()), "count": 1}]}


_REPORTS = ("funnel", "retention", "drops", "dwell", "cohorts", "audience", "summary", "days", "viewers", "attribution", "attributed-orders", "tags")
# Of one episode, which the question names.
_STORIES = ("heat", "moments")
_ROOM, _PLAYBACK, _UPLOADS = "api/v1/rooms/<slug:slug>/", "api/v1/playback/", "api/v1/transcode/"
_EXPERIMENTS = "api/v1/insights/experiments/"
_API: dict[str, Door] = {
    "api/docs/": Door(EVERYBODY, {"GET": 200}),
    "api/schema/": Door(EVERYBODY, {"GET": 200}),
    "api/v1/bag/": Door(EVERYBODY, {"GET": 200}),
    "api/v1/bag/<uuid:variant_id>/": Door(EVERYBODY, {"PUT": 200}, send={"quantity": 1}, foreign=409),
    "api/v1/checkout/": Door(EVERYBODY, {"POST": 503}, send=_checkout),
    "api/v1/checkout/<uuid:order_id>/": Door(OWN_BUYER, {"GET": 200}, refused=GONE),
    "api/v1/checkout/<uuid:order_id>/cancel/": Door(OWN_BUYER, {"POST": 200}, refused=GONE, where={"order_id": "open_order_id"}),
    "api/v1/checkout/<uuid:order_id>/settle/": Door(OWN_BUYER, {"POST": 503}, refused=GONE),
    "api/v1/checkout/offers/<uuid:variant_id>/": Door(EVERYBODY, {"GET": 200}, shows=True),
    _EXPERIMENTS: Door("insights.view", {"GET": 200}, shows=True),
    f"{_EXPERIMENTS}#create": Door("insights.edit", {"POST": 201}, send=_experiment),
    f"{_EXPERIMENTS}<uuid:experiment_id>/": Door("insights.view", {"GET": 200}, shows=True),
    f"{_EXPERIMENTS}<uuid:experiment_id>/start/": Door("insights.start", {"POST": 409}),
    f"{_EXPERIMENTS}<uuid:experiment_id>/stop/": Door("insights.stop", {"POST": 200}),
    f"{_EXPERIMENTS}<uuid:experiment_id>/verdicts/": Door("insights.view", {"GET": 200, "POST": 202}),
    f"{_EXPERIMENTS}<uuid:experiment_id>/course.csv": Door("insights.view", {"GET": 200}),
    "api/v1/insights/seasons/<uuid:season_id>/contribution.csv": Door("insights.view", {"GET": 200}),
    "api/v1/insights/seasons/<uuid:season_id>/contribution/": Door("insights.view", {"GET": 200}),
    "api/v1/insights/seasons/<uuid:season_id>/costs/": Door("insights.edit", {"POST": 201}, send={"kind": "media", "amount_minor": 100}),
    "api/v1/insights/rooms/<slug:slug>/forecast/": Door("insights.view", {"GET": 200}),
    "api/v1/insights/sample-size/": Door("insights.view", {"GET": 200}, query="?baseline_permille=60&lift_permille=250"),
    "api/v1/office/cues/<uuid:cue_id>/": Door("seasons.edit", {"PUT": 200, "DELETE": 200}, send=_cue),
    "api/v1/office/episodes/<uuid:episode_id>/cues/": Door("seasons.view", {"GET": 200}),
    "api/v1/office/episodes/<uuid:episode_id>/cues/#edit": Door("seasons.edit", {"POST": 201}, send=_cue),
    "api/v1/orders/": Door(EVERYBODY, {"GET": 200}),
    f"{_ROOM}ice": Door(EVERYBODY, {"GET": 200}),
    f"{_ROOM}film": Door(EVERYBODY, {"POST": 200}),
    f"{_PLAYBACK}captions/<uuid:episode_id>/<slug:language>.vtt": Door(EVERYBODY, {"GET": 200}, shows=True),
    f"{_PLAYBACK}episodes/<uuid:episode_id>/": Door(EVERYBODY, {"GET": 200}, shows=True),
    f"{_PLAYBACK}keys/<uuid:episode_id>/<slug:version>": Door(
        "seasons.view", {"GET": 200}, refused=Refusal(403, 403, 403), where={"episode_id": "paid_id"}
    ),
    f"{_PLAYBACK}seasons/<uuid:season_id>/position": Door(EVERYBODY, {"PUT": 204}, send=_position),
    "api/v1/products/": Door(EVERYBODY, {"GET": 200}, shows=True),
    "api/v1/products/<slug:slug>/": Door(EVERYBODY, {"GET": 200}, shows=True, where={"slug": "product_slug"}),
    "api/v1/rooms/": Door(EVERYBODY, {"GET": 200}, shows=True),
    _ROOM: Door(EVERYBODY, {"GET": 200}, shows=True),
    f"{_ROOM}attribution/": Door(EVERYBODY, {"POST": 200}, send={"program_seq": 1, "position_ms": 1}),
    f"{_ROOM}comments": Door(EVERYBODY, {"GET": 200}, shows=True),
    f"{_ROOM}danmaku": Door(EVERYBODY, {"GET": 200}, query="?from_ms=0&to_ms=60000&episode=<episode_id>", shows=True),
    f"{_ROOM}exposures/": Door(EVERYBODY, {"POST": 204}, send=_exposure),
    # Sums of a shop's own rows: tests/rooms/insights shows that another shop's are in none of them.
    **{f"api/v1/insights/{name}{end}": Door("insights.view", {"GET": 200}) for name in _REPORTS for end in ("/", ".csv")},
    **{
        f"api/v1/insights/{name}{end}": Door("insights.view", {"GET": 200}, query="?episode_id=<episode_id>")
        for name in _STORIES
        for end in ("/", ".csv")
    },
    "api/v1/insights/rooms/<uuid:room_id>/plot/": Door("insights.view", {"GET": 200}, shows=True),
    "api/v1/insights/rooms/<uuid:room_id>/behind/": Door("insights.view", {"GET": 200}, query="?episode_id=<episode_id>&begin_s=0&end_s=30"),
    "api/v1/insights/rooms/<uuid:room_id>/pulse/": Door("insights.view", {"GET": 200}),
    "api/v1/insights/rooms/<uuid:room_id>/runs/": Door("insights.view", {"GET": 200, "POST": 202}),
    "api/v1/insights/runs/<uuid:run_id>/cancel/": Door("insights.view", {"POST": 200}),
    "api/v1/insights/episodes/<uuid:episode_id>/moments/": Door("insights.view", {"GET": 200}),
    "api/v1/insights/episodes/<uuid:episode_id>/tests/": Door("insights.edit", {"POST": 409}, send={"signal": "tap", "begin_s": 5}),
    f"{_ROOM}events": Door(EVERYBODY, {"POST": 202}, send=_events),
    f"{_ROOM}nickname": Door(STRANGERS, {"POST": 200}, send={"nickname": "Harbour"}, refused=Refusal(409, 409, 409)),
    f"{_ROOM}ticket/": Door(EVERYBODY, {"POST": 200}),
    f"{_UPLOADS}episodes/<uuid:episode_id>/": Door("seasons.view", {"GET": 200}),
    f"{_UPLOADS}episodes/<uuid:episode_id>/cancel/": Door("seasons.edit", {"POST": 200}),
    f"{_UPLOADS}episodes/<uuid:episode_id>/retry/": Door("seasons.edit", {"POST": 409}, foreign=409),
    f"{_UPLOADS}uploads/": Door("seasons.edit", {"POST": 422}, headers=TUS),
    f"{_UPLOADS}uploads/<uuid:upload_id>/": Door(
        "seasons.edit",
        {"HEAD": 200, "PATCH": 204, "DELETE": 204},
        headers=TUS | {"Upload-Offset": "0"},
        content_type="application/offset+octet-stream",
    ),
}

SHOP: dict[str, Door] = {
    **_ACCOUNTS,
    "accounts/hop/": Door(EVERYBODY, {"GET": 403}),
    "accounts/join/<str:token>/": Door(EVERYBODY, {"GET": 403, "POST": 403}, foreign=403),
    **_OFFICE,
    **_CONSOLE,
    **_API,
    "": Door(EVERYBODY, {"GET": 200}, shows=True),
    "checkout/return/<uuid:order_id>/": Door(EVERYBODY, {"GET": 302}, foreign=302),
    "icon.svg": Door(EVERYBODY, {"GET": 200}),
    "manifest.webmanifest": Door(EVERYBODY, {"GET": 200}),
    "media/<path:path>": Door(EVERYBODY, {"GET": 200}),
    "orders/<str:token>/": Door(EVERYBODY, {"GET": 200}, shows=True),
    "robots.txt": Door(EVERYBODY, {"GET": 200}),
    "rooms/<slug:slug>/": Door(EVERYBODY, {"GET": 200}, shows=True),
    "rooms/<slug:slug>/replay/": Door(EVERYBODY, {"GET": 200}, shows=True, where={"slug": "past_slug"}),
    "seasons/<slug:slug>/": Door(EVERYBODY, {"GET": 200}, shows=True, where={"slug": "season_slug"}),
    "theme.css": Door(EVERYBODY, {"GET": 200}),
    # Without a grant they say no to everybody alike; with one: tests/rooms/live.
    **{f"{door}/<slug:slug>/": Door(EVERYBODY, {"POST": 401}, content_type="application/sdp", foreign=401) for door in ("whip", "whep")},
    **{
        f"{door}/<slug:slug>/<str:session>": Door(EVERYBODY, {"PATCH": 401, "DELETE": 401}, where={"session": "slug"}, foreign=401)
        for door in ("whip", "whep")
    },
}

PLATFORM: dict[str, Door] = {
    **_ACCOUNTS,
    **_frame(OPERATORS),
    **_model("accounts.keptmail", "platform_mail_id", view=OPERATORS, shows=False, office=OPERATORS),
    **_model("tenants.merchant", "merchant_pk", view=OPERATORS, add=OPERATORS, edit=OPERATORS, shows=False, office=OPERATORS),
    "admin/tenants/merchant/<path:object_id>/suspend/": _asked_action(OPERATORS, "merchant_pk"),
    "admin/tenants/merchant/<path:object_id>/resume/": _asked_action(OPERATORS, "merchant_pk"),
    "": Door(EVERYBODY, {"GET": 200, "POST": 200}, is_form=True),
    "stripe/webhooks/": Door(EVERYBODY, {"POST": 400}),
}
