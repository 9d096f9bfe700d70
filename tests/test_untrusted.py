"""Whatever a student writes, no place that shows it obeys it; what is harmless stays as it is."""

from __future__ import annotations

import csv
import io
import json
import re
import unicodedata

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from grader import untrusted

# What terminals, logs, spreadsheets and Markdown obey; runs of it are likelier than in any text.
PIECES = [
    "\x1b[2J",
    "\x1b]0;title\x07",
    "\x1b]8;;http://a.example\x1b\\",
    "\x9b1A",
    "\r",
    "\b",
    "\n",
    "\r\n",
    "\x0b",
    "\x0c",
    "\x85",
    "\u2028",
    "\u202e",
    "\u2066",
    "\u200b",
    "\u200d",
    "\u0301",
    "\u0301" * 50,
    "\u3164",
    "\ufe0f",
    "\udcff",
    "::error file=a::b",
    "  ::",
    ":",
    "##[error]",
    "##vso[task.complete result=Failed]",
    "#",
    "##teamcity[x]",
    "\nexpected  1",
    "\nhint      no",
    "\t",
    "[red]",
    "\\",
    "`",
    "```\n",
    "|",
    "<b>",
    "@everyone",
    "=1+1",
    "-1",
    "＝1",
    "é",
    "作业",
    "word ",
]
texts = st.lists(st.sampled_from(PIECES) | st.text(max_size=3), max_size=12).map("".join)


def is_harmless(line: str) -> bool:
    """Whether a terminal shows a line as it is: nothing invisible, no heaps of accents."""
    return line.isprintable() and not re.search("[\ufe00-\ufe0f\u3164]|\u0301{5}", line)


def is_command(line: str) -> bool:
    """Whether a line of a log is one that GitHub, Azure or TeamCity obeys."""
    return line.lstrip().startswith("::") or re.search(r"##\w*\[", line) is not None


@given(texts)
def test_one_line_is_one_harmless_line_of_bounded_length(text: str) -> None:
    for most in (5, 600):
        line = untrusted.line(text, most)
        assert is_harmless(line)
        assert len(line) <= most + 2


@given(texts)
def test_a_block_cannot_begin_a_line_of_its_own(text: str) -> None:
    first, *others = untrusted.block(text * 10).split("\n")
    assert is_harmless(first)
    assert all(line.startswith("  |") and is_harmless(line) for line in others)
    assert len(others) <= untrusted.MANY_LINES
    assert len("".join([first, *others])) < untrusted.LONG_TEXT + 5 * untrusted.MANY_LINES


def test_an_honest_message_of_several_lines_stays_readable() -> None:
    said = (
        "Error(s) in loading state_dict for Net:\r\n\tMissing key(s): naïve.weight\n\nsee above\n"
    )
    assert untrusted.block(said) == (
        "Error(s) in loading state_dict for Net:\n  |     Missing key(s): naïve.weight\n"
        "  |\n  | see above"
    )


@given(texts)
@example("##" * 3 + "[")
@example("\n :::")
def test_no_line_for_a_terminal_acts_on_it_or_is_a_command(text: str) -> None:
    lines = untrusted.terminal(text).split("\n")
    assert len(lines) == text.count("\n") + 1
    assert all(map(is_harmless, lines))
    assert not any(map(is_command, lines))


@given(texts, st.integers(1, 20))
def test_no_part_of_a_cell_that_is_folded_anywhere_is_a_command(text: str, width: int) -> None:
    cell = untrusted.terminal_cell(text)
    assert is_harmless(cell)
    for start in range(width):
        parts = [cell[:start], *(cell[at : at + width] for at in range(start, len(cell), width))]
        assert not any(map(is_command, parts))


@given(texts, texts)
def test_names_are_harmless_and_different_names_stay_different(one: str, other: str) -> None:
    names = untrusted.name(one), untrusted.name(other)
    assert all(is_harmless(name) and len(name) <= untrusted.LONG_NAME for name in names)
    assert (names[0] == names[1]) == (one == other)


def test_long_names_that_end_differently_stay_different() -> None:
    assert untrusted.name("x" * 255) == "x" * 255
    names = {untrusted.name("\n" * 300 + end) for end in "abc"}
    assert len(names) == 3
    assert {len(name) for name in names} == {untrusted.LONG_NAME}


@given(texts)
@example("x'" * 70)
def test_a_quoted_name_cannot_end_its_quotes(text: str) -> None:
    quoted = untrusted.quoted_name(text)
    assert is_harmless(quoted) and len(quoted) <= 122
    inner = quoted[1:-1].removesuffix("…").replace("\\\\", "")
    assert "'" not in inner.replace("\\'", "")


@pytest.mark.parametrize(
    "name",
    [
        "Ada Lovelace",
        "José",
        unicodedata.normalize("NFD", "Nguyễn Thị Ánh"),
        "李小龍",
        "שָׁלוֹם",
        "🎓",
    ],
)
def test_names_of_people_stay_as_they_are(name: str) -> None:
    assert untrusted.name(name) == untrusted.line(name) == untrusted.terminal_cell(name) == name


@given(texts)
def test_no_cell_of_a_sheet_is_computed_and_each_is_one_line(text: str) -> None:
    cell = untrusted.sheet_cell(text)
    written = io.StringIO()
    csv.writer(written).writerow([cell, "next"])
    assert list(csv.reader([written.getvalue()])) == [[cell, "next"]]
    assert cell.isprintable()
    assert cell.strip()[:1] not in set("=+-@＝＋－＠")


@given(texts)
@example("`a")
@example("a``")
@example("`")
@example("\\|")
def test_markdown_shows_the_text_as_code_and_nothing_else(text: str) -> None:
    table = f"| a | b |\n|---|---|\n| {untrusted.markdown(text)} | x |\n"
    _, row = MarkdownIt("commonmark").enable("table").render(table).split("<tbody>")
    (first, second) = re.findall("<td>(.*?)</td>", row, re.DOTALL)
    assert second == "x"
    assert re.fullmatch("(<code>[^<>]*</code>)?", first)


@given(texts)
def test_a_block_of_markdown_is_one_block(text: str) -> None:
    html = MarkdownIt("commonmark").render(untrusted.markdown_block(text) + "\n\nend")
    assert re.fullmatch(r'<pre><code class="language-text">[^<>]*</code></pre>\n<p>end</p>\n', html)


@given(texts)
def test_json_says_the_same_in_ascii_without_commands(text: str) -> None:
    document = untrusted.json_document({text: [text]})
    assert json.loads(document) == {text: [text]}
    assert document.isascii() and document.replace("\n", "").isprintable()
    assert not any(map(is_command, document.splitlines()))
