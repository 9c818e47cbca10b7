"""What can be made to go wrong, set per process and gone after a restart."""

import random
from dataclasses import dataclass, field, fields, replace
from typing import Any

from commerce.sandbox.wire.errors import Json, invalid_param

_LIMITS = {
    "duplicate": 20,
    "shuffle": 1,
    "shuffle_window_ms": 60_000,
    "delay_ms": 3_600_000,
    "drop_permille": 1000,
    "forged_permille": 1000,
    "future_timestamp_s": 10_000_000,
    "retry_base_ms": 60_000,
    "seed": 2**31,
}


@dataclass(frozen=True)
class Knobs:
    """Faults of the webhook pump. All off by default.

    duplicate: extra copies of every event. shuffle: every copy waits a random part of `shuffle_window_ms`.
    delay_ms: every copy waits this long. drop_permille: share of events that never leave (they stay in `GET /v1/events`).
    forged_permille: share of events that bring along a copy with altered amounts, signed with a wrong secret.
    future_timestamp_s: moves the signature's timestamp ahead. retry_base_ms: first pause after a failed delivery.
    """

    duplicate: int = 0
    shuffle: bool = False
    shuffle_window_ms: int = 1000
    delay_ms: int = 0
    drop_permille: int = 0
    forged_permille: int = 0
    future_timestamp_s: int = 0
    retry_base_ms: int = 1000
    seed: int = 1
    chance: random.Random = field(default_factory=lambda: random.Random(1), compare=False, repr=False)  # noqa: S311 - reproducible faults, no secret

    def as_body(self) -> Json:
        """The values as JSON."""
        return {item.name: getattr(self, item.name) for item in fields(self) if item.name != "chance"}

    def turned(self, values: Json) -> "Knobs":
        """New knobs with the given values; `drop: true` and `forged: true` mean every event, `reset: true` starts from off.

        Raises: ApiError 400 for an unknown knob or a value out of range.
        """
        base = Knobs() if values.get("reset") else self
        wanted = {_ALIASES.get(name, name): _number(name, value) for name, value in values.items() if name != "reset"}
        known: dict[str, Any] = {}
        for name, value in wanted.items():
            if name not in _LIMITS or not 0 <= value <= _LIMITS[name]:
                raise invalid_param(f"Unknown knob or value out of range: {name}={value}", name)
            known[name] = bool(value) if name == "shuffle" else value
        seed = known.get("seed", base.seed)
        fresh = "seed" in known or values.get("reset")
        chance = random.Random(seed) if fresh else base.chance  # noqa: S311 - reproducible faults, no secret
        return replace(base, **known, chance=chance)


_ALIASES = {"drop": "drop_permille", "forged": "forged_permille", "future_timestamp": "future_timestamp_s"}


def _number(name: str, value: Any) -> int:
    if name in ("drop", "forged") and isinstance(value, bool):
        return 1000 if value else 0
    if not isinstance(value, int):
        raise invalid_param(f"Knob {name} takes a whole number.", name)
    return int(value)
