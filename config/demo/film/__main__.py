"""`python -m config.demo.film --out DIR [--only aurora/1] [--progress]`: render the films."""

from __future__ import annotations

import argparse
import sys
import time
from pathlib import Path

from config.demo.film import STORIES, RenderFailed, render_episode


def main() -> None:
    """Render what was asked for, in order."""
    parser = argparse.ArgumentParser(prog="python -m config.demo.film", description=__doc__)
    parser.add_argument("--out", type=Path, required=True, help="folder for the finished episodes")
    parser.add_argument("--only", action="append", default=[], metavar="STORY[/NUMBER]", help="a story or one of its episodes; may be repeated")
    parser.add_argument("--ffmpeg", help="the ffmpeg program (default: the one of imageio-ffmpeg)")
    parser.add_argument("--density", type=float, default=1.0, help="pixels per point: 1 is 540x960, 1.3334 is 720x1280")
    parser.add_argument("--niceness", type=int, default=0, help="0 to 19: let other processes go first")
    parser.add_argument("--progress", action="store_true", help="print the share done while rendering")
    given = parser.parse_args()
    wanted = [(slug, number) for slug, story in STORIES.items() for number in range(1, len(story.episodes) + 1)]
    if given.only:
        wanted = [(slug, number) for slug, number in wanted if slug in given.only or f"{slug}/{number}" in given.only]
    if not wanted:
        sys.exit(f"No such episode. Stories: {', '.join(STORIES)}.")
    for slug, number in wanted:
        started = time.monotonic()
        report = (lambda share, name=f"{slug}/{number}": print(f"\r{name} {share:4.0%}", end="", flush=True)) if given.progress else None
        try:
            done = render_episode(slug, number, given.out, report, ffmpeg=given.ffmpeg, density=given.density, niceness=given.niceness)
        except RenderFailed as failed:
            sys.exit(f"\n{failed}")
        print(f"\r{slug}/{number} {done.title['en']}: {done.duration_ms / 1000:.1f} s in {time.monotonic() - started:.1f} s, {done.video_path}")


if __name__ == "__main__":
    main()
