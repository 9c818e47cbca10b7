"""Names of those who take part: the platform's Connect application, and what a person calls an account."""

from commerce.sandbox.wire.errors import Json
from commerce.sandbox.wire.ids import derived_id


def application_of(platform: str) -> str:
    """The Connect application of a platform, `ca_…`, named in fees and charges of its merchants."""
    return derived_id("ca", platform, 24)


def name_of(account: Json) -> str:
    """What a person calls the account."""
    return account["business_profile"]["name"] or account["settings"]["dashboard"]["display_name"] or account["email"] or account["id"]
