"""The workflow that grades each push to a student's repository on GitHub.

What is put into it comes from the command line of an instructor, and is let through only where it
has the shape of what it names: nothing of it can end a string of the YAML or a line of the shell.
"""

from __future__ import annotations

import re
import secrets
from dataclasses import dataclass
from pathlib import Path
from string import Template

from grader.autograder.bundle import AutograderError
from grader.writing import write_whole

WORKFLOW = Path(".github") / "workflows" / "grade.yml"
KEY_SECRET = "COURSE_KEY"
SEED_SECRET = "GRADER_SEED"
_SEEDS = 1 << 53  # as many as a gradebook draws from
_MADE_HERE = "# Made by `grader autograder github`"
_TEMPLATES = Path(__file__).parent / "templates"
# Pinned by commit: a tag can be moved, and these run beside the key.
_CHECKOUT = "de0fac2e4500dabe0009e67214ff5f5447ce83dd # v6.0.2"
_SETUP_UV = "681c641aba71e4a1c380be3ab5e12ad51f415867 # v7.1.6"
_SETUP_MINUTES = 15  # for what comes before grading: packages that no cache has yet

_OWNER = r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,37}[A-Za-z0-9])?"
_REPOSITORY = re.compile(rf"{_OWNER}/(?!\.{{1,2}}$)[A-Za-z0-9._-]{{1,100}}")
# A branch, tag or commit: of what git allows the part that is nothing special anywhere else.
_REF = re.compile(
    r"(?!.*(?:\.\.|//|/\.|\.lock(?:/|$)))[A-Za-z0-9_](?:[A-Za-z0-9._/-]{0,198}[A-Za-z0-9_-])?"
)


@dataclass(frozen=True)
class Workflow:
    """What differs from course to course; `minutes` are for grading one push."""

    course_repo: str
    ref: str = "main"
    minutes: int = 18
    reporter: bool = False

    def text(self) -> str:
        """The workflow's YAML; AutograderError names the option at fault."""
        _require(_REPOSITORY, self.course_repo, "--course-repo", "OWNER/NAME of a repository")
        _require(_REF, self.ref, "--ref", "a branch, a tag or a commit")
        parts = ["grade.yml", "reporter.yml" if self.reporter else "verdict.yml"]
        whole = "".join((_TEMPLATES / name).read_text(encoding="utf-8") for name in parts)
        return _Template(whole).substitute(
            course_repo=self.course_repo,
            ref=self.ref,
            key_secret=KEY_SECRET,
            seed_secret=SEED_SECRET,
            minutes=self.minutes,
            job_minutes=self.minutes + _SETUP_MINUTES,
            checkout=_CHECKOUT,
            setup_uv=_SETUP_UV,
            python="3.12",
        )


def make_github(target: Path, workflow: Workflow) -> Path:
    """Write the workflow into the repository in `target`; its path.

    One that this made before is replaced. AutograderError for any other; OSError passes.
    """
    text = workflow.text()
    if not target.is_dir():
        raise AutograderError(f"{target}: is no folder; `grader handout` makes a template")
    file = target / WORKFLOW
    if file.exists() and not file.read_text("utf-8", "replace").startswith(_MADE_HERE):
        raise AutograderError(f"{file}: was not made by this command; move it away first")
    file.parent.mkdir(parents=True, exist_ok=True)
    write_whole(file, text)
    return file


def next_steps(course_repo: str, seed: int | None = None) -> str:
    """What is to be done once, as commands that can be pasted; a seed is drawn where none is given.

    The workflow has no secret in it, and neither has anything that is written.
    """
    drawn = secrets.randbelow(_SEEDS) if seed is None else seed
    to_org = f"--org {course_repo.partition('/')[0]} --visibility private"
    commands = (
        "ssh-keygen -q -t ed25519 -N '' -C torchgrade -f course-key",
        f"gh repo deploy-key add course-key.pub --repo {course_repo} --title autograding",
        f"gh secret set {KEY_SECRET} {to_org} < course-key",
        f"gh secret set {SEED_SECRET} {to_org} --body {drawn}",
        "rm course-key course-key.pub",
    )
    lines = [
        "next, once, where gh is logged in as an owner of the organization:",
        *(f"    {command}" for command in commands),
        "Before any student can push, forbid them to change .github with a push ruleset: whoever",
        "changes a workflow can read both secrets. See docs/autograding.md.",
    ]
    return "\n".join(lines)


class _Template(Template):
    """Placeholders that mean nothing in YAML, in the shell, or to GitHub."""

    delimiter = "%%"


def _require(shape: re.Pattern[str], given: str, option: str, what: str) -> None:
    if not shape.fullmatch(given):
        raise AutograderError(f"{option} {given!r}: must be {what}")
