"""The opening night's audience: while it is on air, guests talk, like, buy, are declined; the owner refunds one of them."""

import threading
from collections.abc import Sequence
from dataclasses import dataclass

from commerce.payments.actions.refunds import refund_order
from config.demo.people import email_of
from config.demo.shopper import Shopper

PAID, DECLINED, NO_FUNDS = "4242424242424242", "4000000000000002", "4000000000009995"


@dataclass(frozen=True)
class Guest:
    """`lines`: kind, text, pause before it in seconds; `buys`: product slug and card."""

    nickname: str
    lines: Sequence[tuple[str, str, float]] = ()
    buys: Sequence[tuple[str, str]] = ()
    likes: int = 0


GUESTS = (
    Guest("Priya R", [("danmaku", "four years???", 1.0), ("danmaku", "he KEPT it", 3.0), ("comment", "is it real gold?", 2.0)], likes=20),
    Guest("Dana", [("danmaku", "that necklace though", 2.0), ("danmaku", "sobbing on the bus", 4.0)], [("north-star-pendant", PAID)], likes=12),
    Guest("小雨", [("danmaku", "别走啊啊啊", 1.5), ("danmaku", "这个吊坠太美了", 3.0), ("comment", "能寄到上海吗？", 1.0)], likes=30),
    Guest("Wren", [("danmaku", "don't you dare walk away", 2.5)], [("tide-hoops", DECLINED), ("tide-hoops", PAID)], likes=8),
    Guest("Theo", [("danmaku", "NO WAY same one", 1.0), ("comment", "the candle scene next please", 4.0)], [("night-train-candle", PAID)]),
    Guest("Mika", [("danmaku", "the rain sounds so real", 3.5)], [("star-lamp", NO_FUNDS)], likes=15),
)


def hold_opening_night(*, host: str, port: int, slug: str, variants: dict[str, str], shop: str) -> None:
    """Let all guests come at once; then refund the candle. `variants`: product slug to variant id. Needs: the shop's schema."""
    paid: dict[str, str] = {}
    visits = [
        threading.Thread(target=_visit, args=(guest, Shopper(host=host, port=port, slug=slug), variants, paid), daemon=True) for guest in GUESTS
    ]
    for visit in visits:
        visit.start()
    for visit in visits:
        visit.join(60)
    if "night-train-candle" in paid:
        refund_order(order_id=paid["night-train-candle"], actor=email_of("owner", shop))  # type: ignore[arg-type]  # a UUID's text


def _visit(guest: Guest, shopper: Shopper, variants: dict[str, str], paid: dict[str, str]) -> None:
    shopper.enter()
    shopper.rename(guest.nickname)
    shopper.say(list(guest.lines))
    if guest.likes:
        shopper.like(guest.likes)
    for product, card in guest.buys:
        order_id, result = shopper.buy(variant_id=variants[product], name=guest.nickname, email=f"{product}@shopper.example", card=card)
        if result == "paid":
            paid[product] = order_id
