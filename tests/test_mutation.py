"""Mutants: what is never touched, what each says of itself, and that only one place changes."""

from __future__ import annotations

import ast
import functools
import textwrap
from collections.abc import Callable, Iterator
from copy import deepcopy
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from grader.audit.mutation import Mutant, changes, mutants, one_line

SOLUTIONS = sorted((Path(__file__).parent.parent / "solutions").glob("[!_]*.py"))
cached = functools.cache(mutants)
each_solution = pytest.mark.parametrize("path", SOLUTIONS, ids=lambda path: path.stem)


UNTOUCHED = '''
"""A text with a 1 and "mean"."""
from typing import Literal, TypeVar

__all__ = ["f", "g"]
__version__ = "1"
T = TypeVar("T")
Reduction = Literal["mean", "sum"]
Number = int | None


class A(Base, metaclass=Meta):
    """Another."""

    x: Literal[1]

    def f(self, a: Literal[2] = ..., *b: "text") -> Literal["sum"]:
        """A third, with a == 1."""
        import this

        ...
        if a:
            text = "not this: " + ", ".join(str(1 + 2))
            raise ValueError(text, 1 + 1, f"{a + 1}")
        assert a, "nor this"
        try:
            pass
        except (KeyError, ValueError):
            pass


if __name__ == "__main__":
    A().f(1)
'''


def test_what_is_never_touched() -> None:
    assert {mutant.after for mutant in mutants(UNTOUCHED)} == {
        "if False:",
        "pass",  # in place of the assert, and of the raise
        'raise Exception(text, 1 + 1, f"{a + 1}")',
    }


def test_constants_of_the_module_are_changed() -> None:
    found = mutants('SIZES = (3, 2 * 4)\nNAMES: list[str] = ["mean"]\n')
    assert [(mutant.function, mutant.line, mutant.after) for mutant in found] == [
        ("SIZES", 1, "SIZES = (4, 2 * 4)"),
        ("SIZES", 1, "SIZES = (3, 3 * 4)"),
        ("SIZES", 1, "SIZES = (3, 1 * 4)"),
        ("SIZES", 1, "SIZES = (3, 2 / 4)"),
        ("SIZES", 1, "SIZES = (3, 2 * 5)"),
        ("NAMES", 2, 'NAMES: list[str] = ["sum"]'),
    ]


def test_a_mutant_tells_where_it_stands() -> None:
    source = "class A:\n    def f(self, a):\n        return g(\n            a + b,\n        )\n"
    (mutant,) = [mutant for mutant in mutants(source) if mutant.kind == "operator"]
    assert (mutant.function, mutant.line) == ("A", 4)
    assert (mutant.before, mutant.after) == ("a + b,", "a - b,")
    assert mutant.source == source.replace("+", "-")
    assert mutant.diff("solutions/a.py") == textwrap.dedent("""\
        --- solutions/a.py
        +++ solutions/a.py (mutant)
        @@ -2,4 +2,4 @@
             def f(self, a):
                 return g(
        -            a + b,
        +            a - b,
                 )
        """)


def test_the_same_line_twice_is_counted() -> None:
    found = mutants("def f(a):\n    a.g()\n    b()\n    a.g()\n\n\ndef h(a):\n    a.g()\n")
    alike = [mutant for mutant in found if mutant.before == "a.g()"]
    assert [(m.function, m.line, m.nth) for m in alike] == [("f", 2, 1), ("f", 4, 2), ("h", 8, 1)]


@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_places_are_counted_in_characters(end: str) -> None:
    lines = ["def f(a, b):", "    Σ = '×·Σ'; y = a + b  # × Σ 🙂", "    return Σ, (y) - (b)", ""]
    source = end.join(lines)
    found = {mutant.after for mutant in mutants(source) if mutant.kind == "operator"}
    assert found == {"Σ = '×·Σ'; y = a - b # × Σ 🙂", "return Σ, (y) + (b)"}
    assert all(mutant.source.split(end)[0] == lines[0] for mutant in mutants(source))


def test_what_is_no_python_is_refused() -> None:
    with pytest.raises(SyntaxError):
        mutants("def f(:\n")


@each_solution
def test_every_change_of_a_solution_compiles(path: Path) -> None:
    source = path.read_text(encoding="utf-8")
    for _, change in changes(source):
        compile(source[: change.start] + change.text + source[change.end :], str(change), "exec")


@each_solution
def test_mutants_differ_from_the_solution_and_from_each_other(path: Path) -> None:
    source = path.read_text(encoding="utf-8")
    found = cached(source)
    trees = {ast.dump(ast.parse(mutant.source)) for mutant in found}
    assert len(trees) == len(found) > 10
    assert ast.dump(ast.parse(source)) not in trees
    assert found == mutants(source)
    assert [mutant.line for mutant in found] == sorted(mutant.line for mutant in found)


@each_solution
def test_nothing_changes_but_what_is_said(path: Path) -> None:
    original = path.read_text(encoding="utf-8").split("\n")
    for mutant in cached("\n".join(original)):
        assert _changed_lines(original, mutant.source.split("\n"), mutant) is not None


def _changed_lines(old: list[str], new: list[str], mutant: Mutant) -> tuple[str, str] | None:
    """The lines from `line` on, as many of both as it takes, if all others are the same."""
    first = mutant.line - 1
    assert old[:first] == new[:first]
    for last in range(first + 1, len(old) + 1):
        before = one_line("\n".join(old[first:last]))
        after = one_line("\n".join(new[first : last + len(new) - len(old)]))
        same = old[last:] == new[last + len(new) - len(old) :]
        if same and (before, after) == (mutant.before, mutant.after):
            return before, after
    return None


@each_solution
def test_texts_for_readers_stay(path: Path) -> None:
    source = path.read_text(encoding="utf-8")
    told = sorted(_told(ast.parse(source)))
    raised = _raised(ast.parse(source))
    for mutant in cached(source):
        tree = ast.parse(mutant.source)
        assert sorted(_told(tree)) == told
        assert _raised(tree) <= raised
    names = {node.name for node in ast.parse(source).body if hasattr(node, "name")}
    assert {mutant.function for mutant in cached(source)} <= names


def _told(tree: ast.Module) -> Iterator[str]:
    """Docstrings, annotations and imports."""
    for node in ast.walk(tree):
        if isinstance(node, (ast.Module, ast.ClassDef, ast.FunctionDef)):
            yield ast.get_docstring(node) or ""
        for field in ("annotation", "returns"):
            if getattr(node, field, None) is not None:
                yield ast.unparse(getattr(node, field))
        if isinstance(node, (ast.Import, ast.ImportFrom)):
            yield ast.unparse(node)


def _raised(tree: ast.Module) -> set[str]:
    errors = [node.exc for node in ast.walk(tree) if isinstance(node, ast.Raise)]
    return {ast.unparse(arg) for exc in errors if isinstance(exc, ast.Call) for arg in exc.args}


# Precedence: a change of the text is the change of the tree that it is meant to be.

OTHER: dict[type[ast.operator], Callable[[], ast.operator]] = {
    ast.Add: ast.Sub,
    ast.Sub: ast.Add,
    ast.Mult: ast.Div,
    ast.Div: ast.Mult,
    ast.FloorDiv: ast.Div,
    ast.Mod: ast.FloorDiv,
    ast.MatMult: ast.Mult,
    ast.Pow: ast.Mult,
    ast.BitAnd: ast.BitOr,
    ast.BitOr: ast.BitAnd,
    ast.BitXor: ast.BitOr,
}


def _combined(parts: st.SearchStrategy[ast.expr]) -> st.SearchStrategy[ast.expr]:
    binary = st.builds(ast.BinOp, parts, st.sampled_from([op() for op in OTHER]), parts)
    negative = st.builds(ast.UnaryOp, st.sampled_from([ast.USub(), ast.Invert()]), parts)
    chosen = st.builds(ast.IfExp, test=parts, body=parts, orelse=parts)
    less = st.builds(lambda a, b: ast.Compare(a, [ast.Lt()], [b]), parts, parts)
    method = st.builds(lambda a: ast.Call(ast.Attribute(a, "abs", ast.Load()), [], []), parts)
    wrapped = st.builds(lambda a: ast.Call(ast.Name("list", ast.Load()), [a], []), parts)
    return st.one_of(binary, binary, binary, negative, chosen, less, method, wrapped)


NAMES = st.sampled_from("abc").map(lambda name: ast.Name(name, ast.Load()))
EXPRESSIONS = _combined(NAMES | _combined(NAMES | _combined(NAMES)))  # nested, never a mere name


def _instead(node: ast.expr) -> Iterator[ast.expr]:
    """What may stand in a node's place, by the tree alone."""
    match node:
        case ast.BinOp(left, op, right):
            yield ast.BinOp(left, OTHER[type(op)](), right)
        case ast.UnaryOp(operand=operand):
            yield operand
        case ast.IfExp(body=body, orelse=orelse):
            yield from (body, orelse)
        case ast.Compare(left=left, comparators=comparators):
            yield ast.Compare(left, [ast.LtE()], comparators)
        case ast.Call(func=ast.Attribute(value=value)) | ast.Call(args=[value]):
            yield value


def _with_one_change(node: ast.expr) -> Iterator[ast.expr]:
    yield from _instead(node)
    for field, child in ast.iter_fields(node):
        if isinstance(child, ast.expr):
            for other in _with_one_change(child):
                yield _replaced(node, field, other)
        elif isinstance(child, list) and child and isinstance(child[0], ast.expr):
            for other in _with_one_change(child[0]):
                yield _replaced(node, field, [other])


def _replaced(node: ast.expr, field: str, value: object) -> ast.expr:
    copy = deepcopy(node)
    setattr(copy, field, value)
    return copy


@settings(deadline=None, max_examples=200)
@given(expression=EXPRESSIONS, spaced=st.booleans())
def test_a_change_means_what_its_tree_means(expression: ast.expr, spaced: bool) -> None:
    written = ast.unparse(expression)
    if spaced:  # as a formatter would break it, in parentheses that only group
        written = "(" + written.replace("(", "(\n").replace(" * ", "\n*  # ( times\n") + "\n)"
    source = f"def f(a, b, c):\n    y = {written}\n"
    kinds = {"operator", "sign", "condition", "comparison", "dropped call"}
    found = {ast.dump(ast.parse(m.source)) for m in mutants(source) if m.kind in kinds}
    wanted = {
        ast.dump(ast.parse(f"def f(a, b, c):\n    y = {ast.unparse(other)}\n"))
        for other in _with_one_change(expression)
    } - {ast.dump(ast.parse(source))}
    assert found == wanted
