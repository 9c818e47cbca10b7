"""Texts of the scripts: every key that a script asks for exists, and none is carried along unused."""

import re
from pathlib import Path

import pytest

from rooms.pages.texts import CONSOLE, LOBBY, REPLAY, ROOM, Texts

FRONTEND = Path(__file__).parents[3] / "rooms" / "frontend"
KEY = re.compile(r'\bt\(\s*"([a-z_]+)"|\btexts\["([a-z_]+)"\]')
CHOICE = re.compile(r'\bt\([^()"]*\? "([a-z_]+)" : "([a-z_]+)"')
FAMILY = re.compile(r"\bt\(`([a-z_]+)\$\{")
PAGES: dict[str, tuple[Texts, tuple[str, ...]]] = {
    "room": (ROOM, ("room", "show")),
    "replay": (REPLAY, ("replay", "show")),
    "console": (CONSOLE, ("console", "room/connection.ts", "room/picture.ts")),
    "lobby": (LOBBY, ("lobby", "show/ProductParts.tsx")),
}


def sources_of(places: tuple[str, ...]) -> str:
    files = [path for place in places for path in ([FRONTEND / place] if (FRONTEND / place).is_file() else sorted((FRONTEND / place).rglob("*.ts*")))]
    return "\n".join(path.read_text() for path in files if ".test." not in path.name)


@pytest.mark.parametrize("page", PAGES)
def test_every_text_that_a_script_asks_for_exists(page: str) -> None:
    """A missing key would show as itself on the screen."""
    texts, places = PAGES[page]
    source = sources_of(places)
    asked = {key for found in KEY.findall(source) for key in found if key} | {key for found in CHOICE.findall(source) for key in found}
    assert len(asked) > 5
    assert asked - set(texts) == set()
    for family in FAMILY.findall(source):
        assert [key for key in texts if key.startswith(family)], family


@pytest.mark.parametrize("page", ["room", "replay", "console"])
def test_no_text_is_carried_along_unused(page: str) -> None:
    """What no script of the page asks for would only be translated for nothing."""
    texts, places = PAGES[page]
    source = sources_of(places)
    families = tuple(FAMILY.findall(source))
    unused = {key for key in texts if f'"{key}"' not in source and not key.startswith(families)}
    assert unused - SHARED_ELSEWHERE == set()


SHARED_ELSEWHERE = {key for key in REPLAY if key in ROOM} | {key for key in CONSOLE if key in ROOM}
