"""A browser for the tests of pages: Debian's chromium, which opens them from files.

No request but for pages of that folder may ever be made, and nothing be said on the console: that
holds for every page that is opened here.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

ARGUMENTS = (
    "--headless --no-sandbox --disable-gpu --disable-quic --no-first-run "
    "--disable-background-networking --disable-component-update --disable-sync"
).split()
PHONE = {"width": 375, "height": 812}
WIDE = {"width": 1280, "height": 900}
Opened = Callable[..., "Page"]


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    from playwright.sync_api import sync_playwright

    chromium = shutil.which("chromium") or shutil.which("chromium-browser")
    if chromium is None and not os.environ.get("CI"):
        pytest.skip("there is no chromium: install your system's package of that name")
    with sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=chromium, args=ARGUMENTS)
        yield running
        running.close()


@pytest.fixture
def opened(browser: Browser) -> Iterator[Opened]:
    """Opens a file as a browser does that nobody set up; afterwards nothing may have gone wrong."""
    troubles: list[str] = []
    contexts = []

    def open_it(file: Path, **settings: Any) -> Page:
        context = browser.new_context(**{"viewport": WIDE, **settings})
        contexts.append(context)
        page = context.new_page()
        page.on("console", lambda said: troubles.append(f"console: {said.text}"))
        page.on("pageerror", lambda error: troubles.append(f"error: {error}"))
        page.on("dialog", lambda dialog: troubles.append(f"dialog: {dialog.message}"))
        page.on("request", lambda asked: troubles.extend(_strange(asked.url, file.parents[1])))
        page.goto(file.as_uri())
        return page

    yield open_it
    for context in contexts:
        context.close()
    assert not troubles


def _strange(url: str, folder: Path) -> list[str]:
    """A request for anything but a page of the report is one too many."""
    page = url.startswith(folder.as_uri()) and url.partition("#")[0].endswith(".html")
    return [] if page else [f"request: {url}"]


def assert_accessible(page: Page) -> None:
    """axe-core finds no fault, all opened, in light and dark and on a phone; nothing overflows."""
    from axe_playwright_python.sync_playwright import Axe

    page.evaluate("document.querySelectorAll('details').forEach(each => each.open = true)")
    for viewport, scheme in ((WIDE, "light"), (WIDE, "dark"), (PHONE, "light")):
        page.set_viewport_size(viewport)
        page.emulate_media(color_scheme=scheme)
        found = Axe().run(page)
        assert found.violations_count == 0, found.generate_report()
        assert page.evaluate("document.documentElement.scrollWidth") == viewport["width"]
