"""The console says what would be undone, whatever was pressed."""

import ast
from pathlib import Path

from rooms.pages.texts import CONSOLE
from rooms.program import actions
from rooms.program.states import Move


def test_every_move_that_can_be_undone_has_a_word() -> None:
    """The causes that a hand writes into the program, and the moves of the state machine."""
    tree = ast.parse(Path(actions.__file__).read_text())
    causes = {
        keyword.value.value
        for call in ast.walk(tree)
        if isinstance(call, ast.Call) and getattr(call.func, "id", "") in {"_step", "_play_by_hand"}
        for keyword in call.keywords
        if keyword.arg == "cause" and isinstance(keyword.value, ast.Constant)
    }
    assert {"next", "previous", "back", "play"} <= causes
    assert [move for move in sorted(causes | set(Move.values)) if f"move_{move}" not in CONSOLE] == []
