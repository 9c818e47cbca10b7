"""HTML without a template engine: every text is escaped unless it was built here."""

from html import escape


class Html(str):
    """Text that is already markup."""

    __slots__ = ()


def el(name: str, attributes: dict[str, str] | None = None, *children: object) -> Html:
    """`el("a", {"href": "/"}, "home & more")` gives an escaped element; void elements take no children."""
    attrs = "".join(f' {key}="{escape(value)}"' for key, value in (attributes or {}).items())
    if name in ("meta", "link", "input", "br"):
        return Html(f"<{name}{attrs}>")
    return Html(f"<{name}{attrs}>{join(*children)}</{name}>")


def join(*children: object) -> Html:
    """Children one after another; None is left out."""
    return Html("".join(child if isinstance(child, Html) else escape(str(child)) for child in children if child is not None))


def table(caption: str, headings: list[str], rows: list[list[object]], *, empty: str, figures: tuple[int, ...] = ()) -> Html:
    """A captioned table; columns in `figures` are right-aligned numbers. Without rows, a sentence says so."""
    if not rows:
        return el("section", None, el("h3", None, caption), el("p", {"class": "empty"}, empty))
    head = el("tr", None, *[el("th", {"scope": "col", **_align(index, figures)}, text) for index, text in enumerate(headings)])
    body = [el("tr", None, *[el("td", _align(index, figures), cell) for index, cell in enumerate(row)]) for row in rows]
    inner = el("table", None, el("caption", None, caption), el("thead", None, head), el("tbody", None, *body))
    return el("div", {"class": "scroll", "tabindex": "0", "role": "region", "aria-label": caption}, inner)


def document(*, title: str, language: str, body: Html, scripts: tuple[str, ...] = ()) -> bytes:
    """A whole page with the sandbox's own style sheet and no inline code."""
    tags = [el("script", {"src": f"/assets/{name}", "defer": ""}) for name in scripts]
    head = el(
        "head",
        None,
        el("meta", {"charset": "utf-8"}),
        el("meta", {"name": "viewport", "content": "width=device-width, initial-scale=1"}),
        el("title", None, title),
        el("link", {"rel": "stylesheet", "href": "/assets/sandbox.css"}),
        el("link", {"rel": "icon", "href": "data:,"}),
        *tags,
    )
    return f"<!doctype html>{el('html', {'lang': language}, head, el('body', None, body))}".encode()


def _align(index: int, figures: tuple[int, ...]) -> dict[str, str]:
    return {"class": "figure"} if index in figures else {}
