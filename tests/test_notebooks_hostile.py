"""What is hostile, damaged or no notebook at all is refused, for one reason, and costs little."""

from __future__ import annotations

import json
import os
import zipfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from notebook_files import WORK, as_json, code, losses, notebook, writing

from grader.notebooks.reading import MAX_BYTES, MAX_PARTS
from grader.sources import MAX_NOTEBOOKS
from grader.submissions import Submission, find_submissions, read_submission

EXERCISES = ("layers", "losses", "training")
NONE, ANEW = "'losses.ipynb' is no notebook", "download it anew"
LISTLESS = f"{NONE} (it has no list of cells): {ANEW}"
TEXTLESS = f"{NONE} (a code cell has no text): {ANEW}"
DEEP = f"{NONE} (it is nested too deeply): {ANEW}"
CLEAR = "clear its outputs and hand it in again"
TOO_MUCH = f"'losses.ipynb' holds more than a notebook's outputs need: {CLEAR}"
TOO_LARGE = "'losses.py' is larger than 1 MiB: leave data out"
LINES = losses().count(b"\n") + 1


def graded(path: Path) -> dict[str, Submission]:
    found = find_submissions([path], EXERCISES)
    return {each.id: read_submission(each, EXERCISES) for each in found}


def not_json(line: int) -> str:
    return f"{NONE} (line {line} is not JSON): {ANEW}"


def with_source(source: object) -> bytes:
    return as_json({"cells": [{"cell_type": "code", "source": source}]})


SMALL = {
    "empty": (b" \n", "'losses.ipynb' is empty: hand it in again"),
    "a page of HTML": (b"<!DOCTYPE html>\n<html>", not_json(1)),
    "cut off": (losses()[:-1], not_json(LINES)),
    "two in one": (losses() * 2, not_json(LINES)),
    "not UTF-8": (b'{"\xff": 1}', f"{NONE} (byte 2 is not UTF-8): {ANEW}"),
    "UTF-16": (losses().decode().encode("utf-16"), f"{NONE} (byte 0 is not UTF-8): {ANEW}"),
    "deep lists": (b"[" * 100_000 + b"]" * 100_000, DEEP),
    "deep and cut off": (b'{"cells": [{"source": ' * 10_000, DEEP),
    "deep outputs": (losses()[:-1] + b',"a":' + b"[" * 10_000 + b"]" * 10_000 + b"}", DEEP),
    "a list": (b"[]", LISTLESS),
    "null": (b"null", LISTLESS),
    "not a number": (b"NaN", LISTLESS),
    "no cells": (b"{}", LISTLESS),
    "cells that are an object": (b'{"cells": {}}', LISTLESS),
    "cells that are numbers": (b'{"cells": [1]}', LISTLESS),
    "worksheets that are text": (b'{"worksheets": "a"}', LISTLESS),
    "a worksheet that is null": (b'{"worksheets": [null]}', LISTLESS),
    "a source that is a number": (with_source(1), TEXTLESS),
    "a source of lists": (with_source([["%%writefile losses.py"]]), TEXTLESS),
    "no source": (b'{"cells": [{"cell_type": "code"}]}', TEXTLESS),
    "half a character": (
        b'{"cells": [{"cell_type": "code", "source": "\\ud800"}]}',
        f"{NONE} (a code cell holds half of a character): {ANEW}",
    ),
}
LARGE = {
    "many lists": lambda: (b"[" + b"[]," * MAX_PARTS + b"1]", TOO_MUCH),
    "many numbers": lambda: (b"[" + b"1," * MAX_PARTS + b"1]", TOO_MUCH),
    "larger than may be": lambda: (
        b" " * (MAX_BYTES + 1),
        "'losses.ipynb' is larger than 64 MiB: clear its outputs",
    ),
    "a module too large": lambda: (losses("#" * (1 << 20) + "\n"), TOO_LARGE),
    "millions of lines": lambda: (losses("x\n" * 2_000_000), TOO_LARGE),
    "millions of indented lines": lambda: (
        notebook("  " + writing(" \n" * 2_000_000)),
        TOO_LARGE,
    ),
    "a line without end": lambda: (
        notebook("%%writefile " + "a" * 8_000_000 + "/losses.py\nx = 1"),
        TOO_LARGE,
    ),
    "a module appended to without end": lambda: (
        notebook(writing(WORK), *[writing("#" * 9_999, "-a exercises/losses.py")] * 200),
        TOO_LARGE,
    ),
    "plain code without end": lambda: (notebook(*["x = 1\n" * 10_000] * 30), TOO_LARGE),
}


@pytest.mark.parametrize("wrong", [*SMALL, *LARGE])
def test_what_is_no_notebook_is_refused_for_one_clear_reason(tmp_path: Path, wrong: str) -> None:
    data, reason = SMALL[wrong] if wrong in SMALL else LARGE[wrong]()
    # In a class's zip, beside what is well: it costs nothing else.
    with zipfile.ZipFile(tmp_path / "class.zip", "w", zipfile.ZIP_DEFLATED, compresslevel=1) as zip:
        zip.writestr("alice/losses.ipynb", data)
        zip.writestr("bob/losses.py", WORK)
        zip.writestr("carol/losses.ipynb", data)
        zip.writestr("carol/layers.py", WORK)
    found = graded(tmp_path / "class.zip")
    assert found["alice"] == Submission("alice", {}, reason)
    assert found["bob"].files == {"losses.py": WORK.encode()}
    assert found["carol"].files == {
        "layers.py": WORK.encode(),
        "losses.py": f"raise ImportError({reason!r})\n".encode(),
    }


def test_numbers_that_are_none_and_names_that_come_twice_are_read_as_jupyter_reads_them(
    tmp_path: Path,
) -> None:
    cell = json.dumps(code(writing(WORK), execution_count=1))
    outputs = f'"outputs": [NaN, -Infinity, 1e999, {"9" * 10_000}]'
    data = f'{{"cells": [], "cells": [{cell[:-1]}, {outputs}}}], "nbformat": NaN}}'
    (tmp_path / "losses.ipynb").write_bytes(data.encode())
    (submission,) = graded(tmp_path / "losses.ipynb").values()
    assert submission.files == {"losses.py": WORK.encode()}


def test_more_notebooks_than_anybody_needs_are_refused(tmp_path: Path) -> None:
    for number in range(MAX_NOTEBOOKS):
        (tmp_path / f"{number}.ipynb").write_bytes(b"{}")
    (tmp_path / "losses.ipynb").write_bytes(losses())
    assert graded(tmp_path)[tmp_path.name].reason == (
        "it holds 51 notebooks; 50 is the most: hand in the exercises alone"
    )


def test_more_modules_than_anybody_needs_are_refused(tmp_path: Path) -> None:
    cells = [writing("x = 1", f"a{number}.py") for number in range(200)]
    (tmp_path / "losses.ipynb").write_bytes(notebook(writing(WORK), *cells))
    assert graded(tmp_path)[tmp_path.name].reason == (
        "it holds 201 Python files; 200 is the most: hand in the exercises alone"
    )


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=8,
)
TEXT = st.lists(
    st.sampled_from(
        [
            "%%writefile exercises/losses.py\n",
            "%%writefile -a losses.py\n",
            "%%writefile ../../losses.py\r\n",
            '%%file "losses.py\n',
            "  %%writefile\n",
            "%%time\n",
            "!ls \\\n",
            "def f():\n",
            "    !ls\n",
            "\x00\n",
            "\ud800",
            "x = 1",
            "",
        ]
    )
)
SOURCE = TEXT | TEXT.map("".join) | JSON
CELL = st.fixed_dictionaries(
    {}, optional={"cell_type": st.just("code") | JSON, "source": SOURCE, "input": SOURCE}
)
CELLS = st.lists(CELL | JSON) | JSON
SHEETS = st.lists(st.fixed_dictionaries({"cells": CELLS}) | JSON) | JSON
NOTEBOOK = st.fixed_dictionaries({}, optional={"cells": CELLS, "worksheets": SHEETS})


@given(data=st.binary() | st.text().map(str.encode) | NOTEBOOK.map(json.dumps).map(str.encode))
@settings(max_examples=5_000 if "HYPOTHESIS_SEARCH" in os.environ else 80)
def test_any_bytes_are_a_submission_or_a_clean_refusal(
    tmp_path_factory: pytest.TempPathFactory, data: bytes
) -> None:
    file = tmp_path_factory.getbasetemp() / "losses.ipynb"
    file.write_bytes(data)
    (submission,) = graded(file).values()
    if submission.reason is None:
        assert submission.files.keys() == {"losses.py"}
    else:
        assert submission.files == {}
        assert submission.reason.isprintable() and len(submission.reason) < 300
    assert len(submission.digest) == 64
