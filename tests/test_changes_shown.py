"""What moved, as a terminal, a Markdown reader and a program are told of it."""

from __future__ import annotations

import io
import json
import re

from hypothesis import given
from hypothesis import strategies as st
from moving import FEW, check, exercise, graded, rejected, sides
from rich.console import Console

from grader.changes import document, markdown, words
from grader.changes.comparison import compare
from grader.changes.records import Changes
from grader.changes.screen import show
from grader.untrusted import json_document

LABELS = words.Labels("results/gradebook.db", "its newest grades")
BEFORE = exercise(*(check(f"losses/test_l1_{what}") for what in ("sum", "mean", "none")))
HOSTILE = [
    "::error file=x::pwned",
    "\n::set-output name=x::y",
    "##[error]pwned",
    "\x1b[31mred",
    "[bold]markup[/bold] [/]",
    "a\u202eb",
    "</td><script>alert(1)</script>",
    "a|b`c`**d**@team #1 http://x.y",
    "| --- | --- |\n\n# heading",
    "",
]


def shown(changes: Changes, width: int = 80) -> str:
    file = io.StringIO()
    show(Console(file=file, width=width, highlight=False), changes, LABELS)
    return file.getvalue()


def told(changes: Changes) -> list[str]:
    """The lines on a terminal, without what fills them up."""
    return [line.strip() for line in shown(changes).splitlines()]


def worse(*failing: str) -> Changes:
    after = exercise(
        *(check(each.id, "failed" if each.id in failing else "passed") for each in BEFORE.checks)
    )
    return compare([graded("ada", BEFORE)], [graded("ada", after, submission="w2")])


def test_a_terminal_is_told_who_what_and_why():
    lines = [re.sub(" +", " ", line) for line in told(worse("losses/test_l1_sum"))]
    start = lines.index("Lower")
    assert lines[start : start + 6] == [
        "Lower",
        "ada 3/3 → 2/3 −1",
        "losses: the submission changed",
        "losses 3 → 2 −1",
        "l1 −1",
        "test_l1_sum passed → failed −1",
    ]
    assert "1 submission compared: 1 higher" not in lines
    assert lines[-1] == "Points: ±0 and −1, −1 in all."


def test_an_exercise_that_broke_as_a_whole_is_one_line():
    after = exercise(*(check(each.id, "error") for each in BEFORE.checks))
    lines = told(compare([graded("ada", BEFORE)], [graded("ada", after, submission="w2")]))
    assert any(re.fullmatch(r"3 checks +passed → error +−3", line) for line in lines)
    assert not any("test_l1_sum" in line and "losses/" not in line for line in lines)


def test_students_in_whom_the_same_moved_are_told_of_together():
    after = exercise(check("losses/test_l1_sum", "failed"), *BEFORE.checks[1:])
    ids = [f"student{number:03}" for number in range(40)]
    changes = compare(
        [graded(id, BEFORE) for id in ids], [graded(id, after, checks="c2") for id in ids]
    )
    text = shown(changes)
    assert all(id in text for id in ids)
    assert text.count("passed → failed") == 1
    paper = markdown.document(changes, LABELS)
    assert paper.count("passed → failed") == 1 and "### 40 submissions: −1" in paper


def test_those_rejected_for_reasons_of_their_own_are_told_of_one_by_one():
    changes = compare(
        [graded(id, BEFORE) for id in "ab"], [rejected("a", "empty"), rejected("b", "too large")]
    )
    lines = told(changes)
    assert "rejected now: empty" in lines and "rejected now: too large" in lines


def test_nothing_moved_is_said_in_few_words():
    same = [graded("ada", BEFORE)]
    assert told(compare(same, same))[2:] == [
        "",
        "In all",
        "1 submission compared: 0 higher, 0 lower, 0 otherwise with the same points, 1",
        "unchanged.",
    ]


@FEW
@given(st.lists(st.sampled_from(HOSTILE), min_size=5, max_size=5), st.integers(40, 120))
def test_nothing_that_was_handed_in_acts_on_who_reads_it(texts, width):
    id, reason, mistake, torch, title = texts
    before = exercise(check("losses/test_l1_sum", "failed"))
    after = exercise(check("losses/test_l1_sum", "error", misconception=mistake or "x"))
    gone = exercise(check(f"losses/test_{title}"), name="data")
    changes = compare(
        [graded(id, before, gone, torch="1"), graded("other", before)],
        [graded(id, after, torch=torch), rejected("other", reason)],
    )
    # GitHub and others obey a line that begins with this, or has it anywhere.
    for line in shown(changes, width).splitlines():
        assert not line.lstrip().startswith("::") and "##[" not in line
        assert line.isprintable(), line
    for line in markdown.document(changes, LABELS).splitlines():
        assert line.isprintable(), line
        assert not re.search(
            "<script|@team|http|[*][*]", re.sub("(`+)(?!`).*?(?<!`)\\1(?!`)", "", line)
        )
        if line.startswith("|"):
            assert re.sub("`[^`]*`", "", line).count("|") in (7, 6)
    data = json_document(document.document(changes, LABELS))
    assert data.isascii() and "##[" not in data


@FEW
@given(sides(), sides())
def test_the_data_says_what_the_records_say(left, right):
    changes = compare(left, right)
    data = json.loads(json_document(document.document(changes, LABELS)))
    assert [each["id"] for each in data["submissions"]] == [each.id for each in changes.moved]
    assert [each["kind"] for each in data["submissions"]] == [each.kind for each in changes.moved]
    moved = sum(
        check["points"]
        for submission in data["submissions"]
        for exercise in submission["exercises"]
        for check in exercise["checks"]
    )
    assert moved == data["summary"]["points_up"] + data["summary"]["points_down"]
    kinds = data["summary"]
    told = {each["kind"] for each in data["submissions"]}
    assert all((kinds[kind] > 0) == (kind in told) for kind in words.HEADINGS)


@FEW
@given(sides(), sides())
def test_a_terminal_and_a_paper_name_everyone_who_moved(left, right):
    changes = compare(left, right)
    lines = told(changes)
    paper = markdown.document(changes, LABELS)
    for each in changes.moved:
        assert any(line.split(" ")[0] == each.id for line in lines)
        assert f"| `{each.id}` | {words.HEADINGS[each.kind].lower()} |" in paper
    assert max(map(len, shown(changes).splitlines())) <= 80
