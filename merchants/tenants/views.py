"""Public files of a shop that follow from its settings."""

from hashlib import blake2b

from django.http import HttpRequest, HttpResponse
from django.utils.cache import patch_response_headers
from django.views.decorators.http import require_safe

from merchants.tenants.queries import get_current_merchant
from merchants.tenants.theme import stylesheet_of, theme_of

THEME_CACHE_S = 300


@require_safe
def theme(request: HttpRequest) -> HttpResponse:
    """The shop's accent as a stylesheet: inline styles are barred by the content security policy."""
    css = stylesheet_of(theme_of(get_current_merchant().accent))
    response = HttpResponse(css, content_type="text/css; charset=utf-8", headers={"ETag": f'"{blake2b(css.encode(), digest_size=8).hexdigest()}"'})
    patch_response_headers(response, THEME_CACHE_S)
    return response
