"""Where one says whether one wants letters."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from merchants.accounts.permissions import require
from merchants.dashboard.site import office
from merchants.foundation.errors import Forbidden
from rooms.insights.letters.actions import RECIPIENTS, choose_letters, wants_letters


@require_http_methods(["GET", "HEAD", "POST"])
def letters(request: HttpRequest) -> HttpResponse:
    """One's own choice, nobody else's."""
    try:
        require(request.user, "insights.view")
    except Forbidden as refusal:
        raise PermissionDenied(refusal.message) from refusal
    person: Any = request.user
    if request.method == "POST":
        choose_letters(person_id=person.pk, wants=request.POST.get("wants") == "yes")
        messages.success(request, _("Saved."))
        return redirect("insight-letters")
    context = {"title": _("Letters with figures"), "wants": wants_letters(person.pk), "gets": person.role in RECIPIENTS}
    return render(request, "rooms/insight_letters.html", office.each_context(request) | context)
