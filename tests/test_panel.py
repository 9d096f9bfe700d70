"""A check that is not passed, as a panel: pure functions of what is known of it."""

from __future__ import annotations

import json
import math
from dataclasses import asdict

import pytest
import torch
from rich.cells import cell_len

from grader.checking.compare import Tolerance, compare
from grader.outcome import Check, Contrast, Frame, Problem, Result
from grader.student.carrying import rebuilt
from grader.student.contrast import LABEL, contrast_lines
from grader.student.page import Line, Page, plain_text, wrapped
from grader.student.panel import Printed, Reading, file_panel, panel, short_panel

PAGE = Page(80)
CHECK = Check("losses/test_nll_loss_x", "losses", "nll_loss", "The loss of one.", 1.0, False)


def told(expected, got, page: Page = PAGE) -> str:
    """How two values that differ are told."""
    found = compare(expected, got, Tolerance(), ("value",))
    assert found is not None
    return plain_text(contrast_lines(found.placed(""), page))


def of(problem: Problem, hint: str | None = None, check: Check = CHECK) -> Result:
    return Result(check, problem.outcome, problem.message, 0.1, hint, problem=problem)


def shown(problem: Problem, page: Page = PAGE, **more) -> list[str]:
    """A panel's lines, without the rule at its top."""
    lines = panel(of(problem, more.get("hint")), Reading("losses.py:7"), page)
    return plain_text(lines).splitlines()[1:]


# expected and got


def test_elements_stand_under_each_other_and_those_that_differ_are_marked():
    assert told(torch.tensor([1.0, 2.0, -0.5]), torch.tensor([1.0, 12.25, -0.5])) == (
        "expected  torch.tensor([1.0,   2.0, -0.5])\n"
        "got       torch.tensor([1.0, 12.25, -0.5])\n"
        "                             ^^^^^"
    )


def test_rows_that_do_not_fit_on_one_line_stand_on_their_own():
    expected = torch.tensor([[1.0, 2.0], [3.0, 4.0]])
    got = torch.tensor([[1.0, 2.0], [3.0, math.nan]])
    assert told(expected, got, Page(50)) == (
        "expected  torch.tensor([[1.0,          2.0],\n"
        "                        [3.0,          4.0]])\n"
        "got       torch.tensor([[1.0,          2.0],\n"
        '                        [3.0, float("nan")]])\n'
        "                              ^^^^^^^^^^^^"
    )


def test_where_all_elements_differ_that_is_said_instead_of_marked():
    text = told(torch.zeros(4), torch.ones(4))
    assert "^" not in text
    assert text.splitlines()[-1] == "note      all 4 elements differ"


def test_of_large_tensors_the_elements_that_differ_are_told_with_their_index():
    expected = torch.zeros(2, 3, 50)
    got = expected.clone()
    got[0, 1, 7], got[1, 2, 49] = 0.5, -12.25
    assert told(expected, got) == (
        "differ    2 of 300 elements, in a tensor of shape (2, 3, 50)\n"
        "at        [0, 1, 7]  [1, 2, 49]\n"
        "expected        0.0         0.0\n"
        "got             0.5      -12.25"
    )


def test_of_many_differences_as_many_as_fit_are_told_the_worst_among_them():
    expected = torch.zeros(1000)
    got = torch.full((1000,), 0.125)
    got[900] = 100.0
    text = told(expected, got, Page(60))
    assert "all 1,000 elements" in text
    assert "[900]" in text and "100.0" in text and "[999]" not in text
    assert text.splitlines()[1].endswith(" …")
    assert max(map(len, text.splitlines())) <= 60


def test_shape_and_dtype_are_told_where_they_differ_and_only_there():
    text = told(torch.tensor([1.0, 2.0]), torch.tensor([[1.0, 2.0]], dtype=torch.float64))
    assert text.splitlines()[2:] == [
        "shape     (2,) is expected, (1, 2) came",
        "dtype     torch.float32 is expected, torch.float64 came",
    ]
    same = told(torch.tensor([1.0, 2.0]), torch.tensor([1.0, 3.0]))
    assert "shape" not in same and "dtype" not in same


def test_names_that_are_much_alike_are_marked_where_they_part():
    assert told("images/cat.0.jpg", "images/cat.12.jpg") == (
        "expected  'images/cat.0.jpg'\ngot       'images/cat.12.jpg'\n                      ^^"
    )


@pytest.mark.parametrize("got", [None, 1, "text", [1.0], {"type": "ndarray"}, {"a": 1}])
def test_anything_may_come_in_the_place_of_a_tensor(got):
    text = told(torch.tensor([1.0, 2.0]), got)
    assert text.startswith("expected  torch.tensor([1.0, 2.0])\ngot       ")


@pytest.mark.parametrize("width", [40, 60, 80, 200])
@pytest.mark.parametrize("shape", [(5,), (64,), (3, 21), (4, 4, 4), (9, 9, 9), (1, 1), (2, 0)])
def test_no_line_of_two_tensors_is_wider_than_the_page(shape, width):
    torch.manual_seed(0)
    expected = torch.randn(shape)
    got = expected + 1e3 if expected.numel() else torch.zeros(0, 2)
    lines = told(expected, got, Page(width)).splitlines()
    assert max(map(len, lines)) <= width
    assert len(lines) < 16


# a panel


def test_a_panel_says_what_was_called_what_came_why_and_where_to_read():
    problem = Problem(
        "failed", call="nll_loss([1.0])", contrast=Contrast("0.5", "0.25", place="after step 2, w")
    )
    reading = Reading("losses.py:7", "The loss of one sample.", "pytest exercises -k nll_loss_x")
    lines = panel(of(problem, "Take the logarithm."), reading, PAGE)
    assert plain_text(lines).splitlines() == [
        "── losses.nll_loss ─────────────────────────────────────────────────── failed ──",
        "The loss of one.",
        "",
        "nll_loss([1.0])",
        "",
        "after step 2, w:",
        "expected  0.5",
        "got       0.25",
        "hint      Take the logarithm.",
        "read      losses.py:7  The loss of one sample.",
        "again     pytest exercises -k nll_loss_x",
    ]


def test_an_exception_is_told_with_the_students_own_lines_under_each_other():
    frames = Frame("losses.py", 7, "nll_loss", "return pick(x)"), Frame("a.py", 123, "", "x[17]")
    got = "IndexError: first line\n  | expected  a line of the student's own"
    problem = Problem("error", call="f()", contrast=Contrast("1.0", got), frames=frames)
    assert shown(problem)[3:-1] == [
        "",
        "expected  1.0",
        "got       IndexError: first line",
        "          expected  a line of the student's own",
        "where     losses.py:7  return pick(x)",
        "          a.py:123     x[17]",
    ]


def test_what_was_printed_is_bounded_and_its_end_is_kept():
    text = "".join(f"line {number}\n" for number in range(500)) + "x" * 500
    lines = panel(
        of(Problem("failed", "no")),
        Reading("a.py:1"),
        PAGE,
        [Printed("Captured stdout call", text)],
    )
    said = plain_text(lines).splitlines()
    start = said.index("Captured stdout call".center(22).center(80, "-"))
    assert said[start + 1] == "(489 lines before)"
    assert said[start + 2] == "line 489"
    assert said[-1] == "x" * 79 + "…"
    assert len(said[start:]) == 14


def test_a_file_that_cannot_be_imported_has_one_panel():
    problem = Problem(
        "error",
        "losses.py could not be imported: SyntaxError: invalid syntax",
        frames=(Frame("losses.py", 7, "", "def 模(:", column=7),),
        of_file=True,
    )
    assert plain_text(file_panel([of(problem)] * 3, PAGE)).splitlines() == [
        "── losses.py ───────────────────────────────────────────── cannot be imported ──",
        "Mend this first: none of its 3 checks can run before.",
        "",
        "SyntaxError: invalid syntax",
        "where     losses.py:7  def 模(:",
        "                              ^",
    ]


def test_in_short_a_check_takes_a_few_lines_and_each_one_line_of_the_terminal():
    problem = Problem("failed", call="f()", contrast=Contrast("a" * 300, "b\nc"))
    lines = plain_text(short_panel(of(problem), PAGE)).splitlines()
    assert lines[0] == "losses.nll_loss: The loss of one."
    assert lines[1] == f"expected  {'a' * 69}…"
    assert lines[2:] == ["got       b"]


def test_what_comes_from_another_process_has_the_same_panel():
    expected = torch.zeros(2, 3)
    found = compare(expected, torch.eye(2, 3), Tolerance(), ("value",))
    assert found is not None
    frames = (Frame("losses.py", 7, "nll_loss", "return pick(x)"),)
    problem = Problem("failed", call="f()", contrast=found.placed("w"), frames=frames, notes=("n",))
    result = of(problem, "Mind it.")
    sent = json.loads(json.dumps(asdict(result)))
    here, there = (panel(one, Reading("a:1"), PAGE) for one in (result, rebuilt(Result, sent)))
    assert here == there


# letters that are wide, narrow, hostile, or not to be had


STRANGE = [
    "模型的输出张量",
    "🙂🙃",
    "e\u0301a\u0308",
    "👩\u200d👩\u200d👧",
    "ｆｕｌｌ",
    "x" * 300,
    "שלום",
]


def strange(text: str) -> Problem:
    frames = (
        Frame("exercises/losses.py", 7, "f", f"return {text}(input)  # {text}"),
        Frame(f"exercises/{text[:20]}.py", 1234, "f", "raise ValueError"),
    )
    call = f"f('{text}', torch.tensor([1.0, 2.0, 3.0]), reduction='{text}', weight=None)"
    got = f"ValueError: {text} {text}\n  | {text}"
    return Problem("error", call=call, contrast=Contrast("1.0", got), frames=frames)


@pytest.mark.parametrize("text", STRANGE)
@pytest.mark.parametrize("width", [60, 80])
def test_lines_keep_within_the_page_whatever_is_written(text, width):
    check = Check("losses/test_x", "losses", "nll_loss", f"About {text}.", 1.0, False)
    printed = [Printed("Captured stdout call", f"{text}\n{text * 40}\n")]
    result = of(strange(text), f"Mind {text}.", check)
    lines = panel(result, Reading("a.py:1", f"{text} {text}"), Page(width), printed)
    wide = [line for line in plain_text(lines).splitlines() if cell_len(line) > width]
    if len(text) < 40:
        assert not wide
    else:  # a text in the call that cannot be broken and run
        assert wide == [f"    '{text}',", f"    reduction='{text}',"]


@pytest.mark.parametrize("text", STRANGE)
def test_columns_stay_columns_whatever_is_written(text):
    problem = strange(text)
    short, long = (f"{frame.file}:{frame.line}" for frame in problem.frames)
    lines = plain_text(panel(of(problem), Reading("a.py:1"), Page(200))).splitlines()
    first = next(line for line in lines if line.startswith(f"where     {short} "))
    second = next(line for line in lines if line.endswith("raise ValueError"))
    column = cell_len(first[: first.index("return ")])
    assert cell_len(second.removesuffix("raise ValueError")) == column
    assert column == LABEL + max(cell_len(PAGE.plain(place)) for place in (short, long)) + 2


def test_a_place_that_takes_the_line_has_its_code_below():
    frames = (Frame("exercises/" + "模" * 30 + ".py", 7, "f", "return 1"),)
    problem = Problem("error", "broken", frames=frames)
    assert shown(problem)[-3:-1] == [
        "where     exercises/" + "模" * 29 + "…",
        "            return 1",
    ]


@pytest.mark.parametrize("encoding", ["ascii", "cp1252", "cp437", "latin-1"])
def test_every_line_can_be_said_in_the_encoding_of_the_terminal(encoding):
    page = Page(80, encoding)
    check = Check("losses/test_x", "losses", "f", "Σ losses → |input − target|² ≤ ½ …", 1.0, False)
    printed = [Printed("Captured stdout call", "".join(STRANGE))]
    for text in STRANGE:
        lines = panel(of(strange(text), text, check), Reading("a.py:1", text), page, printed)
        plain_text(lines).encode(encoding)
    first = plain_text(panel(of(strange("模"), None, check), Reading("a.py:1"), page)).splitlines()
    if encoding == "ascii":
        assert first[0].startswith("-- losses.f ----")
        assert first[1].startswith("sum losses -> |input - target|^2 <= ")
        assert (
            "f('\\u6a21', torch.tensor([1.0, 2.0, 3.0]), reduction='\\u6a21', weight=None)" in first
        )


def test_nothing_of_a_students_acts_on_the_terminal():
    hostile = "\x1b[2J\x1b]0;title\x07\r\u202e\x9b31m\u2028##[error]"
    problem = strange(hostile)
    printed = [Printed("Captured stdout call", f"{hostile}\n::error::x\n")]
    lines = panel(of(problem, hostile), Reading(hostile, hostile), PAGE, printed)
    lines += short_panel(of(problem), PAGE) + file_panel([of(Problem("error", hostile))], PAGE)
    text = plain_text(lines)
    assert all(letter.isprintable() for letter in text.replace("\n", ""))
    assert "\\x1b[2J" in text
    assert "##[error]" not in text and "\n::error" not in text


def test_a_text_is_broken_between_words_and_within_one_only_where_it_must_be():
    assert wrapped("one two three", 8) == ["one two", "three"]
    assert wrapped("a " + "x" * 20, 8) == ["a", "x" * 8, "x" * 8, "x" * 4]
    assert wrapped("模型 输出张量", 8) == ["模型", "输出张量"]
    assert wrapped("two\nlines", 20) == ["two", "lines"]


def styles(lines: list[Line]) -> set[tuple[str, str]]:
    return {(span.text.strip(), span.style) for line in lines for span in line if span.style}


def test_in_colour_what_differs_is_green_where_expected_and_red_where_it_came():
    found = compare(torch.tensor([1.0, 2.0]), torch.tensor([1.0, 3.0]), Tolerance(), ("value",))
    assert found is not None
    shown = styles(contrast_lines(found.placed(""), PAGE))
    assert {("2.0", "good element"), ("3.0", "bad element"), ("^^^", "mark")} <= shown
    assert not any(text == "1.0" for text, _ in shown)
