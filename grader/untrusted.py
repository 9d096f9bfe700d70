"""Text of a student's, made harmless for the place where it is shown: terminal, log, CSV, Markdown.

Names of files and folders, messages and type names of exceptions, values: whoever hands in chooses
every letter of them. What is not printable is escaped as Python does it, never left out, so that a
reader sees what was tried; what is printable stays as it is, in any script.
"""

from __future__ import annotations

import hashlib
import json
import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from typing import Any

LONG_TEXT = 600  # characters shown of any one text
MANY_LINES = 12  # shown of any one text
LONG_NAME = 255

# Unicode calls these printable, and there is nothing to be seen (Default_Ignorable_Code_Point, and
# the blank of Braille): two names could differ in them alone.
_INVISIBLE = re.compile(
    "[\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180d\u180f\u2800\u3164\ufe00-\ufe0f\uffa0"
    "\U000e0100-\U000e01ef]"
)
# Accents on one letter; more climb over the lines above and below. No language needs as many.
_MARKS = 4
# GitHub and Azure obey `##[` and `##vso[` anywhere in a line, TeamCity `##teamcity[`;
# GitHub obeys a line that begins with `::`.
_COMMAND = re.compile(r"##(?=\w*\[)|^( *):(?=:)", re.MULTILINE)
_PLAIN = {str, int, float, bool, type(None)}  # what JSON writes in one word
_LINE_OF_ITEM = "\n  "  # how deep the items of a list in a document stand
_FORMULA = ("=", "+", "-", "@", "＝", "＋", "－", "＠")  # how a cell begins that is computed


def line(text: str, most: int = LONG_TEXT) -> str:
    """One printable line of at most `most` characters and the sign that it was cut."""
    shown = _visible(text[: most + 1])
    return shown if len(shown) <= most else shown[:most] + " …"


def lines(text: str, most: int = LONG_TEXT) -> list[str]:
    """Printable lines, few and short: the text's own line ends and tabs are kept as such."""
    whole = text[: most + 1].replace("\r\n", "\n").expandtabs(4).rstrip()
    found = [_visible(each).rstrip() for each in whole.split("\n")]
    kept: list[str] = []
    left = most
    for each in found[:MANY_LINES]:
        if len(each) > left:
            return [*kept, each[:left] + " …"]
        kept.append(each)
        left -= len(each)
    return kept if len(found) <= MANY_LINES else [*kept, "…"]


def text(text: str, most: int) -> str:
    """Lines of the grader's that quote: nothing but line ends is left that is not printable."""
    shown = "\n".join(map(_visible, text[: most + 1].split("\n")))
    return shown if len(shown) <= most else shown[:most] + " …"


def block(text: str, most: int = LONG_TEXT) -> str:
    """Text to be put into a message of several lines.

    Of its own lines all but the first are marked: none can be taken for a line of the message.
    """
    return "\n".join(
        f"  | {each}".rstrip() if number else each for number, each in enumerate(lines(text, most))
    )


def name(text: str) -> str:
    """A name, printable and bounded; different names stay different.

    A space at either end, which nobody would see, is escaped as well.
    """
    shown = _visible(text.replace("\\", "\\\\"))
    inner = shown.strip(" ")
    if inner != shown:
        before, _, after = shown.partition(inner) if inner else (shown, "", "")
        shown = "\\x20" * len(before) + inner + "\\x20" * len(after)
    if len(shown) <= LONG_NAME:
        return shown
    digest = hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:16]
    return f"{shown[: LONG_NAME - 17]}…{digest}"


def quoted_name(text: str) -> str:
    """A name as a message quotes it: printable, in quotes that it cannot close, a line at most."""
    shown = _visible(text[:LONG_NAME].replace("\\", "\\\\").replace("'", "\\'"))
    return f"'{shown}'" if len(shown) <= 120 else f"'{shown[:119]}…'"


def terminal(text: str) -> str:
    """Text for a terminal or a log: without what a terminal acts on, or a CI service obeys.

    Line ends stay.
    """
    shown = "\n".join(map(_visible, text.split("\n")))
    return _COMMAND.sub(_disarmed, shown)


def terminal_cell(text: str) -> str:
    """The same for what is broken into lines anywhere: no line of it begins with a command."""
    return terminal(_visible(text)).replace("::", ":\\x3a")


def sheet_cell(text: str) -> str:
    """Text for a cell of a spreadsheet (CSV), which computes what begins like a formula."""
    shown = _visible(text)
    return f"'{shown}" if shown.lstrip(" '").startswith(_FORMULA) else shown


def markdown(text: str) -> str:
    """One line of Markdown that shows the text as code, also in the cell of a table.

    Code alone is safe: escaped by backslashes, `@names`, `#1` and addresses would still be links.
    """
    shown = _visible(text).strip(" ").replace("|", "\\x7c")  # a bar would end a table's cell
    if not shown:
        return ""
    fence = _fence(shown, 1)
    edge = " " if shown.startswith("`") or shown.endswith("`") else ""
    return f"{fence}{edge}{shown}{edge}{fence}"


def markdown_block(text: str) -> str:
    """Lines of Markdown that show the text as it is: a fenced block."""
    shown = terminal(text)
    fence = _fence(shown, 3)
    return f"{fence}text\n{shown}\n{fence}"


def json_document(data: Any) -> str:
    """Data as JSON in ASCII: harmless wherever it is shown, and read alike in every encoding."""
    return _json_text(data, "\n") + "\n"


def json_stream(head: Mapping[str, Any], name: str, items: Iterable[Any]) -> Iterator[str]:
    """The text of `json_document({**head, name: [*items]})`, in parts: one item at a time."""
    yield json_document({**head, name: []}).removesuffix("]\n}\n")
    end = "]\n}\n"
    for number, item in enumerate(items):
        yield f"{',' if number else ''}\n  {_json_text(item, _LINE_OF_ITEM)}"
        end = "\n ]\n}\n"
    yield end


def _json_text(data: Any, line: str) -> str:
    # Two hashes stand nowhere in JSON but in strings.
    return _indented(data, line).replace("##", "#\\u0023")


def _indented(data: Any, line: str) -> str:
    """What `json.dumps(data, indent=1)` gives; `line` is a line end and the indentation around.

    That is written in Python; here the encoder in C writes all that holds nothing but plain values,
    which is nearly everything.
    """
    if not data or not isinstance(data, (dict, list, tuple)):
        return json.dumps(data)
    inner = line + " "
    if _PLAIN.issuperset(map(type, data.values() if isinstance(data, dict) else data)):
        plain = _flat(inner).encode(data)
        return f"{plain[0]}{inner}{plain[1:-1]}{line}{plain[-1]}"
    if isinstance(data, dict):
        parts = (f"{_key(key)}: {_indented(each, inner)}" for key, each in data.items())
        return f"{{{inner}{f',{inner}'.join(parts)}{line}}}"
    return f"[{inner}{f',{inner}'.join(_indented(each, inner) for each in data)}{line}]"


def _key(key: Any) -> str:
    """As an object's key is written: what is no text is put into quotes."""
    return json.dumps(key) if isinstance(key, str) else json.dumps({key: 0})[1:-4]


@cache
def _flat(inner: str) -> json.JSONEncoder:
    return json.JSONEncoder(separators=(f",{inner}", ": "))


def _visible(text: str) -> str:
    """One line with everything escaped that is not to be seen, or is seen where it is not."""
    if text.isascii() and text.isprintable():
        return text
    return "".join(_letters(text))


def _letters(text: str) -> Iterator[str]:
    marks = _MARKS  # none may come first, where it would sit on what stands before
    for letter in text:
        if unicodedata.category(letter) not in ("Mn", "Me"):
            marks = 0
        else:
            marks += 1
        if letter.isprintable() and marks <= _MARKS and not _INVISIBLE.match(letter):
            yield letter
        else:
            yield letter.encode("unicode_escape").decode("ascii")


def _disarmed(command: re.Match[str]) -> str:
    return "#\\x23" if command[1] is None else f"{command[1]}\\x3a"


def _fence(text: str, least: int) -> str:
    runs = (len(run) for run in re.findall("`+", text))
    return "`" * max(least, 1 + max(runs, default=0))
