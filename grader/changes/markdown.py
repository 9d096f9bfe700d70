"""Changes as Markdown, for a course team to discuss; everything not of ours is shown as code."""

from __future__ import annotations

import re
from collections.abc import Iterator

from grader.changes import words
from grader.changes.records import Changes, ExerciseChange, SubmissionChange
from grader.changes.summary import Summary, summarise
from grader.untrusted import line, markdown

# A sentence of ours that quotes nothing which Markdown, or GitHub, would take for something else.
_PLAIN = re.compile(r"(?!.*(?:://|www\.|__|\b_|_\b|  ))[\w .,;:()/→±−+—-]*")


_CHECKS_SHOWN = 20


def document(changes: Changes, labels: words.Labels) -> str:
    """The whole text."""
    return "\n".join(_lines(changes, labels)) + "\n"


def _lines(changes: Changes, labels: words.Labels) -> Iterator[str]:
    summary = summarise(changes)
    yield "# What moved"
    yield ""
    yield f"- before: {_plain(labels.before)}"
    yield f"- now: {_plain(labels.after)}"
    yield ""
    for said in words.in_all(summary):
        yield f"- {_plain(said)}"
    yield from _around(summary)
    yield from _checks(summary)
    yield from _table(changes)
    for kind in words.HEADINGS:
        for group in words.alike(changes.of_kind(kind)):
            if group[0].exercises:
                yield from _submissions(group)


def _around(summary: Summary) -> Iterator[str]:
    if not summary.around:
        return
    yield from ("", "## What changed", "")
    for one in summary.around:
        said, details = words.around(one)
        yield f"- {_plain(said)}"
        for detail in details:
            yield f"  - {markdown(detail)}"


def _checks(summary: Summary) -> Iterator[str]:
    if not summary.checks:
        return
    yield from ("", "## Checks that moved most", "")
    yield "| check | what it says | up | down | otherwise | points |"
    yield "| --- | --- | ---: | ---: | ---: | ---: |"
    for check in summary.checks[:_CHECKS_SHOWN]:
        counts = f"{check.gained} | {check.lost} | {check.otherwise}"
        title = markdown(line(check.title))
        yield f"| {markdown(check.id)} | {title} | {counts} | {words.moved(check.points)} |"
    if len(summary.checks) > _CHECKS_SHOWN:
        yield from ("", f"And {len(summary.checks) - _CHECKS_SHOWN} more.")


def _table(changes: Changes) -> Iterator[str]:
    if not changes.moved:
        return
    yield from ("", "## Submissions", "")
    yield "| submission | | before | now | moved | why |"
    yield "| --- | --- | ---: | ---: | ---: | --- |"
    for kind, heading in words.HEADINGS.items():
        for change in changes.of_kind(kind):
            both = change.before and change.after and change.before.graded and change.after.graded
            cells = (
                markdown(change.id),
                heading.lower(),
                words.total(change.before),
                words.total(change.after),
                words.moved(change.points) if both else "",
                "; ".join(_why(change)),
            )
            yield f"| {' | '.join(cells)} |"


def _why(change: SubmissionChange) -> Iterator[str]:
    yield from (markdown(line(said)) for said in words.rejections(change))
    for why, exercises in words.reasons(change):
        yield f"{_plain(', '.join(exercises))}: {_plain(why)}"


def _submissions(group: list[SubmissionChange]) -> Iterator[str]:
    """Submissions in which the same moved, and what."""
    names = ", ".join(markdown(change.id) for change in group)
    moved = words.moved(group[0].points)
    if len(group) == 1:
        yield from ("", f"### {names}: {moved}", "")
    else:
        yield from ("", f"### {len(group)} submissions: {moved}", "", names, "")
    yield "| exercise | check | before → now | points | |"
    yield "| --- | --- | --- | ---: | --- |"
    for exercise in group[0].exercises:
        for cells in _exercise(exercise):
            yield f"| {markdown(exercise.name)} | {' | '.join(cells)} |"


def _exercise(change: ExerciseChange) -> Iterator[tuple[str, ...]]:
    """The cells of its rows but the first."""
    if not change.on_both_sides:
        yield "all", words.why(change), "", ""
        return
    groups, single = words.told(change)
    for check in single:
        about = "; ".join(markdown(line(said)) for said in words.about(check))
        ended = markdown(words.ended(check))
        yield markdown(words.check_name(check)), ended, words.moved(check.points), about
    for group in groups:
        yield group.checks, markdown(group.how), words.moved(group.points), ""


def _plain(text: str) -> str:
    return text if _PLAIN.fullmatch(text) else markdown(text)
