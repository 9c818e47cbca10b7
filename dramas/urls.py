"""Addresses of the dramas floor on a shop's host."""

from django.urls import URLPattern, URLResolver

from dramas.pages.urls import urlpatterns as pages
from dramas.playback.urls import urlpatterns as playback
from dramas.transcode.urls import urlpatterns as transcode

urlpatterns: list[URLPattern | URLResolver] = [*transcode, *playback, *pages]
