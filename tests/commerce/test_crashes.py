"""kill -9 of a web process in the middle of a checkout: whoever comes back finishes the same purchase."""

import http.client
import json
import os
import signal
import subprocess
import sys
import threading
from pathlib import Path
from uuid import uuid4

import pytest
from django.conf import settings

from commerce.orders.models import Order
from commerce.orders.queries import get_order
from commerce.orders.states import OrderState
from commerce.payments.actions import Checkout, ensure_account, settle_order
from commerce.payments.models import Attempt
from merchants.foundation.tenancy import in_schema
from tests.commerce.sandbox.running import free_port, wait_until

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]
TOKEN = "t" * 32


class Web:
    """The real web process on the test's database."""

    def __init__(self) -> None:
        self.port = free_port()
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        environment = os.environ | {
            "PORT": str(self.port),
            "STRIPE_API_BASE": settings.STRIPE_API_BASE,
            "STRIPE_SECRET_KEY": settings.STRIPE_SECRET_KEY,
            "STRIPE_PUBLISHABLE_KEY": settings.STRIPE_PUBLISHABLE_KEY,
            "DJANGO_SETTINGS_MODULE": "config.settings",
        }
        self.process = subprocess.Popen([sys.executable, "-m", "config.serve"], cwd=Path(settings.BASE_DIR), env=environment)
        wait_until(self._answers, "the web process answers", timeout_s=60)

    def _answers(self) -> bool:
        try:
            return self.ask("GET", "/api/v1/products/")[0] == 200
        except OSError:
            return False

    def kill(self) -> None:
        if self.process:
            self.process.send_signal(signal.SIGKILL)
            self.process.wait(10)
            self.process = None

    def ask(self, method: str, path: str, body: object = None, *, viewer: str = "", timeout_s: float = 30) -> tuple[int, dict, str]:
        """Status, JSON, and the viewer cookie."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=timeout_s)
        headers = {"Host": "aurora.localhost", "Content-Type": "application/json", "X-CSRFToken": TOKEN, "Cookie": f"csrf={TOKEN}; viewer={viewer}"}
        connection.request(method, path, json.dumps(body) if body is not None else None, headers)
        response = connection.getresponse()
        cookie = response.headers.get("Set-Cookie", "")
        return response.status, json.loads(response.read() or b"null"), cookie.split("viewer=")[1].split(";")[0] if "viewer=" in cookie else viewer


@pytest.fixture
def web():
    running = Web()
    yield running
    running.kill()


def test_web_killed_while_stripe_answers(desk, aurora, sell, level_of, web):
    """Killed after Stripe made the session and before its answer was written: the same tap goes on with that session."""
    card = sell(aurora, stock=1)
    web.start()
    _status, _body, viewer = web.ask("GET", "/api/v1/bag/")
    wish = {"client_key": f"key-{uuid4()}", "lines": [{"variant_id": str(card.variants[0].id), "quantity": 1}], "email": "iris@mail.test"}
    with in_schema(aurora.schema):
        account = ensure_account()
    desk.control("fail-next", {"mode": "timeout_after_commit", "method": "POST", "path": "/v1/checkout/sessions", "count": 10, "hold_ms": 60_000})
    lost = threading.Thread(target=_ask_and_lose, args=(web, wish, viewer))
    lost.start()
    wait_until(lambda: bool(_sessions(desk, account)), "Stripe has made the session")
    web.kill()
    lost.join(30)
    desk.control("fail-next", method="DELETE")
    with in_schema(aurora.schema):
        assert Attempt.objects.get().state == Attempt.State.CREATED
        assert level_of(aurora, card).held == 1
    web.start()
    status, body, _viewer = web.ask("POST", "/api/v1/checkout/", wish, viewer=viewer)
    assert status == 201, body
    assert [session.id for session in _sessions(desk, account)] == [body["payment"]["session_id"]]
    with in_schema(aurora.schema):
        order = Order.objects.get()
        checkout = Checkout(get_order(order.pk), body["payment"]["session_id"], body["payment"]["client_secret"], account)
        assert desk.submit(checkout)["result"] == "paid"
        assert settle_order(order_id=order.pk).state == OrderState.PAID
        level = level_of(aurora, card)
        assert (level.available, level.held, level.sold) == (0, 0, 1)
        assert Attempt.objects.count() == 1


def _ask_and_lose(web: Web, wish: dict, viewer: str) -> None:
    try:
        web.ask("POST", "/api/v1/checkout/", wish, viewer=viewer, timeout_s=60)
    except OSError:
        return  # the process died under the request


def _sessions(desk, account: str) -> list:
    return desk.client().v1.checkout.sessions.list({}, {"stripe_account": account}).data
