"""No source file over 400 lines: a longer one is two subjects."""

import subprocess
import sys

from config.install import ROOT

MOST_LINES = 400
KINDS = ("*.py", "*.ts", "*.tsx", "*.mjs", "*.css", "*.html")


def main() -> int:
    listed = subprocess.run(["git", "ls-files", *KINDS], cwd=ROOT, capture_output=True, text=True, check=True).stdout.split()  # noqa: S603, S607
    wanted = [path for path in listed if "/migrations/" not in path and not path.endswith(".gen.ts")]
    long = [(path, count) for path in wanted if (ROOT / path).exists() and (count := len((ROOT / path).read_text().splitlines())) > MOST_LINES]
    for path, count in long:
        print(f"{path}: {count} lines, at most {MOST_LINES}")
    return 1 if long else 0


if __name__ == "__main__":
    sys.exit(main())
