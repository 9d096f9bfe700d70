"""Wrong solutions of a finer kind than students' mistakes: the hidden checks must fail each.

`tests/wrong/NAME.txt` holds them, each below a line `# --- what is wrong`; what one does not define
is the solution's.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

import pytest
from conftest import ROOT

from grader.examiner.engine import Engine

PARTS = [
    pytest.param(file.stem, part.split("\n", 1)[1], id=f"{file.stem}: {part.splitlines()[0]}")
    for file in sorted((ROOT / "tests" / "wrong").glob("*.txt"))
    for part in re.split(r"^# --- ", file.read_text(encoding="utf-8"), flags=re.MULTILINE)[1:]
]


@pytest.mark.parametrize(("exercise", "source"), PARTS)
def test_it_loses_a_hidden_check(
    engine: Engine, solutions: Mapping[str, bytes], exercise: str, source: str
) -> None:
    submitted = solutions[f"{exercise}.py"] + b"\n\n" + source.encode()
    files = {f"{exercise}.py": submitted}
    (grade,) = engine.examine(files, [exercise], hidden_only=True, quick=True)
    assert [check["id"] for check in grade["checks"] if check["outcome"] != "passed"]
