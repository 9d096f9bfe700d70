"""Shows twenty known mistakes in docs/feedback.md, as students see them.

    uv run python docs/mistakes/make.py [EXERCISE.NAME ...]

With names, those are written to standard output and the page stays. Each stands in place of the
student's function in a copy of the course, and `pytest exercises` shows what it shows. A mistake
that is not named, or on more than eight numbers, is refused (exit 1).
"""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from showing import Shown, copy_of, show

from grader.course import Course, CourseError, load_course
from grader.misconceptions import Misconception, misconceptions_of
from grader.writing import write_whole

ROOT = Path(__file__).resolve().parent.parent.parent
PAGE = ROOT / "docs" / "feedback.md"
BEGIN, END = "<!-- made by docs/mistakes/make.py: from here -->", "<!-- to here -->"
MOST_NUMBERS = 8
CHOSEN = (
    ("linear_regression", "predict_in_a_column"),
    ("linear_regression", "fit_never_clears"),
    ("layers", "linear_without_transpose"),
    ("layers", "NetInAList"),
    ("convnets", "CifarNetFlattensTheBatch"),
    ("convnets", "count_with_frozen"),
    ("losses", "mse_broadcasts"),
    ("losses", "mse_halved"),
    ("losses", "bce_not_clamped"),
    ("losses", "ce_softmax_twice"),
    ("losses", "ce_detached"),
    ("backprop", "relu_passes_at_zero"),
    ("backprop", "lifecycle_keeps_references"),
    ("optimizers", "SGDAveragesTheMomentum"),
    ("optimizers", "AdamWithoutBiasCorrection"),
    ("training", "step_never_clears"),
    ("training", "evaluate_averages_the_batches"),
    ("data", "images_by_number"),
    ("data", "shared_by_tensor"),
    ("monitoring", "figure_left_open"),
)
OPENING = """\
## Twenty mistakes, as a student sees them

Each stands in place of a student's function; the rest of the course is solved. The text is what
`pytest exercises -x -k FUNCTION` shows of it, 80 columns wide and without colours. The hint names
the mistake, and what shows it holds at most eight numbers. Known mistakes are code in
`grader/misconceptions/`."""


class Refused(Exception):
    """A mistake is not shown as this page promises."""


def main() -> None:
    named = [tuple(name.split(".", 1)) for name in sys.argv[1:]]
    try:
        sections = sections_of(named or CHOSEN)
    except (Refused, CourseError) as refused:
        sys.exit(f"mistakes: {refused}")
    if named:
        sys.stdout.write("\n\n".join(sections) + "\n")
        return
    text = PAGE.read_text(encoding="utf-8")
    before, _, rest = text.partition(BEGIN)
    _, found, after = rest.partition(END)
    if not found:
        sys.exit(f"mistakes: {PAGE} has no lines {BEGIN} and {END}: put them where the page goes")
    made = "\n\n".join([BEGIN, OPENING, *sections, END])
    write_whole(PAGE, f"{before}{made}{after}")


def sections_of(chosen: Sequence[tuple[str, ...]]) -> list[str]:
    """A section of the page for each mistake, given as its exercise and its name."""
    course = load_course(ROOT)
    with tempfile.TemporaryDirectory(prefix="mistakes-") as folder:
        copy = copy_of(course, Path(folder))
        return [_section(course, copy, *one) for one in chosen]


def _section(course: Course, copy: Path, exercise: str, name: str = "") -> str:
    mistakes = {known.name: known for known in misconceptions_of(exercise, course.misconceptions)}
    if name not in mistakes:
        raise Refused(f"{exercise} has no misconception {name}")
    known = mistakes[name]
    shown = show(course, copy, exercise, known)
    if shown is None:
        raise Refused(f"{exercise}: every public check passes {name}")
    refuse(known, shown)
    numbers = "1 number" if shown.numbers == 1 else f"{shown.numbers} numbers"
    heading = f"### {exercise}.{known.function}: {in_words(known)}"
    return f"{heading}\n\n{numbers}.\n\n```text\n{shown.text}\n```"


def refuse(known: Misconception, shown: Shown) -> None:
    """Raise Refused where a mistake is not named, or not on a small example."""
    where = f"{shown.check}: {known.name}"
    if shown.hint != known.hint or _line(known.hint) not in _line(shown.text):
        raise Refused(f"{where}: its hint is not shown, but {shown.hint!r}:\n{shown.text}")
    if not 0 < shown.numbers <= MOST_NUMBERS:
        raise Refused(f"{where}: it is shown on {shown.numbers} numbers:\n{shown.text}")


def in_words(known: Misconception) -> str:
    """`mse_halved` and `NetInAList` as words."""
    spaced = "".join(f" {letter.lower()}" if letter.isupper() else letter for letter in known.name)
    return (spaced if known.name[0].isupper() else known.name.replace("_", " ")).strip()


def _line(text: str) -> str:
    return " ".join(text.split())


if __name__ == "__main__":
    main()
