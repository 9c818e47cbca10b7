"""A shopper of the demo: comes in by the front door, talks over the socket, pays with a test card. Only public interfaces."""

import http.client
import json
import re
import socket
import time
import uuid
from http.cookies import SimpleCookie
from typing import Any
from urllib.parse import urlencode, urlsplit

from websockets.sync.client import ClientConnection, connect
from websockets.typing import Origin

TIMEOUT_S = 10.0
STATE = re.compile(r'<script id="state" type="application/json">(.*?)</script>', re.DOTALL)


class ShopperRefused(Exception):
    """The platform answered with a refusal; the text holds its status and body."""


class Shopper:
    """One guest at the shop's host. The web process listens on 127.0.0.1:`port`."""

    def __init__(self, *, host: str, port: int, slug: str) -> None:
        self.host, self.port, self.slug = host, port, slug
        self.cookies: dict[str, str] = {}
        self.state: dict[str, Any] = {}

    def enter(self) -> None:
        """Open the room's page."""
        body = self._call("GET", f"/rooms/{self.slug}/").decode()
        found = STATE.search(body)
        if found is None:
            raise ShopperRefused("the room's page carries no state")
        self.state = json.loads(found.group(1))

    def rename(self, nickname: str) -> None:
        self._post(f"/api/v1/rooms/{self.slug}/nickname", {"nickname": nickname})
        self.enter()

    def say(self, lines: list[tuple[str, str, float]]) -> None:
        """Send `(kind, text, pause before it in seconds)` over the room's socket, kind `danmaku` or `comment`."""
        with self._socket() as line:
            for kind, text, pause_s in lines:
                time.sleep(pause_s)
                line.send(json.dumps({"k": kind, "ref": uuid.uuid4().hex[:8], "text": text}))
            time.sleep(0.5)

    def like(self, count: int) -> None:
        with self._socket() as line:
            line.send(json.dumps({"k": "likes", "count": count}))
            time.sleep(0.5)

    def buy(self, *, variant_id: str, name: str, email: str, card: str) -> tuple[str, str]:
        """Place an order and submit `card`. Returns the order's id and the sheet's result: paid, declined, requires_action."""
        body = {
            "client_key": uuid.uuid4().hex,
            "lines": [{"variant_id": variant_id, "quantity": 1}],
            "email": email,
            "ship_name": name,
            "ship_address": "1 Platform Road, Example Town",
            "attribution": self._post(f"/api/v1/rooms/{self.slug}/attribution/", self._moment())["token"],
        }
        checkout = self._post("/api/v1/checkout/", body)
        sheet = self._submit_card(checkout["payment"], card, email)
        if sheet["result"] == "paid":
            self._post(f"/api/v1/checkout/{checkout['order']['id']}/settle/", {})
        return checkout["order"]["id"], sheet["result"]

    def _moment(self) -> dict[str, int]:
        """Where the room's story stood when its page was made."""
        now_ms = self.state["server_ms"]
        entry = next((entry for entry in self.state["snapshot"]["entries"] if entry["started_at_ms"] <= now_ms), None)
        if entry is None:
            raise ShopperRefused("the room shows nothing")
        return {"program_seq": entry["seq"], "position_ms": int(entry["offset_ms"] + (now_ms - entry["started_at_ms"]) * entry["rate"])}

    def _submit_card(self, payment: dict[str, Any], number: str, email: str) -> dict[str, Any]:
        base = urlsplit(payment["api_base"])
        connection = http.client.HTTPConnection("127.0.0.1", base.port, timeout=TIMEOUT_S)
        card = {"number": number, "exp_month": 12, "exp_year": 2034, "cvc": "123"}
        headers = {
            "Authorization": f"Bearer {payment['publishable_key']}",
            "Stripe-Account": payment["account"],
            "Content-Type": "application/json",
            "Origin": f"http://{self.host}:{self.port}",
        }
        path = f"/v1/checkout/sessions/{payment['session_id']}/sheet/confirm"
        connection.request("POST", path, json.dumps({"client_secret": payment["client_secret"], "card": card, "email": email}), headers)
        return _read_json(connection)

    def _post(self, path: str, body: dict[str, Any]) -> dict[str, Any]:
        answer: dict[str, Any] = json.loads(self._call("POST", path, json.dumps(body).encode()) or b"{}")
        return answer

    def _socket(self) -> ClientConnection:
        """`*.localhost` is a browser's name: everybody else connects to the loopback address and says the host."""
        ticket = self.state["socket"]
        target = f"ws://{self.host}:{self.port}{ticket['path']}?{urlencode({'ticket': ticket['ticket']})}"
        dialled = socket.create_connection(("127.0.0.1", self.port), TIMEOUT_S)
        return connect(target, sock=dialled, origin=Origin(f"http://{self.host}:{self.port}"), open_timeout=TIMEOUT_S, close_timeout=1)

    def _call(self, method: str, path: str, body: bytes | None = None) -> bytes:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=TIMEOUT_S)
        headers = {"Host": f"{self.host}:{self.port}", "Accept-Language": "en", "Origin": f"http://{self.host}:{self.port}"}
        headers["Cookie"] = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        if body is not None:
            headers |= {"Content-Type": "application/json", "X-CSRFToken": str(self.state.get("csrf", ""))}
        connection.request(method, path, body, headers)
        response = connection.getresponse()
        content = response.read()
        for name, value in response.getheaders():
            if name.lower() == "set-cookie":
                self.cookies |= {key: morsel.value for key, morsel in SimpleCookie(value).items()}
        connection.close()
        if response.status >= 400:
            raise ShopperRefused(f"{method} {path}: {response.status} {content[:300]!r}")
        return content


def _read_json(connection: http.client.HTTPConnection) -> dict[str, Any]:
    response = connection.getresponse()
    content = response.read()
    connection.close()
    if response.status >= 400:
        raise ShopperRefused(f"the sheet answered {response.status}: {content[:300]!r}")
    answer: dict[str, Any] = json.loads(content)
    return answer
