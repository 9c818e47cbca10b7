"""Letters to buyers: receipt and refund, in the language they bought in, with the link to their order."""

from datetime import timedelta
from uuid import UUID

import structlog
from django.core.mail import EmailMultiAlternatives
from django.db.models import F, Q
from django.template.loader import render_to_string
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from commerce.orders.models import OrderMail
from commerce.orders.queries import OrderView, get_order
from merchants.foundation import clock
from merchants.foundation.money import format_money
from merchants.foundation.tenancy import enqueue
from merchants.tenants.queries import MerchantView, get_current_merchant

log = structlog.get_logger(__name__)

MOST_ATTEMPTS = 8
LEASE = timedelta(minutes=2)


def send_mail(*, mail_id: UUID | str) -> bool:
    """Send one owed letter. False when it was sent, is being sent, or was tried too often.

    Raises: OSError (an smtplib error is one) when the mail server does not take it; the sweeper comes back.
    """
    free = Q(claimed_at=None) | Q(claimed_at__lt=clock.now() - LEASE)
    mails = OrderMail.objects.filter(free, pk=mail_id, sent_at=None, attempts__lt=MOST_ATTEMPTS)
    if not mails.update(claimed_at=clock.now(), attempts=F("attempts") + 1):
        return False
    mail = OrderMail.objects.get(pk=mail_id)
    _compose(mail.kind, get_order(mail.order_id), get_current_merchant()).send()
    OrderMail.objects.filter(pk=mail_id).update(sent_at=clock.now())
    return True


def send_owed_mail() -> int:
    """Queue again what a crash or a mail server swallowed. Returns how many."""
    owed = OrderMail.objects.filter(sent_at=None, attempts__lt=MOST_ATTEMPTS).filter(Q(claimed_at=None) | Q(claimed_at__lt=clock.now() - LEASE))
    ids = list(owed.order_by("pk").values_list("pk", flat=True)[:100])
    for mail_id in ids:
        enqueue("commerce.orders.tasks.send_order_mail", mail_id=str(mail_id))
    return len(ids)


def _compose(kind: str, order: OrderView, shop: MerchantView) -> EmailMultiAlternatives:
    with translation.override(order.language), timezone.override(shop.time_zone):
        subject = _("Your receipt %(number)s from %(shop)s") if kind == OrderMail.Kind.RECEIPT else _("Your refund for %(number)s from %(shop)s")
        context = {
            "order": order,
            "shop": shop,
            "lines": [(line, format_money(line.total)) for line in order.lines],
            "total": format_money(order.total),
            "refunded": format_money(order.refunded),
            "link": f"{shop.origin}{order.receipt_path}",
        }
        letter = EmailMultiAlternatives(
            subject=subject % {"number": order.number, "shop": shop.name},
            body=render_to_string(f"commerce/mail/{kind}.txt", context),
            to=[order.email],
        )
        letter.attach_alternative(render_to_string(f"commerce/mail/{kind}.html", context), "text/html")
    return letter
