"""Janus's API over a WebSocket: one session, a handle for each peer, requests that end, and a way back when it is lost."""

import asyncio
import secrets
from collections.abc import Callable
from contextlib import suppress
from typing import Any, NamedTuple

import msgspec
import structlog
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import WebSocketException

from realtime.rtc.errors import LineUnknown, NegotiationFailed, NodeBusy, NodeSilent, PeerUnknown, RoomFull, RoomUnknown, RtcError, SdpInvalid

log = structlog.get_logger(__name__)

PROTOCOL = "janus-protocol"
PLUGIN = "janus.plugin.videoroom"
TIMEOUT_S = 4.0  # below the relay's five: who waits there hears of it
KEEPALIVE_S = 20.0  # Janus ends sessions that say nothing for sixty
FIRST_PAUSE_S, LONGEST_PAUSE_S = 0.2, 5.0
MOST_WAITING = 512
MOST_BYTES = 262_144

encode, decode = msgspec.json.Encoder().encode, msgspec.json.Decoder(dict[str, Any]).decode


class Reply(NamedTuple):
    """Of the plugin; `sdp` is empty when none came along."""

    data: dict[str, Any]
    sdp: str


class JanusClient:
    """Needs: `start` on the loop that calls. Requests raise RtcError only: NodeSilent while Janus is away."""

    def __init__(self, url: str, *, secret: str = "", timeout_s: float = TIMEOUT_S) -> None:
        self.on_told: Callable[[int, dict[str, Any]], None] = lambda handle, message: None
        self.on_lost: Callable[[], None] = lambda: None
        self._url = url
        self._secret = secret
        self._timeout_s = timeout_s
        self._socket: ClientConnection | None = None
        self._session: int | None = None
        self._waiting: dict[str, tuple[asyncio.Future[dict[str, Any]], bool]] = {}
        self._task: asyncio.Task[None] | None = None
        self._orphans: set[asyncio.Task[Any]] = set()
        self._is_up = asyncio.Event()

    @property
    def is_up(self) -> bool:
        return self._session is not None

    @property
    def addresses(self) -> tuple[str, str]:
        """Ours and Janus's, as their connection has them. Raises: NodeSilent."""
        if self._socket is None:
            raise NodeSilent
        return self._socket.local_address[0], self._socket.remote_address[0]

    def start(self) -> None:
        self._task = asyncio.create_task(self._run())

    async def wait_until_up(self, *, timeout_s: float) -> None:
        """Raises: NodeSilent."""
        try:
            async with asyncio.timeout(timeout_s):
                await self._is_up.wait()
        except TimeoutError:
            raise NodeSilent from None

    async def close(self) -> None:
        """Janus forgets what belonged to the session."""
        if self.is_up:
            with suppress(RtcError):
                await self._request({"janus": "destroy"})
        for task in (self._task, *self._orphans):
            if task is not None:
                task.cancel()
                await asyncio.gather(task, return_exceptions=True)

    async def attach(self) -> int:
        """A new handle. Whoever gives up waiting leaves none behind."""
        asking = asyncio.ensure_future(self._request({"janus": "attach", "plugin": PLUGIN}))
        try:
            return int((await asyncio.shield(asking))["data"]["id"])
        except asyncio.CancelledError:
            asking.add_done_callback(self._detach_orphan)
            raise

    async def detach(self, handle: int) -> None:
        """Its peer connection is closed."""
        await self._request({"janus": "detach", "handle_id": handle})

    async def ask(self, handle: int, body: dict[str, Any], *, offer: str = "", answer: str = "") -> Reply:
        """One request of the plugin, answered at once or by an event.

        Raises: RoomUnknown, LineUnknown, RoomFull, SdpInvalid, PeerUnknown, NegotiationFailed, NodeBusy, NodeSilent.
        """
        message: dict[str, Any] = {"janus": "message", "handle_id": handle, "body": body}
        if offer or answer:
            message["jsep"] = {"type": "offer" if offer else "answer", "sdp": offer or answer, "trickle": False}
        told = await self._request(message)
        data: dict[str, Any] = told.get("plugindata", {}).get("data", {})
        if "error_code" in data:
            raise refusal(data["error_code"], data.get("error", ""))
        return Reply(data, told.get("jsep", {}).get("sdp", ""))

    # The connection --------------------------------------------------------------------------------

    async def _run(self) -> None:
        pause_s = FIRST_PAUSE_S
        while True:
            try:
                async with connect(
                    self._url, subprotocols=[PROTOCOL], open_timeout=self._timeout_s, close_timeout=1, max_size=MOST_BYTES,  # type: ignore[list-item]
                    ping_interval=None, compression=None, proxy=None,
                ) as socket:  # fmt: skip
                    await self._hold(socket)
            except (OSError, WebSocketException, RtcError) as error:
                log.warning("janus_away", reason=str(error) or type(error).__name__)
            finally:
                was_up = self.is_up
                self._lose()
            pause_s = FIRST_PAUSE_S if was_up else min(LONGEST_PAUSE_S, pause_s * 2)
            await asyncio.sleep(pause_s)

    async def _hold(self, socket: ClientConnection) -> None:
        """Returns, or raises, when the connection is over."""
        self._socket = socket
        reading = asyncio.create_task(self._read(socket))
        try:
            self._session = int((await self._request({"janus": "create"}))["data"]["id"])
            log.info("janus_found", url=self._url)
            self._is_up.set()
            while not reading.done():
                await asyncio.wait([reading], timeout=KEEPALIVE_S)
                if not reading.done():
                    await self._request({"janus": "keepalive"}, is_acknowledged=True)
            await reading
        finally:
            reading.cancel()
            await asyncio.gather(reading, return_exceptions=True)

    def _lose(self) -> None:
        was_up, self._session, self._socket = self.is_up, None, None
        self._is_up.clear()
        for waiting, _ in self._waiting.values():
            if not waiting.done():
                waiting.set_exception(NodeSilent())
        if was_up:
            self.on_lost()

    async def _read(self, socket: ClientConnection) -> None:
        async for data in socket:
            try:
                told = decode(data)
            except msgspec.DecodeError:
                log.warning("janus_malformed")
                continue
            if told.get("janus") == "timeout" and told.get("session_id") == self._session:
                return  # the session is gone, although the connection is not
            self._take(told)

    def _take(self, told: dict[str, Any]) -> None:
        waiting, is_acknowledged = self._waiting.get(told.get("transaction", ""), (None, False))
        if waiting is None:
            if "sender" in told:
                self.on_told(told["sender"], told)
        elif not waiting.done() and (told["janus"] != "ack" or is_acknowledged):
            if told["janus"] == "error":
                waiting.set_exception(refusal(told["error"]["code"], told["error"].get("reason", "")))
            else:
                waiting.set_result(told)

    async def _request(self, message: dict[str, Any], *, is_acknowledged: bool = False) -> dict[str, Any]:
        """`is_acknowledged`: nothing more will come than that it came in."""
        if self._socket is None:
            raise NodeSilent
        if len(self._waiting) >= MOST_WAITING:
            raise NodeBusy
        number = secrets.token_hex(8)
        waiting: asyncio.Future[dict[str, Any]] = asyncio.get_running_loop().create_future()
        self._waiting[number] = (waiting, is_acknowledged)
        message |= {"transaction": number} | ({"session_id": self._session} if self._session is not None else {})
        message |= {"apisecret": self._secret} if self._secret else {}
        try:
            async with asyncio.timeout(self._timeout_s):
                await self._socket.send(encode(message).decode())
                return await waiting
        except (TimeoutError, OSError, WebSocketException):
            raise NodeSilent from None
        finally:
            del self._waiting[number]

    def _detach_orphan(self, asking: "asyncio.Future[dict[str, Any]]") -> None:
        if asking.cancelled() or asking.exception() is not None:
            return
        task = asyncio.get_running_loop().create_task(self._try_to_detach(int(asking.result()["data"]["id"])))
        self._orphans.add(task)
        task.add_done_callback(self._orphans.discard)

    async def _try_to_detach(self, handle: int) -> None:
        with suppress(RtcError):
            await self.detach(handle)


# Of Janus's core (45x, 46x) and of its videoroom (42x, 43x).
NO_ROOM, NO_FEED, ROOM_FULL, BAD_SDP, NO_HANDLE, BAD_JSEP = 426, 428, 432, (431, 437), 459, (464, 465, 466)


def refusal(code: int, reason: str) -> RtcError:
    if code == NO_ROOM:
        return RoomUnknown()
    if code == NO_FEED:
        return LineUnknown(line="")
    if code == ROOM_FULL:
        return RoomFull(most=0)
    if code in BAD_SDP or code in BAD_JSEP:
        return SdpInvalid(reason=reason[:200])
    if code == NO_HANDLE:
        return PeerUnknown()
    log.warning("janus_refused", code=code, reason=reason)
    return NegotiationFailed(reason=f"Janus {code}: {reason}"[:200])
