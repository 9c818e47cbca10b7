"""Addresses of the platform host: sign-up and the operators' console."""

from django.contrib.admin import autodiscover
from django.urls import include, path

from merchants.accounts.views import sign_up
from merchants.dashboard.site import platform

autodiscover()  # before the office tells its addresses
urlpatterns = [
    path("", sign_up, name="sign_up"),
    path("admin/", platform.urls),
    path("accounts/", include("allauth.urls")),
    path("i18n/", include("django.conf.urls.i18n")),
    path("", include("commerce.urls_platform")),
]
