"""The operators' console on the platform host."""

import pytest

from merchants.accounts.models import User
from merchants.foundation.models import FactRecord
from merchants.foundation.tenancy import in_schema
from merchants.tenants.models import Merchant

PLATFORM = {"host": "localhost"}


@pytest.fixture
def operator(client, db):
    person = User.objects.create_user(email="op@platform.test", password="correct horse battery", is_operator=True)
    client.force_login(person, backend="allauth.account.auth_backends.AuthenticationBackend")
    return client


def test_operator_lists_suspends_and_resumes(operator):
    """Suspending closes the shop, resuming opens it again; the template is not listed."""
    page = operator.get("/admin/tenants/merchant/", headers=PLATFORM)
    assert b"aurora" in page.content
    assert b">template<" not in page.content
    shop = Merchant.objects.get(schema_name="aurora")
    assert "Suspend Aurora?" in operator.get(f"/admin/tenants/merchant/{shop.pk}/suspend/", headers=PLATFORM).content.decode()
    shop.refresh_from_db()
    assert not shop.is_suspended, "a link alone must change nothing"
    operator.post(f"/admin/tenants/merchant/{shop.pk}/suspend/", headers=PLATFORM)
    shop.refresh_from_db()
    assert shop.is_suspended
    operator.post(f"/admin/tenants/merchant/{shop.pk}/resume/", headers=PLATFORM)
    shop.refresh_from_db()
    assert not shop.is_suspended


def test_an_operator_sets_a_shops_clock(operator, django_capture_on_commit_callbacks):
    """A zone that no clock knows is refused with a word; another one is told in the shop."""
    shop = Merchant.objects.get(schema_name="aurora")
    address, domain = f"/admin/tenants/merchant/{shop.pk}/change/", shop.domains.get()
    form = {
        "name": shop.name, "accent": shop.accent, "currency": shop.currency, "media_quota_bytes": shop.media_quota_bytes, "viewer_quota": 77,
        "domains-TOTAL_FORMS": 1, "domains-INITIAL_FORMS": 1, "domains-0-id": domain.pk, "domains-0-tenant": shop.pk,
        "domains-0-domain": domain.domain, "domains-0-is_primary": "on",
    }  # fmt: skip
    page = operator.post(address, form | {"time_zone": "Mars/Olympus"}, headers=PLATFORM)
    assert "This is not a time zone" in page.content.decode()
    with django_capture_on_commit_callbacks(execute=True):
        assert operator.post(address, form | {"time_zone": "Asia/Shanghai"}, headers=PLATFORM).status_code == 302
    shop.refresh_from_db()
    assert (shop.time_zone, shop.viewer_quota) == ("Asia/Shanghai", 77)
    with in_schema("aurora"):
        assert FactRecord.objects.filter(kind="merchants.tenants.facts.TimeZoneChanged").count() == 1


def test_merchants_do_not_open_the_platforms_console(aurora, enter):
    """A shop's owner is nobody on the platform host."""
    client = enter(aurora, "owner")
    assert client.get("/admin/", headers=PLATFORM).status_code == 302


def test_operators_do_not_open_a_shops_office(operator):
    """An operator is nobody on a shop's host."""
    assert operator.get("/admin/", headers={"host": "aurora.localhost"}).status_code == 302
