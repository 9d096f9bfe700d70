"""A real PostgreSQL server for tests: on a socket in a temporary folder, gone at the end.

It runs as an ordinary user, as it insists on, also where the tests run as root. Whoever connects
needs the password.
"""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path

import pytest

PASSWORD = "pass/word@of:tests"
_QUICK = "-c fsync=off -c full_page_writes=off -c shared_buffers=16MB -c max_connections=20"
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
    if program("initdb") is None or program("pg_ctl") is None:
        assert not os.environ.get("NEEDS_POSTGRESQL"), "PostgreSQL is not installed"
        pytest.skip("PostgreSQL is not installed")
    folder = Path(tempfile.mkdtemp(prefix="pg-"))  # short: a socket's path may be 107 bytes long
    password = folder / "password"
    password.write_text(PASSWORD)
    who: dict[str, object] = {"cwd": folder, "env": {"LC_ALL": "C", "PATH": os.environ["PATH"]}}
    if os.getuid() == 0:
        nobody = pwd.getpwnam("nobody")
        for path in (folder, password):
            os.chown(path, nobody.pw_uid, nobody.pw_gid)
        who |= {"user": nobody.pw_uid, "group": nobody.pw_gid, "extra_groups": []}

    def control(name: str, *arguments: str) -> None:
        command = [program(name), "-D", str(folder / "data"), *arguments]
        done = subprocess.run(command, capture_output=True, text=True, timeout=120, **who)  # type: ignore[call-overload]
        assert done.returncode == 0, done.stdout + done.stderr

    try:
        login = ("-U", "grader", "--auth=scram-sha-256", f"--pwfile={password}")
        control("initdb", *login, "--no-sync", "--encoding=UTF8", "--locale=C")
        options = f"-c listen_addresses= -c unix_socket_directories={folder} {_QUICK}"
        # Its log must not be the pipe that `control` reads to the end.
        control("pg_ctl", "start", "--wait", "-o", options, "-l", str(folder / "log"))
        try:
            yield Server(folder)
        finally:
            control("pg_ctl", "stop", "--wait", "-m", "immediate")
    finally:
        shutil.rmtree(folder)
