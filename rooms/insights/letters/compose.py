"""A letter in its reader's language, text and HTML: the page's own figures."""

from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from merchants.foundation.money import Money, format_money
from merchants.tenants.queries import MerchantView
from rooms.insights.attribution.queries import AttributionQuestion, AttributionRow, list_attribution
from rooms.insights.attribution.texts import say_touch
from rooms.insights.figures.queries import get_figures
from rooms.insights.figures.texts import list_lines
from rooms.insights.letters.models import InsightLetter
from rooms.program.queries import list_rooms_by_id

MOST_TOUCHES = 5


def compose(letter: InsightLetter, *, email: str, language: str, shop: MerchantView) -> EmailMultiAlternatives:
    figures = get_figures(room_id=letter.room_id, since=letter.since, until=letter.until)
    touches = list_attribution(AttributionQuestion(since=letter.since, until=letter.until, room_id=letter.room_id))[:MOST_TOUCHES]
    room = next(iter(list_rooms_by_id([letter.room_id])), None) if letter.room_id else None
    asked = {"since": letter.since.isoformat(), "until": letter.until.isoformat()} | ({"room": room.slug} if room else {"room": ""})
    with translation.override(language or settings.LANGUAGE_CODE), timezone.override(shop.time_zone):
        title = room.title if room else shop.name
        subject = _("Figures of your show “%(title)s”") if letter.kind == InsightLetter.Kind.SHOW else _("Your week at %(title)s")
        context: dict[str, Any] = {
            "shop": shop,
            "title": title,
            "subject": subject % {"title": title},
            "span": _span(letter),
            "lines": list_lines(figures),
            "touches": [_touch(row, figures.currency) for row in touches],
            "link": f"{shop.origin}{reverse('insights')}?{urlencode(asked)}",
            "refuse": f"{shop.origin}{reverse('insight-letters')}",
        }
        mail = EmailMultiAlternatives(
            subject=context["subject"],
            body=render_to_string("rooms/mail/figures.txt", context),
            to=[email],
            headers={"List-Unsubscribe": f"<{context['refuse']}>"},
        )
        mail.attach_alternative(render_to_string("rooms/mail/figures.html", context), "text/html")
    return mail


def _span(letter: InsightLetter) -> str:
    since, until = date_format(letter.since), date_format(letter.until)
    return since if letter.since == letter.until else _("%(since)s to %(until)s") % {"since": since, "until": until}


def _touch(row: AttributionRow, currency: str) -> tuple[str, str]:
    return say_touch("source", row.touch, {}), format_money(Money(row.last_net_minor, currency))
