"""Addresses a person opens: the dashboard, the 3-D Secure page, the hosted payment page, their style and script."""

import re
from collections.abc import Callable
from http.cookies import CookieError, SimpleCookie
from pathlib import Path
from urllib.parse import parse_qsl

from commerce.sandbox.browser import challenge, pages, sheet
from commerce.sandbox.context import Context
from commerce.sandbox.dashboard import pages as dashboard
from commerce.sandbox.dashboard.pages import View
from commerce.sandbox.dashboard.texts import Words, choose_language
from commerce.sandbox.objects.sessions import current
from commerce.sandbox.webhooks.queue import send_again
from commerce.sandbox.wire.errors import ApiError, Json
from commerce.sandbox.wire.http import Answer, Request
from commerce.sandbox.world import World

_ASSETS = Path(__file__).parent / "dashboard" / "assets"
_TYPES = {".css": "text/css; charset=utf-8", ".js": "text/javascript; charset=utf-8"}
_POLICY = "default-src 'none'; style-src 'self'; script-src 'self'; img-src data:; form-action 'self'; base-uri 'none'; frame-ancestors {ancestors}"

Page = Callable[[World, Request, re.Match[str]], Answer]


def answer_page(world: World, request: Request) -> Answer:
    """Answer a page request. Runs on the writer thread."""
    for method, pattern, page in _PAGES:
        found = pattern.fullmatch(request.path)
        if method == request.method and found:
            if method == "POST" and not _is_own_page(request):
                return _html(b"This form belongs to another site.", 403)
            try:
                return _with_language(request, page(world, request, found))
            except ApiError as error:
                return _missing(world, request, error.status)
    return _missing(world, request, 404)


def _overview(world: World, request: Request, found: re.Match[str]) -> Answer:
    return _html(dashboard.overview(world, _view(request)))


def _account(world: World, request: Request, found: re.Match[str]) -> Answer:
    body = dashboard.account_page(world, _view(request), found.group(1), found.group(2) or "")
    return _html(body) if body else _missing(world, request, 404)


def _resend(world: World, request: Request, found: re.Match[str]) -> Answer:
    account, identifier = found.groups()
    platform = world.store.owner_of(account) or ""
    event = world.store.get(account, "event", identifier)
    with world.store.transaction():
        send_again(world.store, event, account=account, platform=platform, now_ms=world.clock.now_ms())
    return _redirect(f"/accounts/{account}/events?resent=1")


def _asset(world: World, request: Request, found: re.Match[str]) -> Answer:
    path = _ASSETS / found.group(1)
    if not path.is_file():
        return _missing(world, request, 404)
    return Answer(200, path.read_bytes(), _TYPES[path.suffix], {"cache-control": "max-age=300"})


def _challenge(world: World, request: Request, found: re.Match[str]) -> Answer:
    ctx = _context_of(world, found.group(1))
    if request.method == "POST":
        outcome = dict(parse_qsl(request.body.decode(errors="replace"))).get("outcome")
        with world.store.transaction():
            view = challenge.decide(ctx, found.group(1), is_approved=outcome == "approve")
    else:
        view = challenge.read(ctx, found.group(1))
    is_framed = view.origin and world.doors.admits_origin(view.origin)
    return _html(pages.challenge_page(view, _words(request)), ancestors=view.origin if is_framed else "'none'")


def _hosted(world: World, request: Request, found: re.Match[str]) -> Answer:
    ctx = _context_of(world, found.group(1))
    words = _words(request)
    with world.store.transaction():
        session = current(ctx, found.group(1))
        if session["ui_mode"] != "hosted_page":
            raise ApiError(404, "invalid_request_error", "no page")
        view = sheet.as_sheet(ctx, session)
        entered: Json = {}
        error = pages.decline_text(view, words) if view["result"] == "declined" else ""
        if request.method == "POST" and session["status"] == "open":
            entered = dict(parse_qsl(request.body.decode(errors="replace"), max_num_fields=20))
            view, error = _pay(ctx, session, entered, words)
    if view["result"] == "paid" and session["success_url"]:
        return _redirect(session["success_url"].replace("{CHECKOUT_SESSION_ID}", session["id"]))
    if request.method == "POST" and view["result"] == "requires_action":
        return _redirect(view["url"])
    shown = {key: value for key, value in entered.items() if key in ("email", "exp_month", "exp_year")}
    return _html(pages.hosted_page(view, words, error=error, entered=shown), 422 if error and request.method == "POST" else 200)


def _pay(ctx: Context, session: Json, entered: Json, words: Words) -> tuple[Json, str]:
    fields = ("number", "exp_month", "exp_year", "cvc")
    card: Json = {key: entered.get(key, "").strip() for key in fields}
    if not all(card.values()) or not (card["exp_month"].isdecimal() and card["exp_year"].isdecimal()):
        return sheet.as_sheet(ctx, session), words("field_missing")
    card |= {"exp_month": int(card["exp_month"][:2]), "exp_year": int(card["exp_year"][:4])}
    address = f"{ctx.base_url}/pay/{session['id']}"
    view = sheet.submit(ctx, session, {"card": card, "email": entered.get("email", "")[:512] or None, "return_url": address})
    return view, pages.decline_text(view, words) if view["result"] == "declined" else ""


def _context_of(world: World, identifier: str) -> Context:
    """A page knows only an unguessable id; its account follows from it. Raises: ApiError 404."""
    account = world.store.owner_of(identifier)
    platform = world.store.owner_of(account) if account else None
    if account is None or platform is None:
        raise ApiError(404, "invalid_request_error", "no page")
    return world.context(platform, account)


def _is_own_page(request: Request) -> bool:
    """Forms are taken from our own pages only: browsers say where a form comes from."""
    origin = request.origin
    return not origin or origin.split("://")[-1] == request.headers.get("host", "")


def _missing(world: World, request: Request, status: int) -> Answer:
    return _html(dashboard.not_found(world, _view(request)), status)


def _html(body: bytes, status: int = 200, ancestors: str = "'none'") -> Answer:
    headers = {
        "content-security-policy": _POLICY.format(ancestors=ancestors),
        "referrer-policy": "same-origin",
        "cache-control": "no-store",
    }
    return Answer(status, body, "text/html; charset=utf-8", headers)


def _redirect(address: str) -> Answer:
    return Answer(303, b"", "text/plain", {"location": address, "cache-control": "no-store"})


def _view(request: Request) -> View:
    words = _words(request)
    notice = words("resent") if request.query_value("resent") else ""
    return View(words, request.path, request.query_value("after"), notice)


def _words(request: Request) -> Words:
    try:
        morsel = SimpleCookie(request.headers.get("cookie", "")).get("sandbox_language")
    except CookieError:
        morsel = None
    accepted = request.headers.get("accept-language", "")
    return Words(choose_language(asked=request.query_value("lang"), cookie=morsel.value if morsel else "", accepted=accepted))


def _with_language(request: Request, answer: Answer) -> Answer:
    asked = request.query_value("lang")
    if asked in ("en", "zh"):
        answer.headers["set-cookie"] = f"sandbox_language={asked}; Path=/; SameSite=Lax; Max-Age=31536000"
    return answer


_ID = r"([A-Za-z0-9_]{1,255})"
_PAGES: tuple[tuple[str, re.Pattern[str], Page], ...] = (
    ("GET", re.compile(r"/"), _overview),
    ("GET", re.compile(rf"/accounts/{_ID}(?:/([a-z]+))?"), _account),
    ("POST", re.compile(rf"/accounts/{_ID}/events/{_ID}/resend"), _resend),
    ("GET", re.compile(r"/assets/([a-z]+\.(?:css|js))"), _asset),
    ("GET", re.compile(rf"/3ds/{_ID}"), _challenge),
    ("POST", re.compile(rf"/3ds/{_ID}"), _challenge),
    ("GET", re.compile(rf"/pay/{_ID}"), _hosted),
    ("POST", re.compile(rf"/pay/{_ID}"), _hosted),
)
