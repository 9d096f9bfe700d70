"""Makes panels.svg: what `pytest exercises` shows on a terminal of two functions that are wrong.

uv run python docs/pictures/panels.py
"""

from __future__ import annotations

import io
import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from rich.console import Console
from rich.text import Text

FOLDER = Path(__file__).parent
ROOT = FOLDER.parents[1]
WIDTH = 88
MISTAKES = {  # in the place of these stubs
    ("layers", "relu"): "return x.clamp(0, 1)",
    ("losses", "l1_loss"): "return (input - target).abs().sum()",
}
OTHERS = ("PYTEST_", "CI", "BUILD_NUMBER", "NO_COLOR", "PY_COLORS")


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        course = Path(folder)
        shutil.copy(ROOT / "course.toml", course)
        shutil.copytree(ROOT / "exercises", course / "exercises")
        for (exercise, function), wrong in MISTAKES.items():
            file = course / "exercises" / f"{exercise}.py"
            stub = f'raise NotImplementedError("TODO: {function}")'
            file.write_text(file.read_text("utf-8").replace(stub, wrong), encoding="utf-8")
        picture(shown(course))


def shown(course: Path) -> str:
    """What a run writes from its first panel on, with colours."""
    files = [f"exercises/test_{name}.py" for name, _ in MISTAKES]
    kept = {name: text for name, text in os.environ.items() if not name.startswith(OTHERS)}
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "--color=yes", "-k", "not is_torchs", *files],
        cwd=course,
        env=kept | {"COLUMNS": str(WIDTH)},
        capture_output=True,
        encoding="utf-8",
        timeout=300,
        check=False,
    )
    lines = done.stdout.splitlines()
    start = next(number for number, line in enumerate(lines) if "FAILURES" in line)
    return "\n".join(lines[start:])


def picture(text: str) -> None:
    console = Console(record=True, width=WIDTH, file=io.StringIO(), force_terminal=True)
    console.print(Text.from_ansi(text))
    svg = console.export_svg(title="pytest exercises", unique_id="panels")
    # The picture asks no other machine for a font: the reader's own monospace will do.
    svg = re.sub(r"@font-face \{.*?\}", "", svg, flags=re.DOTALL)
    (FOLDER / "panels.svg").write_text(svg, encoding="utf-8")


if __name__ == "__main__":
    main()
