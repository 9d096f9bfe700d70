"""Which submission is which student's: by what the roster and the LMS's names say, never a guess.

A line of the roster that names its `submission` decides. Else everything that the name of a
submission can mean is looked up, and only where all of it leads to one student it is theirs.
"""

from __future__ import annotations

import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from grader import untrusted
from grader.course import Policy
from grader.grades import ClassGrades, Grade
from grader.lateness import Lateness, lateness
from grader.roster import Roster, Student, plain

_MOODLE = re.compile(r"(?P<name>.+)_(?P<number>\d+)_assignsubmission_[a-z]+", re.DOTALL)
_CANVAS = re.compile(r"(?P<name>.+?)_(?P<user>\d+)", re.DOTALL)
ANY = "no time is known of any submission"
_ENDINGS = (".zip", ".tar.gz", ".tgz", ".tar", ".py", ".ipynb")


@dataclass(frozen=True)
class Place:
    """One line of a class: a student, a grade, or both.

    `status` is graded, rejected (both with a student, or without any roster), missing (no
    submission), repeated (a student with several, none of which counts), or, of a grade that no
    student of the roster has: unknown, ambiguous (it can be several students'), or extra (of a
    student whose line names another submission).
    """

    status: str
    grade: Grade | None
    student: Student | None
    submitted: datetime | None = None
    lateness: Lateness | None = None
    can_be: tuple[Student, ...] = ()  # whose an ambiguous one is

    @property
    def counts(self) -> bool:
        """Whether this is a grade that goes to somebody."""
        return self.status in ("graded", "rejected")

    @property
    def final(self) -> float:
        """The points that count: what was earned, less what lateness takes."""
        if self.grade is None:
            return 0.0
        return self.lateness.final(self.grade.points) if self.lateness else self.grade.points


@dataclass(frozen=True)
class ClassList:
    """A class: the roster's students in its order, then the grades that are nobody's there.

    `notes` are sentences about what could not be placed, or not as one would expect.
    """

    course: str
    places: tuple[Place, ...]
    roster: Roster | None
    notes: tuple[str, ...]

    @property
    def exercises(self) -> list[str]:
        """The exercises that somebody has a grade of, in the course's order."""
        graded = [place.grade.exercises for place in self.places if place.grade is not None]
        longest = max(graded, key=len, default=())
        every = [longest, *graded]
        return list(dict.fromkeys(each.name for exercises in every for each in exercises))


def class_list(
    grades: ClassGrades,
    policy: Policy,
    roster: Roster | None = None,
    times: Mapping[str, datetime] | None = None,
) -> ClassList:
    """Put grades and students together; all the grades are held, so outlines of them are best.

    Args:
        policy: when the course is due, and what lateness costs.
        times: by submission, when the LMS received it; goes before the roster's `submitted_at`.
    """
    handed_in = tuple(grades.grades)
    if roster is None:
        found = [Place(grade.status, grade, None) for grade in handed_in]
        notes: list[str] = []
    else:
        found = list(_placed(handed_in, roster.students))
        notes = [f"{roster.file}: {problem}" for problem in roster.problems]
        notes += _sentences(found)
    timed = tuple(_timed(place, policy, times or {}) for place in found)
    return ClassList(grades.course, timed, roster, (*notes, *_time_notes(timed, policy, times)))


def _placed(grades: Sequence[Grade], students: Sequence[Student]) -> Iterator[Place]:
    """The students' places, then those of the grades that are left."""
    index = _Index(students)
    owners = {grade.id: index.owners(grade.id) for grade in grades}
    named: dict[int, list[Grade]] = defaultdict(list)
    meant: dict[int, list[Grade]] = defaultdict(list)
    for grade in grades:
        explicit, possible = owners[grade.id]
        for line in explicit:
            named[line].append(grade)
        if not explicit and len(possible) == 1:
            meant[next(iter(possible))].append(grade)
    left: list[Place] = []
    for student in students:
        decided = bool(_submissions(student))
        own = named[student.line] if decided else meant[student.line]
        extra = meant[student.line] if decided else []
        left += [Place("extra", grade, student) for grade in extra]
        if not own:
            yield Place("missing", None, student)
        elif len(own) == 1:
            yield Place(own[0].status, own[0], student)
        else:
            yield from (Place("repeated", grade, student) for grade in own)
    yield from left
    for grade in grades:
        explicit, possible = owners[grade.id]
        if not explicit and len(possible) != 1:
            can_be = tuple(each for each in students if each.line in possible)
            yield Place("ambiguous" if possible else "unknown", grade, None, can_be=can_be)


class _Index:
    """The students by all that the name of a submission can say; each is told by their line."""

    def __init__(self, students: Sequence[Student]) -> None:
        self._submissions: dict[str, set[int]] = defaultdict(set)
        self._participants: dict[str, set[int]] = defaultdict(set)
        self._identities: dict[str, set[int]] = defaultdict(set)
        self._github: dict[str, set[int]] = defaultdict(set)
        self._canvas: dict[tuple[str, str], set[int]] = defaultdict(set)
        self._names: list[dict[str, set[int]]] = [defaultdict(set) for _ in _FORMS]
        for each in students:
            self._enter(each)

    def _enter(self, student: Student) -> None:
        line, names = student.line, _names(student)
        for submission in _submissions(student):
            self._submissions[submission].add(line)
        if student.participant:
            self._participants[student.participant].add(line)
        for identity in student.identities:
            self._identities[_folded(identity)].add(line)
        if student.github:
            self._github[_folded(student.github)].add(line)
        for form, index in zip(_FORMS, self._names, strict=True):
            for name in names:
                index[form(name)].add(line)
        for name in names if student.canvas_id else ():
            self._canvas[student.canvas_id, _letters(name)].add(line)

    def owners(self, submission: str) -> tuple[set[int], set[int]]:
        """Who names this very submission; and, where nobody does, all whose it can be."""
        own = plain(submission)
        if explicit := self._submissions.get(own, set()):
            return explicit, set()
        if moodle := _MOODLE.fullmatch(submission):
            numbered = self._participants.get(moodle["number"], set())
            return set(), numbered or self._by_name(moodle["name"])
        possible = self._by_github(own) | self._by_canvas(own)
        for whole in {own, _without_ending(own)}:
            possible |= self._identities.get(_folded(whole), set()) | self._by_name(whole)
        return set(), possible

    def _by_canvas(self, own: str) -> set[int]:
        """`lastfirst_12345`: the number alone might be anything, so the name must agree."""
        found = _CANVAS.fullmatch(own)
        return self._canvas.get((found["user"], _letters(found["name"])), set()) if found else set()

    def _by_github(self, own: str) -> set[int]:
        """`assignment-username`; both may have hyphens."""
        words = _folded(own).split("-")
        ends = ("-".join(words[at:]) for at in range(1, len(words)))
        return {line for end in ends for line in self._github.get(end, ())}

    def _by_name(self, name: str) -> set[int]:
        """As it is written; else whatever its case; else by its letters and digits alone."""
        for form, index in zip(_FORMS, self._names, strict=True):
            if found := index.get(form(name) or "\0"):
                return found
        return set()


def _submissions(student: Student) -> set[str]:
    """The ids of the submission that a line of the roster names; ids are printable."""
    known = {plain(student.submission), plain(untrusted.name(student.submission))}
    if student.submission_number:
        known.add(f"submission_{student.submission_number}")
    return known - {""}


def _names(student: Student) -> set[str]:
    """All ways of writing this name of which the roster says which part is which."""
    first, last = student.first, student.last
    before, comma, after = student.name.partition(",")
    if comma and not (first or last):
        last, first = before.strip(), after.strip()
    known = {student.name}
    if first and last:
        known |= {f"{first} {last}", f"{last} {first}", f"{last}, {first}"}
    return {name for name in known if name.strip()}


def _folded(text: str) -> str:
    return unicodedata.normalize("NFC", plain(text).casefold())


def _letters(text: str) -> str:
    """Letters, their accents and digits: downloads leave out apostrophes, commas and blanks."""
    return "".join(each for each in _folded(text) if unicodedata.category(each)[0] in "LMN")


_FORMS = (plain, _folded, _letters)  # of a name, from the strictest


def _without_ending(submission: str) -> str:
    ending = next((e for e in _ENDINGS if submission.lower().endswith(e)), "")
    return submission[: len(submission) - len(ending)]


def _timed(place: Place, policy: Policy, times: Mapping[str, datetime]) -> Place:
    if place.grade is None:
        return place
    student = place.student
    submitted = times.get(plain(place.grade.id)) or (student.submitted_at if student else None)
    late = lateness(submitted, policy, student.due if student else None)
    return replace(place, submitted=submitted, lateness=late)


# Sentences


def _sentences(places: Sequence[Place]) -> Iterator[str]:
    """What an instructor must look at: one sentence a student or submission."""
    for place in places:
        student = untrusted.quoted_name(place.student.shown) if place.student else ""
        own = untrusted.quoted_name(place.grade.id) if place.grade else ""
        if place.status == "missing":
            yield f"missing: {student} has no submission{_named_instead(place.student)}"
        elif place.status == "repeated":
            yield f"repeated: {student} has several submissions, {own} among them: none counts"
        elif place.status == "extra":
            yield f"extra: {own} looks like {student}, whose line names another submission"
        elif place.status == "unknown":
            yield f"unknown: {own} is nobody's in the roster"
        elif place.status == "ambiguous":
            who = ", ".join(untrusted.quoted_name(each.shown) for each in place.can_be)
            yield f"ambiguous: {own} can be {who}: name it in a column `submission`"


def _named_instead(student: Student | None) -> str:
    named = sorted(_submissions(student)) if student else []
    return (
        f"; line {student.line} names {untrusted.quoted_name(named[0])}"
        if student and named
        else ""
    )


def _time_notes(
    places: Sequence[Place], policy: Policy, times: Mapping[str, datetime] | None
) -> Iterator[str]:
    handed_in = [place for place in places if place.grade is not None]
    earning = [place for place in handed_in if place.grade and place.grade.points]
    untimed = [place for place in earning if place.lateness is None]
    known = {plain(place.grade.id) for place in handed_in if place.grade}
    strangers = sorted(set(times or {}) - known)
    if strangers:
        shown = ", ".join(map(untrusted.quoted_name, strangers[:5]))
        yield f"--times: {len(strangers)} of its submissions have no grade: {shown}"
    if policy.due is None:
        if times:
            yield "nothing is late: course.toml has no `due`"
    elif policy.late_penalty and untimed:
        if len(untimed) == len(earning):
            yield f"{ANY}: it counts as in time; give --times, or a roster with submitted_at"
            return
        shown = ", ".join(untrusted.quoted_name(p.grade.id) for p in untimed if p.grade)
        yield f"no time is known of {len(untimed)}, which count as in time: {shown}"
