"""A crowd that waits for the same playlist is one who asks."""

import asyncio

import pytest

from realtime.rtc.hls.asking import NodeUnreachable
from rooms.live import playlists as module
from rooms.live.playlists import Playlists
from tests.realtime.rtc.conftest import ROOM
from tests.realtime.rtc.hls.test_server import Desk


async def test_a_reload_is_asked_once_for_all_who_wait() -> None:
    """Fifty viewers wait on one connection of a node that has eight; who goes takes nothing from the others."""
    desk, playlists = Desk(), Playlists()
    await desk.server.start()
    desk.begin()
    address, reload = f"127.0.0.1:{desk.server.port}", "_HLS_msn=6&_HLS_part=1"
    waiting = [asyncio.create_task(playlists.find(address, ROOM, reload)) for _ in range(50)]
    await asyncio.sleep(0.1)
    waiting.pop(0).cancel()
    assert not any(task.done() for task in waiting)
    desk.next_part()
    found = await asyncio.gather(*waiting)
    assert {(playlist.status, b"s6.p1.m4s" in playlist.body) for playlist in found} == {(200, True)}
    await desk.server.close()
    with pytest.raises(NodeUnreachable):
        await playlists.find(address, ROOM, reload)


async def test_so_many_are_asked_for_at_a_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MOST_ASKED", 2)
    desk, playlists = Desk(), Playlists()
    await desk.server.start()
    desk.begin()
    address = f"127.0.0.1:{desk.server.port}"
    waiting = [asyncio.create_task(playlists.find(address, ROOM, f"_HLS_msn=6&_HLS_part={part}")) for part in (1, 2)]
    await asyncio.sleep(0.05)
    with pytest.raises(NodeUnreachable):
        await playlists.find(address, ROOM, "_HLS_msn=6&_HLS_part=3")
    for task in waiting:
        task.cancel()
    await desk.server.close()
