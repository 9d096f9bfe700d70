"""The known mistakes of `data` and `monitoring` leave the process that runs them as it was."""

from __future__ import annotations

import os
import threading
import urllib.request
from collections import defaultdict
from pathlib import Path
from typing import Any

import matplotlib.pyplot as plt
import pytest
from recording import recorded
from torchvision.datasets import CIFAR10

from grader.checking.diagnosis import answer_of
from grader.checking.question import Question
from grader.course import Course
from grader.misconceptions import misconceptions_of

EXERCISES = ["data", "monitoring"]
MOST = 3  # questions that each is asked


def state() -> list[Any]:
    of_torchvision = [CIFAR10.train_list, CIFAR10.test_list, CIFAR10.meta, CIFAR10.download]
    of_python = [os.getcwd(), urllib.request.urlopen, set(threading.enumerate())]
    return [*of_torchvision, *of_python, plt.get_fignums()]


@pytest.fixture(scope="module")
def questions(course: Course) -> dict[str, list[Question]]:
    """A few questions of each kind that the checks ask about each function."""
    found: dict[str, list[Question]] = defaultdict(list)
    for asked in recorded(course, EXERCISES).asked.values():
        for question, _ in asked:
            kept = found[question.function]
            if sum(question.probe == other.probe for other in kept) < MOST:
                kept.append(question)
    return found


@pytest.mark.parametrize("exercise", EXERCISES)
def test_known_mistakes_leave_nothing_behind(
    exercise: str,
    questions: dict[str, list[Question]],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(tmp_path)
    answer_of(lambda *_: None, questions["plot_losses"][0])  # pyplot has its canvas from here on
    before = state()
    for known in misconceptions_of(exercise):
        assert questions[known.function]
        for question in questions[known.function]:
            answer_of(known.definition, question)
            assert state() == before, (known.name, question)
    assert list(tmp_path.iterdir()) == []
