"""The process in which pictures are drawn: `python -m grader.student.report.worker ROOT NAME...`.

It runs the student's functions and says on its standard output, a line of JSON each, that it has
begun a picture and what came of it. Whoever started it counts the time. What the student's code
prints goes nowhere.
"""

from __future__ import annotations

import importlib
import json
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import IO, Any

from grader.course import Course, load_course
from grader.student.report.pictures import DESCENTS, KERNELS, LOSSES, PICTURES, Answer, Picture

TODO = "TODO: "  # what the message of a stub's NotImplementedError begins with


def main(arguments: list[str]) -> None:
    channel = _channel()
    course = load_course(Path(arguments[0]))
    pictures = [PICTURES[name] for name in arguments[1:]]
    import torch

    torch.set_num_threads(1)  # sums in one order: the same picture on every machine
    sys.path.insert(0, str(course.stubs))
    for picture in pictures:
        ready = _readied(picture)
        _say(channel, {"begun": picture.name})
        answer = _drawn(course, picture) if ready is None else ready
        _say(channel, {"picture": picture.name, "answer": vars(answer)})


def _channel() -> IO[str]:
    """The standard output, for the answers alone; what is printed from now on is not seen."""
    channel = os.fdopen(os.dup(1), "w", encoding="utf-8")
    nowhere = os.open(os.devnull, os.O_RDWR)
    for descriptor in (0, 1, 2):
        os.dup2(nowhere, descriptor)
    return channel


def _say(channel: IO[str], line: dict[str, Any]) -> None:
    channel.write(json.dumps(line) + "\n")
    channel.flush()


def _readied(picture: Picture) -> Answer | None:
    """Load what is none of the student's: that takes none of their time."""
    from grader.dataset import DatasetError
    from grader.student.report import experiments

    if picture in DESCENTS:
        experiments.torchs_descent(picture.function, DESCENTS[picture].settings)
        return None
    try:
        experiments.images()
    except DatasetError as error:
        return Answer("data", str(error))
    return None


def _drawn(course: Course, picture: Picture) -> Answer:
    """Ask the student's function; whatever it raises, also to end Python, is an answer."""
    from grader.student.report.experiments import Unfit

    file = picture.file(course)
    try:
        module = importlib.import_module(picture.exercise)
    except KeyboardInterrupt:
        raise
    except BaseException as error:
        return _raised("import", error, file)
    if not hasattr(module, picture.function):
        return Answer("missing")
    try:
        return Answer("drawn", data=_experiment(picture)(getattr(module, picture.function)))
    except KeyboardInterrupt:
        raise
    except Unfit as unfit:
        return Answer("wrong", str(unfit))
    except BaseException as error:
        return _raised("error", error, file)


def _experiment(picture: Picture) -> Callable[[Any], Any]:
    from grader.student.report import experiments

    if picture == LOSSES:
        return experiments.losses
    if picture == KERNELS:
        return experiments.kernels
    settings = DESCENTS[picture].settings

    def descend(optimizer: Any) -> dict[str, Any]:
        mine = experiments.descent(optimizer, settings)
        return {"mine": mine, "torch": experiments.torchs_descent(picture.function, settings)}

    return descend


def _raised(outcome: str, error: BaseException, file: Path) -> Answer:
    from grader.sandbox.loader import describe_exception

    found = describe_exception(error, [str(file), file.name])
    kind, said = found["types"][0], found["message"]
    if isinstance(error, NotImplementedError) and said.startswith(TODO):
        return Answer("todo", said.removeprefix(TODO).partition(".")[0])
    line = found["frames"][-1][1] if found["frames"] else None
    return Answer(outcome, f"{kind}: {said}" if said else kind, line)


if __name__ == "__main__":
    main(sys.argv[1:])
