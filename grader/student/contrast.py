"""What was expected and what came, under each other, with the elements marked that differ."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from rich.cells import cell_len

from grader.outcome import Apart, Contrast
from grader.student.code import fitted
from grader.student.page import Line, Page, Span, line, wrapped

LABEL = 10  # cells that a label takes, with the space after it
_TENSOR = "torch.tensor("
_ELEMENT = re.compile(r'float\("-?(?:nan|inf)"\)|True|False|-?\d[\d.]*(?:e[+-]?\d+)?')
_MARK = "^"
_MANY_LINES = 14  # of two tensors under each other


def contrast_lines(contrast: Contrast, page: Page) -> list[Line]:
    """For a panel: the part that differs, expected, got, and what there is to say of the two."""
    lines: list[Line] = []
    if contrast.place:
        lines += [line(each) for each in wrapped(page.plain(contrast.place) + ":", page.width)]
    notes = [note for note in contrast.notes if note != f"nothing came: {contrast.got}"]
    apart = contrast.apart
    if apart is not None and apart.positions and apart.count == apart.total > 2:
        notes.insert(0, f"all {apart.total} elements differ")
    lines += _both(contrast, page)
    for label, pair in (("shape", contrast.shape), ("dtype", contrast.dtype)):
        if pair is not None:
            said = page.plain(f"{pair[0]} is expected, {pair[1]} came")
            lines += labelled(label, wrapped(said, page.width - LABEL))
    for note in notes:
        lines += labelled("note", wrapped(page.plain(note), page.width - LABEL))
    return lines


def labelled(
    label: str, texts: Sequence[str], style: str = "", label_style: str = ""
) -> list[Line]:
    """Texts behind a label, each on a line."""
    labels = [label, *("" for _ in texts)]
    return [
        line(Span(name.ljust(LABEL), label_style or "label"), Span(text, style))
        for name, text in zip(labels, texts, strict=False)
    ]


def _both(contrast: Contrast, page: Page) -> list[Line]:
    apart = contrast.apart
    if apart is not None and apart.total > 1:
        lines = _written_out(contrast, apart, page)
        return lines if len(lines) in range(1, _MANY_LINES) else _some_elements(apart, page)
    expected, got = page.plain(contrast.expected), page.plain(contrast.got)
    room = page.width - LABEL
    return [
        *labelled("expected", _shown(expected, room), "good", "good"),
        *labelled("got", _shown(got, room), "bad", "bad"),
        *_differing_middle(expected, got, room),
    ]


def _written_out(contrast: Contrast, apart: Apart, page: Page) -> list[Line]:
    """Both tensors with all elements; [] where the texts do not hold them all."""
    expected, got = _Elements.of(contrast.expected), _Elements.of(contrast.got)
    if not apart.positions or expected is None or got is None or not expected.alike(got):
        return []
    is_whole = len(expected.elements) == apart.total
    return _aligned(expected, got, apart, page) if is_whole else []


def _some_elements(apart: Apart, page: Page) -> list[Line]:
    """Of tensors that are too large to be written out, a few elements in columns."""
    which = "all" if apart.count == apart.total else f"{apart.count:,} of"
    of = f"{which} {apart.total:,} elements, in a tensor of shape {apart.shape}"
    columns: list[tuple[tuple[int, ...], list[str]]] = []
    more = page.plain("  …")
    room = page.width - LABEL - len(more)
    for element in sorted(apart.some, key=lambda one: one.index != apart.worst.index):
        texts = f"[{', '.join(map(str, element.index))}]", element.expected, element.got
        width = max(map(len, texts))
        if columns and room < width:
            break
        room -= width + 2
        columns.append((element.index, [text.rjust(width) for text in texts]))
    ordered = [texts for _, texts in sorted(columns)]
    at, expected, got = ("  ".join(texts) for texts in zip(*ordered, strict=True))
    if len(ordered) < apart.count:
        at += more
    return [
        *labelled("differ", wrapped(of, page.width - LABEL)),
        *labelled("at", [at]),
        *labelled("expected", [expected], "good", "good"),
        *labelled("got", [got], "bad", "bad"),
    ]


def _shown(text: str, room: int) -> list[str]:
    """A text that came: as Python where it is, else as the lines of a message."""
    first, *others = text.split("\n")
    if not others and text.startswith((_TENSOR, "[", "(", "{")):
        return [piece for each in fitted(first, room) for piece in wrapped(each, room)]
    own = [each.removeprefix("  |").removeprefix(" ") for each in others]  # see untrusted.block
    return [piece for each in (first, *own) for piece in wrapped(each, room)]


def _differing_middle(expected: str, got: str, room: int) -> list[Line]:
    """Marks under what differs of two texts of one line that are much alike, as file names are."""
    quoted = all(text[:1] in "'\"" and "\n" not in text for text in (expected, got))
    if not quoted or max(cell_len(expected), cell_len(got)) > room:
        return []
    shorter = min(len(expected), len(got))
    start = next((n for n in range(shorter) if expected[n] != got[n]), shorter)
    end = next((n for n in range(shorter - start) if expected[~n] != got[~n]), shorter - start)
    before, middle = got[:start], got[start : len(got) - end]
    if start + end < shorter / 2 or not middle:
        return []
    return [_marks([(cell_len(before), cell_len(middle))])]


def _marks(places: Sequence[tuple[int, int]]) -> Line:
    """A line of marks: so many cells after the label, so many cells long."""
    text, used = "", 0
    for place, length in places:
        text += " " * (place - used) + _MARK * length
        used = place + length
    return line(" " * LABEL, Span(text, "mark"))


@dataclass(frozen=True)
class _Elements:
    """A tensor's text: before[0] element[0] before[1] element[1] … and what comes after."""

    before: tuple[str, ...]
    elements: tuple[str, ...]
    after: str

    @staticmethod
    def of(text: str) -> _Elements | None:
        """None where the text is no tensor that is written out."""
        if not text.startswith(f"{_TENSOR}["):
            return None
        depth, end = 0, len(_TENSOR)
        for end in range(len(_TENSOR), len(text)):
            depth += {"[": 1, "]": -1}.get(text[end], 0)
            if depth == 0:
                break
        found = list(_ELEMENT.finditer(text, 0, end))
        if not found:
            return None
        ends = [0, *(each.end() for each in found[:-1])]
        before = tuple(text[last : each.start()] for last, each in zip(ends, found, strict=True))
        return _Elements(before, tuple(each[0] for each in found), text[found[-1].end() :])

    def alike(self, other: _Elements) -> bool:
        """Whether the elements of the other stand in the same places."""
        return (self.before, self.after) == (other.before, other.after)

    @property
    def columns(self) -> list[int]:
        """In which column of its row each element is."""
        numbers: list[int] = []
        for between in self.before:
            numbers.append(numbers[-1] + 1 if numbers and "]" not in between else 0)
        return numbers


def _aligned(expected: _Elements, got: _Elements, apart: Apart, page: Page) -> list[Line]:
    """Both tensors with their elements in columns, and marks under those that differ."""
    columns = expected.columns
    widest = [0] * (max(columns) + 1)
    for elements in (expected.elements, got.elements):
        for column, element in zip(columns, elements, strict=True):
            widest[column] = max(widest[column], len(element))
    widths = [widest[column] for column in columns]
    wrong = set(apart.positions)
    rows = _rows(expected, widths, page.width - LABEL)
    lines = []
    for label, side, style in (("expected", expected, "good"), ("got", got, "bad")):
        for number, row in enumerate(rows):
            name = Span((label if not number else "").ljust(LABEL), style)
            lines.append((name, *row.spans(side.elements, widths, wrong, style)))
            marks = row.marks(widths, wrong)
            if style == "bad" and marks and len(wrong) < apart.total:
                lines.append(_marks(marks))
    return lines


@dataclass(frozen=True)
class _Row:
    """Elements that stand on one line, the text before each, and what comes after all."""

    numbers: range
    before: tuple[str, ...]
    after: str

    def spans(
        self, elements: Sequence[str], widths: Sequence[int], wrong: set[int], style: str
    ) -> Iterator[Span]:
        for number, before in zip(self.numbers, self.before, strict=True):
            yield Span(before)
            text = elements[number].rjust(widths[number])
            yield Span(text, f"{style} element" if number in wrong else "")
        yield Span(self.after)

    def marks(self, widths: Sequence[int], wrong: set[int]) -> list[tuple[int, int]]:
        """Where the marks under this line are, and how long."""
        found, place = [], 0
        for number, before in zip(self.numbers, self.before, strict=True):
            place += len(before)
            if number in wrong:
                found.append((place, widths[number]))
            place += widths[number]
        return found


def _rows(elements: _Elements, widths: Sequence[int], room: int) -> list[_Row]:
    """The elements in lines: all in one where they fit, else a line a row, or more."""
    count, after = len(elements.elements), elements.after
    if sum(map(len, elements.before)) + sum(widths) + len(after) <= room:
        return [_Row(range(count), elements.before, after)]
    indent = len(elements.before[0])
    rows: list[_Row] = []
    begin, before, used = 0, [elements.before[0]], indent + widths[0]
    for number in range(1, count):
        between, width = elements.before[number], widths[number]
        ends = "]" in between
        closing = len(after) if number == count - 1 else 1
        if ends or used + len(between) + width + closing > room:
            opening = "[" * between.count("[")
            rows.append(_Row(range(begin, number), tuple(before), "]" * len(opening) + ","))
            before = [opening.rjust(indent)]
            begin, used = number, indent + width
        else:
            before.append(between)
            used += len(between) + width
    return [*rows, _Row(range(begin, count), tuple(before), after)]
