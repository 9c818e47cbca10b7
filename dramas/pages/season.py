"""The season in the office: its page, its details, and what the buttons do."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from dramas.pages.board import episode_url, get_board
from dramas.pages.doors import actor_of, office_view, wants_fragment
from dramas.pages.forms import SeasonForm
from dramas.seasons import actions
from dramas.seasons.queries import get_season
from merchants.dashboard.site import office
from merchants.foundation.errors import DomainError, InvalidInput

PAGE, LIST = "admin:dramas_season_change", "admin:dramas_season_changelist"
LIVE_TEMPLATE = "dramas/season/_live.html"


@require_safe
@office_view("seasons.view", back=LIST)
def show_season(request: HttpRequest, season_id: UUID) -> HttpResponse:
    """The season page; for its own script only the part that lives."""
    board = get_board(season_id, request.user, whole_history="history" in request.GET)
    if wants_fragment(request):
        return TemplateResponse(request, LIVE_TEMPLATE, {"board": board})
    context = office.each_context(request) | {"board": board, "title": board.season.title, "texts": page_texts()}
    return TemplateResponse(request, "dramas/season/page.html", context)


def page_texts() -> dict[str, str]:
    """What the page's script says."""
    return {
        "moved": _("Episode %(title)s moved to place %(number)s"),
        "failed": _("That did not work. Reload the page."),
        "offline": _("The office does not answer. Trying again."),
    }


@office_view("seasons.edit", back=LIST)
def add_season(request: HttpRequest) -> HttpResponse:
    form = SeasonForm(request.POST or None, initial={"profile": "classic"})
    if request.method == "POST" and form.is_valid():
        try:
            season_id = actions.create_season(actor=actor_of(request), **form.cleaned_data)
            return redirect(PAGE, season_id)
        except DomainError as refusal:
            _show(form, refusal)
    return _form_page(request, form, _("New season"), back="")


@office_view("seasons.edit", back=PAGE)
def edit_details(request: HttpRequest, season_id: UUID) -> HttpResponse:
    season = get_season(season_id)
    initial = {name: getattr(season, name) for name in SeasonForm.base_fields}
    form = SeasonForm(request.POST or None, initial=initial)
    if request.method == "POST" and form.is_valid():
        try:
            actions.edit_season(
                actor=actor_of(request), season_id=season_id, changes=form.cleaned_data | {"slug": form.cleaned_data["slug"] or season.slug}
            )
            return redirect(PAGE, season_id)
        except DomainError as refusal:
            _show(form, refusal)
    return _form_page(request, form, season.title, back=str(season_id))


@office_view("seasons.edit", back=PAGE)
def remove(request: HttpRequest, season_id: UUID) -> HttpResponse:
    """Asks first, and says what goes with it."""
    season = get_season(season_id)
    if request.method == "POST":
        actions.remove_season(actor=actor_of(request), season_id=season_id)
        messages.success(request, _("“%(title)s” was deleted.") % {"title": season.title})
        return redirect(LIST)
    return TemplateResponse(request, "dramas/season/remove.html", office.each_context(request) | {"season": season, "title": season.title})


@require_POST
@office_view("seasons.edit", back=PAGE)
def add_episode(request: HttpRequest, season_id: UUID) -> HttpResponse:
    return redirect(episode_url(actions.add_episode(actor=actor_of(request), season_id=season_id)))


@require_POST
@office_view("seasons.edit", back=PAGE)
def reorder(request: HttpRequest, season_id: UUID) -> HttpResponse:
    """`order`: the episodes' ids in their new order, separated by commas."""
    try:
        ids = [UUID(part) for part in request.POST.get("order", "").split(",")]
    except ValueError:
        raise InvalidInput(field=_("Order"), reason=_("Reload the page, then move it again.")) from None
    actions.reorder_episodes(actor=actor_of(request), season_id=season_id, episode_ids=ids)
    return _fresh(request, season_id)


@require_POST
@office_view("seasons.edit", back=PAGE)
def submit(request: HttpRequest, season_id: UUID) -> HttpResponse:
    actions.submit_season(actor=actor_of(request), season_id=season_id)
    messages.success(request, _("Sent for approval. The reviewers see it on their home page."))
    return redirect(PAGE, season_id)


@require_POST
@office_view("seasons.approve", back=PAGE)
def approve(request: HttpRequest, season_id: UUID) -> HttpResponse:
    """`digest`: of the content the page showed; another content is not sealed."""
    actions.approve_season(approver=request.user, season_id=season_id, digest=request.POST.get("digest", ""))
    messages.success(request, _("Approved and sealed. The season may air."))
    return redirect(PAGE, season_id)


@require_POST
@office_view("seasons.approve", back=PAGE)
def take_back(request: HttpRequest, season_id: UUID) -> HttpResponse:
    actions.withdraw_approval(approver=request.user, season_id=season_id)
    return redirect(PAGE, season_id)


def _fresh(request: HttpRequest, season_id: UUID) -> HttpResponse:
    if wants_fragment(request):
        return TemplateResponse(request, LIVE_TEMPLATE, {"board": get_board(season_id, request.user)})
    return redirect(PAGE, season_id)


def _show(form: SeasonForm, refusal: DomainError) -> None:
    form.add_error("slug" if refusal.code == "season_slug_taken" else None, refusal.message)


def _form_page(request: HttpRequest, form: Any, title: str, *, back: str) -> HttpResponse:
    context = office.each_context(request) | {"form": form, "title": title, "season_id": back}
    return TemplateResponse(request, "dramas/season/form.html", context, status=422 if form.errors else 200)
