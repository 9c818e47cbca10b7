"""The web process without preparations: it hears of none, and loads what a first order needs with that order.

With `--each` as it was before there were any: whoever orders while nothing is loaded loads all of it, beside the others who do the same.
"""

import sys
from typing import Any

import django

django.setup()

from celery import current_app  # noqa: E402

from config import serve  # noqa: E402
from merchants.foundation import tenancy  # noqa: E402
from rooms.preparation.listener import Listener  # noqa: E402


def find_task(name: str) -> Any:
    current_app.loader.import_default_modules()
    return current_app.tasks[name]


def main() -> None:
    Listener.start = lambda self: self  # type: ignore[method-assign]
    if "--each" in sys.argv:
        tenancy._find_task = find_task
    serve.main()


if __name__ == "__main__":
    main()
