"""Other seeds ask other questions and come to the same verdicts."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
from test_variants import FILES, submission_with

from grader.course import Course
from grader.examiner.engine import Engine, EngineSettings
from grader.misconceptions import misconceptions_of, wrong_source

JOBS = 2


@pytest.fixture(scope="module", params=[1, 2, 3, 4])  # seed 0 is the audit's
def seeded(request: pytest.FixtureRequest, course: Course) -> Iterator[Engine]:
    with Engine(EngineSettings(course, seed=request.param)) as running:
        yield running


def test_every_known_mistake_fails_and_every_variant_passes(
    seeded: Engine, course: Course, solutions: dict[str, bytes]
) -> None:
    asked = []
    for name in course.names:
        solution = solutions[f"{name}.py"].decode()
        for known in misconceptions_of(name):
            if not known.needs_gpu:
                source = wrong_source(solution, known.module_source, known.name, known.function)
                asked.append((False, name, known.name, source.encode()))
    asked += [(True, file.parent.name, file.stem, submission_with(file)) for file in FILES]

    def is_as_expected(case: tuple[bool, str, str, bytes]) -> bool:
        right, name, _, source = case
        files = {f"{name}.py": source}
        (graded,) = seeded.examine(files, [name], hidden_only=True, quick=True)
        passed = all(check["outcome"] == "passed" for check in graded["checks"])
        return passed == right

    with ThreadPoolExecutor(JOBS) as pool:
        verdicts = list(pool.map(is_as_expected, asked))
    assert [case[1:3] for case, fine in zip(asked, verdicts, strict=True) if not fine] == []
