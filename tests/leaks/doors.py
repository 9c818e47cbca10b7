"""The words in which an expectation is written: who may use a door, what it answers them, and what it answers everybody else."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from merchants.accounts.permissions import PERMISSIONS
from merchants.accounts.roles import Role
from tests.leaks.audiences import BUYER, CARRIED, GUEST, OPERATOR, PLATFORM_AUDIENCES, SHOP_AUDIENCES, SHOPPER, STAFF

# Rules besides the permissions of `merchants.accounts.permissions`.
EVERYBODY, STRANGERS, SIGNED_IN, OWN_BUYER, OPERATORS, NOBODY = "everybody", "strangers", "signed in", "buyer", "operators", "nobody"
_RULES: dict[str, frozenset[str]] = {
    EVERYBODY: frozenset((*SHOP_AUDIENCES, *PLATFORM_AUDIENCES)),
    STRANGERS: frozenset((GUEST, BUYER, *CARRIED, *PLATFORM_AUDIENCES[2:])),
    SIGNED_IN: frozenset((SHOPPER, *STAFF, OPERATOR)),
    OWN_BUYER: frozenset((BUYER,)),
    OPERATORS: frozenset((OPERATOR,)),
    NOBODY: frozenset(),
}


@dataclass(frozen=True)
class Refusal:
    """What those hear who may not: strangers (guests, and people of other hosts), shoppers with an account, staff without the right."""

    stranger: int
    shopper: int
    staff: int

    def to(self, audience: str) -> int:
        if audience in STAFF or audience == OPERATOR:
            return self.staff
        return self.shopper if audience == SHOPPER else self.stranger


API = Refusal(401, 403, 403)
OFFICE = Refusal(302, 302, 403)  # the frame's sign-in for whoever does not work here
PAGE = Refusal(302, 403, 403)
GONE = Refusal(404, 404, 404)


@dataclass(frozen=True)
class Door:
    """One address.

    Args:
        to: who may use it: a permission of the table, or one of the rules above.
        answers: status by method for those who may.
        refused: status for those who may not.
        send: what unsafe methods carry: a dictionary, or a function of the shop's values. JSON, unless `is_form`.
        headers: sent along; `content_type` of a body that is no form.
        query: behind the path, with its question mark.
        where: parameters of the address that differ from the shop's values of the same name.
        shows: the GET of those who may carries the shop's own canary; without such doors the suite could not see a leak.
        foreign: status for those who may, when every id in the address is the other shop's alone.
        notes: tables (`aurora.audit_entry`) that a safe method may write to.
        is_strict: methods that are not listed answer 405; Django's own views often take any.
    """

    to: str
    answers: dict[str, int]
    refused: Refusal = API
    send: dict[str, Any] | Callable[[dict[str, Any]], dict[str, Any]] = field(default_factory=dict)
    headers: dict[str, str] = field(default_factory=dict)
    where: dict[str, str] = field(default_factory=dict)
    shows: bool = False
    foreign: int = 404
    query: str = ""
    content_type: str = "application/json"
    notes: tuple[str, ...] = ()
    is_strict: bool = True
    is_form: bool = False

    def __post_init__(self) -> None:
        assert self.to in _RULES or self.to in PERMISSIONS, f"no such rule or permission: {self.to}"

    def is_open_to(self, audience: str) -> bool:
        return audience in _RULES.get(self.to, frozenset()) or audience in PERMISSIONS.get(self.to, frozenset())

    def is_tried_by(self, audience: str) -> bool:
        """What is open to everybody knows no roles: the owner stands for all staff there."""
        return self.to != EVERYBODY or audience not in STAFF or audience == Role.OWNER

    def status(self, method: str, audience: str) -> int:
        return self.answers[method] if self.is_open_to(audience) else self.refused.to(audience)

    def body(self, values: dict[str, Any]) -> dict[str, Any]:
        return self.send(values) if callable(self.send) else self.send
