"""Makes the pictures of README from what a real `grader demo` left.

    uv run grader demo && uv run python docs/pictures/make.py [demo-class/results]
    uv run python docs/pictures/make.py own

terminal.svg is what the command shows; report.png and student.png are pages of its report, taken in
Debian's chromium. The pages ask for the fonts of whoever reads them: fonts-inter makes pictures as
those here. `own` makes pictures.png alone: the page that `pytest exercises --report` writes for a
student who has done a part of the course, with two known mistakes in it.
"""

from __future__ import annotations

import io
import json
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from PIL import Image
from playwright.sync_api import Browser, sync_playwright
from rich.console import Console

from grader.reports.html.index import student_address
from grader.screen import Screen

FOLDER = Path(__file__).parent
ROOT = FOLDER.parents[1]
WIDTH, TALLEST = 1280, 2500  # pixels
COLOURS = 128  # of a picture: pages have few, and the repository stays small
ARGUMENTS = ["--headless", "--no-sandbox", "--disable-gpu", "--hide-scrollbars"]


# What the student of pictures.png has written, and what is wrong with it.
WRITTEN = ("linear_regression", "layers", "convnets", "losses", "optimizers", "training")
MISTAKES = {
    "optimizers": ("* mean_hat / (square_hat.sqrt()", "* mean / (square.sqrt()"),
    "training": ("\n    optimizer.zero_grad()\n", "\n"),
}


def main() -> None:
    if sys.argv[1:] == ["own"]:
        own()
        return
    results = Path(sys.argv[1] if len(sys.argv) > 1 else "demo-class/results")
    run = json.loads((results / "run.json").read_text(encoding="utf-8"))
    terminal(run, results)
    with browsing() as browser:
        report = results / "report"
        student = report / student_address(an_instructive(run))
        photograph(browser, report / "index.html", "#table", FOLDER / "report.png")
        photograph(browser, student, "section.complete", FOLDER / "student.png")


@contextmanager
def browsing() -> Iterator[Browser]:
    chromium = shutil.which("chromium")
    if chromium is None:
        sys.exit("there is no chromium: apt-get install chromium")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=ARGUMENTS)
        yield browser
        browser.close()


def own() -> None:
    """A student's folder, a real run in it, and its page."""
    with tempfile.TemporaryDirectory() as folder:
        course = Path(folder)
        shutil.copy(ROOT / "course.toml", course)
        shutil.copytree(ROOT / "exercises", course / "exercises")
        for name in WRITTEN:
            source = (ROOT / "solutions" / f"{name}.py").read_text(encoding="utf-8")
            right, wrong = MISTAKES.get(name, ("", ""))
            assert right in source, f"solutions/{name}.py has no {right!r} any more"
            text = source.replace(right, wrong) if right else source
            (course / "exercises" / f"{name}.py").write_text(text, encoding="utf-8")
        run = [sys.executable, "-m", "pytest", "exercises", "-q", "--report"]
        subprocess.run(run, cwd=course, check=False)
        with browsing() as browser:
            photograph(
                browser, course / "report.html", "section.exercise", FOLDER / "pictures.png", 3000
            )


def terminal(run: dict[str, Any], results: Path) -> None:
    console = Console(record=True, width=108, file=io.StringIO(), highlight=False)
    screen = Screen(console=console)
    screen.say("$ uv run grader demo")
    screen.summary(run, str(results / "gradebook.db"))
    screen.say(f"The report is {results / 'report' / 'index.html'}.")
    picture = console.export_svg(title="grader")
    # The picture asks no other machine for a font: the reader's own monospace will do.
    picture = re.sub(r"@font-face \{.*?\}", "", picture, flags=re.DOTALL)
    (FOLDER / "terminal.svg").write_text(picture, encoding="utf-8")


def an_instructive(run: dict[str, Any]) -> str:
    """The student whose wrong answers known mistakes explain most often."""

    def explained(grade: dict[str, Any]) -> int:
        checks = (check for exercise in grade["exercises"] for check in exercise["checks"])
        return sum(check["misconception"] is not None for check in checks)

    return str(max(run["submissions"], key=explained)["id"])


def photograph(
    browser: Browser, page: Path, end: str, target: Path, tallest: int = TALLEST
) -> None:
    """The page down to where `end` begins, with what can be folded folded."""
    context = browser.new_context(viewport={"width": WIDTH, "height": 900}, color_scheme="light")
    opened = context.new_page()
    opened.goto(page.resolve().as_uri())
    opened.evaluate("document.querySelectorAll('details').forEach(each => each.open = false)")
    height = opened.evaluate(
        "end => document.querySelector(end).closest('section').getBoundingClientRect().top", end
    )
    clip = {"x": 0, "y": 0, "width": WIDTH, "height": min(int(height) - 20, tallest)}
    picture = Image.open(io.BytesIO(opened.screenshot(full_page=True, clip=clip)))
    picture.convert("RGB").quantize(COLOURS, dither=Image.Dither.NONE).save(target, optimize=True)
    context.close()


if __name__ == "__main__":
    main()
