"""JUnit XML, as CI services read it: a suite for each submission, a test case for each check.

It is the instructor's: it holds all of hidden checks. Points are properties of the suite, since no
reader of this format knows them.
"""

from __future__ import annotations

from xml.etree import ElementTree

from grader import untrusted
from grader.grades import CheckGrade, ClassGrades, Grade
from grader.reports.exports.shown import number, told

MAX_MESSAGE = 100_000  # characters
_LONG_ID = 10_000
# JUnit knows failures, errors (of what was run) and what was skipped.
_ELEMENT = {"failed": "failure", "forbidden": "failure", "todo": "skipped"}


def report(grades: ClassGrades) -> str:
    """The file's text. A submission that was rejected is a suite with one case, an error."""
    root = ElementTree.Element("testsuites", name=_legal(grades.course))
    suites = [_suite(root, grade) for grade in grades.grades]
    for count in ("tests", "failures", "errors"):  # what every reader of the format allows here
        root.set(count, str(sum(int(suite.get(count, "0")) for suite in suites)))
    root.set("time", f"{sum(float(suite.get('time', '0')) for suite in suites):.3f}")
    ElementTree.indent(root, " ")
    return (
        "<?xml version='1.0' encoding='utf-8'?>\n"
        + ElementTree.tostring(root, encoding="unicode")
        + "\n"
    )


def _suite(root: ElementTree.Element, grade: Grade) -> ElementTree.Element:
    suite = ElementTree.SubElement(root, "testsuite", name=_legal(grade.id))
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
