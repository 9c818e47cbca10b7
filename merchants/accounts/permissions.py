"""The one permission table. Doors ask `require`, pages ask `can`; a test walks every row with every role."""

from typing import Any

from merchants.accounts.roles import Role
from merchants.foundation.errors import Forbidden, Unauthenticated

_O, _E, _H, _M, _R, _F = Role.OWNER, Role.EDITOR, Role.HOST, Role.MODERATOR, Role.REVIEWER, Role.FINANCE

PERMISSIONS: dict[str, frozenset[str]] = {
    "office.open": frozenset({_O, _E, _H, _M, _R, _F}),
    "staff.view": frozenset({_O}),
    "staff.edit": frozenset({_O}),
    "shop.edit": frozenset({_O}),
    "products.view": frozenset({_O, _E, _H, _R, _F}),
    "products.edit": frozenset({_O, _E}),
    "stock.edit": frozenset({_O, _E, _H}),
    "seasons.view": frozenset({_O, _E, _H, _R}),
    "seasons.edit": frozenset({_O, _E}),
    "seasons.approve": frozenset({_O, _R}),
    "rooms.view": frozenset({_O, _E, _H, _M, _R}),
    "rooms.edit": frozenset({_O, _E}),
    "rooms.air": frozenset({_O, _H}),
    "rooms.moderate": frozenset({_O, _H, _M}),
    "orders.view": frozenset({_O, _F}),
    "orders.refund": frozenset({_O}),
    "finance.view": frozenset({_O, _F}),
    "finance.export": frozenset({_F, _O}),
    "finance.close": frozenset({_F, _O}),
    "insights.view": frozenset({_O, _E, _R, _F}),
    "insights.edit": frozenset({_O, _E}),
    "insights.start": frozenset({_O, _R}),
    "insights.stop": frozenset({_O, _E, _R}),
    "mail.view": frozenset({_O}),
}


def can(user: Any, permission: str) -> bool:
    """True when the user's role holds `permission`. An unknown permission is a defect: KeyError."""
    roles = PERMISSIONS[permission]
    return bool(user and user.is_authenticated and user.is_active and user.role in roles)


def require(user: Any, permission: str) -> None:
    """Raises: Unauthenticated (nobody signed in), Forbidden (signed in without the role)."""
    if can(user, permission):
        return
    if not (user and user.is_authenticated):
        raise Unauthenticated
    raise Forbidden
