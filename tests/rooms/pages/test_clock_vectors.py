"""One table of moments binds the clocks of server and browser; rooms/frontend/show/program.test.ts reads the same."""

import json
from pathlib import Path
from uuid import UUID

from rooms.program.clock import Entry, Source, current_entry, position, upcoming_entry
from rooms.program.states import SourceKind

VECTORS = json.loads((Path(__file__).parents[1] / "program" / "clock_vectors.json").read_text())


def test_the_servers_clock_gives_the_answers_of_the_table() -> None:
    """On air, position and what comes, at every moment of the table."""
    log = [Entry(**{**line, "source": Source(SourceKind(line["source"]), UUID(int=line["seq"]))}) for line in VECTORS["log"]]
    for moment in VECTORS["moments"]:
        on_air, after = current_entry(log, moment["at_ms"]), upcoming_entry(log, moment["at_ms"])
        assert (on_air.seq if on_air else None) == moment["on_air"], moment
        assert (position(on_air, moment["at_ms"]) if on_air else None) == moment["position_ms"], moment
        assert (after.seq if after else None) == moment["next"], moment
