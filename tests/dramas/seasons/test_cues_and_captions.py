"""Cues are entered to the millisecond and refused with a reason; captions are read strictly and written anew."""

from typing import Any

import pytest

from dramas.seasons.actions import CueDraft, add_cue, put_captions
from dramas.seasons.captions import clean_captions
from dramas.seasons.errors import CaptionsInvalid, CueInvalid, TimeInvalid
from dramas.seasons.models import Cue
from dramas.seasons.queries import get_caption_text, list_cues
from dramas.seasons.timecode import format_timecode, parse_timecode
from merchants.foundation.errors import InvalidInput
from merchants.foundation.tenancy import in_schema
from tests.conftest import Shop
from tests.dramas.building import ACTOR, make_product, make_season


@pytest.mark.parametrize(
    ("text", "at_ms"), [("02:13.400", 133_400), ("2:13", 133_000), ("0:00.001", 1), ("13.4", 13_400), ("13,45", 13_450), (" 10:00.000 ", 600_000)]
)
def test_times_are_read_as_people_write_them(text: str, at_ms: int) -> None:
    """Minutes, seconds and thousandths, with a point or a comma."""
    assert parse_timecode(text) == at_ms


@pytest.mark.parametrize("text", ["", "abc", "1:60", "-1:00", "1:00.1234", "1:2:3", "02:13.400x", "٣:٠٠"])
def test_what_is_no_time_is_named(text: str) -> None:
    """The refusal repeats what was given."""
    with pytest.raises(TimeInvalid):
        parse_timecode(text)


def test_a_time_survives_writing_and_reading() -> None:
    """`mm:ss.mmm` loses nothing."""
    for at_ms in (0, 1, 59_999, 60_000, 133_400, 3_599_999):
        assert parse_timecode(format_timecode(at_ms)) == at_ms


BROKEN: dict[str, tuple[dict[str, Any], str]] = {
    "after the end": ({"at_ms": 30_000}, "at_ms"),
    "outlasts": ({"at_ms": 25_000, "duration_ms": 6_000}, "duration_ms"),
    "too short": ({"at_ms": 0, "duration_ms": 500}, "duration_ms"),
    "too long": ({"at_ms": 0, "duration_ms": 121_000}, "duration_ms"),
    "negative": ({"at_ms": -1}, "at_ms"),
    "unknown kind": ({"at_ms": 0, "kind": "hologram"}, "kind"),
    "long line": ({"at_ms": 0, "payload": {"line": "x" * 121}}, "line"),
    "no product": ({"at_ms": 0, "product_id": None}, "product_id"),
}


@pytest.mark.parametrize(("fields", "field"), BROKEN.values(), ids=BROKEN.keys())
def test_a_broken_cue_is_refused_with_its_field(fields: dict[str, Any], field: str, aurora: Shop) -> None:
    """Nothing is saved."""
    with in_schema(aurora.schema):
        season = make_season(has_cues=False)
        draft = CueDraft(**({"at_ms": 0, "duration_ms": 5_000, "product_id": make_product().id} | fields))
        with pytest.raises(CueInvalid) as refusal:
            add_cue(actor=ACTOR, episode_id=season.episodes[0].id, draft=draft)
        assert refusal.value.params["field"] == field
        assert not Cue.objects.exists()


def test_a_product_of_another_shop_is_no_product(aurora: Shop, borealis: Shop) -> None:
    """Its id means nothing here."""
    with in_schema(borealis.schema):
        foreign = make_product()
    with in_schema(aurora.schema):
        season = make_season(has_cues=False)
        with pytest.raises(CueInvalid):
            add_cue(actor=ACTOR, episode_id=season.episodes[0].id, draft=CueDraft(at_ms=0, duration_ms=5_000, product_id=foreign.id))


def test_a_cue_may_fill_the_episode_to_its_last_moment(aurora: Shop) -> None:
    """Ending with the episode is inside it."""
    with in_schema(aurora.schema):
        season = make_season(has_cues=False)
        draft = CueDraft(at_ms=25_000, duration_ms=5_000, product_id=make_product().id, payload={"line": "  The lantern\nshe carried. "})
        add_cue(actor=ACTOR, episode_id=season.episodes[0].id, draft=draft)
        assert list_cues(season.episodes[0].id)[0].payload == {"line": "The lantern she carried."}


def test_captions_keep_words_times_and_places() -> None:
    """Notes, styles and regions go; settings that place the text stay."""
    source = (
        "WEBVTT - Episode 1\n\nNOTE for the translator\n\nSTYLE\n::cue { background: url(https://evil.test) }\n\n"
        "1\n00:01.000 --> 00:02.500 align:start line:10% evil:1\n<v Mei>Take the <b>lantern</b>.</v>\nGo!\n\n"
        "00:00:03.000 --> 00:00:04.000\nFish &amp; chips\n"
    )
    clean = clean_captions(source.encode())
    assert clean.cue_count == 2
    assert clean.ends_ms == 4_000
    assert "evil" not in clean.text
    assert "STYLE" not in clean.text
    assert "00:00:01.000 --> 00:00:02.500 align:start line:10%\n<v Mei>Take the <b>lantern</b>.</v>\nGo!" in clean.text
    assert "Fish &amp; chips" in clean.text


@pytest.mark.parametrize(
    "text",
    [
        "<script>alert(1)</script>x",
        "<img src=x onerror=alert(1)>x",
        "<v Mei onclick=alert(1)><i>x</i>",
        "&lt;script&gt;x",
        "<c.x><lang en><00:00:01.500>x",
        "x &#10;&#10;00:05.000 --> 00:06.000&#10;injected",
    ],
)
def test_captions_carry_no_markup_of_others(text: str) -> None:
    """Only bold, italic, underline and voice come through; the rest is text or gone."""
    clean = clean_captions(f"WEBVTT\n\n00:01.000 --> 00:02.000\n{text}\n".encode())
    body = clean.text.split("\n", 3)[3]
    assert "<script" not in clean.text
    assert "<img" not in clean.text
    assert clean.cue_count == 1
    assert "-->" not in body
    assert clean_captions(clean.text.encode()).text == clean.text


@pytest.mark.parametrize(
    ("data", "line"),
    [
        (b"", 1),
        (b"1\n00:00:01,000 --> 00:00:02,000\nHello\n", 1),
        (b"WEBVTT\n\n", 3),
        (b"WEBVTT\n\n00:02.000 --> 00:01.000\nx\n", 3),
        (b"WEBVTT\n\n00:02.000 --> 00:03.000\nx\n\n00:01.000 --> 00:02.000\ny\n", 6),
        (b"WEBVTT\n\n0:2 --> 0:3\nx\n", 3),
        (b"WEBVTT\n\n00:01.000 --> 00:02.000\n\xff\xfe\n", 4),
        (b"WEBVTT\n\n00:01.000 --> 00:02.000\n" + b"x" * 1001, 3),
    ],
)
def test_a_broken_file_is_refused_with_its_line(data: bytes, line: int) -> None:
    """The line counts from 1."""
    with pytest.raises(CaptionsInvalid) as refusal:
        clean_captions(data)
    assert refusal.value.params["line"] == line
    assert refusal.value.params["reason"]


def test_captions_are_kept_per_language(aurora: Shop, borealis: Shop) -> None:
    """A second upload replaces the first; other shops have none."""
    with in_schema(aurora.schema):
        episode_id = make_season().episodes[0].id
        for word in ("first", "second"):
            put_captions(actor=ACTOR, episode_id=episode_id, language="zh-Hans", data=f"WEBVTT\n\n00:01.000 --> 00:02.000\n{word}\n".encode())
        assert "second" in get_caption_text(episode_id, "zh-Hans")
        with pytest.raises(InvalidInput):
            put_captions(actor=ACTOR, episode_id=episode_id, language="../x", data=b"WEBVTT")
