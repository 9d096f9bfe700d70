"""JUnit XML, as CI services read it: a suite for each submission, a test case for each check.

It is the instructor's: it holds all of hidden checks. Points are properties of the suite, since no
reader of this format knows them.
"""

from __future__ import annotations

import tempfile
from collections import Counter
from collections.abc import Iterator
from functools import partial
from xml.etree import ElementTree

from grader import untrusted
from grader.grades import CheckGrade, ClassGrades, Grade
from grader.reports.exports.shown import number, told

MAX_MESSAGE = 100_000  # characters
_LONG_ID = 10_000
_PART = 1 << 16  # characters
_COUNTS = ("tests", "failures", "errors")  # what every reader of the format allows of all suites
# JUnit knows failures, errors (of what was run) and what was skipped.
_ELEMENT = {"failed": "failure", "forbidden": "failure", "todo": "skipped"}


def report(grades: ClassGrades) -> Iterator[str]:
    """The file's text, in parts. A submission that was rejected is a suite of one case, an error.

    What all suites have together comes first in the file, so they wait on disk until it is known.
    """
    counts = Counter(dict.fromkeys(_COUNTS, 0))
    seconds = 0.0
    with tempfile.TemporaryFile("w+", encoding="utf-8", newline="") as suites:
        for grade in grades.grades:
            suite = _suite(grade)
            counts.update({name: int(suite.get(name, "0")) for name in _COUNTS})
            seconds += float(suite.get("time", "0"))
            ElementTree.indent(suite, " ", level=1)
            suites.write("\n " + ElementTree.tostring(suite, encoding="unicode"))
        root = ElementTree.Element("testsuites", name=_legal(grades.course))
        for name in _COUNTS:
            root.set(name, str(counts[name]))
        root.set("time", f"{seconds:.3f}")
        yield "<?xml version='1.0' encoding='utf-8'?>\n"
        whole = ElementTree.tostring(root, encoding="unicode")
        if not suites.tell():
            yield f"{whole}\n"
            return
        suites.seek(0)
        yield f"{whole.removesuffix(' />')}>"
        yield from iter(partial(suites.read, _PART), "")
        yield "\n</testsuites>\n"


def _suite(grade: Grade) -> ElementTree.Element:
    suite = ElementTree.Element("testsuite", name=_legal(grade.id))
    if grade.graded_at is not None:
        suite.set("timestamp", grade.graded_at.replace(tzinfo=None).isoformat(timespec="seconds"))
    properties = ElementTree.SubElement(suite, "properties")
    known = {"points": grade.points, "max_points": grade.max_points}
    for exercise in grade.exercises:
        known[f"points.{exercise.name}"] = exercise.points
        known[f"max_points.{exercise.name}"] = exercise.max_points
    ElementTree.SubElement(properties, "property", name="status", value=grade.status)
    for name, points in known.items():
        ElementTree.SubElement(properties, "property", name=name, value=str(number(points)))
    if not grade.graded:
        case = ElementTree.SubElement(suite, "testcase", classname="submission", name="is graded")
        case.set("time", "0")
        ElementTree.SubElement(case, "error", type="rejected", message=_legal(grade.reason or ""))
    for check in grade.checks:
        _case(suite, check)
    _count(suite)
    return suite


def _case(suite: ElementTree.Element, check: CheckGrade) -> None:
    case = ElementTree.SubElement(suite, "testcase", classname=check.exercise)
    case.set("name", check.id.partition("/")[2] or check.id)
    case.set("time", f"{check.seconds:.3f}")
    if check.passed:
        return
    element = ElementTree.SubElement(case, _ELEMENT.get(check.outcome, "error"))
    element.set("type", check.outcome)
    element.set("message", _legal(check.title))
    element.text = told(check, MAX_MESSAGE)


def _count(suite: ElementTree.Element) -> None:
    suite.set("tests", str(len(suite.findall("testcase"))))
    for count, element in (("failures", "failure"), ("errors", "error"), ("skipped", "skipped")):
        suite.set(count, str(len(suite.findall(f"testcase/{element}"))))
    times = (float(case.get("time", "0")) for case in suite.findall("testcase"))
    suite.set("time", f"{sum(times):.3f}")


def _legal(text: str) -> str:
    """One printable line: XML has no place for control characters, and a log must not obey it."""
    return untrusted.terminal_cell(untrusted.text(text, _LONG_ID))
