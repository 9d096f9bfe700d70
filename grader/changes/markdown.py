"""Changes as Markdown, for a course team to discuss; everything not of ours is shown as code."""

from __future__ import annotations

import re
from collections.abc import Iterator

from grader.changes import words
from grader.changes.records import Changes, ExerciseChange, SubmissionChange
from grader.changes.summary import Summary, summarise
from grader.untrusted import LONG_TEXT, line, markdown

# A sentence of ours that quotes nothing which Markdown, or GitHub, would take for something else.
_PLAIN = re.compile(r"(?!.*(?:://|www\.|__|\b_|_\b|  ))[\w .,;:()/→±−+—-]*")


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
        for submission in changes.of_kind(kind):
            if submission.exercises:
                yield from _submission(submission)


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
    for check in summary.checks:
        counts = f"{check.gained} | {check.lost} | {check.otherwise}"
        title = markdown(line(check.title))
        yield f"| {markdown(check.id)} | {title} | {counts} | {words.moved(check.points)} |"


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
    for when, side in (("before", change.before), ("now", change.after)):
        if side is not None and not side.graded:
            yield f"rejected {when}: {markdown(line(side.reason or 'no reason is given'))}"
    for why, exercises in words.reasons(change):
        yield f"{_plain(', '.join(exercises))}: {_plain(why)}"


def _submission(change: SubmissionChange) -> Iterator[str]:
    yield from ("", f"### {markdown(change.id)} {words.moved(change.points)}", "")
    yield "| check | before → now | points | |"
    yield "| --- | --- | ---: | --- |"
    for exercise in change.exercises:
        yield from _exercise(exercise)


def _exercise(change: ExerciseChange) -> Iterator[str]:
    if not change.on_both_sides:
        yield f"| {markdown(change.name)} | {words.why(change)} | | |"
    for check in change.checks:
        ended = markdown(words.ended(check))
        about = "; ".join(markdown(line(said, LONG_TEXT)) for said in words.about(check))
        if check.reweighted:
            about = "worth more or less"
        name = markdown(check.either.id)
        yield f"| {name} | {ended} | {words.moved(check.points)} | {about} |"
    if change.unaccounted:
        name = markdown(change.name)
        yield f"| {name} | of no check | {words.moved(change.unaccounted)} | the file was edited |"


def _plain(text: str) -> str:
    return text if _PLAIN.fullmatch(text) else markdown(text)
