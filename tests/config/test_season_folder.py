"""`SEASON=folder`: files as merchants have them become a season; what is no film is named, and the others go on."""

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from commerce.stock.queries import get_level
from config.demo.folder import FolderRefused, drop_failed, import_folder, list_videos
from config.demo.seasons import wait_until_settled
from config.demo.shops import find_card
from dramas.seasons.queries import get_season, list_cues_of
from merchants.foundation.tenancy import in_schema
from tests.conftest import Shop
from tests.dramas.building import approve
from tests.dramas.transcode.films import Films

pytestmark = pytest.mark.slow

GOOD = {"1 portrait.mp4": "portrait", "2 rotated.mp4": "rotated", "3 uneven.mp4": "uneven", "4 hevc.mp4": "hevc", "5 silent.mp4": "silent",
        "6 ntsc.mkv": "ntsc", "7 surround.mov": "surround", "10 webm.webm": "webm"}  # fmt: skip
BAD = {"8 sound.mp4": "sound_only", "9 noise.mp4": "noise", "11 cut.mp4": "cut_off", "12 rubbish.mp4": "bit_flips"}
PLAN = """
title: The Meadow
profile: short
licence: Big Buck Bunny, Blender Foundation, CC BY 3.0
episodes:
  - file: 1 portrait.mp4
    title: Morning
    cues: [{at: "00:00.500", product: lantern, seconds: 1}]
products:
  - {slug: lantern, title: Meadow lantern, price: 36.00, stock: 7}
"""


@pytest.fixture
def folder(tmp_path: Path, films: Films) -> Callable[..., Path]:
    """`folder({"1.mp4": "portrait"}, plan=…)` is a merchant's folder."""

    def make(wanted: dict[str, str], *, plan: str = "") -> Path:
        place = tmp_path / "season"
        place.mkdir()
        for name, film in wanted.items():
            shutil.copy(films.get(film), place / name)
        (place / "notes.txt").write_text("not a film")
        if plan:
            (place / "season.yaml").write_text(plan)
        return place

    return make


def test_files_are_taken_in_natural_order(folder: Callable[..., Path]) -> None:
    """Ten comes after two, whatever the alphabet says; other files are not looked at."""
    place = folder({"10.mp4": "portrait", "2.mp4": "portrait", "1.mov": "surround"})
    assert [path.name for path in list_videos(place)] == ["1.mov", "2.mp4", "10.mp4"]


@pytest.mark.django_db(transaction=True)
def test_real_files_become_a_season_and_the_others_are_named(
    aurora: Shop, folder: Callable[..., Path], hire: Callable[..., Any], settings: Any, tmp_path: Path
) -> None:
    """Portrait, turned, uneven, HEVC, silent, MKV, MOV, WebM are taken; sound alone, noise and a broken file say why they are not."""
    settings.DATA_DIR = tmp_path
    chosen = dict(list(GOOD.items())[:5]) | BAD
    told: list[str] = []
    with in_schema(aurora.schema):
        report = import_folder(folder=folder(chosen, plan=PLAN), actor="editor@aurora.example", tell=told.append)
        wait_until_settled(report.season_id)
        drop_failed(report, actor="editor@aurora.example", tell=told.append)
        season = get_season(report.season_id)
        assert [episode.title for episode in season.episodes] == ["Morning", "rotated", "uneven", "hevc", "silent"]
        assert {episode.state for episode in season.episodes} == {"ready"}
        assert season.title == "The Meadow"
        card = find_card("lantern")
        assert card is not None
        cue = list_cues_of([season.episodes[0].id])[season.episodes[0].id][0]
        assert (cue.at_ms, cue.duration_ms, cue.product_id) == (500, 1_000, card.id)
        approve(season.id, hire(aurora, "reviewer"))
        assert get_season(season.id).is_airable
        assert get_level(card.variants[0].id).available == 7
    assert set(report.refused) == set(BAD)
    for name in BAD:
        assert any(line.startswith(f"{name}: refused. ") and len(line) > len(name) + 25 for line in told), told


@pytest.mark.django_db(transaction=True)
def test_containers_of_every_kind_are_taken(aurora: Shop, folder: Callable[..., Path], settings: Any, tmp_path: Path) -> None:
    """MKV, MOV and WebM play like MP4; too few files for a season leave a draft for good."""
    settings.DATA_DIR = tmp_path
    with in_schema(aurora.schema):
        report = import_folder(folder=folder(dict(list(GOOD.items())[5:])), actor="editor@aurora.example", tell=lambda line: None)
        season = wait_until_settled(report.season_id)
        assert [episode.state for episode in season.episodes] == ["ready"] * 3
        assert report.is_draft_for_good
        assert not season.is_airable


@pytest.mark.parametrize(
    ("plan", "said"),
    [
        ("title: [", "cannot be read"),
        ("- 1", "must hold a title"),
        ("products: [{slug: x, price: 1}]", "needs slug, title and price"),
        ("products: [{slug: x, title: X, price: a lot}]", "needs slug, title and price"),
        ("profile: opera", "SEASON:"),
    ],
)
@pytest.mark.django_db(transaction=True)
def test_a_plan_that_cannot_be_used_says_why(aurora: Shop, folder: Callable[..., Path], plan: str, said: str) -> None:
    """One sentence, and nothing half made to guess at."""
    place = folder({"1.mp4": "portrait"}, plan=plan)
    with in_schema(aurora.schema), pytest.raises(FolderRefused, match=said):
        import_folder(folder=place, actor="editor@aurora.example", tell=lambda line: None)
