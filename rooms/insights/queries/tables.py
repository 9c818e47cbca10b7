"""Rows as CSV: UTF-8 with BOM, CRLF, numbers as numbers, and no text that a spreadsheet would take for a formula."""

import csv
import io
from collections.abc import Sequence
from dataclasses import astuple, fields
from typing import Any

_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "|", "%")


def render_csv(row_type: type, rows: Sequence[Any]) -> str:
    """The header is the row's fields. An empty table still has it."""
    text = io.StringIO()
    text.write("\ufeff")
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow([field.name for field in fields(row_type)])
    writer.writerows([[_cell(value) for value in astuple(row)] for row in rows])
    return text.getvalue()


def _cell(value: Any) -> Any:
    if isinstance(value, str) and value.lstrip().startswith(_FORMULA_STARTS):
        return f"'{value}"
    return value
