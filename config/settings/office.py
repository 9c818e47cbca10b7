"""The office's frame (django-unfold): navigation, styles, and which panels its home shows."""

from typing import Any

_STYLES = ["/static/dist/merchants/office.style.css"]
_FRAME: dict[str, Any] = {
    "SITE_TITLE": "merchants.dashboard.navigation.shop_name",
    "SITE_HEADER": "merchants.dashboard.navigation.shop_name",
    "SITE_SUBHEADER": "merchants.dashboard.navigation.shop_host",
    "SITE_URL": "/",
    "SHOW_HISTORY": False,
    "SHOW_LANGUAGES": True,
    "THEME": "light",
}

UNFOLD_OFFICE: dict[str, Any] = _FRAME | {
    "STYLES": [*_STYLES, "/theme.css"],
    "SCRIPTS": ["/static/dist/merchants/office.js"],
    "SIDEBAR": {"show_search": False, "navigation": "merchants.dashboard.navigation.office"},
}
UNFOLD_PLATFORM: dict[str, Any] = _FRAME | {
    "STYLES": _STYLES,
    "SCRIPTS": ["/static/dist/merchants/office.js"],
    "SIDEBAR": {"show_search": False, "navigation": "merchants.dashboard.navigation.platform"},
}

# Each gives a list of merchants.dashboard.panels.Panel for the person who looks.
HOME_PANELS: list[str] = [
    "rooms.director.home.list_panels",
    "dramas.pages.panels.season_panels",
    "commerce.orders.home.list_panels",
]
