"""A publisher in a process of its own: writes its offer as a line of JSON, reads the answer, and sends until it is killed."""

import asyncio
import json
import sys

import aioice.ice

from realtime.rtc.engine import Description
from tests.realtime.rtc.film import Film, Tone
from tests.realtime.rtc.peers import Publisher

LONGEST_S = 60.0


async def main() -> None:
    aioice.ice.get_host_addresses = lambda use_ipv4, use_ipv6: ["127.0.0.1"]
    publisher = Publisher()
    sys.stdout.write(json.dumps({"sdp": await publisher.offer(Film(), Tone())}) + "\n")
    sys.stdout.flush()
    answer = json.loads(await asyncio.to_thread(sys.stdin.readline))
    await publisher.take(Description(answer["peer_id"], "answer", answer["sdp"]))
    await asyncio.sleep(LONGEST_S)


if __name__ == "__main__":
    asyncio.run(main())
