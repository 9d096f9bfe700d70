"""Gradescope's autograder: a folder and a zip with all that grading takes, on a machine of theirs.

setup.sh, run_autograder    what Gradescope runs: once for the image, and for each submission
requirements.txt            packages, in the versions installed where the zip was made
engine/                     the grader, without any course's checks and solutions
course/                     course.toml, checks, solutions, known mistakes: root's alone there
settings.json               the seed, the sandbox's level, the time limit: root's alone too
"""

from __future__ import annotations

import json
import secrets
import shutil
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import grader
from grader.autograder.bundle import (
    AutograderError,
    copy_tree,
    pinned_requirements,
    place_whole,
)
from grader.course import MANIFEST, Course

SETTINGS = "settings.json"
COURSE = "course"
LEVELS = ("strict", "best-effort")
_ENGINE = Path(grader.__file__).parent
_TEMPLATES = Path(__file__).parent / "templates"
_SEEDS = 1 << 53
# Of the grader's package, what is a course's: it comes from the course that is carried.
_COURSES_OWN = ("checks", "misconceptions")


@dataclass(frozen=True)
class Settings:
    """How submissions are graded there. Without a seed the one of the earlier zip stays."""

    level: str = "strict"
    minutes: int = 18
    seed: int | None = None


def make_gradescope(course: Course, target: Path, settings: Settings) -> Path:
    """Make the folder `target` and `target`.zip; the zip's path.

    A folder that this made before is replaced, and its seed kept: submissions that were graded go
    on being asked the same. AutograderError for any other that is there; OSError passes.
    """
    if settings.level not in LEVELS:
        raise AutograderError(f"--sandbox {settings.level}: must be one of {', '.join(LEVELS)}")
    earlier = _earlier_seed(target)
    course.graded().require_files()
    seeds = (settings.seed, earlier, secrets.randbelow(_SEEDS))
    seed = next(each for each in seeds if each is not None)

    def fill(folder: Path) -> None:
        _copy_course(course, folder / COURSE)
        copy_tree(_ENGINE, folder / "engine" / "grader", _is_engine)
        for name in ("setup.sh", "run_autograder"):
            shutil.copyfile(_TEMPLATES / name, folder / name)
            (folder / name).chmod(0o755)
        requirements = pinned_requirements("torchgrade", "grade")
        (folder / "requirements.txt").write_text("\n".join(requirements) + "\n", encoding="ascii")
        (folder / "python-version").write_text("{}.{}\n".format(*sys.version_info[:2]))
        given = {"seed": seed, "sandbox": settings.level, "minutes": settings.minutes}
        (folder / SETTINGS).write_text(json.dumps(given) + "\n", encoding="ascii")

    return place_whole(target, fill)


def _copy_course(course: Course, target: Path) -> None:
    for folder in (course.stubs, course.solutions, course.hidden_checks, course.misconceptions):
        copy_tree(folder, target / folder.relative_to(course.root))
    shutil.copyfile(course.root / MANIFEST, target / MANIFEST)


def _is_engine(place: Path) -> bool:
    """Whether a file of the package is the grader's and no course's."""
    return place.parts[0] not in _COURSES_OWN or place.parts[1:] == ("__init__.py",)


def _earlier_seed(target: Path) -> int | None:
    """The seed of the autograder that is there already; None where nothing is."""
    if not target.exists() or (target.is_dir() and not any(target.iterdir())):
        return None
    try:
        earlier: dict[str, Any] = json.loads((target / SETTINGS).read_bytes())
        seed = earlier["seed"]
    except (OSError, ValueError, KeyError, TypeError):
        seed = None
    if not isinstance(seed, int):
        raise AutograderError(
            f"{target}: is there and is no autograder made by this command; name another folder"
        )
    return seed
