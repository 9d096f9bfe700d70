"""Runs pytest as a student does, in forks of one process: no run imports torch and the rest anew.

What the fork has already, pytest does not rewrite, and would warn of: that alone is kept quiet.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import IO

import pytest

_SERVER = """
import json, os, sys
import torch, torchvision, matplotlib.pyplot, hypothesis, pytest  # all take time
import grader.plugin, grader.student.plugins, grader.student.screen, grader.checking.expectations
import grader.checking.diagnosis, grader.checking.assertions, grader.checking.strategies
torch.set_num_threads(1)
weight = torch.nn.Parameter(torch.ones(1))
optimizer = torch.optim.Adam([weight])
weight.sum().backward()
optimizer.step()
for line in sys.stdin:
    asked = json.loads(line)
    child = os.fork()
    if child == 0:
        out = os.open(asked["out"], os.O_WRONLY | os.O_APPEND | os.O_NOCTTY)
        for number, target in ((os.open(os.devnull, os.O_RDONLY), 0), (out, 1), (out, 2)):
            os.dup2(number, target)
        os.environ.clear()
        os.environ.update(asked["environment"])
        os.chdir(asked["folder"])
        sys.path.insert(0, asked["folder"])
        encoding = asked["encoding"]
        sys.stdin = open(0)
        sys.stdout = open(1, "w", encoding=encoding, closefd=False)
        sys.stderr = open(2, "w", encoding=encoding, errors="backslashreplace", closefd=False)
        sys.argv = ["pytest", *asked["arguments"]]
        quiet = ["-W", "ignore::pytest.PytestAssertRewriteWarning"]
        status = int(pytest.main([*quiet, *asked["arguments"]]))
        sys.stdout.flush(), sys.stderr.flush()
        os._exit(status)
    print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), flush=True)
os._exit(0)
"""
_OURS = ("PYTEST_", "COV_", "HYPOTHESIS_", "PYTHON", "NO_COLOR", "FORCE_COLOR", "CI", "BUILD_")


@dataclass(frozen=True)
class Run:
    """One run of pytest: its exit status and what it wrote."""

    status: int
    text: str

    @property
    def plain(self) -> str:
        return re.sub(r"\x1b\[[0-9;]*m", "", self.text)

    @property
    def lines(self) -> list[str]:
        return self.plain.splitlines()


class WarmPytest:
    """A process that has torch, and forks for each run."""

    def __init__(self, process: subprocess.Popen[str], folder: Path) -> None:
        self._process, self._folder = process, folder

    def run(
        self,
        root: Path,
        *arguments: str,
        width: int = 200,
        encoding: str = "utf-8",
        environment: Mapping[str, str] | None = None,
    ) -> Run:
        """Run pytest in a folder, with nothing of this run's environment."""
        kept = {name: text for name, text in os.environ.items() if not name.startswith(_OURS)}
        out = self._folder / "out"
        out.write_bytes(b"")
        asked = {
            "out": str(out),
            "folder": str(root),
            "arguments": arguments,
            "encoding": encoding,
            "environment": kept | {"COLUMNS": str(width), **(environment or {})},
        }
        assert self._process.stdin is not None and self._process.stdout is not None
        self._process.stdin.write(json.dumps(asked) + "\n")
        self._process.stdin.flush()
        status = int(_line(self._process.stdout))
        return Run(status, out.read_bytes().decode(encoding).replace("\r\n", "\n"))


def _line(stream: IO[str]) -> str:
    line = stream.readline()
    assert line, "the warm process has ended"
    return line


@pytest.fixture(scope="session")
def warm() -> Iterator[WarmPytest]:
    """One for all tests."""
    with tempfile.TemporaryDirectory() as folder:
        process = subprocess.Popen(
            [sys.executable, "-c", _SERVER],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env={**os.environ, "OMP_NUM_THREADS": "1"},
        )
        with process:
            try:
                yield WarmPytest(process, Path(folder))
            finally:
                assert process.stdin is not None
                process.stdin.close()
