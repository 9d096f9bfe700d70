"""Records what torch's own training loop gives, for the picture that shows a student's beside it.

    python -m grader.student.report.recording

Run it when the experiment or the generated images change. It asks the course's solution, and so it
is no part of a handout: students have the numbers, and nothing that gives them.
"""

from __future__ import annotations

import importlib.util
import json
from pathlib import Path
from typing import Any

from grader.student.report.figures import REFERENCE
from grader.student.report.pictures import LOSSES
from grader.writing import write_whole

ROOT = Path(__file__).parents[3]


def recorded() -> dict[str, Any]:
    """The losses of the solution's loop, and how many of the test images are right then."""
    from grader.student.report.experiments import losses

    file = ROOT / "solutions" / f"{LOSSES.exercise}.py"
    spec = importlib.util.spec_from_file_location(LOSSES.exercise, file)
    assert spec is not None and spec.loader is not None
    solution = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(solution)
    return losses(getattr(solution, LOSSES.function))


if __name__ == "__main__":
    write_whole(REFERENCE, json.dumps(recorded(), indent=1) + "\n")
