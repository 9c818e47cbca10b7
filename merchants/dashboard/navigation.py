"""The office's left navigation. A link shows when its permission and its address exist."""

from collections.abc import Callable
from typing import Any

from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from merchants.accounts.permissions import can


def _allowed(permission: str) -> Callable[[HttpRequest], bool]:
    return lambda request: can(request.user, permission)


def _item(title: Any, icon: str, link: str, permission: str) -> dict[str, Any]:
    return {"title": title, "icon": icon, "link": link, "permission": _allowed(permission), "active": lambda request: link == _nearest(request)}


def _nearest(request: HttpRequest) -> str:
    """The link that the page lies under; of two, the longer one. The home has no pages below it."""
    links = [item["link"] for group in OFFICE for item in group["items"]]
    return max((link for link in links if request.path == link or (link != HOME and request.path.startswith(link))), key=len, default="")


HOME = "/admin/"


OFFICE: list[dict[str, Any]] = [
    {
        "items": [
            _item(_("Home"), "home", HOME, "office.open"),
            _item(_("Seasons"), "movie", "/admin/dramas/season/", "seasons.view"),
            _item(_("Rooms"), "live_tv", "/admin/rooms/room/", "rooms.view"),
            _item(_("Products"), "sell", "/admin/commerce/product/", "products.view"),
            _item(_("Experiments"), "science", "/admin/rooms/experiment/", "insights.view"),
            _item(_("Orders"), "shopping_bag", "/admin/commerce/order/", "orders.view"),
        ]
    },
    {
        "separator": True,
        "items": [
            _item(_("Insights"), "monitoring", "/insights/", "insights.view"),
            _item(_("Contribution"), "waterfall_chart", "/insights/contribution/", "insights.view"),
            _item(_("Finance"), "account_balance", "/finance/", "finance.view"),
        ],
    },
    {
        "separator": True,
        "items": [
            _item(_("People"), "group", "/admin/accounts/user/", "staff.view"),
            _item(_("Mail"), "mail", "/admin/accounts/keptmail/", "mail.view"),
        ],
    },
]

PLATFORM: list[dict[str, Any]] = [
    {
        "items": [
            {"title": _("Merchants"), "icon": "storefront", "link": "/admin/tenants/merchant/"},
            {"title": _("Mail"), "icon": "mail", "link": "/admin/accounts/keptmail/"},
        ]
    }
]


def shop_name(request: HttpRequest) -> str:
    tenant = getattr(request, "tenant", None)
    return str(tenant.name) if tenant else "Cliffhanger"


def shop_host(request: HttpRequest) -> str:
    return request.get_host()


def office(request: HttpRequest) -> list[dict[str, Any]]:
    return OFFICE


def platform(request: HttpRequest) -> list[dict[str, Any]]:
    return PLATFORM
