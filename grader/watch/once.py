"""One run of checks, in a process that is gone afterwards: the same pytest with the same plugin.

It never returns: what a student's code leaves behind, threads or an atexit, keeps nothing waiting.
"""

from __future__ import annotations

import contextlib
import faulthandler
import os
import sys
import traceback
from collections.abc import Callable, Generator
from dataclasses import asdict
from typing import IO, NoReturn

import pytest

from grader.plugin import CHECK
from grader.watch.asking import Request

_NO_WARNING = "ignore::pytest.PytestAssertRewriteWarning"
_FILE_BYTES = 256 << 20  # an endless loop that prints shall not fill the disk


def perform(request: Request, tell: Callable[..., None]) -> NoReturn:
    """Run the checks that are asked for and tell how each ended, then that all did."""
    try:
        _limit_itself()
        output = os.open(request.output, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        os.dup2(output, 1)
        os.dup2(output, 2)
        os.close(output)
        os.environ["COLUMNS"] = str(request.columns)
        # Python tells a source from its cached bytecode by size and second of saving; who saves
        # twice in a second would be shown the first.
        sys.dont_write_bytecode = True
        with open(request.trace, "w", encoding="utf-8") as trace:
            faulthandler.enable(trace)
            plugin = _Watched(request, tell, trace)
            # pytest's own faulthandler would take the place of this one; and it warns of modules
            # that were imported before it could rewrite their assertions, as they were here.
            arguments = [*request.arguments, "-p", "no:faulthandler", "-W", _NO_WARNING]
            status = int(pytest.main(arguments, plugins=[plugin]))
            faulthandler.cancel_dump_traceback_later()
        sys.stdout.flush()
        sys.stderr.flush()
        tell(run=request.run, finished=status)
        os._exit(0)
    except BaseException:
        traceback.print_exc()
        sys.stderr.flush()
        os._exit(70)


class _Watched:
    """A pytest plugin: keeps the checks of the scope, tells of each, and gives each its time."""

    def __init__(self, request: Request, tell: Callable[..., None], trace: IO[str]) -> None:
        self._request = request
        self._tell = tell
        self._trace = trace

    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        checks = ((item, item.stash.get(CHECK, None)) for item in items)
        scope = self._request.scope
        items[:] = [item for item, check in checks if check is not None and scope.holds(check)]

    def pytest_collection_finish(self, session: pytest.Session) -> None:
        self._tell(run=self._request.run, checks=len(session.items))

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_protocol(self, item: pytest.Item) -> Generator[None, object, object]:
        self._tell(run=self._request.run, check=asdict(item.stash[CHECK]))
        # A thread of C's: it needs nothing of Python, however busy that is.
        faulthandler.dump_traceback_later(self._request.seconds, exit=True, file=self._trace)
        return (yield)

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        result = getattr(report, "grader_result", None)
        if result is not None:
            self._tell(run=self._request.run, outcome=result.outcome, seconds=result.seconds)


def _limit_itself() -> None:
    """Be the first to go where memory is short, and take no more than half of it."""
    if sys.platform != "linux":
        return
    import resource

    with contextlib.suppress(OSError), open("/proc/self/oom_score_adj", "w") as score:
        score.write("1000")
    pages = int(open("/proc/self/statm").read().split()[0])
    page, physical = os.sysconf("SC_PAGE_SIZE"), os.sysconf("SC_PHYS_PAGES")
    _lower(resource.RLIMIT_AS, (pages + physical // 2) * page)
    _lower(resource.RLIMIT_FSIZE, _FILE_BYTES)
    _lower(resource.RLIMIT_CORE, 0)


def _lower(what: int, most: int) -> None:
    import resource

    soft, hard = resource.getrlimit(what)
    if soft == resource.RLIM_INFINITY or soft > most:
        resource.setrlimit(what, (most, hard))
