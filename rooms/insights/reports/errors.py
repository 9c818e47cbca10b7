"""Refusals of reports."""

from django.utils.translation import gettext_lazy as _

from merchants.foundation.errors import Conflict, NotFound


class RunNotFound(NotFound):
    code = "report_run_not_found"
    text = _("There is no such computation here.")


class RunOver(Conflict):
    """`state` is a label, already translated."""

    code = "report_run_over"
    text = _("It is “%(state)s” already; there is nothing to call off.")
