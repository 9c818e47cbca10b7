"""The peer of `rtc/mediarelay`: aiortc's own MediaRelay, which decodes once and encodes for every viewer.

Reads lines of JSON (`{"op": "publish" | "subscribe", "sdp": …}`) and answers each with the SDP.
"""

import asyncio
import json
import sys
from typing import Any

import aioice.ice
from aiortc import RTCPeerConnection, RTCSessionDescription
from aiortc.contrib.media import MediaRelay

from tests.realtime.rtc.film import h264
from tests.realtime.rtc.peers import CONFIGURATION


async def main() -> None:
    aioice.ice.get_host_addresses = lambda use_ipv4, use_ipv6: ["127.0.0.1"]
    relay, peers, tracks = MediaRelay(), [], []
    while line := await asyncio.to_thread(sys.stdin.readline):
        asked: Any = json.loads(line)
        peer = RTCPeerConnection(CONFIGURATION)
        peers.append(peer)
        if asked["op"] == "publish":
            peer.on("track", tracks.append)
        else:
            peer.addTransceiver(relay.subscribe(tracks[0]), direction="sendonly").setCodecPreferences(h264())
        await peer.setRemoteDescription(RTCSessionDescription(asked["sdp"], "offer"))
        await peer.setLocalDescription(await peer.createAnswer())
        sys.stdout.write(json.dumps({"sdp": peer.localDescription.sdp}) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    asyncio.run(main())
