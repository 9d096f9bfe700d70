"""Reads a notebook that was handed in: its code cells, as text.

This is the trusted side. A notebook is JSON and read as nothing else, within limits on its size and
on the number of its parts, which hold before anything is made of it; what it shows (outputs,
pictures, metadata) is passed over unseen.
"""

from __future__ import annotations

import json
from typing import Any

from grader.folders import MIB, Refused
from grader.untrusted import quoted_name

MAX_BYTES = 64 * MIB  # with all outputs; a page of pictures is some MiB
# Of its JSON. A value takes up to two hundred bytes of memory, and three to be written.
MAX_PARTS = 2_000_000
CLEAR = "clear its outputs and hand it in again"


def code_cells(name: str, data: bytes) -> list[str]:
    """The text of every code cell, from top to bottom, of a notebook of format 3 or 4.

    Raises Refused, with one sentence that names the notebook, where it is none.
    """
    shown = quoted_name(name)
    if len(data) > MAX_BYTES:
        raise Refused(f"{shown} is larger than {MAX_BYTES // MIB} MiB: {CLEAR}")
    return [_text(shown, cell) for cell in _cells(shown, _document(shown, data))]


def _document(shown: str, data: bytes) -> Any:
    if not data.strip():
        raise Refused(f"{shown} is empty: hand it in again")
    if sum(map(data.count, (b",", b"[", b"{"))) > MAX_PARTS:
        raise Refused(f"{shown} holds more than a notebook's outputs need: {CLEAR}")
    try:
        # Of numbers nothing is asked, and to read a long one costs much: its length will do.
        return json.loads(
            data.decode("utf-8-sig"), parse_int=len, parse_float=len, parse_constant=len
        )
    except UnicodeDecodeError as error:
        reason = f"byte {error.start} is not UTF-8"
    except json.JSONDecodeError as error:
        reason = f"line {error.lineno} is not JSON"
    except RecursionError:
        reason = "it is nested too deeply"
    raise Refused(f"{shown} is no notebook ({reason}): download it anew") from None


def _cells(shown: str, document: Any) -> list[dict[str, Any]]:
    """The code cells: of format 4 in the document itself, of format 3 in its worksheets."""
    sheets: Any = [document]
    if isinstance(document, dict) and "cells" not in document:
        sheets = document.get("worksheets")
    found: list[dict[str, Any]] = []
    for sheet in sheets if isinstance(sheets, list) else [None]:
        cells = sheet.get("cells") if isinstance(sheet, dict) else None
        if not isinstance(cells, list) or not all(isinstance(cell, dict) for cell in cells):
            raise Refused(f"{shown} is no notebook (it has no list of cells): download it anew")
        found += [cell for cell in cells if cell.get("cell_type") == "code"]
    return found


def _text(shown: str, cell: dict[str, Any]) -> str:
    """What is written in a code cell; format 3 calls it input."""
    text = cell.get("source", cell.get("input"))
    if isinstance(text, list) and all(isinstance(line, str) for line in text):
        text = "".join(text)
    if not isinstance(text, str):
        raise Refused(f"{shown} is no notebook (a code cell has no text): download it anew")
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:
        what = "a code cell holds half of a character"
        raise Refused(f"{shown} is no notebook ({what}): download it anew") from None
    return text
