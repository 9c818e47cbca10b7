"""Test cards, https://docs.stripe.com/testing: what a number does. A number that is none of them is declined, never stored."""

import re
from dataclasses import dataclass

from commerce.sandbox.wire.errors import Json


@dataclass(frozen=True)
class Card:
    """How a test card behaves.

    decline: key of `DECLINES`, or empty. needs_challenge: 3-D Secure is asked for. dispute: reason of the dispute that follows
    a successful charge. is_instant: the money skips the pending balance. refund_fails: refunds fail a moment after they succeeded.
    """

    number: str
    brand: str = "visa"
    funding: str = "credit"
    country: str = "US"
    decline: str = ""
    needs_challenge: bool = False
    dispute: str = ""
    is_instant: bool = False
    refund_fails: bool = False

    @property
    def last4(self) -> str:
        return self.number[-4:]


@dataclass(frozen=True)
class Decline:
    """What a declined attempt says: the error's code, the issuer's decline code, and the sentence."""

    code: str
    decline_code: str
    message: str
    param: str = ""


_PLAIN = "Your card was declined."
DECLINES = {
    "generic_decline": Decline("card_declined", "generic_decline", _PLAIN),
    "insufficient_funds": Decline("card_declined", "insufficient_funds", "Your card has insufficient funds."),
    "lost_card": Decline("card_declined", "lost_card", _PLAIN),
    "stolen_card": Decline("card_declined", "stolen_card", _PLAIN),
    "fraudulent": Decline("card_declined", "fraudulent", _PLAIN),
    "card_velocity_exceeded": Decline("card_declined", "card_velocity_exceeded", _PLAIN),
    "test_mode_live_card": Decline(
        "card_declined", "test_mode_live_card", "Your card was declined. Your request was in test mode, but used a non test card."
    ),
    "expired_card": Decline("expired_card", "expired_card", "Your card has expired.", "exp_month"),
    "incorrect_cvc": Decline("incorrect_cvc", "incorrect_cvc", "Your card's security code is incorrect.", "cvc"),
    "processing_error": Decline("processing_error", "processing_error", "An error occurred while processing your card. Try again in a little bit."),
}

CARDS = {
    card.number: card
    for card in (
        Card("4242424242424242"),
        Card("4000056655665556", funding="debit"),
        Card("5555555555554444", brand="mastercard"),
        Card("2223003122003222", brand="mastercard"),
        Card("5200828282828210", brand="mastercard", funding="debit"),
        Card("378282246310005", brand="amex"),
        Card("6011111111111117", brand="discover"),
        Card("3566002020360505", brand="jcb", country="JP"),
        Card("6200000000000005", brand="unionpay", country="CN"),
        Card("4000001560000002", country="CN"),
        Card("4000000000000077", is_instant=True),
        Card("4000000000000002", decline="generic_decline"),
        Card("4000000000000341", decline="generic_decline"),
        Card("4000000000009995", decline="insufficient_funds"),
        Card("4000000000009987", decline="lost_card"),
        Card("4000000000009979", decline="stolen_card"),
        Card("4100000000000019", decline="fraudulent"),
        Card("4000000000006975", decline="card_velocity_exceeded"),
        Card("4000000000000069", decline="expired_card"),
        Card("4000000000000127", decline="incorrect_cvc"),
        Card("4000000000000119", decline="processing_error"),
        Card("4000002500003155", needs_challenge=True),
        Card("4000002760003184", needs_challenge=True),
        Card("4000000000003220", needs_challenge=True),
        Card("4000008400001629", needs_challenge=True, decline="generic_decline"),
        Card("4000000000000259", dispute="fraudulent"),
        Card("4000000000002685", dispute="product_not_received"),
        Card("4000000000005126", refund_fails=True),
    )
}

TOKENS = {
    "pm_card_visa": "4242424242424242",
    "pm_card_visa_debit": "4000056655665556",
    "pm_card_mastercard": "5555555555554444",
    "pm_card_amex": "378282246310005",
    "pm_card_jcb": "3566002020360505",
    "pm_card_unionpay": "6200000000000005",
    "pm_card_bypassPending": "4000000000000077",
    "pm_card_chargeDeclined": "4000000000000002",
    "pm_card_visa_chargeDeclined": "4000000000000002",
    "pm_card_chargeCustomerFail": "4000000000000341",
    "pm_card_chargeDeclinedInsufficientFunds": "4000000000009995",
    "pm_card_visa_chargeDeclinedInsufficientFunds": "4000000000009995",
    "pm_card_visa_chargeDeclinedLostCard": "4000000000009987",
    "pm_card_visa_chargeDeclinedStolenCard": "4000000000009979",
    "pm_card_chargeDeclinedExpiredCard": "4000000000000069",
    "pm_card_chargeDeclinedIncorrectCvc": "4000000000000127",
    "pm_card_chargeDeclinedProcessingError": "4000000000000119",
    "pm_card_authenticationRequired": "4000002760003184",
    "pm_card_threeDSecure2Required": "4000000000003220",
    "pm_card_authenticationRequiredOnSetup": "4000002500003155",
    "pm_card_createDispute": "4000000000000259",
    "pm_card_createDisputeProductNotReceived": "4000000000002685",
    "pm_card_refundFail": "4000000000005126",
}
"""Stripe's ready-made payment methods, usable wherever an id is asked for."""


def find_card(number: str) -> Card:
    """The test card with that number; any other valid number is a card that is declined as no test card."""
    return CARDS.get(number) or Card(number[-4:], brand=brand_of(number), decline="test_mode_live_card")


def brand_of(number: str) -> str:
    """The network by the number's beginning."""
    for brand, prefix in (("visa", "4"), ("mastercard", "5[1-5]|2[2-7]"), ("amex", "3[47]"), ("unionpay", "62"), ("discover", "6"), ("jcb", "35")):
        if re.match(prefix, number):
            return brand
    return "unknown"


def is_luhn_valid(number: str) -> bool:
    """The check digit of ISO/IEC 7812: every second digit from the right is doubled and its digits are summed."""
    digits = [int(char) for char in reversed(number)]
    return (sum(digits[::2]) + sum(sum(divmod(2 * digit, 10)) for digit in digits[1::2])) % 10 == 0


def check_entry(*, number: str, exp_month: int, exp_year: int, cvc: str, year: int, month: int) -> Decline | None:
    """What a form would refuse before any bank is asked: number, expiry, security code. `year` and `month` are today's."""
    if not re.fullmatch(r"\d{12,19}", number) or not is_luhn_valid(number):
        return Decline("incorrect_number", "incorrect_number", "Your card number is incorrect.", "number")
    if not 1 <= exp_month <= 12:
        return Decline("invalid_expiry_month", "invalid_expiry_month", "Your card's expiration month is invalid.", "exp_month")
    if not year <= exp_year <= year + 50:
        return Decline("invalid_expiry_year", "invalid_expiry_year", "Your card's expiration year is invalid.", "exp_year")
    if exp_year == year and exp_month < month:
        return Decline("invalid_expiry_month", "invalid_expiry_month", "Your card's expiration month is invalid.", "exp_month")
    if not re.fullmatch(r"\d{4}" if brand_of(number) == "amex" else r"\d{3}", cvc):
        return Decline("invalid_cvc", "invalid_cvc", "Your card's security code is invalid.", "cvc")
    return None


def as_hidden(card: Card) -> Json:
    """What a payment method remembers of its card: how it behaves, never a number of somebody."""
    return {"number": card.number if card.number in CARDS else card.last4}


def from_hidden(hidden: Json) -> Card:
    """The card behind a stored payment method."""
    return find_card(hidden["number"])
