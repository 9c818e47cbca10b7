"""The relay for who cannot be reached directly: a real coturn under the configuration that is shipped, and the credentials of ours."""

import asyncio
import secrets
import subprocess
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import aioice.ice
import aioice.stun
import aioice.turn
import pytest
import pytest_asyncio
from aiortc import RTCBundlePolicy, RTCConfiguration, RTCIceServer, RTCIceTransportPolicy, RTCPeerConnection

from config.debian import find_program
from config.embedded.processes import free_port, start, stop, wait_for_port
from merchants.foundation import clock as wall
from realtime.rtc.engine.aiortc import AiortcEngine
from realtime.rtc.names import RoomName
from realtime.rtc.node import Node
from realtime.rtc.whip import IceServer
from rooms.live.ice import LIFETIME_S, list_ice_servers
from tests.realtime.rtc.film import Film, Tone
from tests.realtime.rtc.peers import Peers, Viewer, until
from tests.realtime.rtc.troupe import own_address

SHIPPED = Path(__file__).resolve().parents[3] / "deploy" / "turnserver.conf"
MISSING = "coturn is needed: sudo apt-get install coturn, or run python3 config/install.py --dev --browser"
ROOM = RoomName.of("aurora", "r1")
UNAUTHORISED, FORBIDDEN = 401, 403
INSIDE = [
    "127.0.0.1", "127.8.8.8", "0.0.0.1", "10.0.0.1", "100.64.0.1", "169.254.169.254", "172.16.0.1", "172.31.255.254", "192.168.1.1",
    "192.0.2.1", "198.18.0.1", "198.51.100.7", "203.0.113.9", "224.0.0.1", "239.255.255.250", "255.255.255.255",
]  # fmt: skip


@dataclass
class Turn:
    port: int
    secret: str
    process: "subprocess.Popen[bytes]"


@contextmanager
def running_coturn(folder: Path, *, allowed: str = "") -> Iterator[Turn]:
    """The shipped configuration; on the command line only where to listen, the secret, and whom the test has to reach."""
    program = find_program("turnserver")
    if program is None:
        pytest.fail(MISSING)
    folder.mkdir(parents=True, exist_ok=True)
    port, secret, log = free_port(), secrets.token_hex(8), folder / "log"
    command = [str(program.path), "-c", str(SHIPPED), "--listening-port", str(port), "--static-auth-secret", secret, "--no-tls", "--no-dtls"]
    command += ["--listening-ip", "127.0.0.1", "--relay-ip", own_address(), "--log-file", "stdout", "--pidfile", str(folder / "pid")]
    command += ["--userdb", str(folder / "db"), *(["--allowed-peer-ip", allowed] if allowed else [])]
    process = start(command, log=log, env=program.environment)
    try:
        wait_for_port(port, process, name="coturn", log=log)
        yield Turn(port, secret, process)
    finally:
        stop(process)


@pytest.fixture(scope="module")
def strict(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Turn]:
    """As it is shipped."""
    with running_coturn(tmp_path_factory.mktemp("strict")) as turn:
        yield turn


@pytest.fixture
def credentials(settings: Any) -> Callable[..., IceServer]:
    """What the product gives a viewer for that relay."""

    def make(turn: Turn, *, secret: str = "") -> IceServer:
        settings.TURN_URLS = [f"turn:127.0.0.1:{turn.port}?transport=udp"]
        settings.TURN_SECRET = secret or turn.secret
        return list_ice_servers("aurora", "v1").servers[0]

    return make


async def allocate(turn: Turn, server: IceServer) -> tuple[Any, Any]:
    """The client's transport and its protocol. Raises: TransactionFailed."""
    transport, _ = await aioice.turn.create_turn_endpoint(
        asyncio.DatagramProtocol, server_addr=("127.0.0.1", turn.port), username=server.username, password=server.credential
    )
    return transport, transport._TurnTransport__inner_protocol


@pytest_asyncio.fixture
async def people() -> AsyncIterator[Peers]:
    people = Peers()
    yield people
    await people.close()


class RelayedViewer(Viewer):
    """Sends and receives through the relay alone."""

    def __init__(self, server: IceServer) -> None:
        super().__init__()
        servers = [RTCIceServer(urls=server.url, username=server.username, credential=server.credential)]
        policy, bundle = RTCIceTransportPolicy.RELAY, RTCBundlePolicy.MAX_BUNDLE
        self.connection = RTCPeerConnection(RTCConfiguration(iceServers=servers, iceTransportPolicy=policy, bundlePolicy=bundle))
        self.connection.on("track", self._receive)


async def test_a_viewer_watches_through_the_relay(
    credentials: Callable[..., IceServer], people: Peers, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Pictures and sound reach who may only speak to the relay, with the credentials that the page gets; the node sees the relay's
    address. The one exception to the shipped ranges is the node's own."""
    address = own_address()
    monkeypatch.setattr(aioice.ice, "get_host_addresses", lambda use_ipv4, use_ipv6: [address])
    engine = AiortcEngine(Node())
    engine.start()
    await engine.create_room(ROOM)
    with running_coturn(tmp_path / "turn", allowed=address) as turn:
        try:
            await people.publisher().publish(engine, ROOM, Film(), Tone())
            viewer = RelayedViewer(credentials(turn))
            people.all.append(viewer)
            await viewer.watch(engine, ROOM)
            kinds = {line.split(" typ ")[1].split()[0] for line in viewer.connection.localDescription.sdp.splitlines() if " typ " in line}
            assert kinds == {"relay"}
            await viewer.sees(20)
            await until(lambda: len(viewer.sounds[0]) > 20, what="sound")
            pair: Any = viewer.connection.getTransceivers()[0].receiver.transport.transport._connection._nominated[1]
            assert pair.local_candidate.type == "relay"
        finally:
            await people.close()
            await engine.close()


async def test_forged_and_expired_credentials_are_refused(
    strict: Turn, credentials: Callable[..., IceServer], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Sealed with another secret, changed afterwards, none at all, or of an hour that is over; the genuine ones open a relay."""
    genuine = credentials(strict)
    transport, _ = await allocate(strict, genuine)
    transport.close()
    until_s, who = genuine.username.split(":", 1)
    prolonged = IceServer(genuine.url, f"{int(until_s) + 3600}:{who}", genuine.credential)
    forged = credentials(strict, secret="guessed")
    monkeypatch.setattr(wall, "now_ms", lambda now=wall.now_ms: now() - (LIFETIME_S + 60) * 1000)
    expired = credentials(strict)
    for refused in (forged, prolonged, expired, IceServer(genuine.url, "", "")):
        with pytest.raises(aioice.stun.TransactionFailed) as failed:
            await allocate(strict, refused)
        assert failed.value.response.error_code == UNAUTHORISED


async def test_nothing_inside_is_reached_through_the_relay(strict: Turn, credentials: Callable[..., IceServer]) -> None:
    """Loopback, private, link-local (a cloud's metadata), shared, documentation and multicast addresses, and the relay's own machine;
    an address outside is let through."""
    transport, client = await allocate(strict, credentials(strict))
    try:
        for number, address in enumerate([*INSIDE, own_address()]):
            with pytest.raises(aioice.stun.TransactionFailed) as failed:
                await client.channel_bind(0x4000 + number, (address, 5432))
            assert failed.value.response.error_code == FORBIDDEN, address
        await client.channel_bind(0x4100, ("1.1.1.1", 53))
    finally:
        transport.close()
