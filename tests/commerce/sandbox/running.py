"""The real sandbox process, the real SDK, and a real listener for its webhooks."""

import contextlib
import json
import queue
import secrets
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import stripe

REPOSITORY = Path(__file__).resolve().parents[3]
SHOP_ORIGIN = "http://aurora.localhost:8000"


def free_port() -> int:
    """A port nobody listens on at this moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@dataclass
class Reply:
    """An HTTP answer: status, headers (lower case), body."""

    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)

    @property
    def text(self) -> str:
        return self.body.decode()


class _StayHere(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *arguments: Any, **named: Any) -> None:
        return None


def ask(url: str, *, method: str = "GET", body: bytes | None = None, headers: dict[str, str] | None = None, timeout_s: float = 10) -> Reply:
    """One HTTP request without following redirects; error statuses are answers too."""
    request = urllib.request.Request(url, data=body, method=method, headers=headers or {})
    try:
        with urllib.request.build_opener(_StayHere).open(request, timeout=timeout_s) as answer:
            return Reply(answer.status, {key.lower(): value for key, value in answer.headers.items()}, answer.read())
    except urllib.error.HTTPError as error:
        return Reply(error.code, {key.lower(): value for key, value in error.headers.items()}, error.read())


@dataclass
class Sandbox:
    """One process on one state file; may be killed and started again."""

    state: Path
    port: int = field(default_factory=free_port)
    arguments: tuple[str, ...] = ()
    process: subprocess.Popen[bytes] | None = None

    @property
    def base(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> "Sandbox":
        """Start and wait until it says that it is ready."""
        command = [sys.executable, "-m", "commerce.sandbox", "--port", str(self.port), "--state", str(self.state), *self.arguments]
        self.process = subprocess.Popen(command, cwd=REPOSITORY, stdout=subprocess.PIPE)
        assert self.process.stdout
        line = self.process.stdout.readline()
        assert b"ready" in line, line
        wait_until(self._answers, "the sandbox answers")
        return self

    def _answers(self) -> bool:
        with contextlib.suppress(OSError):
            return ask(f"{self.base}/healthz").status == 200
        return False

    def end(self, how: signal.Signals = signal.SIGTERM) -> None:
        """End this very process and wait for it."""
        if self.process:
            self.process.send_signal(how)
            try:
                self.process.wait(10)
            except subprocess.TimeoutExpired:  # a defect, and told as one; but nothing stays behind
                self.process.kill()
                self.process.wait()
                raise
            if self.process.stdout:
                self.process.stdout.close()
            self.process = None

    def client(self, key: str, **options: Any) -> stripe.StripeClient:
        """The unmodified SDK."""
        return stripe.StripeClient(key, base_addresses={"api": self.base}, **options)

    def control(self, path: str, values: dict[str, Any] | None = None, method: str = "POST", key: str = "sk_test_control") -> Any:
        """A call to `/_sandbox/…`."""
        headers = {"Authorization": f"Bearer {key}", "Content-Type": "application/json"}
        body = json.dumps(values or {}).encode() if method == "POST" else None
        reply = ask(f"{self.base}/_sandbox/{path}", method=method, body=body, headers=headers)
        assert reply.status == 200, reply.text
        return reply.json


@dataclass
class Merchant:
    """A platform of its own (its key is new) with one connected account: nothing is shared between tests."""

    sandbox: Sandbox
    key: str
    client: stripe.StripeClient
    account: str

    @property
    def on(self) -> Any:
        """Request options that act on the connected account."""
        return {"stripe_account": self.account}

    @property
    def publishable(self) -> str:
        return self.key.replace("sk_", "pk_")

    def session(self, amount: int = 2500, **params: Any) -> stripe.checkout.Session:
        """A Checkout Session for our sheet."""
        line = {"price_data": {"currency": params.pop("currency", "usd"), "unit_amount": amount, "product_data": {"name": "Lamp"}}, "quantity": 1}
        wish: Any = {"mode": "payment", "ui_mode": "elements", "line_items": [line], **params}
        return self.client.v1.checkout.sessions.create(wish, self.on)

    def pay(self, amount: int = 2500, method: str = "pm_card_visa", **params: Any) -> stripe.PaymentIntent:
        """A PaymentIntent, created and confirmed."""
        wish: Any = {"amount": amount, "currency": "usd", "payment_method": method, "confirm": True, **params}
        return self.client.v1.payment_intents.create(wish, self.on)

    def sheet(self, path: str, values: dict[str, Any] | None = None, *, key: str = "", origin: str = SHOP_ORIGIN, **headers: str) -> Reply:
        """A call as the page's driver makes it."""
        given = {"Authorization": f"Bearer {key or self.publishable}", "Stripe-Account": self.account, "Origin": origin, **headers}
        body = json.dumps(values).encode() if values is not None else None
        given |= {"Content-Type": "application/json"} if body else {}
        return ask(f"{self.sandbox.base}{path}", method="POST" if body else "GET", body=body, headers=given)

    def submit(self, session: stripe.checkout.Session, number: str, **changes: Any) -> Reply:
        """Submit a card for a session."""
        card = {"number": number, "exp_month": 12, "exp_year": 2040, "cvc": "123", **changes.pop("card", {})}
        values = {"client_secret": session.client_secret, "card": card, "email": "viewer@example.com", **changes}
        return self.sheet(f"/v1/checkout/sessions/{session.id}/sheet/confirm", values)


def new_merchant(sandbox: Sandbox) -> Merchant:
    """A fresh platform with a fresh connected account."""
    key = f"sk_test_{secrets.token_hex(8)}"
    client = sandbox.client(key, max_network_retries=0)
    account = client.v1.accounts.create({"country": "US", "business_profile": {"name": "Aurora"}})
    return Merchant(sandbox, key, client, account.id)


@dataclass
class Delivery:
    """One webhook request as it arrived."""

    body: bytes
    signature: str
    at: float

    @property
    def event(self) -> Any:
        return json.loads(self.body)


class Listener:
    """A webhook endpoint; `answers` are the statuses of the next deliveries, 200 afterwards."""

    def __init__(self, port: int = 0) -> None:
        self.received: list[Delivery] = []
        self.answers: queue.Queue[int] = queue.Queue()
        listener = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                listener.received.append(Delivery(body, self.headers["Stripe-Signature"], time.time()))
                status = listener.answers.get_nowait() if not listener.answers.empty() else 200
                self.send_response(status)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *_: Any) -> None:
                return

        self.server = ThreadingHTTPServer(("127.0.0.1", port), Handler)
        self.server.daemon_threads = True
        self.thread = threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
        self.thread.start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server.server_port}/hook"

    def types(self) -> list[str]:
        """Event types in the order they arrived."""
        return [delivery.event["type"] for delivery in self.received]

    def close(self) -> None:
        self.server.shutdown()
        self.server.server_close()


@contextlib.contextmanager
def listening() -> Iterator[Listener]:
    """A listener for the length of a block."""
    listener = Listener()
    try:
        yield listener
    finally:
        listener.close()


def wait_until(condition: Callable[[], bool], what: str, timeout_s: float = 15) -> None:
    """Poll a condition; fails with words when it does not come true."""
    deadline = time.monotonic() + timeout_s
    while time.monotonic() < deadline:
        if condition():
            return
        time.sleep(0.02)
    raise AssertionError(f"not in {timeout_s} s: {what}")
