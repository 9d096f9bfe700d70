"""A notebook as a student runs it, in a real kernel: todo, work, passed; and nothing is lost.

One kernel serves all tests, in the order of the file, as one evening would.
"""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from importlib import metadata
from pathlib import Path

import nbformat
import pytest
from conftest import ROOT
from nbclient import NotebookClient

from grader.course import load_course
from grader.notebooks.cells import written_modules
from grader.notebooks.making import make_notebooks
from grader.submissions import find_submissions, read_submission

SOLUTION = (ROOT / "solutions" / "losses.py").read_text(encoding="utf-8")
SET_UP, MODULE, CHECKS = 1, 2, 3  # where in the notebook these cells are


class Evening:
    """A notebook that is open, its kernel, and the cells that are run one after the other."""

    def __init__(self, file: Path, client: NotebookClient) -> None:
        self.file = file
        self.course = file.parent.parent
        self._client = client
        self.began = self.run(SET_UP)

    def run(self, number: int) -> str:
        """Run a cell of the notebook; what it shows, without colours."""
        cell = self._client.nb.cells[number]
        self._client.execute_cell(cell, number)
        shown = "".join(output.get("text", "") for output in cell.outputs)
        return re.sub(r"\x1b\[[0-9;]*m", "", shown).replace("\r\n", "\n")

    def write(self, number: int, text: str) -> None:
        """Change what a cell holds, and save."""
        self._client.nb.cells[number].source = text
        nbformat.write(self._client.nb, self.file)

    def tell(self, text: str) -> str:
        """Run one more cell, which is not kept."""
        self._client.nb.cells.append(nbformat.v4.new_code_cell(text))
        try:
            return self.run(len(self._client.nb.cells) - 1)
        finally:
            del self._client.nb.cells[-1]


@pytest.fixture(scope="module")
def evening(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Evening]:
    """The notebook of `losses` in a student's copy of the course, opened where it lies."""
    root = tmp_path_factory.mktemp("student") / "my course"
    shutil.copytree(
        ROOT / "exercises", root / "exercises", ignore=shutil.ignore_patterns("__pycache__")
    )
    shutil.copyfile(ROOT / "course.toml", root / "course.toml")
    (root / "pyproject.toml").write_text(
        '[tool.uv]\nconstraint-dependencies = ["torchvision==2.0", "torch==1.0.1"]\n'
    )
    (made,) = make_notebooks(load_course(root), ["losses"], root / "notebooks")
    client = NotebookClient(
        nbformat.read(made.file, as_version=4),
        timeout=300,
        kernel_name="python3",
        resources={"metadata": {"path": str(made.file.parent)}},
        allow_errors=True,
    )
    with client.setup_kernel():
        yield Evening(made.file, client)


def test_a_stub_is_still_to_do(evening: Evening) -> None:
    torch = metadata.version("torch").partition("+")[0]
    assert evening.began == (
        f"losses: {evening.course / 'exercises' / 'losses.py'}, torch {torch} (graded with 1.0.1)\n"
    )
    assert evening.run(MODULE) == "Overwriting exercises/losses.py\n"
    said = evening.run(CHECKS)
    assert re.search(r"\b8 todo\b", said), said
    assert "l1_loss" in said and "passed" not in said and "Traceback" not in said


def test_with_the_solution_in_its_cell_all_has_passed(evening: Evening) -> None:
    evening.write(MODULE, f"%%writefile exercises/losses.py\n{SOLUTION}")
    assert evening.run(MODULE) == "Overwriting exercises/losses.py\n"
    said = evening.run(CHECKS)
    assert re.search(r"\b8 passed\b", said), said
    assert "todo" not in said and "failed" not in said
    # and what was saved is graded like the file that it wrote
    for path in (evening.file, evening.course / "exercises" / "losses.py"):
        (found,) = find_submissions([path], ["losses"])
        assert read_submission(found, ["losses"]).files == {"losses.py": SOLUTION.encode()}


def test_what_was_written_elsewhere_is_kept_before_it_is_written_over(evening: Evening) -> None:
    file = evening.course / "exercises" / "losses.py"
    file.write_text("# from my editor\n", encoding="utf-8")
    said = evening.run(MODULE)
    (backup,) = (evening.course / ".grader" / "backups").glob("losses_*.py")
    kept = "exercises/losses.py was changed outside this notebook: kept as"
    assert said == f"{kept} .grader/backups/{backup.name}\nOverwriting exercises/losses.py\n"
    assert backup.read_text(encoding="utf-8") == "# from my editor\n"
    evening.run(SET_UP)  # once more, as after a break
    assert evening.run(MODULE) == "Overwriting exercises/losses.py\n"
    assert [*backup.parent.iterdir()] == [backup]


CELLS = [
    "%%writefile a.py\nx = 1",
    "%%writefile -a a.py\ny = 2\n\n\n",
    "%%writefile --append b.py\nz = 3",
    "%%writefile b.py -a\nz = 4",
    "\n \n%%writefile c.py\nfirst = 1\n",
    "  %%writefile d.py\n  def f():\n      return 1\n",
    "%%file e.py\r\nx = 1\r\n",
    "%%writefile 'f.py'\nx = 'é 🙂'",
    "%%writefile {folder}/g.py\n%time\n!ls\n$folder",
    "%%writefile ./h.py\n\n",
    "%%writefile i.py\nold = 1",
    "%%writefile i.py\nnew = 1",
    "%%writefile exercises/j.py\nx = 1",
    # and those that write nothing
    "# a comment\n%%writefile k.py\nx = 1",
    "%%writefile l.py",
    "%%writefile m.py n.py\nx = 1",
    "%%writefile -b o.py\nx = 1",
    "%%writefile\tp.py\nx = 1",
    "%writefile q.py\nx = 1",
    "%%writefile? r.py\nx = 1",
    "%%Writefile s.py\nx = 1",
]


def test_cells_write_what_is_read_from_them(evening: Evening, tmp_path: Path) -> None:
    (tmp_path / "exercises").mkdir()
    evening.tell(f"import os; os.chdir({str(tmp_path)!r}); folder = {str(tmp_path)!r}")
    for cell in CELLS:
        evening.tell(cell)
    found = {file.name: file.read_text("utf-8") for file in tmp_path.rglob("*.py")}
    read = {name: module.text for name, module in written_modules(CELLS).items()}
    assert {name: text.replace("\r\n", "\n") for name, text in read.items()} == found
    assert len(found) == 10
