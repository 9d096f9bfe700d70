"""What a sandbox must find warm for an exercise, and which of the sandbox server's tiers has that.

It follows from the course and from the submission's own text, and from nothing else: not from what
else a run grades, and not from how far the servers have come. So no verdict depends on either.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from grader.course import Course
from grader.examiner.rules import Names, shared_names

TORCH = ""  # the name of the server that has torch imported and used, and nothing else
OPTIM = "torch.optim"  # stands for all that torch itself imports only when it is used
_WITH_TORCH = ("torch", "torch.nn", "torch.autograd", "torch.utils.data", "numpy")
# The words of what has torch import it, and of what may lead there by another name. That takes as
# long as importing torch did; who finds another way pays for it with a part of his checks' time.
_OF_TORCH = (
    *("ao", "checkpoint", "compile", "compiler", "deterministic", "distributed", "distributions"),
    *("export", "func", "functorch", "fx", "gradcheck", "gradgradcheck", "hub", "jit", "library"),
    *(
        "meta",
        "monitor",
        "nested",
        "onnx",
        "optim",
        "optimizer",
        "overrides",
        "package",
        "profiler",
    ),
    *("quantization", "sparse", "testing", "use_deterministic_algorithms", "vmap", "zero_grad"),
)
_ANYWHERE = (
    *("attrgetter", "builtins", "ctypes", "dir", "exec", "gc", "getattr", "globals", "importlib"),
    *("inspect", "locals", "marshal", "methodcaller", "multiprocessing", "operator", "pickle"),
    *("pkgutil", "runpy", "subprocess", "sys", "types", "vars", "__import__", "__dict__"),
    *("__builtins__", "__getattribute__", "__globals__", "__loader__", "__spec__"),
)
_LEADS_TO_OPTIM = frozenset(word.encode() for word in (*_OF_TORCH, *_ANYWHERE))
_IMPORT = re.compile(rb"^[ \t]*(?:from|import)[ \t]+([^#\n]*)", re.MULTILINE)
_WORD = re.compile(rb"[A-Za-z_]\w*")
_EVAL = re.compile(rb"(?<!\.)\beval\b")  # and not that of a module

Modules = frozenset[str]


@dataclass(frozen=True)
class Warmth:
    """The tiers of a course, by what is warm in them, and what its exercises need."""

    groups: Mapping[str, Modules]  # by a tier's name: the quickest to warm first, all of it last
    needed: Mapping[str, Modules]  # by exercise
    refused: Sequence[Names]  # what branches of a server refuse, once it has them

    def of(self, exercise: str) -> str:
        """The tier for an exercise whose submission needs no more than the solution."""
        return self._with(self.needed[exercise])

    def for_files(self, exercise: str, files: Mapping[str, bytes]) -> str:
        """The tier for an exercise of a submission."""
        beyond = frozenset[str]().union(*self.groups.values()) - self.needed[exercise]
        text = b"\n".join(_reached(exercise, files))
        words = frozenset(_WORD.findall(text))
        mentioned = {module for module in beyond if _word(module) in words}
        if OPTIM in beyond and _leads_to_optim(text, words):
            mentioned.add(OPTIM)
        return self._with(self.needed[exercise] | mentioned)

    def refusing(self, server: str, names: Names) -> str:
        """A server's branch for sandboxes in which names are refused; itself where it has none."""
        return f"{server}/{self.refused.index(names)}" if names in self.refused else server

    def turn(self, exercise: str) -> int:
        """When an exercise's turn is, where that whose sandboxes are there first comes first."""
        return list(self.groups).index(self.of(exercise))

    def _with(self, modules: Iterable[str]) -> str:
        return next(name for name, warm in self.groups.items() if warm.issuperset(modules))

    def tiers(self, exercises: Sequence[str]) -> list[dict[str, object]]:
        """What the sandbox server is told of its tiers; these exercises will be asked for.

        All are forks of the one that has the rest of torch, and that one of the server itself.
        """
        expected = {self.of(name) for name in exercises} - {TORCH}
        rest = self._with({OPTIM})
        return [
            {
                "name": name,
                "modules": sorted(modules),
                "of": TORCH if name == rest else rest,
                "expected": bool(expected) if name == rest else name in expected,
            }
            for name, modules in self.groups.items()
            if name != TORCH
        ]


def warm_course(whole: Course, names: Iterable[str]) -> Course:
    """What is warm: the course for whichever part of it is asked for, and its drafts that are."""
    return whole.only({*names, *whole.graded().names})


def warmth_of(course: Course) -> Warmth:
    """Groups of modules such that each exercise finds all that it needs in one."""
    needed = {name: frozenset(_needs(course, name)) for name in course.names}
    groups: list[Modules] = []
    for modules in filter(None, (found - {OPTIM} for found in needed.values())):
        overlapping = [group for group in groups if group & modules]
        groups = [group for group in groups if group not in overlapping]
        groups.append(modules.union(*overlapping))
    groups.sort(key=lambda group: (len(group), sorted(group)))
    if len(groups) > 1:
        groups.append(frozenset[str]().union(*groups))
    more = [frozenset({OPTIM}), *(group | {OPTIM} for group in groups)]
    numbered = {str(number): group for number, group in enumerate(more, start=1)}
    shared = {shared_names(exercise.forbidden) for exercise in course.exercises}
    return Warmth({TORCH: frozenset[str]()} | numbered, needed, sorted(filter(None, shared)))


def _needs(course: Course, name: str) -> set[str]:
    """The modules that a solution imports beyond what torch imports, and Python's own."""
    files = {file.name: file.read_bytes() for file in course.solutions.glob("*.py")}
    text = b"\n".join(_reached(name, files))
    leads = _leads_to_optim(text, frozenset(_WORD.findall(text)))
    return {
        module
        for module in course.only([name]).imports()
        if module not in _WITH_TORCH and module.partition(".")[0] not in sys.stdlib_module_names
    } | ({OPTIM} if leads else set())


def _word(module: str) -> bytes:
    """The word without which no text imports a module: `tensorboard` of torch.utils.tensorboard."""
    first, *_, last = module.split(".") * 2
    return (last if first == "torch" else first).encode()


def _leads_to_optim(text: bytes, words: frozenset[bytes]) -> bool:
    """Whether a text, whose words these are, may have torch import what it imports late."""
    if words & _LEADS_TO_OPTIM or b"torch._" in text:
        return True
    return b"eval" in words and _EVAL.search(text) is not None


def _reached(exercise: str, files: Mapping[str, bytes]) -> list[bytes]:
    """The texts of an exercise's file and of those beside it that lines of it seem to import."""
    found: dict[str, bytes] = {}
    waiting = [f"{exercise}.py"]
    while waiting:
        name = waiting.pop()
        if name in found or name not in files:
            continue
        found[name] = files[name]
        for line in _IMPORT.findall(files[name]):
            waiting += [f"{word.decode()}.py" for word in _WORD.findall(line)]
    return list(found.values())
