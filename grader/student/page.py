"""What a page of text is made of: lines of spans, measured in the cells of a terminal.

A page knows how wide it is and what its encoding can say. Every text of a student's goes through
`Page.plain` before it is measured: nothing of it acts on a terminal, and nothing of it makes
Python fail where the encoding has no such letter.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

from rich.cells import cell_len, chop_cells

from grader import untrusted

# How the course's own signs are written where the encoding has none of them.
_OTHERWISE = {
    "…": "...",
    "–": "-",
    "—": "-",
    "−": "-",
    "×": "x",
    "·": "*",
    "→": "->",
    "≤": "<=",
    "≥": ">=",
    "≠": "!=",
    "≈": "~",
    "√": "sqrt",
    "Σ": "sum",
    "∂": "d",
    "²": "^2",
    "³": "^3",
    "“": '"',
    "”": '"',
    "‘": "'",
    "’": "'",
    **{letter: f"_{number}" for number, letter in enumerate("₀₁₂₃₄₅₆₇₈₉")},
    **dict(zip("αβγδεημρσ", ("alpha", "beta", "gamma", "delta", "epsilon", "eta", "mu", "rho",
                              "sigma"), strict=True)),
}  # fmt: skip


@dataclass(frozen=True)
class Span:
    """Text in one style: a name that the display has a colour for, "" for none."""

    text: str
    style: str = ""


Line = tuple[Span, ...]


def line(*spans: Span | str) -> Line:
    return tuple(Span(span) if isinstance(span, str) else span for span in spans)


def plain_text(lines: Iterable[Line]) -> str:
    """Lines without their styles."""
    return "\n".join("".join(span.text for span in each).rstrip() for each in lines)


@dataclass(frozen=True)
class Page:
    """A place for text, `width` cells wide, in an encoding."""

    width: int = 80
    encoding: str = "utf-8"

    def plain(self, text: str) -> str:
        """Text that can be shown here; line ends stay."""
        return self._sayable(untrusted.terminal(text))

    def code(self, python: str) -> str:
        """Python that can be shown here, and pasted: other letters stand in texts, as escapes."""
        return _escaped(untrusted.terminal(python), self.encoding)

    def _sayable(self, text: str) -> str:
        if self._says(text):
            return text
        return "".join(letter if self._says(letter) else self._instead(letter) for letter in text)

    def _instead(self, letter: str) -> str:
        return _OTHERWISE.get(letter) or _escaped(letter, self.encoding)

    def glyph(self, wanted: str, otherwise: str) -> str:
        """A sign where the encoding has it, else another."""
        return wanted if self._says(wanted) else otherwise

    def _says(self, text: str) -> bool:
        try:
            text.encode(self.encoding)
        except UnicodeEncodeError:
            return False
        return True

    @cached_property
    def ellipsis(self) -> str:
        return self.glyph("…", "...")

    def rule(self, left: str, right: str = "", style: str = "") -> Line:
        """A line across the page with a text at its left, and one at its right."""
        stroke = self.glyph("─", "-")
        left = self.cut(left, self.width - cell_len(right) - 10)
        end = f" {right} {stroke * 2}" if right else ""
        rest = self.width - cell_len(left) - cell_len(end) - 4
        start, middle = Span(f"{stroke * 2} ", style), Span(f" {stroke * rest}{end}", style)
        return (start, Span(left, f"{style} name".strip()), middle)

    def cut(self, text: str, width: int) -> str:
        """As much of a text as fits into so many cells, with a sign where something is left out."""
        if cell_len(text) <= width:
            return text
        room = max(1, width - cell_len(self.ellipsis))
        return chop_cells(text[: 4 * room], room)[0].rstrip() + self.ellipsis


def _escaped(text: str, encoding: str) -> str:
    return text.encode(encoding, "backslashreplace").decode(encoding)


def wrapped(text: str, width: int) -> list[str]:
    """A text in lines of at most so many cells, broken between words, or in a word that is longer.

    Its own line ends stay.
    """
    return [piece for each in text.split("\n") for piece in _broken(each, max(8, width))]


def _broken(text: str, width: int) -> list[str]:
    lines, now, used = [], "", 0
    for word in text.split(" "):
        needed = cell_len(word)
        if now and used + 1 + needed <= width:
            now, used = f"{now} {word}", used + 1 + needed
            continue
        if now:
            lines.append(now)
        *full, now = chop_cells(word, width) if needed > width else [word]
        lines += full
        used = cell_len(now)
    return [*lines, now]
