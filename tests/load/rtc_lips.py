"""Whether lips and voice stay together: what a viewer of our node sees and hears of flashes that beep, beside what a plain peer
connection between two ends of the same page makes of the same flashes.
"""

import asyncio

from realtime.rtc.engine.aiortc import AiortcEngine
from realtime.rtc.names import RoomName
from realtime.rtc.node import Node
from tests.load.fanout_client import CannotMeasure
from tests.load.report import median, print_row
from tests.realtime.rtc.lips import list_skews_ms, watching_itself

ROOM = RoomName.of("aurora", "r1")
# Chrome's first report of its sound comes after 2.4 s, and a browser brings both together in small steps.
SETTLE_S, WATCHED_S, FEWEST = 10.0, 15.0, 8
ALLOWED_MS = 40.0


async def measure_lips() -> None:
    engine = AiortcEngine(Node(), host_addresses=("127.0.0.1",))
    engine.start()
    await engine.create_room(ROOM)
    try:
        async with watching_itself(engine, ROOM) as page:
            await asyncio.sleep(SETTLE_S)
            await page.evaluate("forget()")
            await asyncio.sleep(WATCHED_S)
            ours, plain = await list_skews_ms(page, "ours"), await list_skews_ms(page, "plain")
    finally:
        await engine.close()
    if min(len(ours), len(plain)) < FEWEST:
        raise CannotMeasure(f"only {len(ours)} flashes beeped over the node, {len(plain)} over the plain connection")
    print_row(
        "rtc/lips",
        ours=abs(median(ours)),
        unit="ms",
        peer="plain peer connection + 40 ms",
        peers=abs(median(plain)) + ALLOWED_MS,
        goal="<= 1.0",
    )
    told = "; ".join(f"{way} {median(skews):.0f} ({min(skews):.0f} to {max(skews):.0f})" for way, skews in (("ours", ours), ("plain", plain)))
    print(f"  sound after picture, ms: {told}; {len(ours)} and {len(plain)} beeps in {WATCHED_S:.0f} s", flush=True)
