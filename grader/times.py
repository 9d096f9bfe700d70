"""When submissions were received, as a table from an LMS says."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

from grader import untrusted
from grader.lateness import parse_time
from grader.roster import RosterError, Row, plain, read_rows, title

_SUBMISSION = ("submission", "folder", "submission id", "id")
_TIME = ("time", "submitted at", "submission time", "created at")


def read_times(path: Path) -> dict[str, datetime]:
    """By submission id, when each was received; every time has its zone.

    The columns are `submission` and `time`, or as Gradescope calls them in its own export.
    RosterError says what is wrong, and where.
    """
    shown = untrusted.name(path.name)
    rows = read_rows(path)
    header = [title(cell) for cell in rows[0].cells]
    named = next((header.index(name) for name in _SUBMISSION if name in header), None)
    timed = next((header.index(name) for name in _TIME if name in header), None)
    if named is None or timed is None:
        raise RosterError(
            f"{shown}: needs the columns submission and time (there are: "
            f"{untrusted.line(', '.join(rows[0].cells), 200)})"
        )
    times: dict[str, datetime] = {}
    for row in rows[1:]:
        submission, written = plain(row.cells[named]), row.cells[timed].strip()
        if not submission or not written:
            continue
        if header[named] == "submission id" and submission.isdecimal():
            submission = f"submission_{submission}"  # its folder in Gradescope's download
        time = _time(shown, row, written)
        if times.setdefault(submission, time) != time:
            raise RosterError(
                f"{shown}: line {row.line}: {untrusted.quoted_name(submission)} has another time "
                "before: keep the one that counts"
            )
    return times


def _time(file: str, row: Row, written: str) -> datetime:
    try:
        return parse_time(written)
    except ValueError as error:
        quoted = untrusted.quoted_name(written)
        raise RosterError(f"{file}: line {row.line}: {quoted} {error}") from None
