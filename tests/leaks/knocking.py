"""Asking at a door, and looking at the answer."""

import json
import re
from dataclasses import dataclass
from typing import Any

from tests.leaks.doors import Door
from tests.leaks.mirror import digest_of
from tests.leaks.twins import OURS, OURS_HOST, PLATFORM_HOST, THEIRS, Twins, undone

# Addresses whose patterns are regular expressions, filled in by hand.
_BY_HAND = {
    r"accounts/^confirm-email/(?P<key>[-:\w]+)/$": "accounts/confirm-email/no-such-key/",
    r"accounts/^password/reset/key/(?P<uidb36>[0-9A-Za-z]+)-(?P<key>.+)/$": "accounts/password/reset/key/1-no-such-key/",
    "admin/(?P<url>.*)$": "admin/no/such/page/",
    "admin/<app_label>/": "admin/accounts/",
}
_PARAMETER = re.compile(r"<(?:[a-z]+:)?([a-z_0-9]+)>")
_SCHEMAS = {OURS_HOST: OURS, PLATFORM_HOST: "public"}
UNSAFE = ("POST", "PUT", "PATCH", "DELETE")


@dataclass(frozen=True)
class Answer:
    """`text` is body and headers, in small letters."""

    status: int
    text: str

    def leaks(self, word: str) -> str:
        """The words around a canary, or nothing."""
        at = self.text.find(word)
        return self.text[max(0, at - 60) : at + 60] if at >= 0 else ""


def path_of(key: str, door: Door, values: dict[str, Any]) -> str:
    """The address behind a table's key (`…#edit` is a second line for the same one), its parameters filled in."""
    pattern = key.partition("#")[0]
    path = _BY_HAND.get(pattern, pattern)
    return "/" + _PARAMETER.sub(lambda found: str(values[door.where.get(found[1], found[1])]), path + door.query)


def has_parameters(key: str) -> bool:
    return "<" in key and key.partition("#")[0] not in _BY_HAND


def ask(twins: Twins, door: Door, method: str, path: str, *, audience: str, host: str = OURS_HOST, **options: Any) -> Answer:
    """One request whose writes are not undone here: callers hold `undone()` around it."""
    client = twins.browse(audience, host=host, **options)
    sent: dict[str, Any] = {"headers": door.headers}
    if method in UNSAFE:
        body = door.body(twins.shop.values)
        sent |= {"data": body} if door.is_form and method == "POST" else {"data": json.dumps(body, default=str), "content_type": door.content_type}
    response = getattr(client, method.lower())(path, **sent)
    content = b"".join(response) if response.streaming else response.content
    headers = "\n".join(f"{name}: {value}" for name, value in response.items())
    cookies = response.cookies.output()
    return Answer(response.status_code, f"{headers}\n{cookies}\n{content.decode('utf-8', 'replace')}".lower())


def find_wrong_answers(twins: Twins, key: str, door: Door, *, host: str = OURS_HOST) -> list[str]:
    """A line for each audience and method whose answer is not the expected one, or says something of the other shop."""
    values, wrong = twins.shop.values, []
    path = path_of(key, door, values)
    known = [name for name in (twins.of_platform if host == PLATFORM_HOST else twins.of_shop) if door.is_tried_by(name)]
    secret = THEIRS if host != PLATFORM_HOST else "canary"
    for method in door.answers:
        for audience in known:
            with undone():
                answer = ask(twins, door, method, path, audience=audience, host=host)
            expected = door.status(method, audience)
            if answer.status != expected:
                wrong.append(f"{method} {path} answers {audience} {answer.status}, expected {expected}")
            if around := answer.leaks(secret):
                wrong.append(f"{method} {path} tells {audience} of the other shop: …{around}…")
            if method == "GET" and door.shows and door.is_open_to(audience) and not answer.leaks(f"{OURS}-canary"):
                wrong.append(f"GET {path} shows {audience} nothing of the own shop: the suite could not see a leak here")
    return wrong


def find_foreign_answers(twins: Twins, key: str, door: Door) -> list[str]:
    """The same address with ids that only the other shop has: for those who may, they do not exist."""
    wrong = []
    path = path_of(key, door, twins.stranger.values)
    for method in door.answers:
        for audience in (name for name in twins.of_shop if door.is_open_to(name) and door.is_tried_by(name)):
            with undone():
                answer = ask(twins, door, method, path, audience=audience)
            if answer.status != door.foreign:
                wrong.append(f"{method} {path} answers {audience} {answer.status}, expected {door.foreign}")
            if around := answer.leaks("canary"):
                wrong.append(f"{method} {path} tells {audience} of the other shop: …{around}…")
    return wrong


def find_strayed_writes(twins: Twins, key: str, door: Door, *, host: str = OURS_HOST) -> list[str]:
    """What those who may do here writes nothing into the other shop, and a safe method writes nothing at all."""
    wrong = []
    path = path_of(key, door, twins.shop.values)
    known = twins.of_platform if host == PLATFORM_HOST else twins.of_shop
    audience = next(name for name in known if door.is_open_to(name))
    schemas = (OURS, THEIRS, "public")
    for method in door.answers:
        with undone():
            before = {schema: digest_of(schema) for schema in schemas}
            ask(twins, door, method, path, audience=audience, host=host)
            after = {schema: digest_of(schema) for schema in schemas}
        changed = {f"{schema}.{table}" for schema in before for table in before[schema] if before[schema][table] != after[schema][table]}
        allowed = set(door.notes) if method not in UNSAFE else {name for name in changed if name.startswith(f"{_SCHEMAS[host]}.")}
        wrong += [f"{method} {path} by {audience} changes {name}" for name in sorted(changed - allowed)]
    return wrong
