"""What a worker is told before it examines anything: the course, as bytes, and how to grade."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from grader.cluster.identity import differences, identity
from grader.cluster.parcel import pack
from grader.digests import exercise_digest
from grader.examiner.engine import EngineSettings


@dataclass(frozen=True)
class Order:
    """What to be ready for. Orders with the same key have the same warm pair."""

    key: str
    given: Mapping[str, Any]
    checks: Mapping[str, str]  # of each exercise, the digest of what the course says of it

    def objections(self, answer: Mapping[str, Any]) -> list[str]:
        """Why what a worker answered to `prepare` keeps it from examining, in words."""
        if "error" in answer:
            return [f"the course cannot be read there: {answer['error']}"]
        found = differences(self.given["identity"], answer["identity"])
        if not found and answer["checks"] != self.checks:
            changed = [
                name for name in self.checks if answer["checks"].get(name) != self.checks[name]
            ]
            found.append(f"what the course says of {', '.join(changed)} differs there")
        return found


def order_of(settings: EngineSettings, exercises: Iterable[str]) -> Order:
    """The order of a run; ClusterError where the course is too large to travel."""
    course = settings.course.only(exercises)
    manner = {
        "exercises": course.names,
        "seed": settings.seed,
        "device": settings.device,
        "level": settings.level,
        "data": str(settings.data.resolve()) if settings.data else "",
    }
    parcel, own = pack(course), identity()
    digest = hashlib.sha256(repr((manner, own)).encode() + parcel)
    given = {**manner, "course": parcel, "identity": own}
    checks = {name: exercise_digest(course, name) for name in course.names}
    return Order(digest.hexdigest(), given, checks)
