"""Feedback files: what is in them, what never is, and that nothing of a student's acts in them."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from dataclasses import replace
from html.parser import HTMLParser

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from markdown_it.token import Token
from quoting import HOSTILE, OVERHEARD, SECRET, SEEN, check_grade, grades, wrong_grade

from grader import untrusted
from grader.checking.expectations import Raises
from grader.checking.question import Question
from grader.course import HIDDEN_FEEDBACK
from grader.grades import ExerciseGrade, Grade
from grader.reports.advice import next_step
from grader.reports.feedback_html import html_page
from grader.reports.feedback_markdown import markdown_page, prose
from grader.reports.html.findings import exercise_findings
from grader.reports.view import student_view

COMMONMARK = MarkdownIt("commonmark").enable(["table", "strikethrough"])
CLOSED = [level for level in HIDDEN_FEEDBACK if level != "counterexample"]
QUOTED = st.sampled_from(HOSTILE)
NAMES = st.one_of(QUOTED, st.text(min_size=1, max_size=30))


def pages(grade: Grade, level: str) -> tuple[str, str]:
    """The two forms of what a student gets."""
    seen = student_view(grade, level)
    return markdown_page(seen, "Deep learning", level), html_page(seen, "Deep learning", level)


def tokens(markdown: str) -> Iterator[Token]:
    """Every token that CommonMark finds, inline ones too."""
    for token in COMMONMARK.parse(markdown):
        yield token
        yield from token.children or ()


class Tags(HTMLParser):
    """The elements of a page with the names of their attributes, and its text."""

    def __init__(self, page: str) -> None:
        super().__init__(convert_charrefs=True)
        self.tags: list[tuple[str, tuple[str, ...]]] = []
        self.text = ""
        self.feed(page)
        self.close()

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, tuple(name for name, _ in attributes)))

    def handle_endtag(self, tag: str) -> None:
        self.tags.append((f"/{tag}", ()))

    def handle_comment(self, data: str) -> None:
        self.tags.append(("comment", ()))

    def handle_data(self, data: str) -> None:
        self.text += data


# what is never in them


@settings(max_examples=60, deadline=None)
@given(grade=grades(st.just("3.0"), st.just(SECRET)), level=st.sampled_from(CLOSED))
def test_nothing_of_a_hidden_message_is_in_either_file(grade: Grade, level: str) -> None:
    for page in pages(grade, level):
        assert SECRET not in page
        assert "Another loss" not in page  # the curve of a hidden check
        assert "grader/checks" not in page or any(
            "grader/checks" in (check.message or "") for check in grade.checks if not check.hidden
        )


@settings(max_examples=60, deadline=None)
@given(grade=grades(QUOTED, QUOTED, NAMES), level=st.sampled_from(HIDDEN_FEEDBACK))
def test_text_of_a_students_makes_no_markup(grade: Grade, level: str) -> None:
    """The elements of both files are those that a harmless text in its place makes."""
    assert_alike(pages(grade, level), pages(harmless(grade), level))


def harmless(grade: Grade) -> Grade:
    """The same grade, with a word in place of each hostile text, on as many lines."""
    exercises = []
    for exercise in grade.exercises:
        checks = []
        for check in exercise.checks:
            said = check.message
            for number, text in enumerate(HOSTILE):
                words = re.sub(r"[^\n]+", f"word {number}", text)
                said = said and said.replace(text, words)
            checks.append(replace(check, message=said))
        exercises.append(replace(exercise, checks=tuple(checks)))
    return replace(grade, id="ada", exercises=tuple(exercises))


def assert_alike(hostile: tuple[str, str], bland: tuple[str, str]) -> None:
    types = [[(token.type, token.tag) for token in tokens(page[0])] for page in (hostile, bland)]
    assert types[0] == types[1]
    assert not {kind for kind, _ in types[0]} & {"html_block", "html_inline", "link_open", "image"}
    assert Tags(hostile[1]).tags == Tags(bland[1]).tags


@settings(max_examples=60, deadline=None)
@given(text=st.one_of(QUOTED, st.text()))
def test_whatever_is_quoted_makes_the_same_page(text: str) -> None:
    said = "l1_loss([{}])\nexpected  1.0\ngot       ValueError: {}"
    texts = text.replace("\n", " "), "nothing"
    hostile, bland = (pages(of_message(said.replace("{}", each)), "hint") for each in texts)
    assert_alike(hostile, bland)


def of_message(message: str) -> Grade:
    check = replace(check_grade("losses", "l1_loss", 0, False, "error"), message=message)
    exercise = ExerciseGrade("losses", "failed", 0.0, 0.5, (check,))
    return Grade("ada", "graded", None, 0.0, 0.5, (exercise,))


@given(text=st.text().filter(lambda text: "`" not in text))
def test_words_of_the_course_are_shown_as_they_are(text: str) -> None:
    for before in ("", "- ", "# ", "**Hint:** "):
        inline = [
            token for token in COMMONMARK.parse(before + prose(text)) if token.type == "inline"
        ]
        shown = "".join(
            "".join(child.content for child in token.children or ()) for token in inline
        )
        assert shown.removeprefix("Hint:").split() == untrusted.line(" ".join(text.split())).split()


# what is in them


@settings(max_examples=30, deadline=None)
@given(
    grade=grades(st.text("abc(1.5)", min_size=3, max_size=9), st.just(SECRET)),
    level=st.sampled_from(HIDDEN_FEEDBACK),
)
def test_public_checks_are_shown_in_full(grade: Grade, level: str) -> None:
    markdown, page = pages(grade, level)
    text = Tags(page).text
    for check in grade.checks:
        if check.hidden or check.passed or check.outcome == "todo":
            continue
        for line in (check.message or "").split("\n"):
            assert line.strip() in markdown
            assert line.strip() in html.unescape(text)


@pytest.mark.parametrize(
    ("level", "shown", "kept_back"),
    [
        ("counterexample", [SECRET, "hidden part 0", "Take the mean."], []),
        ("hint", ["hidden part 0", "Take the mean."], [SECRET]),
        ("title", ["hidden part 0"], [SECRET]),
        ("points", ["The hidden checks of l1_loss."], [SECRET, "hidden part 0"]),
        ("none", [], [SECRET, "hidden part 0", "The hidden checks of l1_loss."]),
    ],
)
def test_hidden_checks_are_shown_as_the_course_says(
    level: str, shown: list[str], kept_back: list[str]
) -> None:
    for page in pages(wrong_grade(), level):
        assert [each for each in shown if each not in page] == []
        assert [each for each in kept_back if each in page] == []


def test_points_come_by_exercise_and_what_is_right_is_counted() -> None:
    markdown, page = pages(wrong_grade(), "hint")
    assert "**0.5 of 2.5 points**" in markdown
    assert "| `losses` | 0.5 of 1.5 | 1 of 3 |" in markdown
    assert "| `training` | 0 of 1 | 0 of 2 |" in markdown
    assert "Still to be written: `train`." in markdown
    assert "nll_loss is right" not in markdown
    assert "1 of 5 checks passed" in Tags(page).text


def test_a_hint_is_given_once_for_a_function() -> None:
    markdown, _ = pages(wrong_grade(), "hint")
    assert markdown.count("**Hint:** Take the mean.") == 1


def test_the_loss_is_drawn_in_the_page() -> None:
    checks = (check_grade("training", "train", 0, False, "failed"),)
    exercise = ExerciseGrade("training", "failed", 0.0, 0.5, checks, (SEEN, OVERHEARD))
    markdown, page = pages(Grade("ada", "graded", None, 0.0, 0.5, (exercise,)), "hint")
    assert [tag for tag, _ in Tags(page).tags].count("svg") >= 1
    assert "The loss" in page and "Another loss" not in page
    assert "yours is 4 at first, 3 after 3 steps" in markdown


def test_a_rejected_submission_is_told_why() -> None:
    reason = "holds no exercise: <b>losses.py</b>"
    for page in pages(Grade("ada", "rejected", reason, 0.0, 0.0, ()), "hint"):
        assert "losses.py" in html.unescape(page)
        assert "and hand it in again" in page
    assert "<b>losses.py" not in page


# what to do next


def step(*exercises: ExerciseGrade) -> str:
    return next_step([exercise_findings(exercise) for exercise in exercises])


def test_next_is_the_first_thing_in_the_courses_order() -> None:
    first, second = wrong_grade().exercises
    assert step(first, second).startswith("Correct `l1_loss` in `losses.py`: l1_loss is right")
    assert step(first, second).endswith("Take the mean.")
    assert step(second, first) == "Write `train` in `training.py`."


def test_next_is_to_write_what_comes_before_what_is_wrong() -> None:
    todo = check_grade("losses", "l1_loss", 0, False, "todo")
    wrong = check_grade("losses", "nll_loss", 0, False, "failed")
    assert step(ExerciseGrade("losses", "failed", 0.0, 1.0, (todo, wrong))) == (
        "Write `l1_loss` in `losses.py`."
    )


def test_next_is_what_a_written_function_needs() -> None:
    todo = check_grade("training", "train", 0, False, "todo")
    raised = {"types": ["NotImplementedError"], "message": "TODO: train_step", "frames": []}
    answer = {"raised": raised, "unwritten": ["train_step", "training.py", 22]}
    asked = Question("training", "train", "call", (), {})
    problem = Raises(("ValueError",)).problem_with(asked, answer, "cpu")
    assert problem is not None
    said = problem.message  # the words are the examiner's: here they are read again
    unseen = "train, or another function that it calls, is still to be written"
    for first, second in ((said, unseen), (unseen, said)):
        checks = replace(todo, message=first), replace(todo, message=second)
        assert step(ExerciseGrade("training", "todo", 0.0, 1.0, checks)) == (
            "Write `train_step` in `training.py`, line 22: `train` needs it."
        )


@pytest.mark.parametrize(
    ("said", "outcome", "told"),
    [
        (
            "losses.py could not be imported: SyntaxError: x",
            "error",
            "Correct `losses.py`: Python cannot import it, and so none of its checks can be put.",
        ),
        (
            "losses.py could not be imported: it calls nll_loss, which is still to write "
            "(losses.py:90)\n  losses.py, line 152: print(nll_loss(x, y))",
            "todo",
            "Write `nll_loss` in `losses.py`, line 90: `losses.py` calls it while it is imported.",
        ),
        (
            "losses.py is missing from this submission",
            "error",
            "Hand in `losses.py`: it is missing from this submission.",
        ),
        (
            "while losses.py was imported, the process ended itself with exit status 0",
            "crashed",
            "Have a look at `losses.py`: one thing keeps 2 checks from passing.",
        ),
    ],
)
def test_next_is_the_file_where_nothing_of_it_can_be_asked(
    said: str, outcome: str, told: str
) -> None:
    checks = tuple(
        replace(check_grade("losses", function, 0, False, outcome), message=said)
        for function in ("l1_loss", "nll_loss")
    )
    assert step(ExerciseGrade("losses", "error", 0.0, 1.0, checks)) == told


def test_next_is_said_also_where_no_check_may_be_shown() -> None:
    hidden = check_grade("losses", "l1_loss", 0, True, "failed")
    grade = Grade(
        "ada", "graded", None, 0, 1, (ExerciseGrade("losses", "failed", 0, 1, (hidden,)),)
    )
    (seen,) = student_view(grade, "none").exercises
    assert step(seen) == "Read again what is asked in `losses.py`: hidden checks did not pass."
    assert step() == "Nothing is left to do: everything is right."
