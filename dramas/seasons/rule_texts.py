"""The words of the rules before air: code → (what was found, how to mend it or what the rule asks)."""

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

RULE_TEXTS: dict[str, tuple[Promise, Promise]] = {
    "episodes_counted": (_("%(count)s episodes"), _("season rule: %(least)s to %(most)s")),
    "episodes_too_few": (_("Only %(count)s episodes"), _("Add %(missing)s more, or choose another pacing.")),
    "episodes_too_many": (_("%(count)s episodes are too many"), _("Remove %(surplus)s, or choose another pacing.")),
    "media_ready": (_("Every episode is ready"), _("%(count)s of %(count)s converted")),
    "media_missing": (_("Episode %(number)s has no video"), _("Upload its video.")),
    "media_failed": (_("The video of episode %(number)s failed"), _("Retry, or upload it again.")),
    "media_transcoding": (_("Episode %(number)s is transcoding, %(percent)s %%"), _("It becomes ready by itself.")),
    "media_unlocked": (_("Episode %(number)s is being locked"), _("It becomes ready by itself.")),
    "length_inside": (_("Every length %(shortest)s to %(longest)s"), _("pacing %(profile)s: %(least)s to %(most)s")),
    "length_outside": (
        _("Episode %(number)s lasts %(length)s"),
        _("Pacing %(profile)s asks for %(least)s to %(most)s. Cut it, choose another pacing, or give a reason."),
    ),
    "length_excused": (_("Episode %(number)s lasts %(length)s"), _("Outside %(least)s to %(most)s. Reason: %(reason)s")),
    "free_first": (_("Free episodes come first"), _("%(free)s free, %(locked)s locked")),
    "first_not_free": (_("Episode %(number)s is not free"), _("Make the first episode free: nobody buys a story unseen.")),
    "free_after_paid": (_("Episode %(number)s is free after a locked one"), _("Lock it too, or move it before episode %(earlier)s.")),
    "unlock_missing": (_("Episode %(number)s has no price"), _("Choose the product variant that unlocks it.")),
    "unlock_not_sold": (_("What unlocks episode %(number)s is not for sale"), _("Publish that product, or choose another one.")),
    "unlock_grants_other": (_("“%(product)s” does not unlock episode %(number)s"), _("Let the variant unlock this episode or the season.")),
    "cues_inside": (_("%(count)s cues, all inside their episodes"), _("products of this shop")),
    "cues_none": (_("No cue yet"), _("Nothing will be shown for sale. Add a cue to an episode.")),
    "cue_after_end": (_("Episode %(number)s: the cue at %(at)s comes after the end"), _("The episode ends at %(end)s. Start it earlier.")),
    "cue_outlasts": (_("Episode %(number)s: the cue at %(at)s outlasts the episode"), _("Let it stay for %(rest)s at most.")),
    "cue_product_gone": (_("Episode %(number)s: the product at %(at)s is gone"), _("Choose another product, or remove the cue.")),
    "cues_overlap": (_("Episode %(number)s: two cards overlap at %(at)s"), _("The later one takes the place of the earlier one.")),
    "captions_complete": (_("Captions in %(language)s"), _("every episode")),
    "captions_lacking": (_("Captions in %(language)s are not everywhere"), _("Missing in: %(numbers)s. Upload them, or remove the language.")),
    "licence_given": (_("Licence line"), _("%(line)s")),
    "licence_missing": (_("No licence line"), _("Name the rights holder or the licence number.")),
}
