"""A purchase through the shop's public checkout, paid at the sandbox's sheet. Where real money would move, nothing is bought."""

from typing import Any

from rooms.insights.simulation.figures import Figures, Refused
from rooms.insights.simulation.shopfront import Browser

GOOD_CARD, REFUSED_CARD = "4242424242424242", "4000000000009995"
# The room is told by the first name who bought; the second one says what they are.
FIRST_NAMES = ("Mei", "Aisha", "Jonas", "小雨", "Priya", "Theo", "Lucía", "Wren", "晓明", "Noor", "Dana", "Kofi", "Ines", "Haruto", "Zoë", "Omar")
STREET = "1 Loopback Lane, 127001 Testing"
QUIET = {"exp_month": 12, "exp_year": 2060, "cvc": "123"}


async def buy(
    browser: Browser, figures: Figures, *, slug: str, variant_id: str, number: int, moment: dict[str, Any], client_key: str, is_declined_first: bool
) -> None:
    """One unit for the viewer `number`, as the sheet does it: offer, token of the moment, order, card, settlement. Raises: Refused."""
    with figures.timed("offer"):
        offer = await browser.get(f"api/v1/checkout/offers/{variant_id}/")
        if not offer["is_test"]:
            raise Refused("real_money")
    with figures.timed("attribution"):
        token = (await browser.post(f"api/v1/rooms/{slug}/attribution/", moment))["token"]
    wish = {"client_key": client_key, "lines": [{"variant_id": variant_id, "quantity": 1}], "attribution": token, **_buyer(number)}
    with figures.timed("checkout"):
        placed = await browser.post("api/v1/checkout/", wish)
        order, sheet = placed["order"], placed["payment"]
        if sheet["driver"] != "sandbox":
            raise Refused("real_money")
    figures.done["checkout"] += 1
    if is_declined_first and await _pay(browser, figures, sheet, order, REFUSED_CARD) != "declined":
        raise Refused("not_declined")
    with figures.timed("pay"):
        result = await _pay(browser, figures, sheet, order, GOOD_CARD)
        if result != "paid":
            raise Refused(f"card_{result}")
    with figures.timed("settle"):
        settled = await browser.post(f"api/v1/checkout/{order['id']}/settle/")
        if settled["order"]["state"] != "paid":
            raise Refused(f"order_{settled['order']['state']}")
    figures.done["paid"] += 1
    figures.done["paid_minor"] += int(order["total"]["amount_minor"])


def _buyer(number: int) -> dict[str, str]:
    name = f"{FIRST_NAMES[number % len(FIRST_NAMES)]} Simulated"
    return {"email": f"viewer-{number}@simulated.invalid", "ship_name": name, "ship_address": STREET}


async def _pay(browser: Browser, figures: Figures, sheet: dict[str, Any], order: dict[str, Any], number: str) -> str:
    address = f"{sheet['api_base']}/v1/checkout/sessions/{sheet['session_id']}/sheet/confirm"
    headers = {"Authorization": f"Bearer {sheet['publishable_key']}"} | ({"Stripe-Account": sheet["account"]} if sheet["account"] else {})
    body = {"client_secret": sheet["client_secret"], "card": {"number": number, **QUIET}, "expected_amount": order["total"]["amount_minor"]}
    figures.done["cards"] += 1
    return str((await browser.post_elsewhere(address, body, headers)).get("result", ""))
