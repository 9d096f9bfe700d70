"""Python in a folder of root's own is reached by other users, whatever root keeps to itself."""

from __future__ import annotations

import subprocess
import sys
import tempfile
from pathlib import Path

from users import USER, needs_root

# A folder behind one that only root may enter is shown to everybody, then read by somebody else.
_READ = """
import os, sys
from pathlib import Path
from grader.sandbox.view import open_view

closed = Path(sys.argv[1])
assert open_view([closed / "inner" / "library"]) == [closed]
assert os.umask(0o077) == 0o077, "the umask is what it was"
os.setresuid(*[int(sys.argv[2])] * 3)
print((closed / "inner" / "library" / "text").read_text())
"""


@needs_root
def test_a_view_is_open_to_all_also_where_root_keeps_its_files_to_itself() -> None:
    with tempfile.TemporaryDirectory() as place:  # mode 0700
        library = Path(place, "inner", "library")
        library.mkdir(parents=True)
        (library / "text").write_text("read")
        command = [sys.executable, "-c", _READ, place, str(USER)]
        done = subprocess.run(command, capture_output=True, text=True, umask=0o077, timeout=60)
    assert done.stdout == "read\n", done.stderr
