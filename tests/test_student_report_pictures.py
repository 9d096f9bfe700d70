"""The pictures of a student's page: what is drawn of any numbers, and what is said instead."""

from __future__ import annotations

import json
import math
import re
import shutil
from pathlib import Path

import pytest
from conftest import ROOT
from hypothesis import given
from hypothesis import strategies as st

from grader.course import Course, load_course
from grader.student.report import surface
from grader.student.report.asking import answers
from grader.student.report.figures import REFERENCE, panels
from grader.student.report.kernels import kernel_chart
from grader.student.report.pictures import (
    DESCENTS,
    KERNELS,
    LOSSES,
    PICTURES,
    Answer,
    Picture,
    pictures_of,
)
from grader.student.report.ways import HIGH, LOW, UNIT, parted, told, visible, way_chart

COURSE = load_course(ROOT)
SGD, MOMENTUM, ADAM = DESCENTS
NUMBERS = re.compile(r"-?\d+(?:\.\d+)?(?:e[+-]?\d+)?")
ANY = st.floats(allow_nan=True, allow_infinity=True) | st.floats(-3, 5)
POINTS = st.tuples(ANY, ANY)


def a_way(steps: int = 5) -> list[surface.Point]:
    """Gradient descent in plain floats."""
    way = [surface.START]
    for _ in range(steps):
        (w, b), (across, up) = way[-1], surface.slope(way[-1])
        way.append((w - 0.1 * across, b - 0.1 * up))
    return way


# the loss surface


@pytest.mark.parametrize("point", [surface.START, (0.0, 0.0), (3.1, -2.0)])
def test_the_surface_is_the_loss_of_a_line_on_four_points(point: surface.Point) -> None:
    points = [(x, 2 * x + 1) for x in (0.0, 0.5, 1.5, 2.0)]
    expected = sum((point[0] * x + point[1] - y) ** 2 for x, y in points) / len(points)
    assert surface.loss(point) == pytest.approx(expected)
    around = [
        (surface.loss((point[0] + 1e-6 * w, point[1] + 1e-6 * b)), w, b)
        for w, b in ((1, 0), (-1, 0), (0, 1), (0, -1))
    ]
    slopes = (around[0][0] - around[1][0]) / 2e-6, (around[2][0] - around[3][0]) / 2e-6
    assert surface.slope(point) == pytest.approx(slopes, abs=1e-6)


@given(st.floats(0.01, 30), st.floats(0, 2 * math.pi))
def test_along_an_ellipse_the_loss_is_its_level(level: float, angle: float) -> None:
    long, short, turned = surface.ellipse(level)
    along, across = long * math.cos(angle), short * math.sin(angle)
    way = math.radians(turned)
    w = surface.LEAST[0] + along * math.cos(way) - across * math.sin(way)
    b = surface.LEAST[1] + along * math.sin(way) + across * math.cos(way)
    assert long > short
    assert surface.loss((w, b)) == pytest.approx(level)


# ways


@given(st.lists(POINTS, min_size=0, max_size=8))
def test_whatever_way_is_drawn_stays_in_its_picture(points: list[surface.Point]) -> None:
    mine = [surface.START, *points]
    torch = a_way(len(points))
    assert all(
        low <= one <= high
        for point in visible(mine)
        for low, one, high in zip(LOW, point, HIGH, strict=True)
    )
    figure = str(way_chart("Adam", "Adam(lr=0.3)", mine, torch, "adam"))
    assert not re.search(r"\b(nan|inf)\b", figure.partition("</figcaption>")[2])
    for line in re.findall(r'(?:points|class="(?:dots|end)" d)="([^"]*)"', figure):
        for number in map(float, NUMBERS.findall(line)):
            assert -0.05 <= number <= max(HIGH[0] - LOW[0], HIGH[1] - LOW[1]) * UNIT + 0.05


def test_a_way_that_leaves_the_picture_ends_at_its_edge() -> None:
    mine = [surface.START, (-1.0, 4.0), (-1.0, 6.0), (-1.0, 0.0)]
    assert visible(mine) == [surface.START, (-1.0, 4.0), (-1.0, HIGH[1])]
    assert "Yours leaves the picture at step 2, torch's ends at " in told(mine, a_way(3))
    assert visible([surface.START, (1e308, -1e308)])[-1][1] == pytest.approx(LOW[1], abs=8)


def test_words_say_what_the_picture_shows() -> None:
    torch = a_way(4)
    end = f"({torch[-1][0]:.2f}, {torch[-1][1]:.2f})"
    assert parted(torch, torch) is None
    assert told(torch, torch) == (
        f"Yours ends at {end}, and so does torch's: the same at each of 4 steps."
    )
    other = [*torch[:3], (1.0, 1.0), (1.5, 1.25)]
    assert parted(other, torch) == 3
    assert told(other, torch) == (
        f"Yours ends at (1.50, 1.25), torch's ends at {end}: they part at step 3."
    )
    figure = str(way_chart("Adam", "Adam(lr=0.3)", other, torch, "adam"))
    assert ">step 3</text>" in figure and told(other, torch) in figure.replace("&#39;", "'")
    broken = [*torch[:2], (math.nan, 1.0), (math.nan, 1.0), (math.nan, 1.0)]
    assert told(broken, torch).startswith("Yours is no number from step 2 on, torch's ends at ")


@pytest.mark.parametrize("place", [LOW, HIGH, (LOW[0], HIGH[1]), (HIGH[0], LOW[1])])
def test_the_step_at_which_they_part_is_named_inside_the_picture(place: surface.Point) -> None:
    figure = str(way_chart("Adam", "Adam()", [surface.START, place], a_way(1), "adam"))
    side, x, y = re.search(
        r'<text class="parted (first|last)" x="([\d.]+)" y="([\d.]+)">step 1', figure
    ).groups()
    begin = float(x) - (50 if side == "last" else 0)
    assert 0 <= begin and begin + 50 <= (HIGH[0] - LOW[0]) * UNIT
    assert 12 <= float(y) <= (HIGH[1] - LOW[1]) * UNIT


def test_rounding_parts_nobody() -> None:
    torch = a_way(4)
    assert parted([(w * (1 + 1e-12), b - 1e-12) for w, b in torch], torch) is None


# kernels


def kernels(value: float = 0.0) -> list[list[float]]:
    return [[value * (place - 37) for place in range(75)] for _ in range(32)]


def test_kernels_are_drawn_pixel_by_pixel_and_the_one_that_changed_most_is_framed() -> None:
    before, after = kernels(), kernels(0.001)
    after[19][0] = 5.0
    figure = str(kernel_chart(before, after, (0.1, 0.9), 150, "kernels"))
    colours = re.findall(r'fill="(#[0-9a-f]{6})"', figure)
    assert len(colours) == 2 * 32 * 25
    assert set(colours[: 32 * 25]) == {"#808080"}  # nothing but zeros is grey
    assert "in row 3 and column 4" in figure
    assert figure.count('class="most" d="M17.8 11.8') == 2
    assert "10% rightly before and 90% after" in figure


# what is said


def figure_of(picture: Picture, answer: Answer) -> str:
    (panel,) = panels(COURSE, {picture: answer})
    return "".join([*panel.figures, *panel.blanks])


@pytest.mark.parametrize(
    ("answer", "says"),
    [
        (Answer("todo", "train"), "Your <code>train</code> is still to write."),
        (Answer("todo", "train_step"), "needs <code>train_step</code>, which is still to write"),
        (Answer("missing"), "training.py</code> has no <code>train</code>: is it misspelt"),
        (Answer("import", "SyntaxError: <b>", 3), "imported yet, so there is no picture of"),
        (Answer("wrong", "returned 3 losses for 12 epochs"), "returned 3 losses for 12 epochs."),
        (Answer("timeout", "30"), "did not end within 30 s, so there is no picture of it: is"),
        (Answer("crashed"), "Python itself ended while your <code>train</code> ran"),
        (Answer("data", "there is no home folder"), "no images for a picture of"),
        (Answer("error", "KeyError: '{0}'\nmore", 7), "ended with KeyError: &#39;{0}&#39; (line 7"),
        (Answer("drawn", data={"losses": [math.nan] * 12, "right": 0.1}), "are no numbers"),
    ],
)
def test_what_cannot_be_drawn_is_said_in_a_sentence(answer: Answer, says: str) -> None:
    said = figure_of(LOSSES, answer)
    assert said.startswith('<p class="blank">') and said.count("\n") == 1
    assert says in said
    assert "<b>" not in said and "<svg" not in said


def test_what_is_said_of_two_pictures_of_one_function_is_said_once() -> None:
    (panel,) = panels(COURSE, {SGD: Answer("todo"), MOMENTUM: Answer("todo")})
    assert len(panel.blanks) == 1


def test_a_loss_that_is_no_number_any_more_ends_the_curve() -> None:
    losses = [23.0, 40.0, 1e200, math.inf, *[math.nan] * 8]
    figure = figure_of(LOSSES, Answer("drawn", data={"losses": losses, "right": 0.1}))
    assert "From epoch 4 on your loss is inf, which is no number any more." in figure
    assert "Yours has 3 of 12 epochs" in figure
    mine, torchs = re.findall(r'points="([^"]*)"', figure)
    assert (len(mine.split()), len(torchs.split())) == (3, 12)
    assert not re.search(r"nan|inf", mine + torchs)


def test_kernels_that_are_no_numbers_are_not_drawn() -> None:
    data = {"before": kernels(1.0), "after": kernels(math.nan), "right": [0.1, 0.1], "steps": 150}
    assert "<svg" not in figure_of(KERNELS, Answer("drawn", data=data))


def test_a_course_without_these_exercises_has_no_pictures() -> None:
    assert pictures_of(COURSE) == list(PICTURES.values())
    few = [exercise for exercise in COURSE.exercises if exercise.name in ("losses", "training")]
    assert pictures_of(Course(**{**vars(COURSE), "exercises": tuple(few)})) == [LOSSES]


# what is asked


def test_a_curve_that_another_machine_rounded_is_still_torchs() -> None:
    recorded = json.loads(REFERENCE.read_text(encoding="utf-8"))
    data = {**recorded, "losses": [loss * (1 + 1e-12) for loss in recorded["losses"]]}
    assert "Yours is torch&#39;s: it goes from " in figure_of(LOSSES, Answer("drawn", data=data))
    data["losses"][-1] *= 1.001
    assert "Yours is torch&#39;s" not in figure_of(LOSSES, Answer("drawn", data=data))


@pytest.fixture(scope="module")
def troublesome(tmp_path_factory: pytest.TempPathFactory) -> Course:
    """A course whose SGD never ends with momentum, and whose Adam ends Python."""
    root = tmp_path_factory.mktemp("course")
    shutil.copyfile(ROOT / "course.toml", root / "course.toml")
    shutil.copytree(ROOT / "exercises", root / "exercises")
    (root / "exercises" / "optimizers.py").write_text(
        """
import os
import time
import torch

print('{"begun": "adam"}', flush=True)
os.write(1, b"not seen either")


class SGD(torch.optim.SGD):
    def __init__(self, params, lr, momentum=0.0):
        while momentum:
            time.sleep(3600)
        super().__init__(params, lr)


class Adam:
    def __init__(self, params, lr):
        os._exit(3)
""",
        encoding="utf-8",
    )
    (root / "exercises" / "training.py").write_text("def train(:\n", encoding="utf-8")
    return load_course(root)


def test_an_endless_loop_and_the_end_of_python_cost_their_own_picture_alone(
    troublesome: Course,
) -> None:
    found = answers(troublesome, list(DESCENTS), patience=0.2)
    assert list(found) == list(DESCENTS)
    assert found[MOMENTUM] == Answer("timeout", "4")
    assert found[ADAM] == Answer("crashed")
    assert found[SGD].outcome == "drawn"
    mine, torch = found[SGD].data["mine"], found[SGD].data["torch"]
    assert mine == torch and len(mine) == surface.STEPS + 1
    assert tuple(mine[-1]) == pytest.approx(surface.LEAST, abs=0.02)


def test_nothing_to_draw_starts_nothing(tmp_path: Path) -> None:
    nowhere = Course(**{**vars(COURSE), "root": tmp_path / "no such folder"})
    assert answers(nowhere, []) == {}
