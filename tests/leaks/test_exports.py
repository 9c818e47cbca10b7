"""Files that are made on the way: the ledger's CSV says its shop in every row, also when two shops' are read in turns."""

import asyncio
import csv
import io

from commerce.finance.exports import stream_orders_csv
from merchants.foundation.tenancy import current_schema
from rooms.insights.reports.readers import READERS
from rooms.insights.reports.stories import STORIES
from tests.leaks import walk
from tests.leaks.expectations.addresses import SHOP
from tests.leaks.knocking import ask, path_of
from tests.leaks.server import RawAnswer, Server
from tests.leaks.twins import OURS, OURS_HOST, THEIRS, THEIRS_HOST, Twins, undone

# The rows of the second: tests/rooms/live/test_line_report.py; of the reports: tests/rooms/insights/test_reports.py; of experiments and
# contribution: test_course.py and test_contribution_page.py beside it; each in two shops.
EXPORTS = {
    "finance/exports/orders.csv",
    "office/lines/<slug:slug>/viewers.csv",
    "api/v1/insights/experiments/<uuid:experiment_id>/course.csv",
    "api/v1/insights/seasons/<uuid:season_id>/contribution.csv",
    *(f"api/v1/insights/{name}.csv" for name in (*READERS, *STORIES)),
}
AT_ONCE = 8


def rows_of(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text.removeprefix("\ufeff"))))


def test_every_download_is_known(twins: Twins) -> None:
    """An address that answers the owner with a table to keep is listed here and tried below."""
    found = set()
    for key in walk.list_doors(walk.SHOP):
        door = SHOP[key]
        if "GET" in door.answers and door.is_open_to("owner"):
            with undone():
                answer = ask(twins, door, "GET", path_of(key, door, twins.shop.values), audience="owner")
            if "content-disposition: attachment" in answer.text or "content-type: text/csv" in answer.text:
                found.add(key)
    assert found == EXPORTS, "add it to EXPORTS in tests/leaks/test_exports.py, and a test of its rows"


def test_two_streams_read_in_turns_stay_apart(twins: Twins) -> None:
    """A block of one, a block of the other, on one thread: each holds its own shop's rows, and the thread stands in neither afterwards."""
    streams = {schema: stream_orders_csv(schema=schema, period=None, time_zone="UTC") for schema in (OURS, THEIRS)}
    texts = {schema: next(stream) for schema, stream in streams.items()}
    for schema, stream in streams.items():
        texts[schema] += b"".join(stream)
        assert current_schema() == "public"
    for schema, other in ((OURS, THEIRS), (THEIRS, OURS)):
        rows = rows_of(texts[schema].decode())
        assert rows
        assert {row["tenant"] for row in rows} == {schema}
        assert {row["cue_id"] for row in rows} == {f"{schema}-canary"}
        assert other not in texts[schema].decode()


async def test_exports_of_two_shops_at_once_hold_their_own_rows(twins: Twins, server: Server) -> None:
    """Real downloads that overlap on the real server."""
    keys = {OURS_HOST: twins.keys["finance"], THEIRS_HOST: twins.other_keys["finance"]}
    hosts = [OURS_HOST, THEIRS_HOST] * AT_ONCE

    async def download(host: str) -> tuple[str, RawAnswer]:
        return host, await server.ask(host, "/finance/exports/orders.csv", key=keys[host])

    for host, answer in await asyncio.gather(*map(download, hosts)):
        schema, other = (OURS, THEIRS) if host == OURS_HOST else (THEIRS, OURS)
        assert answer.status == 200
        assert f"{schema}-canary" in answer.text
        assert other not in answer.text
