"""Refusals of the payments."""

from django.utils.translation import gettext_lazy as _

from merchants.foundation.errors import DomainError, Unavailable


class PaymentsUnreachable(Unavailable):
    """No answer: the call may or may not have happened. The same idempotency key asks again."""

    code = "payments_unreachable"
    text = _("The payment service does not answer. Try again in a moment; nothing is charged twice.")


class PaymentsBroken(Unavailable):
    """Stripe failed (5xx). It would answer the same key with the same failure, so the outcome must be looked up first."""

    code = "payments_broken"
    text = _("The payment service has a problem. Try again in a moment; nothing is charged twice.")


class PaymentsRefused(DomainError):
    """Stripe answered no; `stripe_code` says why, for the log and the office."""

    code = "payments_refused"
    http_status = 502
    text = _("The payment service refused this payment. Nothing was charged; try again or tell the shop.")


class WebhookInvalid(DomainError):
    code = "webhook_invalid"
    http_status = 400
    text = _("This message is not signed by the payment service, or too old.")


class RefundTooLarge(DomainError):
    code = "refund_too_large"
    http_status = 409
    text = _("Only %(available)s of this payment can still be paid back.")


class NothingToRefund(DomainError):
    code = "nothing_to_refund"
    http_status = 409
    text = _("Nothing was paid for this order, or everything was paid back.")


class UnknownObject(DomainError):
    """An event names a payment, a refund or a shop that is not ours: it goes to quarantine."""

    code = "unknown_object"
    http_status = 404
    text = _("This payment does not belong to the shop.")
