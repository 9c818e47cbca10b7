"""The "test payments" pages: every account's money and messages, for a person to read and to compare with the finance page."""

from dataclasses import dataclass

from commerce.sandbox.context import Context
from commerce.sandbox.dashboard import sections
from commerce.sandbox.dashboard.markup import Html, document, el, join, table
from commerce.sandbox.dashboard.texts import Words
from commerce.sandbox.money.currencies import format_amount
from commerce.sandbox.payments.balance import totals
from commerce.sandbox.payments.parties import name_of
from commerce.sandbox.webhooks.knobs import Knobs
from commerce.sandbox.wire.errors import Json
from commerce.sandbox.world import World


@dataclass(frozen=True)
class View:
    """What a page is asked for: its language, its path, the cursor of a longer list, a notice to show."""

    words: Words
    path: str
    after: str = ""
    notice: str = ""


def overview(world: World, view: View) -> bytes:
    """`/`: every account with its balances."""
    words = view.words
    rows = world.store.connection.execute("SELECT id, account FROM objects WHERE kind = 'account' ORDER BY (id <> account), seq").fetchall()
    lines = [_account_row(world, words, account, platform) for account, platform in rows]
    headings = [words("account"), words("type"), words("available"), words("pending"), words("id")]
    body = join(
        el("h1", None, words("title")),
        el("p", {"class": "lead"}, words("lead")),
        table(words("accounts"), headings, lines, empty=words("no_accounts"), figures=(2, 3)),
    )
    return _page(world, view, words("title"), body)


def account_page(world: World, view: View, account: str, section: str) -> bytes | None:
    """`/accounts/{id}` and `/accounts/{id}/{section}`; None when there is no such account or section."""
    platform = world.store.owner_of(account)
    found = world.store.find(platform or "", account, "account")
    if found is None or platform is None or (section and section not in sections.SECTIONS):
        return None
    ctx = world.context(platform, account)
    words = view.words
    if section:
        content = sections.SECTIONS[section](ctx, words, view.after, sections.LONG)
    else:
        short = [sections.SECTIONS[name](ctx, words, "", sections.SHORT) for name in sections.SECTIONS]
        content = join(_balance(ctx, words), sections.summary(ctx, words), *short)
    body = join(
        el("h1", None, name_of(found)),
        el("p", {"class": "lead mono"}, account),
        el("p", {"class": "notice", "role": "status"}, view.notice) if view.notice else None,
        _tabs(words, account, section),
        content,
    )
    return _page(world, view, f"{name_of(found)} · {words('title')}", body)


def not_found(world: World, view: View) -> bytes:
    """The page for an address that leads nowhere."""
    words = view.words
    back = el("p", None, el("a", {"href": "/"}, words("not_found_hint")))
    return _page(world, view, words("not_found"), join(el("h1", None, words("not_found")), back))


def _account_row(world: World, words: Words, account: str, platform: str) -> list[object]:
    body: Json = world.store.get(platform, "account", account)
    sums = totals(world.store, account, world.clock.now())
    kind = words("platform") if account == platform else words("connected")
    sides = [", ".join(f"{format_amount(pair[side], code)} {code.upper()}" for code, pair in sums.items()) or "0" for side in (0, 1)]
    return [el("a", {"href": f"/accounts/{account}"}, name_of(body)), kind, *sides, el("span", {"class": "mono"}, account)]


def _balance(ctx: Context, words: Words) -> Html:
    tiles = []
    sums = totals(ctx.store, ctx.account, ctx.now)
    for code, (available, pending) in sums.items():
        for key, amount in (("available", available), ("pending", pending), ("total", available + pending)):
            term = f"{words(key)} {code.upper()}"
            tiles.append(
                el("div", {"class": "tile", "data-balance": f"{code}-{key}"}, el("dt", None, term), el("dd", None, format_amount(amount, code)))
            )
    if not tiles:
        return el("p", {"class": "empty"}, words("none"))
    count, summed = ctx.store.connection.execute(
        "SELECT count(*), sum(json_extract(body, '$.amount') - json_extract(body, '$.fee')) FROM objects"
        " WHERE account = ? AND kind = 'balance_transaction'",
        (ctx.account,),
    ).fetchone()
    is_equal = summed == sum(available + pending for available, pending in sums.values())
    verdict = el("p", {"class": "muted"}, words("reconciled", count=count)) if is_equal else el("p", {"class": "bad"}, words("not_reconciled"))
    return join(el("h2", None, words("balance")), el("dl", {"class": "tiles"}, *tiles), verdict)


def _tabs(words: Words, account: str, section: str) -> Html:
    names = ["", *sections.SECTIONS]
    items = []
    for name in names:
        href = f"/accounts/{account}/{name}" if name else f"/accounts/{account}"
        current = {"aria-current": "page"} if name == section else {}
        items.append(el("li", None, el("a", {"href": href, **current}, words(name or "balance"))))
    return el("nav", {"aria-label": words("account")}, el("ul", {"class": "tabs"}, *items))


def _page(world: World, view: View, title: str, body: Html) -> bytes:
    words = view.words
    changed = _faults(world.knobs)
    switch = el("a", {"href": f"{view.path}?lang={words.other}", "lang": "en" if words.other == "en" else "zh-Hans"}, words("language"))
    header = el(
        "header",
        None,
        el("a", {"class": "brand", "href": "/"}, words("title")),
        el("span", {"class": "badge"}, words("badge")),
        el("nav", {"aria-label": words("language")}, el("a", {"href": "/"}, words("home")), switch),
    )
    warning = el("p", {"class": "notice", "role": "status"}, words("faults", names=changed)) if changed else None
    main = el("main", {"id": "content"}, warning, body)
    return document(title=title, language=words.tag, body=join(el("a", {"class": "skip", "href": "#content"}, words("skip")), header, main))


def _faults(knobs: Knobs) -> str:
    plain = Knobs().as_body()
    return ", ".join(f"{name}={value}" for name, value in knobs.as_body().items() if plain[name] != value)
