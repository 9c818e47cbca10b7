"""Tickets, cookies, links: each opens its own shop's door, and no other's, though both shops know the same ids."""

import pytest

from merchants.foundation.tenancy import in_schema
from tests.leaks import walk
from tests.leaks.audiences import client_of
from tests.leaks.expectations.tokens import OF_LIBRARIES, SIGNED, Token, confirms, make_signed_confirmation
from tests.leaks.twins import OURS, OURS_HOST, THEIRS, THEIRS_HOST, Twins, undone

HOSTS = {OURS: OURS_HOST, THEIRS: THEIRS_HOST}
TOKENS = SIGNED | OF_LIBRARIES


def opens(twins: Twins, token: Token, *, made_in: str, shown_in: str) -> bool:
    with undone():
        with in_schema(made_in):
            word = token.make(twins.shop)
        with in_schema(shown_in):
            return token.opens(client_of(HOSTS[shown_in], None), twins.shop, word)


@pytest.mark.parametrize("purpose", sorted(TOKENS))
def test_a_word_of_one_shop_is_void_in_the_other(purpose: str, twins: Twins) -> None:
    """It opens at home, in both shops; carried over, in either direction, it opens nothing."""
    token = TOKENS[purpose]
    for schema in HOSTS:
        assert opens(twins, token, made_in=schema, shown_in=schema), f"{purpose} does not even open at home, in {schema}"
    assert not opens(twins, token, made_in=OURS, shown_in=THEIRS)
    assert not opens(twins, token, made_in=THEIRS, shown_in=OURS)


def test_every_purpose_of_a_signature_is_tried() -> None:
    """What the source signs for and what `expectations.tokens.SIGNED` lists are the same."""
    unlisted, gone = walk.list_token_purposes() - set(SIGNED), set(SIGNED) - walk.list_token_purposes()
    assert not unlisted, f"add to SIGNED in tests/leaks/expectations/tokens.py how {sorted(unlisted)} is made and what it opens"
    assert not gone, f"take out of tests/leaks/expectations/tokens.py: {sorted(gone)}"


def test_a_signed_number_confirms_no_address(twins: Twins) -> None:
    """allauth's default key signs a number that both shops count up from 1: it must open nothing at all."""
    token = Token(make_signed_confirmation, confirms)
    assert not any(opens(twins, token, made_in=schema, shown_in=schema) for schema in HOSTS)
