"""Two shops in one installation."""

import pytest

from merchants.accounts.models import User
from merchants.foundation.tenancy import in_schema
from merchants.tenants.actions import create_merchant, resume_merchant, suspend_merchant
from merchants.tenants.errors import SubdomainInvalid, SubdomainTaken


def test_unknown_host_is_404(client, db):
    """A host without a shop answers 404 and a plain page."""
    assert client.get("/", headers={"host": "nobody.localhost"}).status_code == 404


def test_rows_stay_in_their_shop(aurora, borealis, hire):
    """A person hired in one shop does not exist in the other."""
    person = hire(aurora, "owner")
    with in_schema(borealis.schema):
        assert not User.objects.filter(pk=person.pk).exists()


def test_session_of_one_shop_is_void_in_the_other(aurora, borealis, enter, browse):
    """The session cookie of one shop signs nobody in at the other."""
    client = enter(aurora, "owner")
    assert client.get("/admin/").status_code == 200
    other = browse(borealis)
    other.cookies = client.cookies
    assert other.get("/admin/").status_code == 302


@pytest.mark.django_db(transaction=True)
def test_new_shop_is_a_clone_with_its_own_tables():
    """A shop made from the template has tables of its own and takes rows."""
    shop = create_merchant(name="Comet", subdomain="comet")
    with in_schema(shop.schema):
        User.objects.create_user(email="a@comet.test", password="x" * 12)
        assert User.objects.count() == 1
    with in_schema("aurora"):
        assert User.objects.count() == 0


@pytest.mark.django_db(transaction=True)
def test_taken_and_malformed_addresses_are_refused():
    """A taken address and a malformed one each say so; nothing is made."""
    with pytest.raises(SubdomainTaken):
        create_merchant(name="Again", subdomain="aurora")
    for subdomain in ("", "a", "-abc", "ab_c", "www", "live", "a" * 31, "public", "xn--abc"):
        with pytest.raises(SubdomainInvalid):
            create_merchant(name="Wrong", subdomain=subdomain)


@pytest.mark.django_db(transaction=True)
def test_suspended_shop_shows_a_plain_page(client):
    """A suspended shop answers 503 with a plain page, and 200 again after it is resumed."""
    suspend_merchant(schema="borealis", reason="unpaid")
    assert client.get("/accounts/login/", headers={"host": "borealis.localhost"}).status_code == 503
    resume_merchant(schema="borealis")


@pytest.mark.django_db(transaction=True)
def test_application_role_cannot_rewrite_the_audit_trail():
    """The application may add audit entries, and neither change nor delete them."""
    from django.db import ProgrammingError, connection, transaction

    from merchants.foundation.audit import record_action

    with in_schema("aurora"):
        record_action(actor="system", action="test.run", subject="x")
        for statement in ("UPDATE audit_entry SET actor = 'x'", "DELETE FROM audit_entry"):
            with pytest.raises(ProgrammingError), transaction.atomic(), connection.cursor() as cursor:
                cursor.execute(statement)
