"""How late a submission is, and what that takes off its points.

The time is always one that the LMS gave: a file's own is never asked, since downloads, archives
and students set it.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from grader.course import Policy

_DAY = timedelta(days=1)
# 2027-01-31 23:51:13 -0800, as Gradescope writes it: ISO 8601 but for the space before the zone.
_SPACED_ZONE = re.compile(r"(?<=\d)\s+(?=(?:[+-]\d\d:?\d\d|Z)$)")
_NAMED_UTC = re.compile(r"\s*(?:UTC|GMT)$")


@dataclass(frozen=True)
class Lateness:
    """When a submission came, when it was due, and percent of the points lost a day.

    Both times have a zone. A day is 24 hours, and one that has begun counts.
    """

    submitted: datetime
    due: datetime
    percent: float

    @property
    def days(self) -> int:
        """Days that have begun after it was due; 0 is in time."""
        return max(0, math.ceil((self.submitted - self.due) / _DAY))

    def taken_off(self, points: float) -> float:
        """Of so many points earned, how many go: never more than there are."""
        return min(points, points * self.percent * self.days / 100)

    def final(self, points: float) -> float:
        return points - self.taken_off(points)

    def sentence(self, points: float) -> str:
        """What a student is told; empty where the submission came in time."""
        if not self.days:
            return ""
        days = "1 day" if self.days == 1 else f"{self.days} days"
        late = f"Handed in {days} late ({_written(self.submitted)}; due {_written(self.due)})"
        if not self.percent:
            return f"{late}."
        return f"{late}: {self.taken_off(points):.6g} of {points:.6g} points are taken off."


def lateness(submitted: datetime | None, policy: Policy, due: datetime | None) -> Lateness | None:
    """How late by the course's policy; None where either time is not known.

    Args:
        submitted: when the LMS received it.
        policy: the course's `due` and `late_penalty`.
        due: a student's own date, such as an extension; it goes before the course's.
    """
    limit = due or policy.due
    if submitted is None or limit is None:
        return None
    return Lateness(submitted, limit, policy.late_penalty)


def parse_time(text: str) -> datetime:
    """A time with its zone, as ISO 8601 or as an LMS writes that; ValueError says what is wrong."""
    plain = _NAMED_UTC.sub("+00:00", _SPACED_ZONE.sub("", text.strip()))
    try:
        time = datetime.fromisoformat(plain)
    except ValueError:
        raise ValueError(
            "is no time such as 2027-01-31T23:59:00+01:00; other ways of writing it can be read "
            "as two days"
        ) from None
    if time.tzinfo is None:
        raise ValueError("needs its time zone, as in 2027-01-31T23:59:00+01:00")
    return time


def gradescope_time(metadata: Mapping[str, Any]) -> datetime:
    """When it came, of submission_metadata.json; ValueError where that does not say."""
    created = metadata.get("created_at")
    if not isinstance(created, str):
        raise ValueError("submission_metadata.json has no created_at")
    try:
        return parse_time(created)
    except ValueError as error:
        raise ValueError(f"created_at of submission_metadata.json {error}") from None


def _written(time: datetime) -> str:
    return time.isoformat(sep=" ", timespec="minutes")
