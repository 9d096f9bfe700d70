"""What came of each experiment, for the page: a figure, or a sentence in its place."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from markupsafe import Markup

from grader.course import Course
from grader.grades import Curve
from grader.reports.html.curves import OWN, curve_chart
from grader.reports.html.pages import shown
from grader.student.places import shown as place
from grader.student.report.kernels import is_finite, kernel_chart
from grader.student.report.pictures import DESCENTS, KERNELS, LOSSES, Answer, Picture
from grader.student.report.ways import way_chart

# torch's losses in the place of the student's, recorded: the loop that gives them is the solution.
FILES = ("student/report/reference.json",)
REFERENCE = Path(__file__).with_name("reference.json")
_ALIKE = 1e-6  # relative; another machine adds the same numbers up in another order


@dataclass(frozen=True)
class Panel:
    """A part of the page: pictures that belong together, and what they are about."""

    id: str
    title: str
    about: str
    figures: tuple[Markup, ...]
    blanks: tuple[Markup, ...]  # what is said in the place of a picture


def panels(course: Course, answers: Mapping[Picture, Answer]) -> list[Panel]:
    """The parts of the page that have pictures, for those that were asked for."""
    drawn = {picture: _figure(course, picture, answers[picture]) for picture in answers}
    found = []
    for id, title, about, pictures in _PANELS:
        own = [drawn[picture] for picture in pictures if picture in drawn]
        if own:
            figures = tuple(figure for figure, is_blank in own if not is_blank)
            blanks = tuple(dict.fromkeys(figure for figure, is_blank in own if is_blank))
            found.append(Panel(id, title, about if figures else "", figures, blanks))
    return found


_PANELS = (
    (
        "loop",
        "Your training loop",
        "A linear model on the generated images, trained by your `train` and by torch's own steps: "
        "the same images, the same order, the same parameters to begin with.",
        (LOSSES,),
    ),
    ("kernels", "What your CifarNet sees first", "", (KERNELS,)),
    (
        "ways",
        "Your optimizers, going downhill",
        "Each shade is a step down in the loss of a line w·x + b on four points. Steep across and "
        "flat along, such a ravine is what networks are made of.",
        tuple(DESCENTS),
    ),
)


def _figure(course: Course, picture: Picture, answer: Answer) -> tuple[Markup, bool]:
    """A picture, or what is said in its place; and whether it is the latter."""
    drawn = _drawn(picture, answer.data) if answer.outcome == "drawn" else None
    if drawn is not None:
        return drawn, False
    return Markup('<p class="blank">{}</p>\n').format(_sentence(course, picture, answer)), True


def _drawn(picture: Picture, data: Any) -> Markup | None:
    """The picture; None where what came are no numbers."""
    if picture == LOSSES:
        return _losses(data)
    if picture == KERNELS:
        if not is_finite(data["before"]) or not is_finite(data["after"]):
            return None
        kernels, right = (data["before"], data["after"]), tuple(data["right"])
        return kernel_chart(*kernels, right, data["steps"], "picture-kernels")
    descent = DESCENTS[picture]
    settings = ", ".join(f"{name}={value:g}" for name, value in descent.settings.items())
    mine, torchs = ([(w, b) for w, b in data[whose]] for whose in ("mine", "torch"))
    call = f"{picture.function}({settings})"
    return way_chart(descent.title, call, mine, torchs, f"picture-{picture.name}")


def _losses(data: Any) -> Markup | None:
    """The curve of the losses; it ends where they are numbers no longer."""
    reference = json.loads(REFERENCE.read_text(encoding="utf-8"))
    expected, got = tuple(reference["losses"]), tuple(data["losses"])
    ends = next((place for place, loss in enumerate(got) if not math.isfinite(loss)), len(got))
    if ends == 0:
        return None
    pairs = zip(got, expected, strict=True)
    if all(math.isclose(one, other, rel_tol=_ALIKE) for one, other in pairs):
        got = expected
    chart = curve_chart(
        Curve("Loss over the epochs", "train", got[:ends], expected, False), "picture-losses", OWN
    )
    words = (
        f"Of images it has not seen, the model that yours trained names {data['right']:.0%} "
        f"rightly, and torch's {reference['right']:.0%}; guessing gives 10%."
    )
    if ends < len(got):
        words = f"From epoch {ends + 1} on your loss is {got[ends]}, which is no number any more."
    return chart + Markup('<p class="soft">{}</p>\n').format(words)


# What is said in the place of a picture. The names are those of the course; {said} and {line} are
# of the student's code.
_SAID = {
    "todo": "Your <code>{name}</code> is still to write. Then its picture is drawn here.",
    "needs": "Your <code>{name}</code> needs <code>{said}</code>, which is still to write.",
    "missing": "<code>{file}</code> has no <code>{name}</code>: is it misspelt, or was it deleted?",
    "import": "<code>{file}</code> cannot be imported yet, so there is no picture of "
    "<code>{name}</code>: {said}{line}",
    "wrong": "Your <code>{name}</code> {said}. Then its picture is drawn here.",
    "drawn": "What your <code>{name}</code> gives are no numbers, so there is nothing to draw yet.",
    "timeout": "Your <code>{name}</code> did not end within {said} s, so there is no picture of "
    "it: is there an endless loop?",
    "crashed": "Python itself ended while your <code>{name}</code> ran, so there is no picture.",
    "data": "There are no images for a picture of <code>{name}</code>: {said}",
    "error": "Your <code>{name}</code> ended with {said}{line}, so there is no picture of it yet.",
}


def _sentence(course: Course, picture: Picture, answer: Answer) -> Markup:
    file, said = place(picture.file(course)), answer.said.partition("\n")[0]
    outcome = answer.outcome
    if outcome == "todo" and said not in ("", picture.function):
        outcome = "needs"
    line = f" (line {answer.line} of {file})" if answer.line else ""
    words = {"name": picture.function, "file": file, "said": said, "line": line}
    return Markup(_SAID[outcome]).format(**{name: shown(text) for name, text in words.items()})
