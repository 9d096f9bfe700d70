"""Text for any console that a student may have: wrapped by columns, no letter it cannot show."""

from __future__ import annotations

import sys
import unicodedata

from rich.cells import cell_len
from rich.console import Console
from rich.text import Text

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
        "√": "sqrt ",
        "Σ": "sum ",
        "∂": "d",
        "∞": "inf",
        "∈": "in",
        "…": "...",
        "⌊": "floor(",
        "⌋": ")",
        "ᵀ": "^T",
        "ᵗ": "^t",
        "ˣ": "^x",
        "⁻": "^-",
        "⁺": "^+",
        "²": "^2",
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
        "\u0302": "_hat",  # the circumflex of m̂
    }
)


def say(text: Text) -> None:
    """Print text whose lines are broken already; in ASCII where the console knows no more."""
    console = Console(highlight=False)
    encoding = console.encoding
    if not can_show(text.plain, encoding):
        text = Text(shown_in(text.plain, encoding))
    console.print(text, soft_wrap=True)


def width() -> int:
    """Columns to write to: the terminal's, at least 40 and no more than reads well."""
    return max(40, min(Console().width, 100))


def can_show(text: str, encoding: str | None = None) -> bool:
    """Whether an encoding, by default that of standard output, has every letter of a text."""
    try:
        text.encode(encoding or sys.stdout.encoding or "ascii")
    except (UnicodeEncodeError, LookupError):
        return False
    return True


def shown_in(text: str, encoding: str) -> str:
    """The text in letters of an encoding: mathematics in words, all else escaped as Python does."""
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
        if keep_lines and cell_len(indent + part) <= columns:
            lines.append(f"{indent}{part}".rstrip())
            continue
        line = ""
        for word in part.split():
            if line and cell_len(f"{indent}{line} {word}") > columns:
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
