"""Stripe's door on the platform host: verify, find the shop, store, 200. Everything else happens in tasks."""

import structlog
from django.core.exceptions import RequestDataTooBig
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from commerce.payments import gateway
from commerce.payments.actions import take_event
from commerce.payments.errors import WebhookInvalid

log = structlog.get_logger(__name__)


@csrf_exempt  # the signature over the raw body says who speaks
@require_POST
def receive(request: HttpRequest) -> HttpResponse:
    """200 once the event is stored (again), 400 for anything that Stripe did not sign just now."""
    try:
        event = gateway.read_webhook(body=request.body, signature=request.headers.get("Stripe-Signature", ""))
    except (WebhookInvalid, RequestDataTooBig):
        log.warning("webhook_refused", size=request.headers.get("Content-Length"))
        return JsonResponse({"error": WebhookInvalid().as_payload()}, status=400)
    take_event(event=event)
    return HttpResponse(status=200)
