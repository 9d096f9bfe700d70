"""What is exported is read back by other programs, or by the platforms' own rules, to the point."""

from __future__ import annotations

import json
import re
import subprocess
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import jsonschema
import lms
import pytest
from drawn_classes import NAMES, a_class, classes, graded, rejected
from hypothesis import given, settings
from hypothesis import strategies as st
from junitparser import JUnitXml
from markdown_it import MarkdownIt

from grader.course import HIDDEN_FEEDBACK, Policy
from grader.grades import ClassGrades, Curve, Grade
from grader.lateness import Lateness
from grader.matching import class_list
from grader.reports.exports import (
    exercism,
    github,
    gradescope,
    junit,
    markdown,
    plain_csv,
    run_json,
)
from grader.reports.exports.sheets import cell, identity, person

SCHEMAS = Path(__file__).parent / "schemas"
# What GitHub, Azure and TeamCity take for a command, where a line is printed to a log.
COMMAND = re.compile(r"^\s*::|##\[|##vso\[|##teamcity\[", re.MULTILINE)
LEVELS = st.sampled_from(HIDDEN_FEEDBACK)
DUE = datetime(2027, 1, 31, 23, 59, tzinfo=UTC)

few = settings(max_examples=25, deadline=None)


def valid(text: str, schema: str) -> Any:
    """The JSON document, which the schema allows and no log obeys."""
    document = json.loads(text)
    rules = json.loads((SCHEMAS / f"{schema}.json").read_text())
    jsonschema.Draft202012Validator(rules).validate(document)
    assert text.isascii() and not COMMAND.search(text)
    return document


# JSON


@few
@given(classes())
def test_json_is_the_run_itself(grades: ClassGrades) -> None:
    document = valid("".join(run_json.run(grades)), "run")
    assert ClassGrades.read(document) == grades


def test_json_keeps_the_curves_of_training() -> None:
    base = graded("ada", 1.0)
    curve = Curve("loss", "train", (2.0, 1.0), (2.0, 0.5))
    grade = replace(base, exercises=(replace(base.exercises[0], curves=(curve,)),))
    assert ClassGrades.read(json.loads("".join(run_json.run(a_class(grade))))) == a_class(grade)


@few
@given(classes(), LEVELS)
def test_gradescope_reads_every_grade(grades: ClassGrades, level: str) -> None:
    for grade in grades.grades:
        found = valid(gradescope.results(grade, level), "gradescope")
        assert found["score"] == pytest.approx(grade.points, abs=1e-4)
        assert sum(t["score"] for t in found["tests"]) == pytest.approx(grade.points, abs=1e-3)
        assert sum(t["max_score"] for t in found["tests"]) == pytest.approx(
            grade.max_points, abs=1e-3
        )
        earned: dict[str, float] = {}
        for test in found["tests"]:
            earned[test["tags"][0]] = earned.get(test["tags"][0], 0) + test["score"]
        for exercise in grade.exercises:
            assert earned.get(exercise.name, 0) == pytest.approx(exercise.points, abs=1e-3)


@few
@given(classes(), LEVELS)
def test_classrooms_reporter_reads_every_grade(grades: ClassGrades, level: str) -> None:
    for grade in grades.grades:
        valid(github.result(grade, level), "classroom")
        encoded = github.encoded(grade, level)
        assert re.fullmatch(r"[A-Za-z0-9+/]+=*", encoded)
        points, most, log = lms.report_to_classroom({"GRADER": encoded})
        assert points == pytest.approx(grade.points, abs=1e-3)
        assert most == pytest.approx(grade.max_points if grade.graded else 100, abs=1e-3)
        assert not [line for line in log if COMMAND.search(line)]


@few
@given(classes(), LEVELS)
def test_exercism_reads_every_check(grades: ClassGrades, level: str) -> None:
    for grade in grades.grades:
        found = valid(exercism.results(grade, level), "exercism")
        if not grade.graded:
            assert found["status"] == "error" and found["tests"] == []
            continue
        passed = all(check.passed for check in grade.checks)
        assert (found["status"] == "pass") == passed
        if level == "counterexample":
            kinds = [test["status"] == "pass" for test in found["tests"]]
            assert kinds == [check.passed for check in grade.checks]


def test_a_long_message_is_cut_where_platforms_cut_and_the_hint_is_kept() -> None:
    grade = graded("ada", 0.0)
    check = replace(grade.exercises[0].checks[0], message="é" * 300_000, hint="Take the mean.")
    grade = replace(grade, exercises=(replace(grade.exercises[0], checks=(check,)),))
    test = valid(gradescope.results(grade, "counterexample"), "gradescope")["tests"][0]
    assert 99_000 < len(test["output"]) <= 100_000
    assert test["output"].endswith("…\nhint: Take the mean.")


@pytest.mark.parametrize(("checks", "message"), [(300, "é" * 600), (3000, "")])
def test_what_classroom_is_sent_fits_into_an_environment_variable(
    checks: int, message: str
) -> None:
    one = graded("ada", 0.0)
    made = [
        replace(
            one.exercises[0].checks[0],
            id=f"losses/test_{n}",
            message=message,
            points=0.25 * (n % 2),
            max_points=0.5,
        )
        for n in range(checks)
    ]
    points = sum(check.points for check in made)
    exercise = replace(one.exercises[0], checks=tuple(made), points=points, max_points=0.5 * checks)
    grade = replace(one, exercises=(exercise,), points=points, max_points=0.5 * checks)
    encoded = github.encoded(grade, "counterexample")
    assert subprocess.run(["true"], env={"GRADER_RESULTS": encoded}).returncode == 0
    assert lms.report_to_classroom({"A": encoded})[:2] == (points, 0.5 * checks)


@pytest.mark.parametrize("level", ["hint", "title", "points", "none"])
def test_nothing_for_students_holds_a_hidden_counterexample(level: str) -> None:
    grade = graded("ada", 1.0, 2.0)
    texts = [
        gradescope.results(grade, level),
        github.result(grade, level),
        exercism.results(grade, level),
        markdown.summary(grade, level),
    ]
    assert not [text for text in texts if "SECRET" in text]
    if level in ("points", "none"):
        assert not [text for text in texts if "agrees with torch" in text]
    assert "SECRET" in gradescope.results(grade, "counterexample")
    assert "SECRET" in "".join(junit.report(a_class(grade)))


def test_gradescopes_score_is_after_lateness_and_says_so() -> None:
    late = Lateness(DUE + timedelta(hours=25), DUE, 10)
    found = json.loads(gradescope.results(graded("ada", 80.0), "hint", late, points_possible=20))
    assert found["score"] == 12.8 and found["tests"][0]["score"] == 16
    assert "16 of 20 points earned" in found["output"]
    assert "2 days late" in found["output"] and "3.2 of 16 points" in found["output"]


def test_a_rejected_submission_is_zero_points_and_not_no_points() -> None:
    points, most, log = lms.report_to_classroom({"A": github.encoded(rejected("ada"), "hint")})
    assert (points, most) == (0, 100)
    assert "Error: holds no exercise" in log
    found = json.loads(gradescope.results(rejected("ada"), "hint"))
    assert found["score"] == 0 and "holds no exercise" in found["output"]


# XML


@few
@given(classes())
def test_a_junit_reader_finds_every_grade(grades: ClassGrades) -> None:
    text = "".join(junit.report(grades))
    assert not COMMAND.search(text)
    suites = list(JUnitXml.fromstring(text.encode()))
    assert len({suite.name for suite in suites}) == len(grades.grades)
    for suite, grade in zip(suites, grades.grades, strict=True):
        if not re.search("::|##", grade.id):
            assert suite.name == grade.id
        told = {each.name: each.value for each in suite.properties()}
        assert float(told["points"]) == pytest.approx(grade.points, abs=1e-4)
        assert float(told["max_points"]) == pytest.approx(grade.max_points, abs=1e-4)
        assert told["status"] == grade.status
        for exercise in grade.exercises:
            assert float(told[f"points.{exercise.name}"]) == pytest.approx(exercise.points)
        if grade.graded:
            found = {
                f"{case.classname}/{case.name}": case.result[0].type if case.result else "passed"
                for case in suite
            }
            assert found == {check.id: check.outcome for check in grade.checks}
        else:
            assert suite.errors == 1
        assert suite.tests == len(list(suite))


# Markdown


def alive(text: str) -> set[str]:
    """The kinds of tokens that Markdown makes of it, as GitHub does; code is dead text."""
    tokens = MarkdownIt("gfm-like", {"linkify": False}).parse(text)
    return {kind for t in tokens for kind in (t.type, *(c.type for c in t.children or []))}


@few
@given(classes(), LEVELS)
def test_markdown_shows_every_grade_and_obeys_nobody(grades: ClassGrades, level: str) -> None:
    whole = markdown.class_summary(grades)
    for text in (whole, *(markdown.summary(grade, level) for grade in grades.grades)):
        assert not {"link_open", "image", "html_inline", "html_block"} & alive(text)
        assert not COMMAND.search(text)
    rows = [line for line in whole.split("\n") if line.startswith("| ") and "---" not in line]
    for row, grade in zip(rows[1:], grades.grades, strict=True):
        cells = row.strip("| ").rsplit("|", 2)
        if grade.graded:
            assert float(cells[-2]) == pytest.approx(grade.points, abs=1e-4)
        else:
            assert "rejected" in row


def test_a_class_too_large_for_a_summary_is_cut_at_a_line() -> None:
    many = a_class(*(graded(f"student-{n:05}-{'x' * 200}", 50.0) for n in range(6000)))
    text = markdown.class_summary(many)
    assert (1 << 20) - 500 < len(text.encode()) <= 1 << 20
    assert re.search(r"\|\n\n… and \d+ more", text)


def test_a_summary_says_a_hint_once_and_a_stub_in_one_line() -> None:
    base = graded("ada", 0.0)
    check = base.exercises[0].checks[0]
    failing = [replace(check, id=f"losses/{n}", hint="Take the mean.") for n in "ab"]
    todo = [replace(check, id=f"losses/{n}", function="SGD", outcome="todo") for n in "cd"]
    exercise = replace(base.exercises[0], checks=(*failing, *todo))
    text = markdown.summary(replace(base, exercises=(exercise,)), "hint")
    assert text.count("Take the mean.") == 1
    assert text.count("still to be written") == 1


# CSV


@few
@given(classes())
def test_the_table_holds_every_grade(grades: ClassGrades) -> None:
    text = plain_csv.table(class_list(grades, Policy())).text
    assert not COMMAND.search(text)
    header, *found = lms.rows(text)
    assert header[: len(plain_csv.COLUMNS)] == list(plain_csv.COLUMNS)
    for line, grade in zip(found, grades.grades, strict=True):
        known = dict(zip(header, line, strict=True))
        assert known["status"] == grade.status
        assert float(known["points"]) == pytest.approx(grade.points, abs=1e-4)
        assert float(known["max_points"]) == pytest.approx(grade.max_points, abs=1e-4)
        assert known["final_points"] == known["points"]
        for exercise in grade.exercises:
            assert float(known[exercise.name]) == pytest.approx(exercise.points, abs=1e-4)
        assert not [each for each in line if lms.FORMULA.match(each) and each[0] != "'"]


@given(st.sampled_from(NAMES) | st.text(max_size=20))
def test_a_cell_is_never_computed_and_an_identity_never_changed(text: str) -> None:
    for made in (cell(text), person(text)):
        assert not made.strip("\u200c\u200d\u200e\u200f\ufe0e\ufe0f ").startswith(tuple("=+-@＝＋"))
        assert "\n" not in made and "\x1b" not in made
    kept = identity(text)
    assert kept in (None, text)
    if kept and lms.FORMULA.match(kept):
        assert lms.INERT.fullmatch(kept)


@pytest.mark.parametrize(
    "name", ["李 小龍", "فاطمه\u200cزهرا", "Zoë 👩\u200d🔬", "Işıl İnci", "O'Brien, Miles", "शर्मा"]
)
def test_names_of_people_are_written_as_they_are(name: str) -> None:
    assert person(name) == name


@pytest.mark.parametrize("own", ["-12", "+49170", "@ada", "ada@uni.example", "2027-17"])
def test_identities_that_look_like_formulas_and_run_nothing_are_kept(own: str) -> None:
    assert identity(own) == own


def test_lateness_stands_apart_from_what_was_earned() -> None:
    grades = a_class(graded("ada", 80.0), graded("bob", 50.0))
    times = {"ada": DUE + timedelta(days=1, seconds=1), "bob": DUE}
    listed = class_list(grades, Policy("hint", DUE, 10), times=times)
    header, ada, bob = lms.rows(plain_csv.table(listed).text)
    late = dict(zip(header, ada, strict=True))
    assert [late[c] for c in ("points", "late_days", "late_penalty", "final_points")] == [
        *("80", "2", "16", "64")
    ]
    known = dict(zip(header, bob, strict=True))
    assert [known[c] for c in ("late_days", "late_penalty", "final_points")] == ["0", "0", "50"]
    assert listed.notes == ()


def test_a_submission_of_no_known_time_is_named_where_lateness_costs() -> None:
    grades: tuple[Grade, ...] = (graded("ada", 80.0), graded("bob", 50.0))
    listed = class_list(a_class(*grades), Policy("hint", DUE, 10), times={"ada": DUE, "eve": DUE})
    assert [note for note in listed.notes if "'bob'" in note and "no time" in note]
    assert [note for note in listed.notes if "'eve'" in note and "no grade" in note]
