"""The interface speaks English and Simplified Chinese completely: every text of the code has its translation."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import polib
import pytest
from django.utils.translation.template import templatize

from config.install import ROOT

CATALOGUE = ROOT / "config" / "locale" / "zh_Hans" / "LC_MESSAGES" / "django.po"
FLOORS = ("config", "merchants", "realtime", "commerce", "dramas", "rooms")
CALLS = {"_", "gettext", "gettext_lazy", "gettext_noop", "ngettext", "ngettext_lazy", "pgettext", "pgettext_lazy"}
IN_TEMPLATE = re.compile(r"""\bn?p?gettext\(\s*u?('(?:\\.|[^'\\])*'|"(?:\\.|[^"\\])*")""")
PLACEHOLDER = re.compile(r"%\([A-Za-z_]+\)[sd]|\{[a-z_]+\}")
# Words of the frame that django-unfold and Django translate themselves are in their own catalogues.


def python_texts(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text())):
        if not isinstance(node, ast.Call) or not node.args:
            continue
        name = node.func.id if isinstance(node.func, ast.Name) else node.func.attr if isinstance(node.func, ast.Attribute) else ""
        if name in CALLS:
            place = 1 if name.startswith("pgettext") else 0
            argument = node.args[place] if len(node.args) > place else None
            if isinstance(argument, ast.Constant) and isinstance(argument.value, str):
                yield argument.value


def template_texts(path: Path) -> Iterator[str]:
    for found in IN_TEMPLATE.finditer(templatize(path.read_text(), origin=str(path))):
        yield ast.literal_eval(found.group(1))


def texts_of_the_code() -> dict[str, str]:
    found: dict[str, str] = {}
    for floor in FLOORS:
        for path in (ROOT / floor).rglob("*.py"):
            if "migrations" not in path.parts and "sandbox" not in path.parts:
                found |= {text: str(path.relative_to(ROOT)) for text in python_texts(path)}
        for path in [*(ROOT / floor).rglob("templates/**/*.html"), *(ROOT / floor).rglob("templates/**/*.txt")]:
            found |= {text: str(path.relative_to(ROOT)) for text in template_texts(path)}
    return found


@pytest.fixture(scope="module")
def catalogue() -> polib.POFile:
    return polib.pofile(str(CATALOGUE))


def test_every_text_of_the_code_is_in_the_catalogue(catalogue):
    """A text without an entry would show in English on a Chinese page."""
    known = {entry.msgid.replace("%%", "%") for entry in catalogue} | {entry.msgid for entry in catalogue}
    missing = {text: path for text, path in texts_of_the_code().items() if text and text not in known and text.replace("%%", "%") not in known}
    assert missing == {}, "run `make messages` and translate what is new"


def test_every_entry_is_translated(catalogue):
    """No entry is empty or doubtful."""
    assert [entry.msgid for entry in catalogue.untranslated_entries()] == []
    assert [entry.msgid for entry in catalogue.fuzzy_entries()] == []


def test_translations_keep_their_placeholders(catalogue):
    """A lost placeholder would break the sentence, an invented one the page."""
    for entry in catalogue:
        text = entry.msgstr or entry.msgstr_plural.get(0, "")
        source = entry.msgid_plural or entry.msgid
        assert set(PLACEHOLDER.findall(text)) == set(PLACEHOLDER.findall(source)), entry.msgid
