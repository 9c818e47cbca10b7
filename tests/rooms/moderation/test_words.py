"""The word list against disguises."""

import pytest

from rooms.moderation.errors import TextEmpty, TextTooLong
from rooms.moderation.gate import clean
from rooms.moderation.words import WordList

LIST = WordList(["spam", "ass", "加微信", "Scheiße", "b.a.d"])


@pytest.mark.parametrize(
    "text",
    [
        "spam", "SPAM!", "this is s p a m", "s.p.a.m", "spaaaaam", "ｓｐａｍ", "sp\u200bam", "5p4m", "$pam", "sраm",  # the last with Cyrillic letters
        "you ass", "a$$", "asssss", "快加微信吧", "加 微 信", "加-微-信", "加微微微信", "scheiße", "SCHEISSE", "bad", "B-A-D",
    ],
)  # fmt: skip
def test_disguised_words_are_found(text: str) -> None:
    """Spaced, stretched, styled, look-alike, or in another case."""
    assert LIST.refuses(text)


@pytest.mark.parametrize("text", ["a class act", "passing by", "as so often", "spamalot is a show", "微信支付", "badge", "", "she said: hi!"])
def test_innocent_words_pass(text: str) -> None:
    """A Latin word must stand alone; parts of a Chinese one are not the word."""
    assert not LIST.refuses(text)


def test_an_empty_list_refuses_nothing() -> None:
    """Nor does a list of marks."""
    assert not WordList([]).refuses("spam")
    assert not WordList(["...", ""]).refuses("... spam")


def test_long_repetitive_text_is_judged_quickly() -> None:
    """The worst a viewer may send does not hold the process up."""
    words = WordList(["aaab", "a b c d", *[f"word{number}" for number in range(500)]])
    assert not words.refuses("a " * 150)
    assert not words.refuses("a" * 300)


def test_a_line_is_one_line_of_visible_characters() -> None:
    """Controls and direction marks go, emoji stay whole."""
    assert clean("  so\n\tgood \u202e!  ", most=60) == "so good !"
    assert clean("👩‍👩‍👧 e\u0301", most=60) == "👩‍👩‍👧 é"
    for empty in ("", "   ", "\u200b\u202e", "\n"):
        with pytest.raises(TextEmpty):
            clean(empty, most=60)
    with pytest.raises(TextTooLong) as refused:
        clean("x" * 61, most=60)
    assert refused.value.params == {"length": 61, "most": 60}
