"""Known mistakes as code: a wrong implementation of one function, and the hint that it earns.

A misconception serves twice. The checks must fail it, else they are too weak; and when a student's
answer equals what it gives, its hint is shown. The module `grader.misconceptions.NAME` holds those
of the exercise NAME:

    @misconception(of="l1_loss", hint="Take the absolute value of each error: ...")
    def loss_without_abs(input, target, reduction="mean"): ...

The definition is otherwise right, so that only its mistake is visible. Helpers stand in the same
module, under names that no solution uses: `wrong_source` puts both into one file.
"""

import ast
import importlib
import inspect
import pkgutil
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import TypeVar

T = TypeVar("T")


@dataclass(frozen=True)
class Misconception:
    """A wrong implementation (`definition`, a function or a class) of `function`, and its hint."""

    name: str
    function: str
    hint: str
    definition: object
    needs_gpu: bool = False  # what it gives is right on the CPU

    @property
    def module_source(self) -> str:
        """The source of the module that defines it: what `wrong_source` takes."""
        module = inspect.getmodule(self.definition)
        if module is None:
            raise ValueError(f"the module that defines {self.name} is not imported")
        return inspect.getsource(module)


def misconception(of: str, hint: str, needs_gpu: bool = False) -> Callable[[T], T]:
    """Declare the decorated function or class as a wrong implementation of the function `of`.

    It is recorded in the list `MISCONCEPTIONS` of its module and returned unchanged. `hint` is
    what the student reads: what to do, without the code. `needs_gpu` marks a mistake that cannot
    show on the CPU. ValueError where `of` is no name, the hint is empty or the name is taken.
    """
    if not isinstance(of, str) or not of.isidentifier():
        raise ValueError(f"of={of!r}: give the name of the function that is implemented wrongly")
    if not isinstance(hint, str) or not hint.strip():
        raise ValueError(f"the hint of a misconception of {of} is empty: say what to do")

    def record(definition: T) -> T:
        if not (inspect.isfunction(definition) or inspect.isclass(definition)):
            raise ValueError(f"a misconception of {of} is a function or a class: {definition!r}")
        known = vars(sys.modules[definition.__module__]).setdefault("MISCONCEPTIONS", [])
        name = definition.__name__
        if any(other.name == name for other in known):
            raise ValueError(f"{definition.__module__} has two misconceptions named {name}")
        known.append(Misconception(name, of, hint.strip(), definition, needs_gpu))
        return definition

    return record


def misconceptions_of(exercise: str, folder: Path | None = None) -> list[Misconception]:
    """Every misconception of an exercise, in the order written; none where it has no module.

    `folder` is where a course of its own keeps them; they are imported as parts of this package.
    ValueError where two of them share a name.
    """
    if folder is not None and str(folder) not in __path__:
        __path__.insert(0, str(folder))
    if not exercise.isidentifier():
        raise ValueError(f"{exercise!r} is not the name of an exercise")
    found = [
        known
        for module in _modules(f"{__name__}.{exercise}")
        for known in vars(module).get("MISCONCEPTIONS", [])
    ]
    names = [known.name for known in found]
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise ValueError(f"{exercise} has two misconceptions named {', '.join(twice)}")
    return found


def wrong_source(solution_source: str, module_source: str, name: str, function: str) -> str:
    """A whole submission with one mistake: the solution, in which `name` stands for `function`.

    `module_source` is the source of the module that defines `name` at its top level; the imports
    and helpers that the definition uses come along, the rest does not. The result needs nothing of
    this package. ValueError where there is no such definition, or where a helper has the name of
    something in the solution and would change other functions too.
    """
    module = _Module(module_source)
    if name not in module.definitions:
        raise ValueError(f"the module defines no {name} at its top level")
    needed = module.needed_by(name)
    clash = sorted(needed & _defined_in(solution_source) - {function})
    if clash:
        raise ValueError(f"{name} and the solution both define {', '.join(clash)}: rename it")
    imports = {line: None for bound, line in module.imports if bound in needed}
    parts = [text for defined, text in module.texts() if defined in needed]
    if name != function:
        parts.append(f"{function} = {name}\n")
    head = [solution_source.rstrip() + "\n"]
    if imports:
        head.append("\n".join(imports) + "\n")
    return "\n\n".join(head + parts)


def _modules(dotted: str) -> Iterator[ModuleType]:
    """The module and, where it is a package, the modules in it; nothing where there is none."""
    try:
        module = importlib.import_module(dotted)
    except ModuleNotFoundError as error:
        if error.name == dotted:
            return
        raise
    yield module
    for entry in pkgutil.iter_modules(getattr(module, "__path__", [])):
        yield importlib.import_module(f"{dotted}.{entry.name}")


class _Module:
    """What a module of misconceptions binds at its top level, and what each of it uses."""

    def __init__(self, source: str) -> None:
        self.source = source
        self.imports: list[tuple[str, str]] = []
        self.definitions: dict[str, ast.stmt] = {}
        for node in ast.parse(source).body:
            if isinstance(node, ast.Import | ast.ImportFrom):
                self.imports += _imports(node)
            else:
                self.definitions.update((bound, node) for bound in _bound_by(node))

    def needed_by(self, name: str) -> set[str]:
        """The names bound at the top level that the definition `name` uses, itself included."""
        imported = {bound for bound, _ in self.imports}
        needed: set[str] = set()
        waiting = [name]
        while waiting:
            current = waiting.pop()
            if current in needed:
                continue
            needed.add(current)
            if current in self.definitions:
                used = _names_in(self.definitions[current])
                waiting += [one for one in used if one in self.definitions or one in imported]
        return needed

    def texts(self) -> Iterator[tuple[str, str]]:
        """Each definition with its source, in the module's order, without our own decorator."""
        for name, node in self.definitions.items():
            decorators = [
                "@" + (ast.get_source_segment(self.source, decorator) or "")
                for decorator in getattr(node, "decorator_list", [])
                if not _declares(decorator)
            ]
            body = ast.get_source_segment(self.source, node) or ""
            yield name, "\n".join([*decorators, body]) + "\n"


def _imports(node: ast.Import | ast.ImportFrom) -> Iterator[tuple[str, str]]:
    """(name bound, import statement) for each name; those of this package stay behind."""
    origin = "." * node.level + (node.module or "") if isinstance(node, ast.ImportFrom) else ""
    if origin.split(".")[0] in ("__future__", "", __name__.split(".")[0]) and origin:
        return
    for alias in node.names:
        bound = alias.asname or alias.name.split(".")[0]
        line = ast.unparse(ast.Import([alias]))
        yield bound, f"from {origin} {line}" if origin else line


def _bound_by(node: ast.stmt) -> list[str]:
    """The names that a top-level statement defines, imports aside."""
    if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
        return [node.name]
    targets: list[ast.expr] = []
    if isinstance(node, ast.Assign):
        targets = node.targets
    elif isinstance(node, ast.AnnAssign) and node.value is not None:
        targets = [node.target]
    return [target.id for target in targets if isinstance(target, ast.Name)]


def _defined_in(source: str) -> set[str]:
    return {bound for node in ast.parse(source).body for bound in _bound_by(node)}


def _names_in(node: ast.stmt) -> set[str]:
    """The names read in a definition, those of our own decorator aside."""
    ours = [one for one in getattr(node, "decorator_list", []) if _declares(one)]
    skipped = {inner for decorator in ours for inner in ast.walk(decorator)}
    return {
        inner.id for inner in ast.walk(node) if isinstance(inner, ast.Name) and inner not in skipped
    }


def _declares(decorator: ast.expr) -> bool:
    return (
        isinstance(decorator, ast.Call)
        and isinstance(decorator.func, ast.Name)
        and decorator.func.id == misconception.__name__
    )
