"""One permission table, walked by every role."""

import pytest
from django.contrib.auth.models import AnonymousUser

from merchants.accounts.models import User
from merchants.accounts.permissions import PERMISSIONS, can, require
from merchants.accounts.roles import Role
from merchants.foundation.errors import Forbidden, Unauthenticated

EXPECTED = {
    Role.OWNER: set(PERMISSIONS),
    Role.EDITOR: {
        "office.open",
        "products.view",
        "products.edit",
        "stock.edit",
        "seasons.view",
        "seasons.edit",
        "rooms.view",
        "rooms.edit",
        "insights.view",
        "insights.edit",
        "insights.stop",
    },
    Role.HOST: {"office.open", "products.view", "stock.edit", "seasons.view", "rooms.view", "rooms.air", "rooms.moderate"},
    Role.MODERATOR: {"office.open", "rooms.view", "rooms.moderate"},
    Role.REVIEWER: {
        "office.open",
        "products.view",
        "seasons.view",
        "seasons.approve",
        "rooms.view",
        "insights.view",
        "insights.start",
        "insights.stop",
    },
    Role.FINANCE: {"office.open", "products.view", "orders.view", "finance.view", "finance.export", "finance.close", "insights.view"},
    "": set(),
}


@pytest.mark.parametrize("role", [*Role.values, ""])
def test_every_role_has_exactly_its_permissions(role, db):
    """The table gives each role what the expectation lists, no more and no less."""
    user = User(email="a@b.c", role=role)
    assert {permission for permission in PERMISSIONS if can(user, permission)} == EXPECTED[role]


def test_nobody_and_switched_off_people_may_nothing(db):
    """Guests are asked to sign in; a switched-off owner has no permission."""
    for permission in PERMISSIONS:
        with pytest.raises(Unauthenticated):
            require(AnonymousUser(), permission)
        assert not can(User(email="a@b.c", role=Role.OWNER, is_active=False), permission)
    with pytest.raises(Forbidden):
        require(User(email="a@b.c", role=Role.HOST), "finance.view")


@pytest.mark.parametrize("role", Role.values)
def test_office_home_opens_for_every_role(role, aurora, enter):
    """Whoever works in the shop sees the home page."""
    assert enter(aurora, role).get("/admin/").status_code == 200


def test_shoppers_and_guests_stay_outside(aurora, enter, browse):
    """A shopper with an account and a guest are led to the sign-in."""
    assert browse(aurora).get("/admin/").status_code == 302
    assert enter(aurora, "").get("/admin/").status_code == 302


def test_office_pages_carry_a_csp_without_inline_code(aurora, enter):
    """Neither the office nor the sign-in allows inline scripts or styles."""
    for answer in (enter(aurora, "owner").get("/admin/"), enter(aurora, "editor").get("/accounts/password/change/")):
        policy = answer["Content-Security-Policy"]
        assert "unsafe-inline" not in policy
        assert b"<style" not in answer.content
        assert b" style=" not in answer.content
