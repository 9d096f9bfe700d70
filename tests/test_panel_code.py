"""Python that is broken into lines of a width: it is the same Python, and it fits."""

from __future__ import annotations

import ast
import re
import textwrap

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from grader.student.code import fitted


def same(text: str, lines: list[str]) -> bool:
    return ast.dump(ast.parse(text)) == ast.dump(ast.parse("\n".join(lines)))


NUMBERS = "torch.tensor([" + ", ".join(["-1.5", "2.25"] * 20) + "])"


def test_what_fits_stays_as_it_is():
    assert fitted("f(1, 2)\nprint(3)", 20) == ["f(1, 2)", "print(3)"]


def test_arguments_stand_one_a_line_and_numbers_as_many_as_fit():
    lines = fitted(f"nll_loss({NUMBERS}, torch.tensor([0, 1]), reduction='sum, (mean')", 60)
    assert "\n".join(lines) == textwrap.dedent("""\
        nll_loss(
            torch.tensor([
                -1.5, 2.25, -1.5, 2.25, -1.5, 2.25, -1.5, 2.25,
                -1.5, 2.25, -1.5, 2.25, -1.5, 2.25, -1.5, 2.25,
                -1.5, 2.25, -1.5, 2.25, -1.5, 2.25, -1.5, 2.25,
                -1.5, 2.25, -1.5, 2.25, -1.5, 2.25, -1.5, 2.25,
                -1.5, 2.25, -1.5, 2.25, -1.5, 2.25, -1.5, 2.25
            ]),
            torch.tensor([0, 1]),
            reduction='sum, (mean'
        )""")


def test_a_block_keeps_its_indent_and_what_is_said_beside_a_line_goes_above_it():
    text = f"for x in [{NUMBERS}, {NUMBERS}]:\n    step(x, 'a name that is long')  # as before"
    lines = fitted(text, 40)
    assert same(text, lines)
    assert lines[-2:] == ["    # as before", "    step(x, 'a name that is long')"]


@pytest.mark.parametrize(
    "text",
    [
        f"f(x for x in {NUMBERS})",  # a comma after it would be no Python
        f"y = ({NUMBERS} + 1) * 2",  # one in these brackets would make a tuple
        f'f("""a\n[b,\n""", {NUMBERS})',
        f"f({NUMBERS}).reshape(2, 20)[1:2, :].sum(dim=(0, 1), keepdim=True, dtype=torch.float64)",
    ],
)
@pytest.mark.parametrize("width", [20, 40, 60])
def test_it_is_the_same_python(text, width):
    lines = fitted(text, width)
    assert same(text, lines)
    assert len(lines) > 3


def test_a_comprehension_is_broken_before_its_for():
    text = "[(images.shape, images.min(), labels) for images, labels in loader_of_something]"
    assert fitted(text, 60) == [
        "[",
        "    (images.shape, images.min(), labels)",
        "    for images, labels in loader_of_something",
        "]",
    ]


def test_what_is_no_python_is_left_alone():
    text = "f(" + "1, " * 60
    assert fitted(text, 40) == [text]


def test_letters_that_take_two_cells_are_counted_as_two():
    text = "f(" + ", ".join(f"'{'模型' * 5}{number}'" for number in range(6)) + ")"
    lines = fitted(text, 60)
    assert same(text, lines)
    assert max(map(cell_len, lines)) <= 60


ATOMS = st.sampled_from(["1", "-2.5", "'a, (b'", 'float("nan")', "x", "'你好'", "True"])
VALUES = st.recursive(
    ATOMS,
    lambda inner: st.one_of(
        st.lists(inner, max_size=6).map(lambda parts: f"[{', '.join(parts)}]"),
        st.lists(inner, min_size=1, max_size=4).map(lambda parts: f"g({', '.join(parts)})"),
        st.lists(inner, min_size=1, max_size=3).map(lambda parts: f"({', '.join(parts)},)"),
        inner.map(lambda part: f"({part}).T"),
        st.lists(inner, min_size=1, max_size=3).map(
            lambda parts: "{" + ", ".join(f"'k{n}': {part}" for n, part in enumerate(parts)) + "}"
        ),
    ),
    max_leaves=40,
)


@given(VALUES, st.integers(10, 100))
def test_any_call_stays_itself_and_breaks_wherever_it_is_too_long(value, width):
    text = f"result = f({value}, key={value})"
    lines = fitted(text, width)
    assert same(text, lines)
    # What is too long holds nothing that could be broken: no comma within brackets.
    for line in lines:
        if cell_len(line) > width:
            names = {"'a, (b'": "a", "'你好'": "你好", 'float("nan")': "nan"}
            for written, plain in names.items():
                line = line.replace(written, plain)
            assert not re.search(r"[(\[{][^)\]}]*,.", line), line
