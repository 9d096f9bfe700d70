"""A gradebook is copied from a file onto a server and back, all of it or nothing."""

from __future__ import annotations

from pathlib import Path

import postgres
import pytest
from books import LAYERS, begun, found, graded, rejected

from grader.gradebook import Gradebook, GradebookError
from grader.gradebook.copying import copy, main


def contents(address: str | Path) -> object:
    with Gradebook(address, reading=True) as gradebook:
        histories = [gradebook.history(one.submission_id) for one in gradebook.newest()]
        return gradebook.runs(), histories, gradebook.seed(99), gradebook.parts("d" * 64)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "gradebook.db"
    with Gradebook(path) as gradebook:
        gradebook.seed(2**60)
        first = begun(gradebook, only=["losses"])
        for points in (1.0, 2.0):
            graded(gradebook, "ada", points, run=first, message="é\ud800\x00")
        rejected(gradebook, "Béla", "a link", begun(gradebook))
        gradebook.end(first, LAYERS, 3.5)
        gradebook.keep_parts("d" * 64, {"points": "2"})
    return path


def test_a_file_goes_onto_a_server_and_back(
    file: Path, server: postgres.Server, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    address, back = server.database(), tmp_path / "back.db"
    assert main([str(file), address]) is None
    assert capsys.readouterr().out.startswith("3 gradings are copied")
    assert copy(address, back) == 3
    assert contents(file) == contents(address) == contents(back)
    for copied in (address, back):
        with Gradebook(copied) as gradebook:
            before = gradebook.newest_and_previous()
            again = graded(gradebook, "ada")
            assert gradebook.newest_and_previous()[-1] == (again, before[-1][0])
            assert found(gradebook, "ada") == again.exercises[0]


def test_nothing_is_copied_into_a_gradebook_in_use(file: Path, tmp_path: Path) -> None:
    taken = tmp_path / "taken.db"
    with Gradebook(taken) as gradebook:
        graded(gradebook, "bob")
    before = contents(taken)
    with pytest.raises(GradebookError, match=r"taken\.db is in use already: name a new one"):
        copy(file, taken)
    assert contents(taken) == before
    with pytest.raises(GradebookError, match="there is no gradebook"):
        copy(tmp_path / "nowhere.db", tmp_path / "new.db")
    assert not (tmp_path / "new.db").exists()


def test_a_wrong_command_says_how_it_is_used(file: Path) -> None:
    assert "usage" in main([str(file)])
    said = main([str(file), "postgresql://ada:secret@127.0.0.1:1/grades"])
    assert said.startswith("grader: the gradebook postgresql://ada:***@") and "secret" not in said
