"""A roster is read as platforms write it, and whose a submission is is never guessed at."""

from __future__ import annotations

import time
import unicodedata
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from drawn_classes import NAMES, a_class, graded
from hypothesis import given, settings
from hypothesis import strategies as st

from grader import untrusted
from grader.course import Policy
from grader.matching import ClassList, class_list
from grader.roster import Roster, RosterError, Student, read_roster
from grader.times import read_times

CANVAS = """\
Student,ID,SIS User ID,SIS Login ID,Section,Essay (77),Homework 1 (88),Current Score
,,,,,Manual Posting,,
    Points Possible,,,,,5,10,(read only)
"Łukasz, Ada",501,s-1,ada@uni.example,Group A,4,,80
"Bartók, Béla",502,s-2,bela,Group B,,,
"""
MOODLE = """\
Identifier,Full name,Email address,Status,Grade,Maximum Grade,Last modified (grade)
Participant 12345,Ada Łukasz,ada@uni.example,Submitted,,100.00,-
Participant 12346,李 小龍,li@uni.example,Submitted,,100.00,-
"""
GRADESCOPE = """\
First Name,Last Name,SID,Email,Sections,Total Score,Status,Submission ID,Submission Time
Ada,Łukasz,1,ada@uni.example,,,Graded,9001,2027-01-31 23:51:13 -0800
Béla,Bartók,2,bela@uni.example,,,Missing,,
"""
GITHUB = """\
"identifier","github_username","github_id","name"
"ada@uni.example","ada-l","1","Ada Łukasz"
"bela","Bartok","2",""
"""


def written(folder: Path, text: str | bytes, name: str = "roster.csv") -> Path:
    file = folder / name
    file.write_bytes(text if isinstance(text, bytes) else text.encode())
    return file


def placed(roster: Roster, *submissions: str) -> dict[str, str | None]:
    """By submission, the shown name of whose it is; None where it is nobody's."""
    listed = listing(roster, *submissions)
    return {
        place.grade.id: place.student.shown if place.student and place.counts else None
        for place in listed.places
        if place.grade
    }


def listing(roster: Roster, *submissions: str) -> ClassList:
    return class_list(a_class(*(graded(each, 50.0) for each in submissions)), Policy(), roster)


def of(*students: Student) -> Roster:
    return Roster("roster.csv", students)


# Reading


@pytest.mark.parametrize(
    ("text", "submission", "shown"),
    [
        (CANVAS, "lukaszada_501", None),  # Canvas keeps letters: ł is none of l's accents
        (CANVAS, "łukaszada_501", "Łukasz, Ada"),
        (CANVAS, "bartókbéla_502", "Bartók, Béla"),
        (CANVAS, "bartókbéla_501", None),
        (CANVAS, "bela", "Bartók, Béla"),
        (MOODLE, "Ada Lukasz_12345_assignsubmission_file", "Ada Łukasz"),
        (MOODLE, "李 小龍_12346_assignsubmission_onlinetext", "李 小龍"),
        (MOODLE, "Participant_12346_assignsubmission_file", "李 小龍"),
        (MOODLE, "Nobody_99999_assignsubmission_file", None),
        (GRADESCOPE, "submission_9001", "Ada Łukasz"),
        (GRADESCOPE, "Bartók, Béla", "Béla Bartók"),
        (GITHUB, "homework-1-ada-l", "Ada Łukasz"),
        (GITHUB, "homework-1-bartok", "Bartok"),
        (GITHUB, "ada@uni.example", "Ada Łukasz"),
        (GITHUB, "homework-1-carol", None),
    ],
)
def test_platforms_rosters_find_the_names_that_they_give_submissions(
    tmp_path: Path, text: str, submission: str, shown: str | None
) -> None:
    roster = read_roster(written(tmp_path, text))
    assert roster.problems == () and len(roster.students) == 2
    assert placed(roster, submission)[submission] == shown


def test_a_gradebook_of_canvas_says_what_assignments_are_worth(tmp_path: Path) -> None:
    roster = read_roster(written(tmp_path, CANVAS))
    assert roster.canvas_assignments == {"Essay (77)": "5", "Homework 1 (88)": "10"}
    assert [s.canvas_id for s in roster.students] == ["501", "502"]
    assert [s.id for s in roster.students] == ["s-1", "s-2"]


def test_a_student_called_points_possible_is_a_student(tmp_path: Path) -> None:
    roster = read_roster(written(tmp_path, CANVAS + "Points Possible,503,,,,,2,\n"))
    assert roster.students[-1].name == "Points Possible"
    assert roster.canvas_assignments["Homework 1 (88)"] == "10"


def test_gradescopes_grades_say_when_a_submission_came(tmp_path: Path) -> None:
    roster = read_roster(written(tmp_path, GRADESCOPE))
    came = datetime(2027, 2, 1, 7, 51, 13, tzinfo=UTC)
    assert [s.submitted_at for s in roster.students] == [came, None]
    policy = Policy("hint", came - timedelta(hours=30), 10)
    listed = class_list(a_class(graded("submission_9001", 50.0)), policy, roster)
    assert listed.places[0].lateness and listed.places[0].final == 40
    times = read_times(written(tmp_path, GRADESCOPE, "times.csv"))
    assert times == {"submission_9001": came}


def test_instructors_in_a_roster_are_no_missing_students(tmp_path: Path) -> None:
    text = "Name,Email,Role\nAda,ada@x,Student\nProf,prof@x,Instructor\n"
    assert [s.name for s in read_roster(written(tmp_path, text)).students] == ["Ada"]


PLAIN = "submission,name,email\nada,Łukasz 李 محمد,ada@uni.example\n"


@pytest.mark.parametrize(
    "data",
    [
        PLAIN.encode(),
        PLAIN.encode("utf-8-sig"),
        PLAIN.encode("utf-16"),
        PLAIN.replace(",", ";").encode("utf-8-sig"),
        PLAIN.replace(",", "\t").encode("utf-16"),
        PLAIN.replace("\n", "\r\n").encode(),
        ("sep=;\r\n" + PLAIN.replace(",", ";")).encode(),
        PLAIN.replace("submission", '"Submission"').replace("ada,", "ada ,").encode(),
        (PLAIN + "\n,,\n\n").encode(),
        unicodedata.normalize("NFD", PLAIN).encode(),
    ],
)
def test_what_spreadsheets_save_is_read(tmp_path: Path, data: bytes) -> None:
    roster = read_roster(written(tmp_path, data))
    (student,) = roster.students
    assert unicodedata.normalize("NFC", student.name) == "Łukasz 李 محمد"
    assert (student.submission, student.email) == ("ada", "ada@uni.example")


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", "is empty"),
        (b"name,email\n", "no students"),
        ("name\nJosé\n".encode("latin-1"), "line 2 is not UTF-8.*CSV UTF-8"),
        ("name\nada\n".encode("utf-16-le"), "is no text"),
        (b"PK\x03\x04\x00\x00", "is no text"),
        (b"grade,comment\n1,2\n", "no column says who.*grade, comment"),
        (b"name,email,e-mail\na,b,c\n", "'email' and 'e-mail' both mean email"),
        (b"name,email\nLukasz, Ada,a@x\n", "line 2 has 3 cells, the header 2.*quotes"),
        (b'name,email\n"ada,a@x\n', "line 2"),
        (b"name,submitted_at\nada,2027-01-31T23:59\n", "line 2: submitted_at: '2027.*time zone"),
        (b"name,due\nada,1/2/2027\n", "line 2: due: '1/2/2027'.*two days"),
    ],
)
def test_what_is_no_roster_is_one_sentence_with_its_line(
    tmp_path: Path, data: bytes, said: str
) -> None:
    with pytest.raises(RosterError, match=f"roster.csv: .*{said}"):
        read_roster(written(tmp_path, data))


def test_a_roster_that_is_not_there_is_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(RosterError, match=r"no\.csv: cannot be read: No such file"):
        read_roster(tmp_path / "no.csv")


def test_a_student_who_is_there_twice_is_named_and_counts_once(tmp_path: Path) -> None:
    text = "name,email\nAda,ada@x\nBéla,bela@x\nADA L.,Ada@X\n,\n"
    roster = read_roster(written(tmp_path, text))
    assert [s.name for s in roster.students] == ["Ada", "Béla"]
    assert roster.problems == ("line 4 has the same email as line 2, 'Ada': that one counts",)


def test_namesakes_are_two_students(tmp_path: Path) -> None:
    text = "name,email\nAda Lee,ada1@x\nAda Lee,ada2@x\n"
    assert len(read_roster(written(tmp_path, text)).students) == 2


def test_two_times_for_one_submission_are_refused(tmp_path: Path) -> None:
    rows = "submission,time\nada,2027-01-31T20:00Z\n"
    assert len(read_times(written(tmp_path, rows + "ada,2027-01-31T21:00+01:00\n"))) == 1
    with pytest.raises(RosterError, match="line 3: 'ada' has another time"):
        read_times(written(tmp_path, rows + "ada,2027-01-31T21:00Z\n"))
    with pytest.raises(RosterError, match="line 2: 'soon'"):
        read_times(written(tmp_path, "submission,time\nada,soon\n"))
    with pytest.raises(RosterError, match=r"columns submission and time.*a, b"):
        read_times(written(tmp_path, "a,b\nada,soon\n"))


# Whose a submission is


@pytest.mark.parametrize(
    ("name", "submission"),
    [
        ("李 小龍", "李 小龍"),
        ("李, 小龍", "小龍 李"),
        ("محمد بن موسى", "محمد-بن-موسى"),
        ("Işıl İnci", "Işıl İnci".lower()),
        ("Zoë Müller", unicodedata.normalize("NFD", "zoë müller")),
        (unicodedata.normalize("NFD", "Zoë Müller"), "Zoë_Müller.zip"),
        ("Zoë Müller", "zoë müller.ipynb"),
        ("O'Brien, Miles", "Miles OBrien"),
        ("d’Artagnan, Jean-Luc", "dartagnanjeanluc"),
        ("Straße", "STRASSE"),
        ("नेहा शर्मा", "नेहा-शर्मा"),
        ("Zoë 👩\u200d🔬", "zoë"),
    ],
)
def test_names_are_found_in_any_script_and_spelling(name: str, submission: str) -> None:
    roster = of(Student(2, name=name), Student(3, name="Somebody Else"))
    assert placed(roster, submission)[submission] == name


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Isil Kaya", "Işıl Kaya"),
        ("Zoe Muller", "Zoë Müller"),
        ("Kim Lee", "Lee Kim"),
        ("Ada Lee", "ada lee"),
        ("Ana-Maria", "Ana Maria"),
    ],
)
def test_names_that_nearly_agree_are_two_people(one: str, other: str) -> None:
    roster = of(Student(2, name=one), Student(3, name=other))
    assert placed(roster, one, other) == {one: one, other: other}
    only = of(Student(2, name=one))
    if one.casefold() != other.casefold() and "-" not in one:
        assert placed(only, other) == {other: None}


def test_what_can_be_several_students_is_nobodys_and_says_whose_it_can_be() -> None:
    roster = of(
        Student(2, name="Alice Smith", email="a@x"),
        Student(3, name="Bob", github="smith", email="b@x"),
    )
    listed = listing(roster, "alice-smith")
    assert [place.status for place in listed.places] == ["missing", "missing", "ambiguous"]
    assert any("'alice-smith' can be 'Alice Smith', 'Bob'" in note for note in listed.notes)
    namesakes = of(Student(2, name="Ada Lee", id="1"), Student(3, name="Ada Lee", id="2"))
    assert placed(namesakes, "Ada Lee", "2") == {"Ada Lee": None, "2": "Ada Lee"}


def test_a_line_that_names_its_submission_decides() -> None:
    roster = of(Student(2, name="alice-smith"), Student(3, name="Bob", submission="alice-smith"))
    listed = listing(roster, "alice-smith", "bob")
    assert [(p.student and p.student.line, p.status) for p in listed.places] == [
        *((2, "missing"), (3, "graded"), (3, "extra"))
    ]
    assert any("extra: 'bob' looks like 'Bob'" in note for note in listed.notes)


def test_an_accent_is_the_same_in_either_of_its_encodings() -> None:
    """A Mac writes ë as two signs: that is nearer to ë than Ë is."""
    apart = unicodedata.normalize("NFD", "zoë")
    assert apart != "zoë"
    for known in (Student(2, name="x", submission=apart), Student(2, name=apart)):
        assert placed(of(known, Student(3, name="ZOË")), "zoë")["zoë"] == known.shown
    assert placed(of(Student(2, name="x", email=apart)), "zoë") == {"zoë": "x"}


def test_a_line_that_names_a_submission_that_is_not_there_gets_no_other() -> None:
    roster = of(Student(2, name="Ada", submission="ada-final"))
    listed = listing(roster, "ada")
    assert [place.status for place in listed.places] == ["missing", "extra"]
    assert "missing: 'Ada' has no submission; line 2 names 'ada-final'" in listed.notes


def test_a_group_shares_its_submission() -> None:
    roster = of(Student(2, name="Ada", submission="team"), Student(3, name="Bo", submission="team"))
    assert [p.status for p in listing(roster, "team").places] == ["graded", "graded"]
    assert listing(roster, "team").notes == ()


def test_of_several_submissions_of_one_student_none_counts() -> None:
    roster = of(Student(2, name="Ada", email="ada@x"))
    listed = listing(roster, "ada", "ada@x")
    assert [(p.status, p.counts) for p in listed.places] == [("repeated", False)] * 2
    assert len([note for note in listed.notes if note.startswith("repeated: 'Ada'")]) == 2


def test_a_folder_that_ends_in_a_number_is_not_canvas_user_of_that_number() -> None:
    roster = of(Student(2, name="Bo", canvas_id="2"), Student(3, name="Ada", canvas_id="3"))
    assert placed(roster, "ada_2") == {"ada_2": None}


def test_every_kind_of_trouble_is_listed_by_name(tmp_path: Path) -> None:
    text = "name,email\nAda,ada@x\nBéla,bela@x\nAda,ada@x\n李,li@x\nCarl,carl@x\n"
    roster = read_roster(written(tmp_path, text))
    listed = listing(roster, "ada", "carl", "carl@x", "stranger")
    assert [(p.student.name if p.student else "", p.status) for p in listed.places] == [
        ("Ada", "graded"),
        ("Béla", "missing"),
        ("李", "missing"),
        ("Carl", "repeated"),
        ("Carl", "repeated"),
        ("", "unknown"),
    ]
    said = "\n".join(listed.notes)
    for part in ("line 4 has the same email", "missing: 'Béla'", "missing: '李'", "'stranger'"):
        assert part in said
    assert "Ada' has no" not in said


@settings(max_examples=100, deadline=None)
@given(
    st.lists(
        st.sampled_from(NAMES) | st.text(min_size=1, max_size=12),
        min_size=1,
        max_size=8,
        unique=True,
    )
)
def test_nothing_handed_in_is_lost_or_given_to_two(names: list[str]) -> None:
    """Each grade has one place; one that counts is a student's whose name agrees."""
    roster = of(*(Student(at, name=name) for at, name in enumerate(names[::2], 2)))
    submissions = sorted({untrusted.name(name) for name in names})
    listed = listing(roster, *submissions)
    places = [place.grade.id for place in listed.places if place.grade]
    assert sorted(places) == submissions
    lines = [place.student.line for place in listed.places if place.counts and place.student]
    assert len(set(lines)) == len(lines)
    assert {p.student.line for p in listed.places if p.student} == {
        student.line for student in roster.students
    }


def test_a_class_of_thousands_is_matched_in_a_moment() -> None:
    students = [Student(n, name=f"Given{n} Family{n}", email=f"s{n}@x") for n in range(4000)]
    submissions = [f"given{n}-family{n}" for n in range(4000)]
    began = time.process_time()
    listed = listing(of(*students), *submissions)
    assert all(place.counts for place in listed.places)
    assert time.process_time() - began < 10
