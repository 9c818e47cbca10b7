"""Mail without a mail server: kept in the schema of whoever sent it, and shown in the office's mail viewer."""

from collections.abc import Sequence

from django.core.mail.backends.base import BaseEmailBackend
from django.core.mail.message import EmailMessage, EmailMultiAlternatives

from merchants.accounts.models import KeptMail
from merchants.foundation import clock

MOST_KEPT = 500


class KeepingBackend(BaseEmailBackend):
    """The embedded default (no EMAIL_URL): nothing leaves the machine."""

    def send_messages(self, email_messages: Sequence[EmailMessage]) -> int:
        for message in email_messages:
            KeptMail.objects.create(
                sent_at=clock.now(),
                sender=message.from_email[:254],
                recipient=", ".join(message.to)[:1000],
                subject=str(message.subject)[:300],
                body=str(message.body),
                html=_html_of(message),
            )
        old = KeptMail.objects.order_by("-sent_at").values_list("pk", flat=True)[MOST_KEPT:]
        KeptMail.objects.filter(pk__in=list(old)).delete()
        return len(email_messages)


def _html_of(message: EmailMessage) -> str:
    if isinstance(message, EmailMultiAlternatives):
        return next((str(content) for content, kind in message.alternatives if kind == "text/html"), "")
    return ""
