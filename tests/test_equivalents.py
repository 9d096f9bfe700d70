"""The lists of mutants that make no difference: read, matched, and told where they are wrong."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from conftest import ROOT

from grader.audit.equivalents import (
    Equivalent,
    entry_for,
    matching,
    read_equivalents,
    stale,
)
from grader.audit.mutation import mutants
from grader.course import CourseError

ENTRY = """
[[equivalent]]
function = "f"
before = "return  a + b"
after = "return a - b"
reason = "b is 0"
"""
SOURCE = "def f(a, b):\n    if a:\n        return a + b\n    return a + b\n"
PLUS = [mutant for mutant in mutants(SOURCE) if mutant.kind == "operator"]


@pytest.fixture
def read(tmp_path: Path) -> Callable[[str], list[Equivalent]]:
    def read_text(text: str) -> list[Equivalent]:
        (tmp_path / "equivalent_losses.toml").write_text(text, encoding="utf-8")
        return read_equivalents(tmp_path, "losses")

    return read_text


def test_an_exercise_without_a_list_has_no_equivalents(
    tmp_path: Path, read: Callable[[str], list[Equivalent]]
) -> None:
    assert read_equivalents(tmp_path, "losses") == []
    assert read("# none yet\n") == []


def test_an_entry_speaks_of_the_mutants_that_say_the_same(
    read: Callable[[str], list[Equivalent]],
) -> None:
    (entry,) = entries = read(ENTRY)
    assert entry == Equivalent("f", "return a + b", "return a - b", "b is 0")
    assert [matching(entries, mutant) for mutant in PLUS] == [entry, entry]
    others = [mutant for mutant in mutants(SOURCE) if mutant.kind != "operator"]
    assert others and not any(matching(entries, mutant) for mutant in others)


def test_nth_picks_one_of_several(read: Callable[[str], list[Equivalent]]) -> None:
    (entry,) = entries = read(ENTRY + "nth = 2\n")
    assert [matching(entries, mutant) for mutant in PLUS] == [None, entry]


def test_entries_of_no_mutant_are_stale(read: Callable[[str], list[Equivalent]]) -> None:
    other = ENTRY.replace('"f"', '"g"')
    third = ENTRY.replace('"return a - b"', '"return a * b"') + "nth = 3\n"
    first, second, last = entries = read(ENTRY + other + third)
    assert stale(entries, mutants(SOURCE)) == [second, last]
    assert stale([first], []) == [first]


@pytest.mark.parametrize(
    ("old", "new", "problem"),
    [
        ('"f"', '"f', "is not valid TOML"),
        ("[[equivalent]]", "[equivalent]", "begin every entry with a line [[equivalent]]"),
        ("[[equivalent]]", "[[equivalents]]", "begin every entry with a line [[equivalent]]"),
        ("[[equivalent]]", "equivalent = [1]\n[x]", "begin every entry"),
        (ENTRY, "equivalent = [1]", "equivalent[0]: must be a table: begin it with a line"),
        ('reason = "b is 0"\n', "", "equivalent[0].reason: is missing: every entry has function"),
        ('"b is 0"', '" "', "equivalent[0].reason: must be a text that is not empty"),
        ('"f"', "1", "equivalent[0].function: must be a text that is not empty"),
        ("reason", "line = 3\nreason", "equivalent[0].line: is not a key of an entry; known: "),
        ("reason", "nth = 0\nreason", "equivalent[0].nth: must be a whole number from 1"),
        ("reason", "nth = true\nreason", "equivalent[0].nth: must be a whole number from 1"),
        ("reason", 'on = "gpu"\nreason', 'equivalent[0].on: must be "cpu", or be left out'),
        ("a - b", "a + b", "equivalent[0]: before and after are the same: copy them"),
    ],
)
def test_what_is_wrong_with_a_list_is_told(
    read: Callable[[str], list[Equivalent]], old: str, new: str, problem: str
) -> None:
    with pytest.raises(CourseError) as raised:
        read(ENTRY.replace(old, new))
    assert problem in str(raised.value)
    assert "equivalent_losses.toml: " in str(raised.value)


@pytest.mark.parametrize(("first", "second"), [("", ""), ("", "nth = 2\n"), ("nth = 2\n", "")])
def test_two_entries_for_one_mutant_are_refused(
    read: Callable[[str], list[Equivalent]], first: str, second: str
) -> None:
    with pytest.raises(CourseError, match=r"equivalent\[1\]: says again what equivalent\[0\] says"):
        read(ENTRY + first + ENTRY.replace("b is 0", "another reason") + second)
    assert len(read(ENTRY + "nth = 1\n" + ENTRY + "nth = 2\n")) == 2


def test_a_list_that_is_no_utf8_is_told(tmp_path: Path) -> None:
    (tmp_path / "equivalent_losses.toml").write_bytes(b'x = "\xff"')
    with pytest.raises(CourseError, match="is not valid TOML"):
        read_equivalents(tmp_path, "losses")


@pytest.mark.parametrize("name", ["losses", "optimizers", "training"])
def test_the_entry_that_is_offered_speaks_of_its_mutant(
    read: Callable[[str], list[Equivalent]], name: str
) -> None:
    for mutant in mutants((ROOT / "solutions" / f"{name}.py").read_text(encoding="utf-8")):
        text = entry_for(mutant).replace('reason = ""', 'reason = "why not"')
        (entry,) = read(text)
        assert entry.speaks_of(mutant), text
