"""Two pages a shopper may meet: the bank's 3-D Secure stand-in and the hosted payment page."""

from commerce.sandbox.browser.challenge import Challenge
from commerce.sandbox.dashboard.markup import Html, document, el, join
from commerce.sandbox.dashboard.texts import Words
from commerce.sandbox.money.currencies import format_amount
from commerce.sandbox.wire.errors import Json


def challenge_page(challenge: Challenge, words: Words) -> bytes:
    """Approve and Fail, or how it ended; the script tells the shop's page."""
    lead = words("challenge_lead", merchant=challenge.merchant, amount=challenge.amount_text)
    body = _outcome(challenge, words) if challenge.outcome else _question(challenge, words)
    page = el("main", {"class": "sheet"}, _badge(words), el("h1", None, words("challenge_title")), el("p", {"class": "lead"}, lead), body)
    return document(title=words("challenge_title"), language=words.tag, body=page, scripts=("challenge.js",) if challenge.outcome else ())


def hosted_page(sheet: Json, words: Words, *, error: str = "", entered: Json | None = None) -> bytes:
    """The session's items and a card form; works without a script."""
    title = words("pay_title", merchant=sheet["merchant_name"])
    items = [
        el("li", None, f"{line['description']} × {line['quantity']}", el("span", None, format_amount(line["amount_total"], sheet["currency"])))
        for line in sheet["line_items"]
    ]
    content = _state(sheet, words) or _form(sheet, words, error, entered or {})
    page = el("main", {"class": "sheet"}, _badge(words), el("h1", None, title), el("ul", {"class": "lines"}, *items), content)
    return document(title=title, language=words.tag, body=page)


def decline_text(sheet: Json, words: Words) -> str:
    """The reason of a declined card in the page's language."""
    for key in (sheet["decline_code"], sheet["code"]):
        if key and words.knows(key):
            return words(key)
    return words("card_declined")


def _question(challenge: Challenge, words: Words) -> Html:
    buttons = (
        el("button", {"type": "submit", "name": "outcome", "value": "approve"}, words("approve")),
        el("button", {"type": "submit", "name": "outcome", "value": "fail", "class": "quiet"}, words("fail")),
    )
    return join(el("p", None, words("challenge_note")), el("form", {"method": "post"}, el("div", {"class": "pair"}, *buttons)), _switch(words))


def _outcome(challenge: Challenge, words: Words) -> Html:
    data = {
        "data-origin": challenge.origin,
        "data-intent": challenge.payment_intent,
        "data-outcome": challenge.outcome,
        "data-return-url": challenge.return_url,
    }
    style = {"role": "status", "id": "challenge-result", "class": "good" if challenge.outcome == "succeeded" else "bad"}
    link = el("a", {"class": "button", "href": challenge.return_url}, words("continue")) if challenge.return_url else None
    return join(el("p", style | data, words(f"challenge_{challenge.outcome}")), el("p", {"class": "lead"}, words("challenge_close")), link)


def _state(sheet: Json, words: Words) -> Html | None:
    if sheet["result"] == "paid":
        return el("p", {"class": "good", "role": "status"}, words("pay_done"))
    if sheet["result"] == "expired":
        return el("p", {"class": "bad", "role": "status"}, words("pay_expired"))
    return None


def _form(sheet: Json, words: Words, error: str, entered: Json) -> Html:
    def field(name: str, key: str, **attributes: str) -> Html:
        extra = {name.replace("_", "-"): value for name, value in attributes.items()}
        return el("label", None, words(key), el("input", {"name": name, "required": "", "value": str(entered.get(name, "")), **extra}))

    amount = f"{format_amount(sheet['amount_total'], sheet['currency'])} {sheet['currency'].upper()}"
    email = entered.get("email") or sheet["email"] or ""
    return el(
        "form",
        {"method": "post"},
        el("p", {"class": "error", "role": "alert"}, error) if error else None,
        el("label", None, words("email"), el("input", {"name": "email", "type": "email", "autocomplete": "email", "required": "", "value": email})),
        field("number", "card_number", inputmode="numeric", autocomplete="cc-number"),
        el(
            "div",
            {"class": "row"},
            field("exp_month", "expiry_month", inputmode="numeric", autocomplete="cc-exp-month", maxlength="2"),
            field("exp_year", "expiry_year", inputmode="numeric", autocomplete="cc-exp-year", maxlength="4"),
            field("cvc", "cvc", inputmode="numeric", autocomplete="cc-csc", maxlength="4"),
        ),
        el("p", {"class": "muted"}, words("pay_hint")),
        el("button", {"type": "submit"}, words("pay", amount=amount)),
        _switch(words),
    )


def _badge(words: Words) -> Html:
    return el("p", None, el("span", {"class": "badge"}, words("badge")))


def _switch(words: Words) -> Html:
    return el("p", None, el("a", {"href": f"?lang={words.other}", "lang": "en" if words.other == "en" else "zh-Hans"}, words("language")))
