"""Experiments in the office: written as drafts, started, stopped and judged by buttons; what has started is read only."""

from typing import Any, ClassVar

from django.contrib import admin, messages
from django.db.models import Prefetch, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.translation import gettext_lazy as _
from unfold.admin import TabularInline
from unfold.decorators import action, display

from merchants.accounts.permissions import can
from merchants.dashboard.site import OfficeAdmin, ask_first, office
from merchants.foundation.audit import record_action
from merchants.foundation.errors import DomainError
from rooms.insights.experiments.actions import start_experiment, stop_experiment
from rooms.insights.experiments.course import course_state
from rooms.insights.experiments.forms import VariantForm, VariantFormSet
from rooms.insights.experiments.judging import request_verdict
from rooms.insights.experiments.metrics import GUARDRAILS, METRICS
from rooms.insights.experiments.models import ComparedRoom, Experiment, ExperimentGoal, ExperimentVariant, Judgement
from rooms.insights.experiments.payloads import say_payload
from rooms.insights.experiments.queries import JudgementView, judgement_view
from rooms.insights.experiments.states import State
from rooms.insights.experiments.texts import ADVICE_TEXTS, say_percent

_TONES = {"draft": "info", "running": "success", "stopped": ""}


class _OfDraft(TabularInline):
    """A row's rights are its experiment's: drafts may be changed."""

    extra = 0

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return can(request.user, "insights.view")

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return can(request.user, "insights.edit") and (obj is None or obj.state == State.DRAFT)

    has_add_permission = has_delete_permission = has_change_permission


class VariantInline(_OfDraft):
    model = ExperimentVariant
    form = VariantForm
    formset = VariantFormSet
    fields = ["number", "title", "weight", "shift_s", "shown", "start", "top"]
    readonly_fields = ["show_payload"]
    min_num = 2

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        """What is read only has no form, and so no field of it."""
        return self.fields if self.has_change_permission(request, obj) else ["number", "title", "weight", "shift_ms", "show_payload"]

    @display(description=_("what it shows"))
    def show_payload(self, variant: ExperimentVariant) -> str:
        return say_payload(variant.payload) or "—"


class GoalInline(_OfDraft):
    model = ExperimentGoal
    fields = ["metric", "is_guardrail", "tolerance_permille"]
    min_num = 1

    def get_extra(self, request: HttpRequest, obj: Any = None, **options: Any) -> int:
        """A new experiment begins with its guardrails filled in."""
        return len(GUARDRAILS) if obj is None else 0


class RoomInline(_OfDraft):
    model = ComparedRoom
    fields = ["room", "variant"]
    readonly_fields = ["variant"]
    verbose_name_plural = _("Rooms to compare, where whole rooms differ")


@admin.register(Experiment, site=office)
class ExperimentAdmin(OfficeAdmin):
    """A question, its plan, and what is known so far."""

    area = "insights"
    list_display = ["show_question", "show_state", "kind", "show_verdict", "started_at"]
    list_filter = ["state", "kind"]
    search_fields = ["title", "key"]
    readonly_fields = ["state", "show_verdict", "show_comparisons", "started_at", "stopped_at", "stop_reason"]
    fieldsets: ClassVar[list[tuple[Any, dict[str, Any]]]] = [
        (None, {"fields": ["title", ("key", "kind"), "room"]}),
        (_("Verdict"), {"fields": ["state", "show_verdict", "show_comparisons"]}),
        (_("Plan"), {"fields": [("planned_units", "least_lift_permille"), ("method", "looks"), "coverage_permille"]}),
        (_("Share of a group"), {"fields": [("group", "group_from", "group_to")]}),
        (_("Course"), {"fields": [("started_at", "stopped_at"), "stop_reason"]}),
    ]
    inlines = [VariantInline, GoalInline, RoomInline]
    actions = None
    actions_detail = ["start", "stop", "judge"]
    change_form_outer_before_template = "rooms/experiment_size.html"
    change_form_outer_after_template = "rooms/experiment_course.html"

    def get_queryset(self, request: HttpRequest) -> QuerySet[Experiment]:
        last = Judgement.objects.order_by("experiment_id", "-judged_at").distinct("experiment_id")
        found: QuerySet[Experiment] = super().get_queryset(request)
        return found.prefetch_related("variants", Prefetch("judgements", last, to_attr="last_judgements"))

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return super().has_change_permission(request, obj) and (obj is None or obj.state == State.DRAFT)

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return can(request.user, "insights.edit")

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self.has_change_permission(request, obj)

    def has_start_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return can(request.user, "insights.start")

    def has_stop_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return can(request.user, "insights.stop")

    def get_formset_kwargs(self, request: HttpRequest, obj: Any, inline: Any, prefix: str) -> dict[str, Any]:
        """Only the form that is opened has them: what is sent unchanged would otherwise count as left empty."""
        filled = super().get_formset_kwargs(request, obj, inline, prefix)
        if isinstance(inline, GoalInline) and request.method == "GET" and obj._state.adding:
            guards = [{"metric": name, "is_guardrail": True, "tolerance_permille": tolerance} for name, tolerance in GUARDRAILS.items()]
            filled["initial"] = [{}, *guards]
        return filled

    def changeform_view(self, request: HttpRequest, object_id: str | None = None, form_url: str = "", extra_context: Any = None) -> Any:
        """With the course of the verdicts, and the calculator while the plan may be changed."""
        experiment = self.get_object(request, object_id) if object_id else None
        more = {
            "may_plan": self.has_change_permission(request, experiment),
            "course": course_state(experiment.pk) if experiment is not None and self.has_view_permission(request) else None,
            "experiment": experiment,
        }
        return super().changeform_view(request, object_id, form_url, (extra_context or {}) | more)

    def save_model(self, request: HttpRequest, obj: Experiment, form: Any, change: bool) -> None:
        actor = str(getattr(request.user, "email", ""))
        if not change:
            obj.created_by = actor
        super().save_model(request, obj, form, change)
        record_action(actor=actor, action="experiment.edit" if change else "experiment.create", subject=f"experiment:{obj.pk}", key=obj.key)

    def delete_model(self, request: HttpRequest, obj: Experiment) -> None:
        record_action(
            actor=str(getattr(request.user, "email", "")), action="experiment.delete", subject=f"experiment:{obj.pk}", key=obj.key, title=obj.title
        )
        super().delete_model(request, obj)

    @display(description=_("question"), header=True, ordering="title")
    def show_question(self, experiment: Experiment) -> list[str]:
        return [experiment.title, experiment.key]

    @display(description=_("state"), ordering="state", label=_TONES)
    def show_state(self, experiment: Experiment) -> tuple[str, str]:
        return experiment.state, experiment.get_state_display()

    @display(description=_("verdict"))
    def show_verdict(self, experiment: Experiment) -> Any:
        judgement = self._judgement(experiment)
        if judgement is None:
            return "—"
        return format_html("<strong>{}</strong> · {}", ADVICE_TEXTS[judgement.advice], judgement.sentence)

    @display(description=_("what each variant changes"))
    def show_comparisons(self, experiment: Experiment) -> Any:
        """Lift and the interval that holds at every look; a verdict that is blocked shows none."""
        judgement = self._judgement(experiment)
        if judgement is None or not judgement.comparisons:
            return "—"
        titles = {str(variant.pk): variant.title for variant in experiment.variants.all()}
        rows = [
            (titles.get(one["variant"], ""), METRICS[one["goal"]].label, say_percent(one["lift"]), say_percent(one["low"]), say_percent(one["high"]))
            for one in judgement.comparisons
        ]
        return format_html("<ul>{}</ul>", format_html_join("", "<li>{} · {}: {} ({} … {})</li>", rows))

    def _judgement(self, experiment: Experiment) -> JudgementView | None:
        """Of a form that is not saved yet, none."""
        titles = {str(variant.pk): variant.title for variant in experiment.variants.all()} if experiment.pk else {}
        return next((judgement_view(row, titles) for row in getattr(experiment, "last_judgements", [])), None)

    @action(description=_("Start"), url_path="start", permissions=["start"])
    def start(self, request: HttpRequest, object_id: str) -> HttpResponse:
        question = _("Start “%(title)s”?")
        consequence = _("Viewers are split from now on. The variants are approved with the season as it stands; nothing can be changed any more.")
        return self._ask(request, object_id, question, consequence, _("Start"), start_experiment)

    @action(description=_("Stop"), url_path="stop", permissions=["stop"])
    def stop(self, request: HttpRequest, object_id: str) -> HttpResponse:
        question = _("Stop “%(title)s”?")
        consequence = _("Everybody sees the season as it is again. What was counted stays; the experiment cannot be started again.")
        return self._ask(request, object_id, question, consequence, _("Stop"), lambda **who: stop_experiment(reason="", **who))

    @action(description=_("Judge now"), url_path="judge", permissions=["view"])
    def judge(self, request: HttpRequest, object_id: str) -> HttpResponse:
        question = _("Judge “%(title)s” now?")
        consequence = _("The verdict holds however often you look.")
        return self._ask(request, object_id, question, consequence, _("Judge now"), lambda actor, **which: request_verdict(**which))

    def _ask(self, request: HttpRequest, object_id: str, question: Any, consequence: Any, deed: Any, story: Any) -> HttpResponse:
        experiment = self.get_object(request, object_id)
        if experiment is None:
            return redirect("admin:rooms_experiment_changelist")
        back = reverse("admin:rooms_experiment_change", args=[experiment.pk])
        asked = str(question) % {"title": experiment.title}
        page = ask_first(self, request, question=asked, consequence=consequence, deed=deed, back=back)
        if page is not None:
            return page
        try:
            story(experiment_id=experiment.pk, actor=str(getattr(request.user, "email", "")))
        except DomainError as refusal:
            messages.error(request, refusal.message)
        return redirect(back)
