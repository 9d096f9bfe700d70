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

from grader.course import Course, load_course
from grader.misconceptions import Misconception, misconceptions_of
from grader.writing import write_whole

ROOT = Path(__file__).resolve().parent.parent.parent
PAGE = ROOT / "docs" / "feedback.md"
BEGIN, END = "<!-- made by docs/mistakes/make.py: from here -->", "<!-- to here -->"
MOST_NUMBERS = 8
CHOSEN = {
    "linear_regression.predict_in_a_column": "the prediction stays a column",
    "linear_regression.fit_never_clears": "gradients are never cleared",
    "layers.linear_without_transpose": "the weight is not transposed",
    "layers.softmax_of_the_last_dimension": "softmax over the last dimension, whichever was asked",
    "convnets.size_padded_once": "padding on one side only",
    "convnets.count_with_frozen": "frozen parameters are counted",
    "losses.mse_broadcasts": "a column against a row broadcasts",
    "losses.mse_halved": "an extra factor one half",
    "losses.bce_not_clamped": "the logarithm of 0",
    "losses.ce_softmax_twice": "softmax taken twice",
    "losses.ce_detached": "the result is cut off from the graph",
    "backprop.relu_passes_at_zero": "the gradient of ReLU passes at 0",
    "backprop.lifecycle_keeps_references": "gradients kept by reference",
    "optimizers.SGDAveragesTheMomentum": "momentum as an average",
    "optimizers.AdamWithoutBiasCorrection": "Adam without its bias correction",
    "training.step_never_clears": "gradients add up from step to step",
    "training.evaluate_averages_the_batches": "the mean of the batches' means",
    "data.images_by_number": "files sorted by number",
    "data.shared_by_tensor": "a copy in place of shared memory",
    "monitoring.figure_left_open": "a figure is left open",
}
OPENING = """\
## Twenty mistakes, as a student sees them

Each stands in place of a student's function; the rest of the course is solved. The text is what
`pytest exercises -x -k FUNCTION` shows of it, 80 columns wide and without colours. The hint names
the mistake, and what shows it holds at most eight numbers. Known mistakes are code in
`grader/misconceptions/`."""


class Refused(Exception):
    """A mistake is not shown as this page promises."""


def main() -> None:
    named = sys.argv[1:]
    try:
        sections = sections_of(named or list(CHOSEN))
    except Refused as refused:
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


def sections_of(chosen: Sequence[str]) -> list[str]:
    """A section of the page for each mistake, given as EXERCISE.NAME."""
    course = load_course(ROOT)
    with tempfile.TemporaryDirectory(prefix="mistakes-") as folder:
        copy = copy_of(course, Path(folder))
        return [_section(course, copy, one) for one in chosen]


def _section(course: Course, copy: Path, one: str) -> str:
    exercise, _, name = one.partition(".")
    mistakes = {known.name: known for known in misconceptions_of(exercise, course.misconceptions)}
    if name not in mistakes:
        raise Refused(f"{one}: there is no such misconception")
    known = mistakes[name]
    shown = show(course, copy, exercise, known)
    if shown is None:
        raise Refused(f"{one}: every public check passes it")
    refuse(known, shown)
    numbers = "1 number" if shown.numbers == 1 else f"{shown.numbers} numbers"
    heading = f"### {exercise}.{known.function}: {CHOSEN.get(one, name)}"
    return f"{heading}\n\n{numbers}.\n\n```text\n{shown.text}\n```"


def refuse(known: Misconception, shown: Shown) -> None:
    """Raise Refused where a mistake is not named, or not on a small example."""
    where = f"{shown.check}: {known.name}"
    if shown.hint != known.hint or _line(known.hint) not in _line(shown.text):
        raise Refused(f"{where}: its hint is not shown, but {shown.hint!r}:\n{shown.text}")
    if not 0 < shown.numbers <= MOST_NUMBERS:
        raise Refused(f"{where}: it is shown on {shown.numbers} numbers:\n{shown.text}")


def _line(text: str) -> str:
    return " ".join(text.split())


if __name__ == "__main__":
    main()
