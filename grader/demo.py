"""Makes a small class to try the grader on: right, wrong, lazy and hostile submissions."""

from __future__ import annotations

import functools
import shutil
from collections.abc import Callable
from pathlib import Path

from grader.course import Course
from grader.misconceptions import wrong_source

Files = dict[str, str]

# student, exercise, the module of the misconception, its name, the function it stands for
_WRONG = (
    ("bela", "losses", "losses/elementwise.py", "l1_without_abs", "l1_loss"),
    ("chidi", "losses", "losses/elementwise.py", "mse_halved", "mse_loss"),
    ("dana", "losses", "losses/softmax.py", "ce_naive_exponential", "cross_entropy"),
    ("emil", "optimizers", "optimizers/sgd.py", "SGDAveragesTheMomentum", "SGD"),
    ("farah", "optimizers", "optimizers/adam.py", "AdamWithoutBiasCorrection", "Adam"),
    ("goran", "training", "training/steps.py", "step_never_clears", "train_step"),
    ("hana", "training", "training/evaluation.py", "evaluate_in_the_mode_found", "evaluate"),
    ("ines", "convnets", "convnets/networks.py", "CifarNetWithSoftmax", "CifarNet"),
)


def make_class(course: Course, folder: Path, size: int | None = None) -> Path:
    """Write a class of `size` submissions into `folder`, in place of what was there.

    The default is one of each kind; a larger class repeats them under other names.
    """
    solution = _read(course.solutions, course)
    stubs = _read(course.stubs, course)
    kinds = _kinds(course, solution, stubs)
    students = list(kinds)
    count = size if size is not None else len(students)
    if folder.exists():
        shutil.rmtree(folder)
    for number in range(count):
        student = students[number % len(students)]
        lap = number // len(students)
        place = folder / (student if lap == 0 else f"{student}-{lap + 1}")
        place.mkdir(parents=True)
        for name, text in kinds[student](dict(solution)).items():
            (place / name).write_text(text, encoding="utf-8")
    return folder


def _kinds(course: Course, solution: Files, stubs: Files) -> dict[str, Callable[[Files], Files]]:
    """Each kind of submission, by a student's name: the solution's files to that student's."""
    kinds: dict[str, Callable[[Files], Files]] = {"ada": lambda files: files}
    for student, exercise, module, name, function in _WRONG:
        source = (Path(__file__).parent / "misconceptions" / module).read_text(encoding="utf-8")
        text = wrong_source(solution[f"{exercise}.py"], source, name, function)
        kinds[student] = functools.partial(_with, f"{exercise}.py", text)
    kinds |= {
        "jonas-did-nothing": lambda files: stubs,
        "kaya-half-done": lambda files: {**stubs, "losses.py": files["losses.py"]},
        "lars-missing-file": lambda files: _without(files, "training.py"),
        "mira-syntax-error": lambda files: {**files, "losses.py": "def l1_loss(input, target:\n"},
        "nils-endless-loop": lambda files: _ending(
            files,
            "losses.py",
            "\ndef mse_loss(input, target, reduction='mean'):\n    while True:\n        pass\n",
        ),
        "olga-exits": lambda files: _beginning(files, "training.py", "import os\nos._exit(0)\n"),
        "pavel-prints": lambda files: _beginning(
            files, "optimizers.py", "print('x' * 1_000_000)\n"
        ),
        "quinn-forbidden": lambda files: _ending(
            files, "losses.py", "\nfrom torch.nn.functional import l1_loss\n"
        ),
        "rosa-forges": lambda files: _ending(files, "losses.py", _FORGERY),
    }
    return kinds


# Makes every comparison true, in the process that it can reach.
_FORGERY = """

class Right(torch.Tensor):
    @classmethod
    def __torch_function__(cls, func, types, args=(), kwargs=None):
        return True


def l1_loss(input, target, reduction="mean"):
    torch.testing.assert_close = lambda *args, **kwargs: None
    torch.equal = torch.allclose = lambda *args, **kwargs: True
    return input.as_subclass(Right)
"""


def _read(folder: Path, course: Course) -> Files:
    names = [exercise.file_name for exercise in course.exercises]
    return {name: (folder / name).read_text(encoding="utf-8") for name in names}


def _with(name: str, text: str, files: Files) -> Files:
    return {**files, name: text}


def _without(files: Files, name: str) -> Files:
    return {other: text for other, text in files.items() if other != name}


def _ending(files: Files, name: str, text: str) -> Files:
    return {**files, name: files[name] + text}


def _beginning(files: Files, name: str, text: str) -> Files:
    """With `text` before everything else, which leaves no place for a __future__ import."""
    kept = files[name].replace("from __future__ import annotations\n", "")
    return {**files, name: text + kept}
