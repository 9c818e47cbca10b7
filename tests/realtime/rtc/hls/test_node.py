"""`manage.py media_node` broadcasts and records: the product's own process, spoken to as web processes and proxies do."""

import asyncio
import os
import secrets
import signal
import socket
import sys
import time
from pathlib import Path

import pytest

from config.embedded.processes import start, stop
from realtime.rtc.hls import manifest as manifests
from realtime.rtc.names import RoomName
from realtime.rtc.placement import NODES_KEY
from realtime.rtc.relay import Relay, connect
from realtime.rtc.takes import Take, encode, take_key
from tests.realtime.rtc.conftest import Cast
from tests.realtime.rtc.hls.material import Beeps, FlashFilm, pictures
from tests.realtime.rtc.hls.watching import decode, watch

ROOT = Path(__file__).resolve().parents[4]
START_S = 30.0


def free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


@pytest.mark.alone
async def test_a_node_serves_and_records_what_is_published_to_it(cast: Cast, tmp_path: Path) -> None:
    """SIGTERM finishes the recording of what is to be kept."""
    client, port, room = connect(os.environ["VALKEY_URL"]), free_port(), RoomName.of("aurora", secrets.token_hex(4))
    await client.delete(NODES_KEY)
    relay = Relay(client)
    relay.start()
    command = [sys.executable, "manage.py", "media_node", "--address", "127.0.0.1", "--drain-s", "0"]
    command += ["--hls-port", str(port), "--recordings", str(tmp_path / "kept")]
    await client.set(take_key(room), encode(Take("a1", 0)), ex=60)
    process = start(command, log=tmp_path / "node.log", cwd=ROOT)
    try:
        deadline = time.monotonic() + START_S
        while not await relay.registry.list_nodes():
            assert time.monotonic() < deadline, (tmp_path / "node.log").read_text()  # noqa: ASYNC240
            await asyncio.sleep(0.05)
        publisher, began = cast.publisher(), time.monotonic()
        film = FlashFilm(pictures(gop=15), began=began), Beeps(5, began=began)
        await publisher.take(await relay.publish(room, offer=await publisher.offer(*film), role="primary"))
        watched = await watch(port, seconds=7, room=f"/aurora/{room.room_id}/")
        process.send_signal(signal.SIGTERM)
        process.wait(15)
    finally:
        stop(process, patience_s=5)
        await relay.close()
        await client.aclose()
    assert len(decode(watched.films[0]).pictures) > 60
    (folder,) = (tmp_path / "kept" / "aurora").iterdir()  # noqa: ASYNC240
    assert folder.name.startswith("a1~")
    told = manifests.read(folder)
    assert told.is_finished
    decoded = decode((folder / told.films[0].name).read_bytes())
    assert len(decoded.pictures) == told.films[0].pictures
    assert max(map(abs, decoded.skews_ms())) <= 40
