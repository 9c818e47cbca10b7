"""Comparing what people write with the words a shop refuses, however they are disguised. Pure functions."""

import re
import unicodedata
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from itertools import groupby

# Look-alikes that stand for a letter in disguised words (Unicode TS 39 has the long list; these are the ones seen in chats).
_LOOK_ALIKES = str.maketrans(
    {
        "0": "o", "1": "i", "3": "e", "4": "a", "5": "s", "7": "t", "8": "b", "@": "a", "$": "s", "!": "i", "|": "i", "€": "e",
        "а": "a", "е": "e", "о": "o", "р": "p", "с": "c", "у": "y", "х": "x", "і": "i", "ο": "o", "α": "a", "ε": "e", "ι": "i",
    }
)  # fmt: skip


def _plain(text: str) -> str:
    """Full-width and styled letters become plain ones; accents, case and invisible characters go."""
    decomposed = unicodedata.normalize("NFKD", text)
    return "".join(char for char in decomposed if not unicodedata.combining(char) and unicodedata.category(char) != "Cf").casefold()


def _unmasked(text: str) -> str:
    return _plain(text).translate(_LOOK_ALIKES)


@dataclass(frozen=True)
class Form:
    """A way to write words and messages so that they meet. A homophone form (characters to toneless syllables) is one more row."""

    of_word: Callable[[str], str]
    of_message: Callable[[str], str]


FORMS = (Form(of_word=_plain, of_message=_plain), Form(of_word=_plain, of_message=_unmasked))


def fold(word: str) -> str:
    """Letters and digits of a word in plain form: what makes two entries of the list the same. Empty if nothing is left."""
    return "".join(char for char in _plain(word) if char.isalnum())


class WordList:
    """Compiled once, asked for every message: one pass of a regular expression per form."""

    def __init__(self, words: Iterable[str]) -> None:
        words = list(words)
        self._searches = [(form.of_message, _compile(words, form)) for form in FORMS]

    def refuses(self, text: str) -> bool:
        return any(pattern is not None and pattern.search(of_message(text)) for of_message, pattern in self._searches)


def _compile(words: list[str], form: Form) -> re.Pattern[str] | None:
    folded = {"".join(char for char in form.of_word(word) if char.isalnum()) for word in words} - {""}
    return re.compile("|".join(_pattern(word) for word in sorted(folded, key=len, reverse=True))) if folded else None


def _pattern(word: str) -> str:
    """The word with marks and blanks between its letters and with letters stretched: `s.p aaa-m`.

    A Latin word must stand alone (`ass` is not in `class`); scripts without blanks match anywhere.
    """
    letters = "".join(rf"(?:{re.escape(letter)}[\W_]*){{{len(list(run))},}}" for letter, run in groupby(word))
    before = r"(?<![^\W_])" if _stands_alone(word[0]) else ""
    after = r"(?![^\W_])" if _stands_alone(word[-1]) else ""
    return before + letters + after


def _stands_alone(char: str) -> bool:
    return char.isascii() or "LATIN" in unicodedata.name(char, "")
