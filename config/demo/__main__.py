"""`python -m config.demo`: build what the demo still lacks, and say when a room with a playable episode opens.

It may be killed and started again at any time: every step looks first at what stands already.
"""

import argparse
import os
import sys
from pathlib import Path

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
django.setup()

from django.conf import settings  # noqa: E402  after the set-up

from config.demo.build import build_demo, build_season  # noqa: E402
from config.demo.folder import FolderRefused  # noqa: E402


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m config.demo", description=__doc__)
    parser.add_argument("--season", type=Path, help="a folder with video files: build a season of them in the first demo shop")
    parser.add_argument("--profile", default="", help="pacing profile of that season: classic, micro, short")
    wanted = parser.parse_args()
    if not settings.IS_DEMO or not settings.DEMO_PASSWORD:
        print("The demo exists only under `make run`.", file=sys.stderr)
        return 2
    try:
        if wanted.season:
            build_season(folder=wanted.season.expanduser(), profile=wanted.profile)
        build_demo()
    except FolderRefused as refusal:
        print(refusal, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
