"""Addresses of contribution on a shop's host."""

from django.urls import URLPattern, path

from merchants.dashboard.site import office
from rooms.insights.contribution import api, views

urlpatterns: list[URLPattern] = [
    path("insights/contribution/", office.admin_view(views.contribution), name="insights-contribution"),
    path("insights/contribution/cost/", office.admin_view(views.add_cost), name="insights-contribution-cost"),
    path("api/v1/insights/seasons/<uuid:season_id>/contribution/", api.Contribution.as_view(), name="season-contribution"),
    path("api/v1/insights/seasons/<uuid:season_id>/contribution.csv", api.ContributionCsv.as_view(), name="season-contribution-csv"),
    path("api/v1/insights/seasons/<uuid:season_id>/costs/", api.Costs.as_view(), name="season-costs"),
]
