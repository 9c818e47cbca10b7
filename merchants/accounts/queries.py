"""Reads about people."""

from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

from merchants.accounts.models import User
from merchants.foundation.errors import NotFound


@dataclass(frozen=True)
class Recipient:
    """Somebody whom the shop may write to; `language` may be empty."""

    id: UUID
    email: str
    language: str


def list_recipients(roles: Iterable[str]) -> list[Recipient]:
    """Active staff of the shop in these roles. One query."""
    found = User.objects.filter(role__in=list(roles), is_active=True).order_by("email")
    return [Recipient(*row) for row in found.values_list("pk", "email", "language")]


def get_person(email: str) -> User:
    """The person with this e-mail in the current schema. Raises: NotFound."""
    person = User.objects.filter(email__iexact=email).first()
    if person is None:
        raise NotFound
    return person


def has_person(email: str) -> bool:
    return User.objects.filter(email__iexact=email).exists()


def find_person(person_id: UUID) -> User | None:
    """The person with this id in the current schema, if any."""
    return User.objects.filter(pk=person_id).first()
