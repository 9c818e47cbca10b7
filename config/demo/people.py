"""Who works in the demo shops. Everybody signs in with the password that `make run` prints; it exists only there."""

from merchants.accounts import actions
from merchants.accounts.queries import get_person, has_person
from merchants.foundation.tenancy import in_schema

OPERATOR = "operator@platform.example"
STAFF = {"editor": "Ada", "host": "Maren", "moderator": "Tom", "reviewer": "Priya", "finance": "Jonas"}


def email_of(role: str, shop: str) -> str:
    return f"{role}@{shop}.example"


def hire_staff(*, shop: str, password: str) -> None:
    """Invite one person a role and let them join, as the office does. Needs: the shop's schema."""
    owner = get_person(email_of("owner", shop))
    for role, name in STAFF.items():
        email = email_of(role, shop)
        if has_person(email):
            continue
        person = actions.invite_colleague(inviter=owner, email=email, role=role, name=name)
        actions.join_shop(token=actions.issue_invitation(person), password=password, name=name)


def appoint_operator(*, password: str) -> None:
    with in_schema("public"):
        if not has_person(OPERATOR):
            actions.create_operator(email=OPERATOR, password=password, name="Operator")
