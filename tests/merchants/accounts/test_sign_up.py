"""A merchant opens a shop on the platform host and lands, signed in, on the shop's own."""

import re
import subprocess
import sys
from urllib.parse import urlsplit

import pytest

from merchants.accounts.models import KeptMail, User
from merchants.foundation.tenancy import in_schema
from merchants.tenants.actions import OPENING, create_merchant, suspend_merchant
from merchants.tenants.errors import SubdomainTaken

FORM = {
    "shop_name": "Comet Tea",
    "subdomain": "comet-tea",
    "email": "mei@comet.example",
    "password": "correct horse battery",
    "currency": "USD",
    "time_zone": "Asia/Shanghai",
}
PLATFORM = {"host": "localhost"}
pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def _kept_mail(settings):
    """Django's test runner replaces the mail backend; these tests want the product's own."""
    settings.EMAIL_BACKEND = "merchants.accounts.mail.KeepingBackend"


def test_owner_is_signed_in_on_the_shops_host(client):
    """Sign-up redirects to the shop's host; following it once opens the office, a second time is refused."""
    answer = client.post("/", FORM, headers=PLATFORM)
    assert answer.status_code == 302
    target = urlsplit(answer["Location"])
    assert target.hostname == "comet-tea.localhost"
    shop = {"host": "comet-tea.localhost"}
    assert client.get(f"{target.path}?{target.query}", headers=shop)["Location"] == "/admin/"
    assert client.get("/admin/", headers=shop).status_code == 200
    assert client.get(f"{target.path}?{target.query}", headers=shop).status_code == 409


def test_hop_of_one_shop_opens_no_other(client):
    """The token signs nobody in at another shop."""
    target = urlsplit(client.post("/", FORM, headers=PLATFORM)["Location"])
    assert client.get(f"{target.path}?{target.query}", headers={"host": "aurora.localhost"}).status_code == 403


@pytest.mark.parametrize(
    ("field", "value"),
    [("subdomain", "aurora"), ("subdomain", "A b"), ("email", "nobody"), ("password", "12345"), ("time_zone", "Mars/Olympus"), ("shop_name", "")],
)
def test_wrong_input_names_its_field_and_makes_nothing(client, field, value):
    """A wrong field is named, the rest of the form is kept, and no shop is made."""
    answer = client.post("/", FORM | {field: value}, headers=PLATFORM)
    assert answer.status_code == 422
    assert field in answer.context["form"].errors
    assert client.get("/", headers={"host": "comet-tea.localhost"}).status_code == 404


def test_a_sign_up_that_was_killed_is_made_anew_at_once(client):
    """No shop opens without its owner, and the address is not lost: nobody comes in meanwhile, the next attempt gets it."""
    code = "import os, django; django.setup(); from merchants.tenants.actions import create_merchant; "
    code += "create_merchant(name='Comet', subdomain='comet-tea', furnish=lambda: os._exit(9))"
    assert subprocess.run([sys.executable, "-c", code], check=False, timeout=60).returncode == 9
    assert client.get("/", headers={"host": "comet-tea.localhost"}).status_code == 503
    assert client.post("/", FORM, headers=PLATFORM).status_code == 302
    with in_schema("comet_tea"):
        assert list(User.objects.values_list("email", "role")) == [(FORM["email"], "owner")]


def test_two_sign_ups_at_once_make_one_shop():
    """Who comes second is told that the address is taken, also while the first one is still at it."""

    def come_second() -> None:
        with in_schema("public"), pytest.raises(SubdomainTaken):
            create_merchant(name="Comet too", subdomain="comet-tea")

    assert create_merchant(name="Comet", subdomain="comet-tea", furnish=come_second).name == "Comet"


def test_no_reason_to_suspend_a_shop_gives_its_address_away():
    """The mark of a sign-up that was cut short is nobody's reason: a shop that was open is never replaced."""
    suspend_merchant(schema="borealis", reason=OPENING)
    with pytest.raises(SubdomainTaken):
        create_merchant(name="Another", subdomain="borealis")


def test_invited_colleague_chooses_a_password_and_gets_the_role(aurora, enter, browse):
    """The invitation's link works once, on its own shop, and carries the role."""
    owner = enter(aurora, "owner")
    assert owner.post("/admin/accounts/user/add/", {"email": "kim@a.test", "name": "Kim", "role": "finance"}).status_code == 302
    with in_schema(aurora.schema):
        link = re.search(r"/accounts/join/\S+/", KeptMail.objects.get(recipient="kim@a.test").body)
        assert link
    newcomer = browse(aurora)
    assert newcomer.post(link.group(), {"name": "Kim", "password": "short"}).status_code == 422
    assert newcomer.post(link.group(), {"name": "Kim", "password": "correct horse battery"}).status_code == 302
    assert newcomer.get("/admin/").status_code == 200
    assert newcomer.get("/admin/accounts/user/").status_code == 403
    assert browse(aurora).get(link.group()).status_code == 409


def test_invitation_is_void_in_another_shop(aurora, borealis, enter, browse):
    """A link of one shop is refused by the other."""
    enter(aurora, "owner").post("/admin/accounts/user/add/", {"email": "kim@a.test", "name": "Kim", "role": "editor"})
    with in_schema(aurora.schema):
        link = re.search(r"/accounts/join/\S+/", KeptMail.objects.get().body).group()
    assert browse(borealis).get(link).status_code == 403
    with in_schema(borealis.schema):
        assert not KeptMail.objects.exists()


def test_last_owner_stays_owner(aurora, enter):
    """The only owner can be neither demoted nor switched off."""
    client = enter(aurora, "owner")
    with in_schema(aurora.schema):
        owner = User.objects.get(role="owner")
    client.post(f"/admin/accounts/user/{owner.pk}/change/", {"name": "x", "role": "editor", "is_active": "on"})
    with in_schema(aurora.schema):
        assert User.objects.get(pk=owner.pk).role == "owner"
