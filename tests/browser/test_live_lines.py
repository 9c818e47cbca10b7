"""A studio sends by WHIP, phones watch: every change of picture is read from pixels, near and far from the shop."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.browser.line.cutting import wait_for_cut, watch_repaints
from tests.browser.line.slow_road import slow_road
from tests.browser.line.studio import BACKUP, PRIMARY, send_film, take
from tests.browser.line.watching import wait_for_new_frames, watch_frames
from tests.browser.platform import Platform
from tests.browser.support import Show, enter_room, put_on_air
from tests.browser.test_live import open_desk
from tests.dramas.stamps import make_stamped_film

pytestmark = pytest.mark.slow

DRAMA = {1, 2}
ONE_WAY_S = 0.15
SCENE_S = 16.0  # the line comes back at the end of the fault scene
# Five pages on two cores; `make bench-playback` tells how small the gaps are.
LONGEST_GAP_MS = 1_000

_FAULT_SCENE = """
from merchants.foundation.tenancy import in_schema
from rooms.program.models import Room
with in_schema("aurora"):
    room = Room.objects.get(slug=%(slug)r)
    Room.objects.filter(pk=room.pk).update(fault_episode_id=room.season.episodes.get(number=2).pk)
"""


@pytest.fixture(scope="module")
def show(platform: Platform) -> Show:
    return put_on_air(platform, "studio", seconds=SCENE_S)


@pytest.fixture(scope="module")
def films(tmp_path_factory: pytest.TempPathFactory) -> dict[int, Path]:
    folder = tmp_path_factory.mktemp("studio")
    return {number: make_stamped_film(folder / f"{number}.mp4", seconds=30, episode=number) for number in (PRIMARY, BACKUP)}


@pytest.fixture
def far_away(platform: Platform) -> Iterator[str]:
    with slow_road(platform.port, one_way_s=ONE_WAY_S) as proxy:
        yield proxy


def open_phone(open_page: Any, platform: Platform, show: Show, **options: Any) -> Page:
    phone: Page = open_page("phone", **options)
    watch_frames(phone)
    enter_room(phone, platform, show)
    wait_for_new_frames(phone, count=20)
    return phone


@pytest.mark.alone
def test_a_studio_cuts_in_and_out_without_a_hole(platform, show, films, far_away, open_page, shoot):
    """Warm, and cold behind a slow network: neither way shows a repaint without a picture, and the gap is short. The cut comes when the
    next episode is announced already: that is void, and never shown over the host."""
    phone = open_phone(open_page, platform, show)
    desk = open_desk(open_page, platform, show, permissions=[])
    with send_film(platform, desk, films[PRIMARY], line="primary"):
        desk.wait_for_function("() => window.desk.model.state.value.moves.go_live")
        far = open_phone(open_page, platform, show, proxy={"server": far_away, "bypass": "<-loopback>"})
        phones = [phone, far]
        for page in phones:
            watch_repaints(page)
        phone.wait_for_function("() => window.room.model.nextEntry.value?.source.kind === 'episode'")
        void_from_ms = phone.evaluate("() => window.room.model.nextEntry.value.started_at_ms")
        take(desk)
        there = [wait_for_cut(page, to={PRIMARY}) for page in phones]
        late = open_phone(open_page, platform, show, proxy={"server": far_away, "bypass": "<-loopback>"})
        shoot(late, "room-studio-phone")
        phones.append(late)  # has never seen the drama: it comes back cold
        for page in phones:
            page.wait_for_function("(atMs) => window.room.model.nowMs.value > atMs + 500", arg=void_from_ms)
            page.wait_for_function("(episode) => window.watching.now()?.[0] === episode", arg=PRIMARY, timeout=5_000)
            watch_repaints(page)
        desk.keyboard.press("b")
        back = [wait_for_cut(page, to=DRAMA) for page in phones]
    for cut in (*there, *back):
        print(cut)
        assert len(cut.empty_at_ms) <= 1, cut  # one that a starved canvas could not read is no hole; the benchmark counts it
        assert cut.gap_ms < LONGEST_GAP_MS, cut


def test_the_backup_takes_over_and_the_fault_scene_bridges(platform, show, films, open_page, shoot):
    """The primary is killed: the backup's picture follows. It is killed as well: the prepared scene; and the line returns."""
    platform.run(_FAULT_SCENE % {"slug": show.slug})
    desk = open_desk(open_page, platform, show, permissions=[])
    phone = open_phone(open_page, platform, show)
    with send_film(platform, desk, films[PRIMARY], line="primary") as primary:
        desk.wait_for_function("() => window.desk.model.state.value.moves.go_live")
        with send_film(platform, desk, films[BACKUP], line="backup") as backup:
            desk.wait_for_function("() => window.desk.model.state.value.live.lines.some((line) => line.role === 'backup' && line.is_connected)")
            take(desk)
            phone.wait_for_function("(episode) => window.watching.now()?.[0] === episode", arg=PRIMARY)
            watch_repaints(phone)
            primary.kill()
            print(wait_for_cut(phone, to={BACKUP}))
            wait_for_new_frames(phone)
            watch_repaints(phone)
            backup.kill()
            print(wait_for_cut(phone, to={2}))
            expect(phone.get_by_text("Lin is reconnecting")).to_be_visible()
            shoot(phone, "room-fault-scene-phone")
    with send_film(platform, desk, films[PRIMARY], line="primary"):
        phone.wait_for_function("(episode) => window.watching.now()?.[0] === episode", arg=PRIMARY, timeout=60_000)
        desk.keyboard.press("b")
        phone.wait_for_function("() => [1, 2].includes(window.watching.now()?.[0])")
