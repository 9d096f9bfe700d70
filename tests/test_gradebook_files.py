"""Canvas and Moodle, by their own rules, give each student their points, and nobody else's."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path

import finalgrade
import lms
import pytest
from drawn_classes import NAMES, a_class, graded, rejected
from hypothesis import given, settings
from hypothesis import strategies as st

from grader.course import Policy
from grader.grades import Grade
from grader.matching import ClassList, class_list
from grader.reports.exports import canvas, moodle
from grader.reports.exports.sheets import BLANK, ZERO, ExportError, Sheet
from grader.roster import Roster, Student, read_roster, read_rows

points = st.integers(0, 400).map(lambda quarters: quarters / 4)
names = st.sampled_from(NAMES) | st.text(
    st.characters(exclude_categories=["Cs", "Cc", "Zl", "Zp"]), min_size=1, max_size=12
)


@st.composite
def enrolled(draw: st.DrawFn) -> tuple[Roster, list[Grade], dict[int, float]]:
    """A roster with every identity, grades for some of it and for a stranger, what is due to whom.

    Names are hostile, and may be the same.
    """
    students, grades, due = [], [], {}
    for number in range(draw(st.integers(1, 6))):
        own = 500 + number
        students.append(
            Student(
                number + 2,
                name=draw(names),
                canvas_id=str(own),
                id=draw(st.sampled_from(["s-{}", "-{}", "+{}", "@{}"])).format(own),
                login=f"user{own}",
                email=f"user{own}@uni.example",
                submission=f"hand-in {own}",
            )
        )
        kind = draw(st.sampled_from(["graded", "graded", "rejected", "missing"]))
        if kind == "graded":
            due[own] = draw(points)
            grades.append(graded(f"hand-in {own}", due[own]))
        elif kind == "rejected":
            due[own] = 0.0
            grades.append(rejected(f"hand-in {own}"))
    grades.append(graded("zz nobody's", 77.0))
    return Roster("roster.csv", tuple(students)), grades, due


def listing(roster: Roster | None, *grades: Grade, policy: Policy | None = None) -> ClassList:
    return class_list(a_class(*grades), policy or Policy(), roster)


def canvas_students(roster: Roster) -> list[lms.CanvasStudent]:
    return [
        lms.CanvasStudent(int(s.canvas_id), s.name, s.name, s.id, s.login) for s in roster.students
    ]


def harmless(text: str) -> bool:
    """Whether nothing in the file runs in a spreadsheet, or is obeyed by a log."""
    cells = [cell for row in lms.rows(text) for cell in row]
    run = [c for c in cells if lms.FORMULA.match(c) and c[0] != "'" and not lms.INERT.fullmatch(c)]
    return not run and not re.search(r"^\s*::|##\w*\[", text, re.MULTILINE)


# Canvas


@settings(max_examples=60, deadline=None)
@given(enrolled(), st.sampled_from([None, 10.0, 250.0]))
def test_canvas_gives_each_student_their_points(
    made: tuple[Roster, list[Grade], dict[int, float]], worth: float | None
) -> None:
    roster, grades, due = made
    sheet = canvas.gradebook(listing(roster, *grades), "Homework 1 (88)", worth)
    found = lms.import_into_canvas(sheet.text, canvas_students(roster), {88: "Homework 1"})
    assert found.scores == pytest.approx({own: p * (worth or 100) / 100 for own, p in due.items()})
    assert found.points_possible == (worth or 100)
    assert (found.new_assignment, found.new_students, sheet.left_out) == (None, [], ())
    assert harmless(sheet.text)


def test_canvas_finds_students_by_whatever_the_roster_has() -> None:
    ada = lms.CanvasStudent(501, "Ada", "Ada", "s-1", "ada@uni.example")
    for known in (
        Student(2, name="x", canvas_id="501", submission="a"),
        Student(2, name="x", id="s-1", submission="a"),
        Student(2, name="x", email="ada@uni.example", submission="a"),
        Student(2, name="Ada", submission="a"),
    ):
        sheet = canvas.gradebook(listing(Roster("r", (known,)), graded("a", 50.0)), "H (88)")
        assert lms.import_into_canvas(sheet.text, [ada], {88: "H"}).scores == {501: 50}


def test_namesakes_that_canvas_cannot_tell_apart_are_left_out_and_named() -> None:
    students = (
        Student(2, name="Ada Lee", submission="a"),
        Student(3, name="Ada Lee", submission="b"),
    )
    sheet = canvas.gradebook(
        listing(Roster("r", students), graded("a", 10.0), graded("b", 20.0)), "H (88)"
    )
    assert len(lms.rows(sheet.text)) == 2
    assert len(sheet.left_out) == 2 and "'Ada Lee' has no ID" in sheet.left_out[0]


def test_a_students_name_is_not_taken_for_what_an_assignment_is_worth() -> None:
    roster = Roster("r", (Student(2, name="Points Possible", canvas_id="1", submission="a"),))
    sheet = canvas.gradebook(listing(roster, graded("a", 1.0)), "H (88)")
    found = lms.import_into_canvas(sheet.text, canvas_students(roster), {88: "H"})
    assert found.points_possible == 100 and found.scores == {1: 1}


def test_a_title_that_canvas_does_not_know_is_remarked_on(tmp_path: Path) -> None:
    file = tmp_path / "canvas.csv"
    file.write_text(CANVAS, encoding="utf-8")
    listed = listing(read_roster(file), graded("lovelaceada_501", 80.0))
    sheet = canvas.gradebook(listed)
    found = lms.import_into_canvas(sheet.text, [], {88: "Homework 1"})
    assert found.new_assignment == "A course"
    (remark,) = sheet.remarks
    assert "new assignment 'A course'" in remark and "'Homework 1 (88)'" in remark


def test_a_program_that_reads_canvas_gradebooks_reads_ours(tmp_path: Path) -> None:
    students = tuple(
        Student(at, name=name, canvas_id=f"{at}", id=f"s-{at}", login=f"u{at}", submission=name)
        for at, name in enumerate(("Ada Łukasz", "李 小龍", "=1+1", "Zoë, Bo"), 2)
    )
    due = {student.id: 12.25 * at for at, student in enumerate(students)}
    grades = [graded(s.submission, due[s.id]) for s in students]
    file = tmp_path / "canvas.csv"
    sheet = canvas.gradebook(listing(Roster("r", students), *grades), "Homework 1 (88)")
    file.write_text(sheet.text, encoding="utf-8-sig")
    found = finalgrade.Gradebook.from_canvas(str(file)).df_perc
    assert list(found.columns) == ["homework1"]
    assert {own: 100 * part for own, part in found["homework1"].items()} == pytest.approx(due)


CANVAS = """\
Student,ID,SIS User ID,SIS Login ID,Section,Homework 1 (88),Homework 1 Final Score
    Points Possible,,,,,10,(read only)
"Lovelace, Ada",501,s-1,ada,Group A,,
"Bartók, Béla",502,s-2,bela,Group A,7,
"""


def test_canvas_own_export_gives_the_column_and_what_it_is_worth(tmp_path: Path) -> None:
    file = tmp_path / "canvas.csv"
    file.write_text(CANVAS, encoding="utf-8-sig")
    roster = read_roster(file)
    listed = listing(roster, graded("lovelaceada_501", 80.0))
    for asked in ("Homework 1", "Homework 1 (88)"):
        sheet = canvas.gradebook(listed, asked)
        assert sheet.remarks == ()
        found = lms.import_into_canvas(sheet.text, canvas_students(roster), {88: "Homework 1"})
        assert found.scores == {501: 8} and found.points_possible == 10
        assert found.new_assignment is None


@pytest.mark.parametrize(
    ("missing", "expected"), [("leave", {501: 80}), (BLANK, {501: 80, 502: None}), (ZERO, None)]
)
def test_who_handed_nothing_in_keeps_what_canvas_has_or_gets_what_was_asked_for(
    tmp_path: Path, missing: str, expected: dict[int, float | None] | None
) -> None:
    file = tmp_path / "canvas.csv"
    file.write_text(CANVAS, encoding="utf-8")
    roster = read_roster(file)
    listed = listing(roster, graded("lovelaceada_501", 80.0))
    sheet = canvas.gradebook(listed, "Homework 1", 100, missing)
    found = lms.import_into_canvas(sheet.text, canvas_students(roster), {88: "Homework 1"})
    assert found.scores == (expected or {501: 80, 502: 0})


@pytest.mark.parametrize("title", ["Final Score", "Current Grade of all", "My Override Status"])
def test_a_title_that_canvas_drops_is_refused(title: str) -> None:
    roster = Roster("r", (Student(2, name="Ada"),))
    with pytest.raises(ExportError, match="Canvas drops"):
        canvas.gradebook(listing(roster, graded("ada", 1.0)), title)


def test_grades_of_different_exercises_are_not_mixed_in_one_column() -> None:
    roster = Roster("r", (Student(2, name="ada"), Student(3, name="bo")))
    listed = listing(roster, graded("ada", 5.0, 16.0), graded("bo", 5.0))
    with pytest.raises(ExportError, match="of 16 and 100 points"):
        canvas.gradebook(listed, "H (88)")
    with pytest.raises(ExportError, match="of 16 and 100 points"):
        moodle.gradebook(listing(with_emails(roster), *_grades(listed)))


def with_emails(roster: Roster) -> Roster:
    students = (Student(s.line, name=s.name, email=f"{s.name}@x") for s in roster.students)
    return Roster(roster.file, tuple(students))


def _grades(listed: ClassList) -> list[Grade]:
    return [place.grade for place in listed.places if place.grade]


def test_gradebooks_need_a_roster_and_say_which() -> None:
    with pytest.raises(ExportError, match=r"canvas needs --roster.*Grades, Export"):
        canvas.gradebook(listing(None, graded("ada", 1.0)))
    with pytest.raises(ExportError, match="moodle needs --roster"):
        moodle.gradebook(listing(None, graded("ada", 1.0)))
    with pytest.raises(ExportError, match="neither emails"):
        moodle.gradebook(listing(Roster("r", (Student(2, name="ada"),)), graded("ada", 1.0)))


# Moodle


def imported(sheet: Sheet, roster: Roster, field: str = "Email address") -> dict[str, object]:
    return lms.import_into_moodle(sheet.text, {s.email: s.email for s in roster.students}, field)


@settings(max_examples=60, deadline=None)
@given(enrolled())
def test_moodle_gives_each_student_their_points_and_aborts_for_none(
    made: tuple[Roster, list[Grade], dict[int, float]],
) -> None:
    roster, grades, due = made
    sheet = moodle.gradebook(listing(roster, *grades))
    expected = {f"user{own}@uni.example": p for own, p in due.items()}
    assert imported(sheet, roster) == pytest.approx(expected)
    assert harmless(sheet.text) and sheet.left_out == ()
    every = imported(moodle.gradebook(listing(roster, *grades), missing=ZERO), roster)
    assert every == {s.email: expected.get(s.email, 0) for s in roster.students}
    blank = imported(moodle.gradebook(listing(roster, *grades), missing=BLANK), roster)
    assert blank == {s.email: expected.get(s.email) for s in roster.students}


def test_a_student_without_an_identity_is_left_out_so_that_nobody_else_gets_the_grade() -> None:
    students = (
        Student(2, name="Ada", email="ada@x", submission="a"),
        Student(3, name="Bo", submission="b"),
        Student(4, name="Carl", email="0", submission="c"),
        Student(5, name="Dan", email="=cmd|' /C calc'!A0", submission="d"),
    )
    roster = Roster("r", students)
    grades = [graded(each, 10.0 * at) for at, each in enumerate("abcd", 1)]
    sheet = moodle.gradebook(listing(roster, *grades))
    assert imported(sheet, roster) == {"ada@x": 10}
    assert [said.split(" has ")[0] for said in sheet.left_out] == ["'Bo'", "'Carl'", "'Dan'"]


def test_moodle_takes_the_identity_that_most_students_have() -> None:
    students = (
        Student(2, name="A", login="a", email="a@x"),
        Student(3, name="B", login="b"),
        Student(4, name="C", id="3"),
    )
    header = lms.rows(moodle.gradebook(listing(Roster("r", students), graded("A", 1.0))).text)[0]
    assert header[0] == "Username"


def test_what_counts_after_lateness_is_what_is_imported() -> None:
    due = datetime(2027, 1, 31, tzinfo=UTC)
    student = Student(
        2, name="ada", email="a@x", canvas_id="5", submitted_at=due + timedelta(hours=1)
    )
    roster = Roster("r", (student,))
    listed = listing(roster, graded("ada", 80.0), policy=Policy("hint", due, 25))
    assert imported(moodle.gradebook(listed), roster) == {"a@x": 60}
    sheet = canvas.gradebook(listed, "H (88)")
    found = lms.import_into_canvas(sheet.text, canvas_students(roster), {88: "H"})
    assert found.scores == {5: 60}
    extended = Student(2, name="ada", email="a@x", submitted_at=due, due=due + timedelta(1))
    listed = listing(Roster("r", (extended,)), graded("ada", 80.0), policy=Policy("hint", due, 25))
    assert imported(moodle.gradebook(listed), roster) == {"a@x": 80}


# Moodle's worksheet

HEADER = (
    "Identifier,Full name,Email address,Status,Grade,Maximum Grade,Grade can be changed,"
    "Last modified (submission),Last modified (grade),Feedback comments\n"
)
WORKSHEET = (
    HEADER
    + "Participant 11,Ada Łukasz,ada@x,Submitted,,50.00,Yes,-,-,\n"
    + "Participant 12,\"=cmd|' /C calc'!A0\",li@x,Submitted,3.00,50.00,Yes,-,"
    + '"Monday, 1 March 2027, 9:00 AM","-5 for style,\nsee ""notes"""\n'
    + "Participant 13,محمد,m@x,No submission,,50.00,Yes,-,-,\n"
    + "Participant 14,Locked,l@x,Submitted,9.00,50.00,No,-,-,\n"
)


def worksheet(folder: Path, text: str, *grades: Grade, missing: str = "leave") -> Sheet:
    file = folder / "worksheet.csv"
    file.write_text(text, encoding="utf-8-sig")
    listed = class_list(a_class(*grades), Policy(), read_roster(file))
    return moodle.worksheet(listed, read_rows(file), missing=missing)


CLASS = (
    graded("Ada Lukasz_11_assignsubmission_file", 97.5),
    graded("cmd_12_assignsubmission_file", 40.0),
    graded("Locked_14_assignsubmission_file", 40.0),
)


def test_the_worksheet_comes_back_with_grades_and_all_else_as_it_was(tmp_path: Path) -> None:
    sheet = worksheet(tmp_path, WORKSHEET, *CLASS)
    assert lms.import_worksheet(sheet.text, [11, 12, 13, 14], 50) == {11: 48.75, 12: 20, 14: 9}
    before, after = lms.rows(WORKSHEET), lms.rows(sheet.text)
    for old, new in zip(before[1:], after[1:], strict=True):
        changed = {before[0][at] for at, cell in enumerate(old) if new[at] != cell}
        assert changed <= {"Grade", "Full name"}
    assert after[2][1] == "'=cmd|' /C calc'!A0"
    assert sheet.left_out == ("'Locked': Moodle says that this grade cannot be changed",)


def test_the_worksheet_gives_zero_to_who_handed_nothing_in_where_asked(tmp_path: Path) -> None:
    sheet = worksheet(tmp_path, WORKSHEET, *CLASS, missing=ZERO)
    assert lms.import_worksheet(sheet.text, [11, 12, 13, 14], 50)[13] == 0


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("Full name,Email address,Grade\nAda,ada@x,\n", "no grading worksheet.*'identifier'"),
        (WORKSHEET.replace("50.00", "Good"), "line 2: Maximum Grade is 'Good'"),
    ],
)
def test_what_is_no_worksheet_of_points_is_refused(tmp_path: Path, text: str, said: str) -> None:
    with pytest.raises(ExportError, match=said):
        worksheet(tmp_path, text, *CLASS)
