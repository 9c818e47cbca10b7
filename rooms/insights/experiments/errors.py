"""Refusals of experiments."""

from django.utils.translation import gettext_lazy as _

from merchants.foundation.errors import Conflict, DomainError, NotFound


class ExperimentNotFound(NotFound):
    code = "experiment_not_found"
    text = _("There is no such experiment here.")


class KeyTaken(Conflict):
    code = "experiment_key_taken"
    text = _("Another experiment has the key “%(key)s”. Choose another one.")


class MoveRefused(Conflict):
    """`move` and `state` are labels, already translated."""

    code = "experiment_move_refused"
    text = _("“%(move)s” is not possible: the experiment is “%(state)s”.")


class VariantInvalid(DomainError):
    """`reason` says which part of the variant's payload is wrong, and what it may be; already translated."""

    code = "experiment_variant_invalid"
    http_status = 422
    text = _("This variant cannot be used. %(reason)s")


class GoalOfRooms(DomainError):
    """`goal` is the metric's label. Its sums belong to rooms, so single viewers cannot be compared by it."""

    code = "experiment_goal_of_rooms"
    http_status = 422
    text = _("“%(goal)s” is known of whole rooms only. Choose another goal, or compare rooms.")


class NotReady(DomainError):
    """What is missing before an experiment can start; a subclass each."""

    code = "experiment_not_ready"
    http_status = 409
    text = _("The experiment is not complete yet.")


class VariantsMissing(NotReady):
    code = "experiment_needs_variants"
    text = _("An experiment needs a control and at least one variant. Add one, then start.")


class GoalMissing(NotReady):
    code = "experiment_needs_goal"
    text = _("An experiment needs a goal that decides it. Choose a metric that is no guardrail, then start.")


class RoomMissing(NotReady):
    code = "experiment_needs_room"
    text = _("This experiment varies what viewers see in one room. Choose the room, then start.")


class SeasonNotApproved(NotReady):
    code = "experiment_needs_approval"
    text = _("The room's season is not approved for air. Have it approved, then start: the variants are approved together with it.")


class NothingVaries(NotReady):
    code = "experiment_varies_nothing"
    text = _("Every variant shows the cards at the same time. Move at least one card in one variant, then start.")


class AllAlike(NotReady):
    code = "experiment_all_alike"
    text = _("All variants are alike. Change what one of them shows, then start.")


class RoomsMissing(NotReady):
    code = "experiment_needs_rooms"
    text = _("This experiment compares whole rooms. Give it at least %(least)s rooms for each variant (%(missing)s are missing), then start.")


class Overlaps(NotReady):
    """`other` is the title of the experiment in the way."""

    code = "experiment_overlaps"
    text = _("“%(other)s” varies the same thing for the same people. Stop it first, or put both into one group with shares that do not overlap.")
