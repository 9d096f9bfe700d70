"""Makes docs/pictures/terminal.svg: what `grader demo` shows, from its real output.

Run `uv run grader demo` first, then `uv run python docs/pictures/make.py`.
"""

from __future__ import annotations

import io
import json
import re
import sys
from pathlib import Path

from rich.console import Console

from grader.screen import Screen

TARGET = Path(__file__).parent / "terminal.svg"


def main() -> None:
    results = Path(sys.argv[1] if len(sys.argv) > 1 else "demo-class/results")
    run = json.loads((results / "run.json").read_text(encoding="utf-8"))
    console = Console(record=True, width=108, file=io.StringIO(), highlight=False)
    screen = Screen(console=console)
    screen.say("$ uv run grader demo")
    screen.summary(run, results)
    picture = console.export_svg(title="grader")
    # The picture asks no other machine for a font: the reader's own monospace will do.
    picture = re.sub(r"@font-face \{.*?\}", "", picture, flags=re.DOTALL)
    TARGET.write_text(picture, encoding="utf-8")


if __name__ == "__main__":
    main()
