"""How often one viewer may ask, counted in the shop's cache."""

from typing import Any

from rest_framework.throttling import SimpleRateThrottle

from merchants.accounts.guests import viewer_of


class ViewerThrottle(SimpleRateThrottle):
    """By viewer and address. Guests whose cookie was made by this very request share their address's count."""

    def get_cache_key(self, request: Any, view: Any) -> str:
        viewer = viewer_of(request._request)
        who = "new" if hasattr(request._request, "_viewer_cookie") else viewer.id
        return self.cache_format % {"scope": self.scope, "ident": f"{self.get_ident(request)}:{who}"}


class BrowseThrottle(ViewerThrottle):
    scope, rate = "commerce-browse", "240/min"


class BagThrottle(ViewerThrottle):
    scope, rate = "commerce-bag", "120/min"


class CheckoutThrottle(ViewerThrottle):
    """Orders hold stock: ten a minute is more than anybody buys by hand."""

    scope, rate = "commerce-checkout", "10/min"


class CheckoutAddressThrottle(SimpleRateThrottle):
    """All viewers of one address together, wide enough for a phone company's."""

    scope, rate = "commerce-checkout-address", "300/min"

    def get_cache_key(self, request: Any, view: Any) -> str:
        return self.cache_format % {"scope": self.scope, "ident": self.get_ident(request)}


class StatusThrottle(ViewerThrottle):
    scope, rate = "commerce-status", "240/min"


class SettleThrottle(ViewerThrottle):
    """Each of these asks Stripe."""

    scope, rate = "commerce-settle", "40/min"
