"""Small public files of a shop: what a browser asks for by itself."""

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.urls import reverse
from django.utils.cache import patch_response_headers
from django.utils.html import escape
from django.utils.translation import get_language
from django.views.decorators.http import require_safe

from merchants.tenants.queries import get_current_merchant
from merchants.tenants.theme import theme_of

CACHE_S = 3600
DARK = "#0b0b0f"
NOT_FOR_ROBOTS = ("/admin/", "/accounts/", "/api/", "/console/", "/office/", "/orders/")

# The accent's rounded square with the shop's first letter.
_ICON = (
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 512 512"><rect width="512" height="512" rx="112" fill="{fill}"/>'
    '<text x="256" y="352" font-family="Inter,PingFang SC,Noto Sans CJK SC,sans-serif" font-size="280" font-weight="700" '
    'text-anchor="middle" fill="#fff">{letter}</text></svg>'
)


@require_safe
def manifest(request: HttpRequest) -> HttpResponse:
    """The shop can be put on a home screen."""
    merchant = get_current_merchant()
    response = JsonResponse(
        {
            "name": merchant.name,
            "short_name": merchant.name[:24],
            "lang": get_language(),
            "start_url": reverse("lobby"),
            "scope": "/",
            "display": "standalone",
            "background_color": DARK,
            "theme_color": DARK,
            "icons": [{"src": reverse("icon"), "sizes": "any", "type": "image/svg+xml", "purpose": "any maskable"}],
        },
        content_type="application/manifest+json",
    )
    patch_response_headers(response, CACHE_S)
    return response


@require_safe
def icon(request: HttpRequest) -> HttpResponse:
    merchant = get_current_merchant()
    svg = _ICON.format(fill=theme_of(merchant.accent).fill, letter=escape(merchant.name.strip()[:1].upper()))
    response = HttpResponse(svg, content_type="image/svg+xml")
    patch_response_headers(response, CACHE_S)
    return response


@require_safe
def robots(request: HttpRequest) -> HttpResponse:
    """Shoppers' pages may be found; the office, the consoles and receipts may not."""
    lines = ["User-agent: *", *(f"Disallow: {path}" for path in NOT_FOR_ROBOTS), "Allow: /"]
    return HttpResponse("\n".join([*lines, ""]), content_type="text/plain; charset=utf-8")
