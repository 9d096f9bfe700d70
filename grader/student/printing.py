"""Text for any console that a student may have: wrapped by columns, no letter it cannot show."""

from __future__ import annotations

import os
import re
import shutil
import sys
import unicodedata
from typing import TYPE_CHECKING

from rich.cells import cell_len

if TYPE_CHECKING:
    from rich.text import Text

_CODES = {"bold": 1, "dim": 2, "red": 31, "green": 32, "yellow": 33, "cyan": 36}
_PAINT = re.compile(r"\x1b\[[0-9;]*m")

_RAISED = {"ᵀ": "T", "ᵗ": "t", "ˣ": "x", "⁻": "-", "⁺": "+", "⁰": "0", "¹": "1", "²": "2", "³": "3"}
_POWER = re.compile(f"[{''.join(_RAISED)}]+")
_ROOT = re.compile(r"√(?=\w)")
# What the course's texts are written with, for consoles and logs in an old encoding.
_IN_ASCII = str.maketrans(
    {
        "−": "-",
        "–": "-",
        "·": "*",
        "×": "x",
        "→": "->",
        "←": "<-",
        "↦": "->",
        "≤": "<=",
        "≥": ">=",
        "≠": "!=",
        "≈": "~",
        "±": "+-",
        "Σ": "sum",
        "∂": "d",
        "∞": "inf",
        "∈": "in",
        "…": "...",
        "⌊": "floor(",
        "⌋": ")",
        "½": "1/2",
        "α": "alpha",
        "β": "beta",
        "η": "eta",
        "θ": "theta",
        "λ": "lambda",
        "ρ": "rho",
        "σ": "sigma",
        "█": "#",
        "░": ".",
        **{sub: f"_{plain}" for sub, plain in zip("ᵢⱼₙ₀₁₂", "ijn012", strict=True)},
        "\u0302": "_hat",  # the circumflex of m̂
    }
)


def painted(text: str, *styles: str) -> str:
    """The text in these styles, names of _CODES; to import rich for that takes 0.1 s."""
    codes = ";".join(str(_CODES[style]) for style in styles)
    return f"\x1b[{codes}m{text}\x1b[0m" if codes and text else text


def plain(text: str) -> str:
    """The text without styles."""
    return _PAINT.sub("", text)


def columns_of(text: str) -> int:
    """How many columns a line takes, wide letters counted as two and styles as none."""
    return cell_len(plain(text))


def as_rich(text: str) -> Text:
    """Painted text as rich has it, for a screen that is rich's."""
    from rich.text import Text

    return Text("\n").join(map(Text.from_ansi, text.split("\n")))


def say(text: str) -> None:
    """Print text whose lines are broken already: in colour on a terminal, unless NO_COLOR says
    otherwise, and in ASCII where the console knows no more."""
    import typer

    encoding = sys.stdout.encoding or "ascii"
    text = text if can_show(text, encoding) else shown_in(text, encoding)
    typer.echo(text, color=False if os.environ.get("NO_COLOR") else None)


def width() -> int:
    """Columns to write to: the terminal's, at least 60 and no more than reads well."""
    return max(60, min(shutil.get_terminal_size((80, 24)).columns, 100))


def can_show(text: str, encoding: str | None = None) -> bool:
    """Whether an encoding, by default that of standard output, has every letter of a text."""
    try:
        text.encode(encoding or sys.stdout.encoding or "ascii")
    except (UnicodeEncodeError, LookupError):
        return False
    return True


def shown_in(text: str, encoding: str) -> str:
    """The text in letters of an encoding: mathematics in words, all else escaped as Python does."""
    if not can_show(text, encoding):
        text = _POWER.sub(lambda found: "^" + "".join(_RAISED[one] for one in found[0]), text)
        text = _ROOT.sub("sqrt ", text).replace("√", "sqrt")
    return "".join(
        letter if can_show(letter, encoding) else _replaced(letter, encoding) for letter in text
    )


def wrapped(text: str, columns: int, indent: str = "", keep_lines: bool = False) -> list[str]:
    """Lines of at most so many columns, wide letters counted as two; no word is broken.

    A blank line parts paragraphs. `keep_lines` also keeps the other line ends, and blanks in lines.
    """
    parts = text.split("\n") if keep_lines else text.split("\n\n")
    lines: list[str] = []
    for number, part in enumerate(parts):
        if number and not keep_lines:
            lines.append("")
        if keep_lines and columns_of(indent + part) <= columns:
            lines.append(f"{indent}{part}".rstrip())
            continue
        line = ""
        for word in part.split():
            if line and columns_of(f"{indent}{line} {word}") > columns:
                lines.append(indent + line)
                line = ""
            line = f"{line} {word}".strip()
        lines.append(f"{indent}{line}".rstrip())
    return lines


def _replaced(letter: str, encoding: str) -> str:
    simple = letter.translate(_IN_ASCII)
    if simple == letter:
        simple = unicodedata.normalize("NFKD", letter).translate(_IN_ASCII)
    if can_show(simple, encoding):
        return simple
    return letter.encode("ascii", "backslashreplace").decode("ascii")
