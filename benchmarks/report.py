"""How long the HTML report takes to be written, and to be opened in a browser.

    uv run python benchmarks/report.py [SIZE]...

Classes are made up (tests/classes.py). Milliseconds: "painted" is when the first of it is seen and
"opened" when all of it is loaded and laid out, by the clock; "work" is what the page's thread
computed until then, which a busy machine does not change; "sorted" is a press on a head of the
table, to the next picture.
"""

from __future__ import annotations

import shutil
import statistics
import sys
import tempfile
import time
from pathlib import Path

from playwright.sync_api import Browser, sync_playwright

sys.path.insert(0, str(Path(__file__).parent.parent / "tests"))

from classes import a_class  # type: ignore[import-not-found]  # found where tests are

from grader.reports.html.report import write_report

SIZES = (30, 300, 1000, 3000)
TIMES = 5
OPENED = """() => new Promise((done) => {
  document.body.offsetHeight;
  const [painted] = performance.getEntriesByName("first-contentful-paint");
  requestAnimationFrame(() => setTimeout(() => done([performance.now(), painted.startTime]), 0));
})"""
SORTED = """() => new Promise((done) => {
  const began = performance.now();
  document.querySelectorAll("#table thead button")[1].click();
  document.body.offsetHeight;
  requestAnimationFrame(() => done(performance.now() - began));
})"""


def main() -> None:
    sizes = [int(size) for size in sys.argv[1:]] or SIZES
    chromium = shutil.which("chromium")
    if chromium is None:
        sys.exit("there is no chromium: apt-get install chromium")
    print("students  written, CPU s  index KB  painted  opened    work  sorted")
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=chromium, args=["--headless", "--no-sandbox", "--disable-gpu"]
        )
        a_class(1)  # the course's files are read once
        for size in sizes:
            measure(browser, size, Path(folder) / "report")
        browser.close()


def measure(browser: Browser, size: int, folder: Path) -> None:
    grades = a_class(size)
    began = time.process_time()
    index = write_report(grades, folder)
    written = time.process_time() - began
    rows = []
    for _ in range(TIMES):
        page = browser.new_page()
        inside = page.context.new_cdp_session(page)
        inside.send("Performance.enable", {"timeDomain": "threadTicks"})
        page.goto(index.as_uri())
        opened, painted = page.evaluate(OPENED)
        metrics = inside.send("Performance.getMetrics")["metrics"]
        work = 1000 * next(each["value"] for each in metrics if each["name"] == "TaskDuration")
        rows.append((painted, opened, work, page.evaluate(SORTED)))
        page.close()
    shown = "".join(f"{statistics.median(column):8.0f}" for column in zip(*rows, strict=True))
    print(f"{size:8} {written:15.2f} {index.stat().st_size / 1024:9.0f} {shown}")


if __name__ == "__main__":
    main()
