"""Stories about people: a shop signs up, a colleague is invited and joins."""

import secrets
from dataclasses import dataclass
from uuid import UUID

from django.contrib.auth.password_validation import validate_password
from django.core.cache import cache
from django.core.exceptions import ValidationError
from django.core.mail import send_mail
from django.core.validators import validate_email
from django.db import transaction
from django.template.loader import render_to_string
from django.utils.translation import gettext as _

from merchants.accounts.errors import AlreadyOnTheStaff, EmailInvalid, InvitationUsed, LastOwner, PasswordTooWeak
from merchants.accounts.models import User
from merchants.accounts.roles import Role
from merchants.foundation import signing
from merchants.foundation.audit import record_action
from merchants.foundation.tenancy import current_schema, enqueue, in_schema
from merchants.tenants.actions import create_merchant
from merchants.tenants.queries import MerchantView, get_current_merchant

HOP_TTL_S = 60
INVITATION_TTL_S = 7 * 24 * 3600


@dataclass(frozen=True)
class SignedUp:
    """`hop_url` signs the owner in on the shop's own host, once, within a minute."""

    merchant: MerchantView
    owner_id: UUID
    hop_url: str


def sign_up_shop(
    *,
    shop_name: str,
    subdomain: str,
    email: str,
    password: str,
    owner_name: str = "",
    currency: str = "USD",
    time_zone: str = "UTC",
    accent: str = "#E5394B",
) -> SignedUp:
    """Open a shop with its owner.

    Raises: SubdomainInvalid, SubdomainTaken, EmailInvalid, PasswordTooWeak. Everything about the person is checked before the
    shop is made, and no shop opens without its owner.
    """
    _check_email(email)
    _check_password(password)

    def seat_owner() -> None:
        with transaction.atomic(durable=True):
            owner = User.objects.create_user(email=email, password=password, name=owner_name, role=Role.OWNER)
            record_action(actor=owner.email, action="shop.sign_up", subject=f"merchant:{current_schema()}")

    merchant = create_merchant(name=shop_name, subdomain=subdomain, currency=currency, time_zone=time_zone, accent=accent, furnish=seat_owner)
    with in_schema(merchant.schema):
        owner_id = User.objects.values_list("pk", flat=True).get(role=Role.OWNER)
        return SignedUp(merchant=merchant, owner_id=owner_id, hop_url=f"{merchant.origin}/accounts/hop/?token={issue_hop(owner_id)}")


def issue_hop(user_id: UUID) -> str:
    """A single-use token that signs `user_id` in on the current shop's host within 60 s."""
    return signing.sign("hop", {"user": str(user_id), "id": secrets.token_hex(8)}, HOP_TTL_S)


def use_hop(token: str) -> User:
    """The person behind the token, once.

    Raises: TokenInvalid, TokenExpired, InvitationUsed (the token was used before).
    """
    claims = signing.read("hop", token)
    if not cache.add(f"hop:{claims['id']}", 1, timeout=HOP_TTL_S * 2):
        raise InvitationUsed
    user = User.objects.filter(pk=claims["user"], is_active=True).first()
    if user is None:
        raise signing.TokenInvalid
    return user


def invite_colleague(*, inviter: User, email: str, role: str, name: str = "") -> User:
    """Add a person with a role and send them a link to choose a password.

    Raises: EmailInvalid, AlreadyOnTheStaff. A shopper of the shop who is invited keeps their account and gets the role.
    """
    _check_email(email)
    with transaction.atomic():
        person = User.objects.select_for_update().filter(email__iexact=email).first()
        if person is not None and person.role:
            raise AlreadyOnTheStaff(email=email)
        if person is None:
            person = User.objects.create_user(email=email, password=None, name=name, role=role)
        else:
            person.role = role
            person.save(update_fields=["role"])
        record_action(actor=inviter.email, action="staff.invite", subject=f"user:{person.pk}", role=role)
        enqueue("merchants.accounts.tasks.send_invitation", person_id=str(person.pk), inviter_id=str(inviter.pk))
    return person


def send_invitation(*, person_id: UUID | str, inviter_id: UUID | str) -> None:
    """Mail the link; a second run sends the same link again, which does no harm."""
    person, inviter = User.objects.get(pk=person_id), User.objects.get(pk=inviter_id)
    merchant = get_current_merchant()
    context = {"person": person, "inviter": inviter, "shop": merchant, "link": f"{merchant.origin}/accounts/join/{issue_invitation(person)}/"}
    send_mail(
        subject=_("%(inviter)s invites you to %(shop)s") % {"inviter": str(inviter), "shop": merchant.name},
        message=render_to_string("merchants/mail/invitation.txt", context),
        from_email=None,
        recipient_list=[person.email],
    )


def issue_invitation(person: User) -> str:
    """A link's token, valid for seven days and until a password is chosen."""
    return signing.sign("join", {"user": str(person.pk), "stamp": person.password[-12:]}, INVITATION_TTL_S)


def read_invitation(token: str) -> User:
    """Raises: TokenInvalid, TokenExpired, InvitationUsed."""
    claims = signing.read("join", token)
    person = User.objects.filter(pk=claims["user"], is_active=True).first()
    if person is None:
        raise signing.TokenInvalid
    if person.password[-12:] != claims["stamp"]:
        raise InvitationUsed
    return person


def join_shop(*, token: str, password: str, name: str) -> User:
    """Accept an invitation. Raises: as `read_invitation`, PasswordTooWeak."""
    person = read_invitation(token)
    _check_password(password, person)
    with transaction.atomic(durable=True):
        person.name = name.strip()[:80] or person.name
        person.set_password(password)
        person.save(update_fields=["name", "password"])
        record_action(actor=person.email, action="staff.join", subject=f"user:{person.pk}")
    return person


def create_operator(*, email: str, password: str, name: str = "") -> User:
    """A person of the platform. Needs: the public schema. Raises: EmailInvalid, PasswordTooWeak."""
    _check_email(email)
    _check_password(password)
    return User.objects.create_user(email=email, password=password, name=name, is_operator=True)


def change_role(*, actor: User, user_id: UUID, role: str, is_active: bool = True) -> User:
    """Raises: LastOwner."""
    with transaction.atomic():
        owners = list(User.objects.select_for_update().filter(role=Role.OWNER, is_active=True).order_by("pk"))
        person = User.objects.get(pk=user_id)
        if owners == [person] and (role != Role.OWNER or not is_active):
            raise LastOwner
        person.role, person.is_active = role, is_active
        person.save(update_fields=["role", "is_active"])
        record_action(actor=actor.email, action="staff.change", subject=f"user:{person.pk}", role=role, is_active=is_active)
    return person


def _check_email(email: str) -> None:
    try:
        validate_email(email)
    except ValidationError as error:
        raise EmailInvalid(email=email) from error


def _check_password(password: str, user: User | None = None) -> None:
    try:
        validate_password(password, user)
    except ValidationError as error:
        raise PasswordTooWeak(reason=" ".join(error.messages)) from error
