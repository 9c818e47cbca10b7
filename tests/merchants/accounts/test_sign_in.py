"""Sign-in by e-mail, its lock-out, and the second factor of roles with power."""

import re

import pytest
from allauth.mfa.models import Authenticator
from django.conf import settings as django_settings

from merchants.accounts.models import User
from merchants.foundation.tenancy import in_schema

PASSWORD = "correct horse battery"


def sign_in(client, email, password):
    return client.post("/accounts/login/", {"login": email, "password": password})


def test_staff_land_in_the_office_and_shoppers_in_the_shop(aurora, hire, browse):
    """The right password leads each to their place."""
    hire(aurora, "editor", "ed@a.test")
    hire(aurora, "", "shopper@a.test")
    assert sign_in(browse(aurora), "ed@a.test", PASSWORD)["Location"] == "/admin/"
    assert sign_in(browse(aurora), "Shopper@a.test", PASSWORD)["Location"] == "/"


def test_guessing_locks_the_pair_of_name_and_address_out(aurora, borealis, hire, browse):
    """After eight wrong passwords even the right one waits; the same person at another shop is untouched."""
    hire(aurora, "owner", "own@a.test")
    hire(borealis, "owner", "own@a.test")
    guesser = browse(aurora)
    for _ in range(django_settings.AXES_FAILURE_LIMIT + 1):
        sign_in(guesser, "own@a.test", "wrong password")
    assert sign_in(guesser, "own@a.test", PASSWORD).status_code in {200, 403, 429}
    assert guesser.get("/admin/").status_code == 302
    assert sign_in(browse(borealis), "own@a.test", PASSWORD).status_code == 302


def test_reset_mail_leads_to_a_new_password(aurora, hire, browse, mailoutbox):
    """The link of the mail is on the shop's own host and works once."""
    hire(aurora, "editor", "ed@a.test")
    client = browse(aurora)
    client.post("/accounts/password/reset/", {"email": "ed@a.test"})
    link = re.search(r"http://aurora\.localhost[^/]*(/accounts/password/reset/key/\S+)", mailoutbox[0].body)
    assert link, mailoutbox[0].body
    form = client.get(link.group(1), follow=True)
    target = form.redirect_chain[-1][0]
    client.post(target, {"password1": "another horse battery", "password2": "another horse battery"})
    with in_schema(aurora.schema):
        assert User.objects.get(email="ed@a.test").check_password("another horse battery")


def test_nobody_learns_who_has_an_account(aurora, hire, browse):
    """A reset for a stranger's address answers the same page."""
    hire(aurora, "editor", "ed@a.test")
    known = browse(aurora).post("/accounts/password/reset/", {"email": "ed@a.test"}, follow=True)
    unknown = browse(aurora).post("/accounts/password/reset/", {"email": "no@a.test"}, follow=True)
    assert (known.status_code, known.redirect_chain) == (unknown.status_code, unknown.redirect_chain)


@pytest.mark.parametrize(("role", "opens"), [("owner", False), ("finance", False), ("editor", True)])
def test_roles_with_power_need_a_second_factor_over_https(aurora, enter, settings, role, opens):
    """Where SECOND_FACTOR_ROLES names the role, the office leads to setting TOTP up first."""
    settings.SECOND_FACTOR_ROLES = frozenset({"owner", "finance", "operator"})
    answer = enter(aurora, role).get("/admin/")
    assert (answer.status_code == 200) is opens
    if not opens:
        assert "/accounts/2fa/totp/activate/" in answer["Location"]


def test_an_authenticator_opens_the_office(aurora, enter, settings):
    """With an authenticator set up, the office opens."""
    settings.SECOND_FACTOR_ROLES = frozenset({"owner"})
    client = enter(aurora, "owner")
    with in_schema(aurora.schema):
        person = User.objects.get(role="owner")
        Authenticator.objects.create(user=person, type=Authenticator.Type.TOTP, data={"secret": "x"})
    assert client.get("/admin/").status_code == 200
