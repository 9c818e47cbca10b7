"""A hundred requests of two shops at once: no thread, connection or event loop carries one shop into the other."""

import asyncio
from typing import Any

from merchants.foundation.tenancy import current_schema, tenant_db
from realtime.ticket import Ticket
from rooms.program.queries import get_room, list_rooms_upcoming
from rooms.snapshot.queries import make_snapshot
from tests.leaks.audiences import BUYER, Key
from tests.leaks.server import RawAnswer, Server
from tests.leaks.twins import OURS, OURS_HOST, THEIRS, THEIRS_HOST, Twins

PAIRS = 50
GIVEN_BACK_S, QUIET_S = 30, 3
PATHS = ("/", "/rooms/harbour/", "/api/v1/rooms/harbour/comments", "/api/v1/products/", "/api/v1/orders/", "/admin/commerce/order/")
OTHER = {OURS: THEIRS, THEIRS: OURS}


async def test_a_hundred_interleaved_requests_answer_with_their_own_rows(twins: Twins, server: Server) -> None:
    """Pages, API and office of both shops in turns through the real web process: 0 wrong rows."""
    people = {OURS: twins.keys, THEIRS: twins.other_keys}
    hosts = {OURS: OURS_HOST, THEIRS: THEIRS_HOST}

    async def visit(number: int) -> tuple[str, str, RawAnswer]:
        schema, path = (OURS, THEIRS)[number % 2], PATHS[number // 2 % len(PATHS)]
        key: Key = people[schema]["owner" if path.startswith("/admin/") else BUYER]
        return schema, path, await server.ask(hosts[schema], path, key=key)

    answers = await asyncio.gather(*map(visit, range(2 * PAIRS)))
    wrong = [f"{path} of {schema}: {answer.status}" for schema, path, answer in answers if not is_own(schema, answer)]
    assert not wrong, "\n".join(wrong)


def is_own(schema: str, answer: RawAnswer) -> bool:
    return answer.status == 200 and f"{schema}-canary" in answer.text and OTHER[schema] not in answer.text


async def test_every_connection_goes_back_to_the_pool(twins: Twins, server: Server) -> None:
    """Also those of visitors who leave before their answer: one that is kept would be missing for good."""
    hosts = (OURS_HOST, THEIRS_HOST)
    await asyncio.gather(*(server.knock(hosts[number % 2], PATHS[number % len(PATHS)]) for number in range(PAIRS)))
    in_use: list[float] = []
    while in_use[-QUIET_S:] != [0.0] * QUIET_S and len(in_use) < GIVEN_BACK_S:
        await asyncio.sleep(1)
        in_use.append(await _pooled(server, "in_use"))
    assert in_use[-QUIET_S:] == [0.0] * QUIET_S, in_use
    assert await _pooled(server, "idle") > 0


async def _pooled(server: Server, which: str) -> float:
    lines = (await server.ask(OURS_HOST, "/metrics")).text.splitlines()
    return float(next(line for line in lines if line.startswith(f"database_pool_{which} ")).split()[1])


async def test_a_hundred_interleaved_snapshots_hold_their_own_rows(twins: Twins) -> None:
    """The one crossing from asynchronous code enters the schema inside the database thread; the snapshots of equal rooms are two."""

    async def read(number: int) -> tuple[str, Any]:
        schema = (OURS, THEIRS)[number % 2]
        ticket = Ticket(schema=schema, room_id=str(twins.shop.values["room_id"]), slug="harbour", viewer_id=twins.shop.buyer_id, nickname="Iris")
        return schema, await make_snapshot(schema, ticket.room_id, ticket)

    for schema, snapshot in await asyncio.gather(*map(read, range(2 * PAIRS))):
        said = repr(snapshot)
        assert f"{schema}-canary" in said
        assert OTHER[schema] not in said


async def test_stories_that_change_shops_in_between_come_back(twins: Twins) -> None:
    """Each crossing ends where it began, also after an error, so that the thread's next story starts in no shop."""

    @tenant_db
    def read(fails: bool) -> tuple[str, str]:
        if fails:
            raise ValueError
        return current_schema(), get_room("harbour").title + list_rooms_upcoming()[0].title

    calls = [read((OURS, THEIRS)[number % 2], fails=number % 5 == 0) for number in range(2 * PAIRS)]
    for number, answer in enumerate(await asyncio.gather(*calls, return_exceptions=True)):
        if number % 5 == 0:
            assert isinstance(answer, ValueError)
            continue
        schema = (OURS, THEIRS)[number % 2]
        assert isinstance(answer, tuple)
        assert answer[0] == schema
        assert f"{schema}-canary" in answer[1]
        assert OTHER[schema] not in answer[1]
