"""Breaks Python into lines of a width, so that it still runs when it is pasted.

Line ends are put where Python allows them anywhere: inside of brackets, after a comma or a
bracket that opens. No other letter of the text is touched.
"""

from __future__ import annotations

import io
import tokenize
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from rich.cells import cell_len

_INDENT = "    "
_OPENING, _CLOSING = "([{", ")]}"


@dataclass(frozen=True)
class _Sign:
    """A bracket, comma or `for` of a line: where it is, and within how many of its brackets."""

    place: int
    text: str
    depth: int


def fitted(python: str, width: int) -> list[str]:
    """Python in lines of at most `width` cells, as far as there are places to break it."""
    lines = python.split("\n")
    if all(cell_len(line) <= width for line in lines):
        return lines
    try:
        signs = _signs(python, len(lines))
    except (tokenize.TokenError, SyntaxError):  # it is no whole Python: left as it is
        return lines
    return [
        piece
        for line, (found, comment) in zip(lines, signs, strict=True)
        for piece in _pieces(line, found, comment, width)
    ]


def _pieces(line: str, signs: Sequence[_Sign], comment: int | None, width: int) -> Iterator[str]:
    """A line in pieces; what is said beside it goes above it where it is too long."""
    if comment is not None and cell_len(line) > width and line[:comment].strip():
        indent = line[: len(line) - len(line.lstrip())]
        yield indent + line[comment:]
        line = line[:comment].rstrip()
    yield from _broken(line, 0, signs, width)


def _signs(python: str, count: int) -> list[tuple[list[_Sign], int | None]]:
    """The brackets and commas of each line, none of those in texts, and where a comment begins."""
    found: list[list[_Sign]] = [[] for _ in range(count)]
    comments: list[int | None] = [None] * count
    depth = [0] * count
    for token in tokenize.generate_tokens(io.StringIO(python).readline):
        (row, place), text = token.start, token.string
        if token.type == tokenize.COMMENT:
            comments[row - 1] = place
        is_mark = token.type == tokenize.OP and len(text) == 1 and text in "([{)]},"
        if not is_mark and (token.type, text) != (tokenize.NAME, "for"):
            continue
        if text in _CLOSING:
            depth[row - 1] -= 1
        found[row - 1].append(_Sign(place, text, depth[row - 1]))
        if text in _OPENING:
            depth[row - 1] += 1
    return list(zip(found, comments, strict=True))


def _broken(line: str, start: int, signs: Sequence[_Sign], width: int) -> Iterator[str]:
    """A line, broken at its longest pair of outermost brackets, and what is in them in turn.

    `signs` are those of the line, their places counted from `start`.
    """
    pair = _longest_pair(signs)
    if cell_len(line) <= width or pair is None:
        yield line
        return
    opening, closing = pair
    inner = _sole_pair(line, start, signs, opening, closing)
    while inner is not None:  # `torch.tensor([` opens both
        opening, closing = inner
        inner = _sole_pair(line, start, signs, opening, closing)
    indent = line[: len(line) - len(line.lstrip())]
    yield line[: opening.place + 1 - start]
    within = [sign for sign in signs if opening.place < sign.place < closing.place]
    outer = [sign for sign in within if sign.depth == opening.depth + 1]
    loops = [sign.place for sign in outer if sign.text == "for"]  # its commas stay where they are
    ends = loops or [sign.place + 1 for sign in outer if sign.text == ","]
    ends = [*ends, closing.place]
    begins = [opening.place + 1, *ends[:-1]]
    yield from _filled(line, start, signs, zip(begins, ends, strict=True), indent + _INDENT, width)
    # What follows the bracket may be long too: its own signs lie behind the bracket.
    tail = indent + line[closing.place - start :]
    after = [sign for sign in signs if sign.place > closing.place]
    yield from _broken(tail, closing.place - len(indent), after, width)


def _sole_pair(
    line: str, start: int, signs: Sequence[_Sign], opening: _Sign, closing: _Sign
) -> tuple[_Sign, _Sign] | None:
    """The brackets that are all there is between two others."""
    within = [sign for sign in signs if opening.place < sign.place < closing.place]
    if len(within) < 2 or within[0].text not in _OPENING or within[-1].text not in _CLOSING:
        return None
    first, last = within[0], within[-1]
    outside = line[opening.place + 1 - start : first.place - start]
    outside += line[last.place + 1 - start : closing.place - start]
    between = within[1:-1]
    is_sole = first.depth == last.depth and all(sign.depth > first.depth for sign in between)
    return (first, last) if is_sole and not outside.strip() else None


def _filled(
    line: str,
    start: int,
    signs: Sequence[_Sign],
    parts: Iterator[tuple[int, int]],
    indent: str,
    width: int,
) -> Iterator[str]:
    """What is between two brackets: numbers as many a line as fit, all else on its own."""
    texts = [(begin, line[begin - start : end - start]) for begin, end in parts]
    may_share = not any(bracket in text for _, text in texts for bracket in _OPENING)
    now = ""
    for begin, text in texts:
        if not text.strip():
            continue
        if now and may_share and cell_len(now) + 1 + cell_len(text.strip()) <= width:
            now += f" {text.strip()}"
            continue
        if now:
            yield now
        now = indent + text.strip()
        if not may_share:
            skipped = len(text) - len(text.lstrip())
            own = [sign for sign in signs if begin <= sign.place < begin + len(text)]
            yield from _broken(now, begin + skipped - len(indent), own, width)
            now = ""
    if now:
        yield now


def _longest_pair(signs: Sequence[_Sign]) -> tuple[_Sign, _Sign] | None:
    """The outermost brackets of a line that hold most of it; what opens or closes elsewhere not."""
    opened: list[_Sign] = []
    pairs: list[tuple[_Sign, _Sign]] = []
    for sign in signs:
        if sign.text in _OPENING:
            opened.append(sign)
        elif sign.text in _CLOSING and opened:
            pairs.append((opened.pop(), sign))
    return max(pairs, key=lambda pair: pair[1].place - pair[0].place, default=None)
