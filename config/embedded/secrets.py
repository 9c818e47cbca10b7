"""Secrets of an embedded installation: made once, kept beside the data, readable by its owner alone."""

import json
import os
import secrets
from pathlib import Path

NAMES = ("SECRET_KEY", "STRIPE_WEBHOOK_SECRET", "DEMO_PASSWORD")


def load_secrets(folder: Path) -> dict[str, str]:
    """Environment entries that the machine's owner has not set."""
    path = folder / "secrets.json"
    kept: dict[str, str] = json.loads(path.read_text()) if path.exists() else {}
    missing = [name for name in NAMES if name not in kept]
    if missing:
        kept |= {name: _make(name) for name in missing}
        partial = path.with_suffix(".part")
        partial.touch(mode=0o600)
        partial.write_text(json.dumps(kept))
        partial.rename(path)
    return {name: value for name, value in kept.items() if not os.environ.get(name)}


def _make(name: str) -> str:
    if name == "DEMO_PASSWORD":
        return f"demo-{secrets.token_hex(4)}"
    prefix = "whsec_" if name.startswith("STRIPE_WEBHOOK") else ""
    return prefix + secrets.token_urlsafe(48)
