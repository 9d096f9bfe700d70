"""Other seeds ask other questions and come to the same verdicts."""

from __future__ import annotations

import os
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
from test_variants import FILES, submission_with

from grader.course import Course
from grader.examiner.engine import Engine, EngineSettings
from grader.misconceptions import misconceptions_of, wrong_source

JOBS = 2


# Seed 0 is the audit's. SEEDS="2 3 4" asks for others, and for every known mistake under each.
SEEDS = os.environ.get("SEEDS", "1")
EVERY = 1 if "SEEDS" in os.environ else 6


@pytest.fixture(scope="module", params=[int(seed) for seed in SEEDS.split()])
def seeded(request: pytest.FixtureRequest, course: Course) -> Iterator[Engine]:
    with Engine(EngineSettings(course, seed=request.param)) as running:
        yield running


def test_every_known_mistake_fails_and_every_variant_passes(
    seeded: Engine, course: Course, solutions: dict[str, bytes]
) -> None:
    asked = []
    for name in course.names:
        solution = solutions[f"{name}.py"].decode()
        for known in misconceptions_of(name)[::EVERY]:
            if not known.needs_gpu:
                source = wrong_source(solution, known.module_source, known.name, known.function)
                asked.append((name, known.function, known.name, source.encode()))
    asked += [(file.parent.name, None, file.stem, submission_with(file)) for file in FILES]

    def is_as_expected(case: tuple[str, str | None, str, bytes]) -> bool:
        name, mistaken, _, source = case
        manner = {"hidden_only": True, "quick": True, "first": mistaken}
        (graded,) = seeded.examine({f"{name}.py": source}, [name], **manner)
        passed = all(check["outcome"] == "passed" for check in graded["checks"])
        return passed == (mistaken is None)

    with ThreadPoolExecutor(JOBS) as pool:
        verdicts = list(pool.map(is_as_expected, asked))
    assert [case[:3] for case, fine in zip(asked, verdicts, strict=True) if not fine] == []
