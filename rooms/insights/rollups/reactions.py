"""What the rollups hear of the shop."""

from merchants.tenants.facts import TimeZoneChanged
from rooms.insights.rollups.actions import redate


def redate_visits(_fact: TimeZoneChanged) -> None:
    redate()
