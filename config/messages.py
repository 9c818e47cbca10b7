"""`python -m config.messages`: compile the catalogues of the interface's texts, without gettext."""

import sys

import polib

from config.install import ROOT


def compile_catalogues() -> int:
    """Write each `.mo` that is older than its `.po`. Returns how many were written."""
    written = 0
    for source in (ROOT / "config" / "locale").glob("*/LC_MESSAGES/*.po"):
        target = source.with_suffix(".mo")
        if not target.exists() or target.stat().st_mtime < source.stat().st_mtime:
            polib.pofile(str(source)).save_as_mofile(str(target))
            written += 1
    return written


if __name__ == "__main__":
    print(f"{compile_catalogues()} catalogues compiled")
    sys.exit(0)
