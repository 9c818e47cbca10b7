"""Seasons and episodes in the office: the list is django-unfold's, the pages are ours."""

from typing import Any
from uuid import UUID

from django.contrib import admin
from django.db.models import Count, QuerySet, Sum
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import URLPattern, path
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display

from dramas.models import Episode, Season
from dramas.pages import episode, season, tags
from dramas.seasons.timecode import format_length
from merchants.dashboard.site import OfficeAdmin, office

STATE_TONES = {"draft": "warning", "approved": "success", "aired": "info"}


@admin.register(Season, site=office)
class SeasonAdmin(OfficeAdmin):
    area = "seasons"
    list_display = ["show_title", "show_state", "show_profile", "show_episodes", "show_length", "updated_at"]
    list_filter = ["state", "profile"]
    search_fields = ["title", "slug", "episodes__title"]
    list_before_template = "dramas/season/_empty.html"
    actions = None  # deleting in bulk would pass the stories by

    def get_queryset(self, request: HttpRequest) -> QuerySet[Season]:
        return super().get_queryset(request).annotate(episode_count=Count("episodes"), length_ms=Sum("episodes__duration_ms"))

    @display(description=_("season"), ordering="title", header=True)
    def show_title(self, season: Season) -> list[str]:
        return [season.title, f"/seasons/{season.slug}/"]

    @display(description=_("state"), ordering="state", label=STATE_TONES)
    def show_state(self, season: Season) -> tuple[str, str]:
        return season.state, season.get_state_display()

    @display(description=_("pacing"), ordering="profile")
    def show_profile(self, season: Season) -> str:
        return season.get_profile_display()

    @display(description=_("episodes"), ordering="episode_count")
    def show_episodes(self, season: Any) -> int:
        return int(season.episode_count)

    @display(description=_("length"), ordering="length_ms")
    def show_length(self, season: Any) -> str:
        return format_length(season.length_ms or 0)

    def get_urls(self) -> list[URLPattern]:
        views = {
            "details": season.edit_details,
            "remove": season.remove,
            "episodes": season.add_episode,
            "order": season.reorder,
            "submit": season.submit,
            "approve": season.approve,
            "take_back": season.take_back,
            "tags": tags.edit_tags,
        }
        own = [path(f"<uuid:season_id>/{name}/", self.admin_site.admin_view(view), name=f"dramas_season_{name}") for name, view in views.items()]
        return own + super().get_urls()

    def add_view(self, request: HttpRequest, form_url: str = "", extra_context: Any = None) -> HttpResponse:
        return season.add_season(request)

    def change_view(self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None) -> HttpResponse:
        return season.show_season(request, season_id=_as_uuid(object_id))

    def delete_view(self, request: HttpRequest, object_id: str, extra_context: Any = None) -> HttpResponse:
        return season.remove(request, season_id=_as_uuid(object_id))

    def history_view(self, request: HttpRequest, object_id: str, extra_context: Any = None) -> HttpResponse:
        return redirect(f"/admin/dramas/season/{_as_uuid(object_id)}/change/?history")


@admin.register(Episode, site=office)
class EpisodeAdmin(OfficeAdmin):
    """Reached from its season; it has no list of its own."""

    area = "seasons"
    actions = None

    def get_urls(self) -> list[URLPattern]:
        pages = {"save": episode.save, "captions": episode.put_captions, "remove": episode.remove, "preview": episode.show_preview}
        own = [path(f"<uuid:episode_id>/{name}/", self.admin_site.admin_view(view), name=f"dramas_episode_{name}") for name, view in pages.items()]
        own.append(
            path(
                "<uuid:episode_id>/captions/<slug:language>/remove/",
                self.admin_site.admin_view(episode.remove_captions),
                name="dramas_episode_captions_remove",
            )
        )
        return own + super().get_urls()

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        return redirect("admin:dramas_season_changelist")

    def add_view(self, request: HttpRequest, form_url: str = "", extra_context: Any = None) -> HttpResponse:
        return redirect("admin:dramas_season_changelist")

    def change_view(self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None) -> HttpResponse:
        return episode.show_episode(request, episode_id=_as_uuid(object_id))

    def delete_view(self, request: HttpRequest, object_id: str, extra_context: Any = None) -> HttpResponse:
        return redirect(f"/admin/dramas/episode/{_as_uuid(object_id)}/change/")

    def history_view(self, request: HttpRequest, object_id: str, extra_context: Any = None) -> HttpResponse:
        return redirect(f"/admin/dramas/episode/{_as_uuid(object_id)}/change/")

    def has_module_permission(self, request: HttpRequest) -> bool:
        return False  # the navigation leads to seasons


def _as_uuid(object_id: str) -> UUID:
    try:
        return UUID(object_id)
    except ValueError:
        raise Http404 from None
