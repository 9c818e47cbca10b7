"""Addresses of a shop's host."""

from django.contrib.admin import autodiscover
from django.urls import include, path
from drf_spectacular.views import SpectacularAPIView, SpectacularSwaggerSplitView

from merchants.dashboard.site import office
from merchants.tenants.views import theme

autodiscover()  # before the office tells its addresses
urlpatterns = [
    path("admin/", office.urls),
    path("accounts/", include("merchants.accounts.urls_shop")),
    path("accounts/", include("allauth.urls")),
    path("i18n/", include("django.conf.urls.i18n")),
    path("theme.css", theme, name="theme"),
    path("api/schema/", SpectacularAPIView.as_view(), name="schema"),
    path("api/docs/", SpectacularSwaggerSplitView.as_view(url_name="schema"), name="docs"),
    path("", include("realtime.urls")),
    path("", include("commerce.urls")),
    path("", include("dramas.urls")),
    path("", include("rooms.urls")),
]
