"""The scripts of the demo stories are complete and playable before anything is rendered."""

from __future__ import annotations

import re

import pytest

from config.demo.film import STORIES, Episode, Story, actors
from config.demo.film.camera import MOVES
from config.demo.film.captions import as_webvtt, list_captions
from config.demo.film.pictures import _STILLS
from config.demo.film.projector import frame_of, parts, shot_frames
from config.demo.film.render import list_cues
from config.demo.film.scenes import SCENES
from config.demo.film.script import LANGUAGES
from config.demo.film.sounds import BEDS, HITS
from config.demo.film.voices import VOICES

EPISODES = [
    pytest.param(story, episode, id=f"{slug}/{number}") for slug, story in STORIES.items() for number, episode in enumerate(story.episodes, 1)
]
_CJK = re.compile(r"[\u4e00-\u9fff]")
_TIMING = re.compile(r"^(\d\d):(\d\d):(\d\d)\.(\d{3}) --> (\d\d):(\d\d):(\d\d)\.(\d{3})$")


@pytest.mark.parametrize("story", STORIES.values(), ids=STORIES)
def test_a_season_has_six_to_ten_episodes_and_sells_what_it_shows(story: Story) -> None:
    """Every product of the shop can be bought, and at least four appear in the season."""
    assert 6 <= len(story.episodes) <= 10
    slugs = {product.slug for product in story.products}
    shown = {cue.product_slug for episode in story.episodes for cue in list_cues(episode)}
    assert shown <= slugs
    assert len(shown) >= 4
    for product in story.products:
        assert product.picture in _STILLS
        assert all(variant.price_minor > 0 and variant.stock > 0 for variant in product.variants)
    skus = [variant.sku for product in story.products for variant in product.variants]
    assert len(skus) == len(set(skus))


@pytest.mark.parametrize("story", STORIES.values(), ids=STORIES)
def test_every_text_is_there_in_both_languages(story: Story) -> None:
    """English has no Chinese signs in it, Chinese has some; nothing is empty."""
    texts = [story.shop, story.tagline, story.title, story.synopsis]
    texts += [text for product in story.products for text in (product.title, product.subtitle, product.description)]
    texts += [variant.title for product in story.products for variant in product.variants]
    texts += [text for episode in story.episodes for text in (episode.title, episode.synopsis)]
    for text in texts:
        assert set(text) == set(LANGUAGES)
        assert text["en"].strip()
        assert not _CJK.search(text["en"])
        assert _CJK.search(text["zh-hans"])
    for line in (line for episode in story.episodes for shot in episode.shots for line in shot.lines):
        assert line.en.strip()
        assert not _CJK.search(line.en)
        assert _CJK.search(line.zh)


@pytest.mark.parametrize(("story", "episode"), EPISODES)
def test_an_episode_keeps_the_pacing_of_a_demo(story: Story, episode: Episode) -> None:
    """20 to 40 seconds, several shots, each cue inside, the poster too."""
    assert 20 <= episode.seconds <= 40
    assert len(episode.shots) >= 5
    assert 0 < episode.poster_s < episode.seconds
    assert list_cues(episode) or episode.title["en"] in ("Window Seat",)
    for cue in list_cues(episode):
        assert 0 <= cue.at_ms
        assert cue.duration_ms >= 1000
        assert cue.at_ms + cue.duration_ms <= round(episode.seconds * 1000)


@pytest.mark.parametrize(("story", "episode"), EPISODES)
def test_a_shot_names_only_what_exists(story: Story, episode: Episode) -> None:
    """Scenes, looks, moves, sounds and voices are known; a line ends before the next one begins and before the film does."""
    said = []
    for shot, start in zip(episode.shots, episode.starts, strict=True):
        assert shot.scene in SCENES
        assert shot.move in MOVES
        assert not shot.bed or shot.bed in BEDS
        assert all(hasattr(actors, look) for look in shot.cast)
        assert all(sound.name in HITS or sound.name in BEDS for sound in shot.sounds)
        assert all(line.who in VOICES for line in shot.lines)
        said += [(start + line.at, start + line.at + line.seconds) for line in shot.lines]
    for (_, end), (following, _) in zip(said, said[1:], strict=False):
        assert end <= following + 0.15
    assert said[-1][1] <= episode.seconds + 0.05


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(("story", "episode"), EPISODES)
def test_captions_parse_in_order_inside_the_episode(story: Story, episode: Episode, language: str) -> None:
    """WebVTT: header, numbered blocks, growing times, one text each."""
    text = as_webvtt(list_captions(episode, language))
    head, *blocks = text.strip().split("\n\n")
    assert head == "WEBVTT"
    before = -1
    for number, block in enumerate(blocks, 1):
        count, timing, words = block.split("\n")
        found = _TIMING.match(timing)
        assert count == str(number)
        assert found
        start, end = (
            sum(int(part) * unit for part, unit in zip(found.groups()[i : i + 4], (3_600_000, 60_000, 1000, 1), strict=True)) for i in (0, 4)
        )
        assert before < start < end <= episode.seconds * 1000
        assert words.strip()
        before = end


@pytest.mark.parametrize(("story", "episode"), EPISODES)
def test_the_parts_of_an_episode_cover_it_once_and_start_on_a_cut(story: Story, episode: Episode) -> None:
    """Two processes draw all frames between them, neither starting inside a dissolve."""
    (first, middle), (again, last) = parts(episode, 2)
    assert (first, again, last) == (0, middle, len(episode.shots))
    assert episode.shots[middle].join != "dissolve"
    spans = shot_frames(episode)
    assert spans[-1][1] == frame_of(episode.seconds)
    assert all(end == start for (_, end), (start, _) in zip(spans, spans[1:], strict=False))
