"""A room of ours as a room of Janus's videoroom: its publishers, and a feed for each line that viewers subscribe to.

A feed of Janus dies with its publisher, and its subscribers would have to negotiate again. So viewers are never subscribed to a
publisher: a line is a feed of its own (a "remote publisher"), which stays while publishers come, fail over and go.
"""

import asyncio
import hashlib
import hmac
import secrets
import time
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import structlog

from realtime.rtc.errors import LineUnknown, RtcError
from realtime.rtc.janus.client import JanusClient
from realtime.rtc.names import KINDS, Kind

log = structlog.get_logger(__name__)

# What our rooms are called in Janus, with the second of their making behind it.
MARK = "cliffhanger"
KEEPER = "keeper"
# Between a room's making and its keeper's coming.
YOUNG_S = 30
MOST_PUBLISHERS = 40
LOOKS, LOOK_S = 50, 0.01
MOST_BITS_PER_S = 3_000_000
H264_PROFILE = "42e01f"
# Of copies. A publisher's own may be one that looks like RTCP's once the marker is set.
COPIED_TYPE = 96
CODEC: dict[Kind, str] = {"video": "h264", "audio": "opus"}


@dataclass(frozen=True)
class FeedAddress:
    """Where Janus takes a line's packets, and where it learns to whom it may send keyframe requests. Ports of UDP."""

    feed: int
    host: str
    port: int
    control_port: int


@dataclass(frozen=True)
class Rooms:
    """What rooms are made with. `admin_key`: Janus lets nobody else make rooms or copy media."""

    client: JanusClient
    admin_key: str = ""

    def secret(self, number: int) -> str:
        """Of a room: who knows the key may end it, also after the process that made it is gone."""
        return hmac.new(self.admin_key.encode(), f"room {number}".encode(), hashlib.sha256).hexdigest()

    async def open(self) -> "VideoRoom":
        """A new room, with our own keeper in it: a room without one belongs to a process that has died."""
        number, keeper = secrets.randbits(52) + 1, await self.client.attach()
        room = VideoRoom(self.client, number, self.secret(number), self.admin_key, keeper)
        try:
            await self.client.ask(
                keeper,
                {
                    "request": "create",
                    "room": number,
                    "description": f"{MARK} {int(time.time())}",
                    "secret": room.secret,
                    "admin_key": self.admin_key,
                    "is_private": True,
                    "permanent": False,
                    "publishers": MOST_PUBLISHERS,
                    "videocodec": CODEC["video"],
                    "audiocodec": CODEC["audio"],
                    "h264_profile": H264_PROFILE,
                    "bitrate": MOST_BITS_PER_S,
                    "notify_joining": False,
                },
            )
            await self.client.ask(keeper, {"request": "join", "ptype": "publisher", "room": number, "display": KEEPER})
        except BaseException:
            await room.close()
            raise
        return room

    async def sweep(self) -> None:
        """End rooms of processes that died: without a keeper, and not just made."""
        handle = await self.client.attach()
        try:
            listed = (await self.client.ask(handle, {"request": "list", "admin_key": self.admin_key})).data.get("list", [])
            for room in listed:
                mark, _, made_at = str(room.get("description", "")).partition(" ")
                if mark != MARK or not made_at.isdigit() or time.time() - int(made_at) < YOUNG_S:
                    continue
                inside = (await self.client.ask(handle, {"request": "listparticipants", "room": room["room"]})).data["participants"]
                if not any(participant.get("display") == KEEPER for participant in inside):
                    await self.client.ask(handle, {"request": "destroy", "room": room["room"], "secret": self.secret(room["room"])})
                    log.info("janus_room_swept", room=room["room"])
        finally:
            await self.client.detach(handle)


class VideoRoom:
    def __init__(self, client: JanusClient, number: int, secret: str, admin_key: str, keeper: int) -> None:
        self.number = number
        self.secret = secret
        self._client = client
        self._admin_key = admin_key
        self._keeper = keeper

    async def close(self) -> None:
        """What cannot be ended now goes with the session, or is swept."""
        with suppress(RtcError):
            await self._client.ask(self._keeper, {"request": "destroy"} | self._own)
        with suppress(RtcError):
            await self._client.detach(self._keeper)

    @property
    def _own(self) -> dict[str, Any]:
        return {"room": self.number, "secret": self.secret}

    # Publishers --------------------------------------------------------------------------------------

    async def publish(self, handle: int, *, offer: str) -> tuple[int, str]:
        """The feed, and the answer."""
        reply = await self._client.ask(handle, {"request": "joinandconfigure", "ptype": "publisher", "room": self.number}, offer=offer)
        return int(reply.data["id"]), reply.sdp

    async def copy_to(self, feed: int, *, host: str, port: int, streams: Iterable[tuple[str, int]]) -> None:
        """Let Janus send what it takes from this publisher to us too. `streams`: the publisher's mids, and the SSRC for each."""
        wanted = [{"mid": mid, "host": host, "port": port, "ssrc": ssrc, "pt": COPIED_TYPE} for mid, ssrc in streams]
        body = {"request": "rtp_forward", "publisher_id": feed, "host": host, "streams": wanted, "admin_key": self._admin_key}
        await self._client.ask(self._keeper, body | self._own)

    async def ask_keyframe(self, handle: int) -> None:
        await self._client.ask(handle, {"request": "configure", "keyframe": True})

    # Lines -------------------------------------------------------------------------------------------

    async def add_feed(self, *, host: str) -> FeedAddress:
        """`host`: the address at which Janus shall take the packets, and at no other."""
        streams = [{"mid": str(place), "mindex": place, "type": kind, "codec": CODEC[kind]} for place, kind in enumerate(KINDS)]
        number = secrets.randbits(52) + 1
        body = {"request": "add_remote_publisher", "id": number, "iface": host, "streams": streams}
        told = (await self._client.ask(self._keeper, body | self._own)).data
        await self._wait_for(number)
        return FeedAddress(number, host, int(told["port"]), int(told["rtcp_port"]))

    async def _wait_for(self, feed: int) -> None:
        """Janus answers before its new thread has put the feed into the room. Raises: LineUnknown."""
        for _ in range(LOOKS):
            told = await self._client.ask(self._keeper, {"request": "listparticipants", "room": self.number})
            if any(participant["id"] == feed for participant in told.data["participants"]):
                return
            await asyncio.sleep(LOOK_S)
        raise LineUnknown(line="")

    async def remove_feed(self, feed: int) -> None:
        await self._client.ask(self._keeper, {"request": "remove_remote_publisher", "id": feed} | self._own)

    # Viewers -----------------------------------------------------------------------------------------

    async def subscribe(self, handle: int, feeds: Iterable[int]) -> str:
        """The offer, which has each feed's picture and sound in this order."""
        body = {"request": "join", "ptype": "subscriber", "room": self.number, "autoupdate": False, "streams": _streams(feeds)}
        return (await self._client.ask(handle, body)).sdp

    async def resubscribe(self, handle: int, *, added: Iterable[int], removed: Iterable[int]) -> str:
        """The next offer. Without a change it asks for new ways through the network (an ICE restart)."""
        body: dict[str, Any] = {"subscribe": _streams(added), "unsubscribe": [{"feed": feed} for feed in removed]}
        wanted = {name: value for name, value in body.items() if value}
        request = {"request": "update"} | wanted if wanted else {"request": "configure", "restart": True}
        return (await self._client.ask(handle, request)).sdp

    async def begin(self, handle: int, *, answer: str) -> None:
        await self._client.ask(handle, {"request": "start"}, answer=answer)


def _streams(feeds: Iterable[int]) -> list[dict[str, Any]]:
    return [{"feed": feed, "mid": str(place)} for feed in feeds for place, _ in enumerate(KINDS)]
