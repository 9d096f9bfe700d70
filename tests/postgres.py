"""A real PostgreSQL server for tests: on a socket in a temporary folder, gone at the end.

It runs as an ordinary user, as it insists on, also where the tests run as root. Whoever connects
needs the password.
"""

from __future__ import annotations

import os
import pwd
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from typing import Any

import pytest

from grader.sandbox.confine import die_with_parent

PASSWORD = "pass/word@of:tests"
_QUICK = "-c fsync=off -c full_page_writes=off -c shared_buffers=16MB -c max_connections=20"
_QUICK += " -c log_min_messages=log"  # few lines: nobody reads them once it has started
_numbers = count()


class Server:
    """A server that runs; `database` makes one more empty database in it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def url(self, database: str, user: str = "grader", password: str = PASSWORD) -> str:
        from sqlalchemy.engine import URL

        query = {"host": str(self.folder)}
        url = URL.create("postgresql", user, password, database=database, query=query)
        return url.render_as_string(hide_password=False)

    def database(self) -> str:
        """The URL of a new database."""
        name = f"book{next(_numbers)}"
        self.run(f'CREATE DATABASE "{name}"')
        return self.url(name)

    def run(self, statement: str, database: str = "postgres") -> None:
        import psycopg

        with psycopg.connect(self.url(database), autocommit=True) as connection:
            connection.execute(statement.encode())


def program(name: str) -> str | None:
    """Where a program of PostgreSQL's is; Debian keeps the server's out of PATH."""
    places = sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{name}"))
    return shutil.which(name) or (str(places[-1]) if places else None)


@contextmanager
def running() -> Iterator[Server]:
    """Start a server, and stop and remove it at the end."""
    if program("initdb") is None or program("postgres") is None:
        assert not os.environ.get("NEEDS_POSTGRESQL"), "PostgreSQL is not installed"
        pytest.skip("PostgreSQL is not installed")
    folder = Path(tempfile.mkdtemp(prefix="pg-"))  # short: a socket's path may be 107 bytes long
    password = folder / "password"
    password.write_text(PASSWORD)
    who: dict[str, Any] = {"cwd": folder, "env": {"LC_ALL": "C", "PATH": os.environ["PATH"]}}
    if os.getuid() == 0:
        nobody = pwd.getpwnam("nobody")
        for path in (folder, password):
            os.chown(path, nobody.pw_uid, nobody.pw_gid)
        who |= {"user": nobody.pw_uid, "group": nobody.pw_gid, "extra_groups": []}

    try:
        login = ("-U", "grader", "--auth=scram-sha-256", f"--pwfile={password}")
        quiet = ("--no-sync", "--encoding=UTF8", "--locale=C", "-D", str(folder / "data"))
        command = [str(program("initdb")), *login, *quiet]
        done = subprocess.run(command, capture_output=True, text=True, timeout=120, **who)
        assert done.returncode == 0, done.stdout + done.stderr
        with _started(folder, who):
            yield Server(folder)
    finally:
        shutil.rmtree(folder)


@contextmanager
def _started(folder: Path, who: dict[str, Any]) -> Iterator[None]:
    """The server as a process of this one's, with which it ends, however that one does."""
    options = f"-c listen_addresses= -c unix_socket_directories={folder} {_QUICK}"
    server = subprocess.Popen(
        [str(program("postgres")), "-D", str(folder / "data"), *options.split()],
        stderr=subprocess.PIPE,
        text=True,
        preexec_fn=die_with_parent,
        **who,
    )
    assert server.stderr is not None
    try:
        said = []
        for line in server.stderr:
            said.append(line)
            if "ready to accept connections" in line:
                break
        else:
            raise AssertionError("".join(said))
        yield
    finally:
        server.send_signal(signal.SIGQUIT)  # at once: nobody needs its files
        server.wait(60)
        server.stderr.close()
