"""The report in a real browser, from a file: sorting, searching, links, escaping, accessibility.

The browser is Debian's chromium. No request but for the page itself may ever be made, and nothing
be said on the console: that holds for every page that is opened here.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from browsers import Opened, assert_accessible
from classes import HOSTILE, a_class, hostile_class
from playwright.sync_api import Page

from grader.grades import ClassGrades
from grader.reports.html.index import student_address
from grader.reports.html.report import write_report

SIZE = 60


@pytest.fixture(scope="module")
def grades() -> ClassGrades:
    return a_class(SIZE)


@pytest.fixture(scope="module")
def index(grades: ClassGrades, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_report(grades, tmp_path_factory.mktemp("class") / "report")


@pytest.fixture(scope="module")
def hostile(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_report(hostile_class(), tmp_path_factory.mktemp("hostile") / "report")


def names(page: Page) -> list[str]:
    """The students that the table shows, from above."""
    found: list[str] = page.eval_on_selector_all(
        "#table tbody tr:not([hidden]) a", "links => links.map(link => link.textContent)"
    )
    return found


def head(page: Page, name: str) -> Any:
    return page.locator("#table thead th", has_text=name)


def test_a_press_on_a_head_sorts_the_most_points_first_and_another_the_least(
    opened: Opened, index: Path, grades: ClassGrades
) -> None:
    page = opened(index)
    graded = {grade.id: grade.points for grade in grades.grades if grade.graded}
    points = head(page, "points")
    points.get_by_role("button").click()
    assert points.get_attribute("aria-sort") == "descending"
    shown = names(page)
    assert [graded[name] for name in shown[: len(graded)]] == sorted(graded.values(), reverse=True)
    points.get_by_role("button").click()
    assert points.get_attribute("aria-sort") == "ascending"
    shown = names(page)
    assert [graded[name] for name in shown[: len(graded)]] == sorted(graded.values())
    # Who has no points at all, being rejected, is last either way.
    assert set(shown[len(graded) :]) == {grade.id for grade in grades.grades if not grade.graded}
    assert page.locator("[aria-sort]").count() == 1


def test_the_table_is_sorted_by_an_exercise_and_by_name_with_the_keyboard_alone(
    opened: Opened, index: Path, grades: ClassGrades
) -> None:
    page = opened(index)
    own = {
        grade.id: exercise.points
        for grade in grades.grades
        for exercise in grade.exercises
        if exercise.name == "losses"
    }
    head(page, "losses").get_by_role("button").focus()
    page.keyboard.press("Enter")
    assert [own[name] for name in names(page)[: len(own)]] == sorted(own.values(), reverse=True)
    head(page, "student").get_by_role("button").focus()
    page.keyboard.press("Space")
    assert [*names(page)] == page.evaluate(
        "names => names.sort(new Intl.Collator(undefined, {numeric: true}).compare)",
        [grade.id for grade in grades.grades],
    )


def test_a_search_shows_who_fits_and_says_how_many(
    opened: Opened, index: Path, grades: ClassGrades
) -> None:
    page = opened(index)
    page.get_by_role("searchbox").fill("ABE an")
    fitting = [grade.id for grade in grades.grades if "abe" in grade.id and "an" in grade.id]
    assert fitting and sorted(names(page)) == sorted(fitting)
    assert page.get_by_role("status").text_content() == f"{len(fitting)} of {SIZE} students"
    page.get_by_role("searchbox").fill("")
    page.get_by_label("Show").select_option("rejected")
    assert names(page) == [grade.id for grade in grades.grades if not grade.graded]
    page.get_by_label("Show").select_option("below")
    assert set(names(page)) == {
        grade.id for grade in grades.grades if grade.graded and grade.points < 50
    }
    page.get_by_label("Show").select_option("")
    assert page.get_by_role("status").text_content() == f"{SIZE} students"


def test_links_lead_to_the_student_and_back(
    opened: Opened, index: Path, grades: ClassGrades
) -> None:
    page = opened(index)
    found = page.eval_on_selector_all("a", "links => links.map(link => link.getAttribute('href'))")
    for address in set(found):
        file, _, place = address.partition("#")
        assert not file or (index.parent / file).is_file(), address
        if place and not file:
            assert page.evaluate("place => !!document.getElementById(place)", place), address
    second = grades.grades[1].id
    page.locator("#table").get_by_role("link", name=second, exact=True).click()
    assert page.get_by_role("heading", level=1).text_content() == second
    page.get_by_role("link", name="The class").click()
    assert page.get_by_role("heading", level=1).text_content().startswith(f"{SIZE} submissions")


def test_a_number_of_students_unfolds_to_all_of_their_names(
    opened: Opened, index: Path, grades: ClassGrades
) -> None:
    page = opened(index)
    page.evaluate("document.querySelectorAll('details').forEach(each => each.open = true)")
    page.wait_for_function("!document.querySelector('[data-who]')")
    check = next(
        check
        for check in grades.grades[0].checks
        if sum(
            not other.passed
            for grade in grades.grades
            for other in grade.checks
            if other.id == check.id
        )
        > 6
    )
    left = [g.id for g in grades.grades for c in g.checks if c.id == check.id and not c.passed]
    row = page.locator("details.exercise-checks tr", has_text=check.title).first
    assert row.locator(".who a").all_text_contents() == left


def test_a_link_to_an_exercise_unfolds_its_checks(opened: Opened, index: Path) -> None:
    page = opened(index)
    page.locator(".by-exercise").get_by_role("link", name="optimizers").click()
    assert page.locator("#checks-optimizers").get_attribute("open") is not None


def test_the_heat_map_reads_out_what_the_pointer_is_on_and_leads_to_the_student(
    opened: Opened, index: Path, grades: ClassGrades
) -> None:
    page = opened(index)
    graded = [grade for grade in grades.grades if grade.graded]
    last = sorted(graded, key=lambda grade: -grade.points)[-1]
    cells = page.locator("#cells")
    box = cells.bounding_box()
    assert box is not None
    assert not page.locator(".names").is_visible()
    cells.hover(position={"x": 4, "y": box["height"] - 2})
    said = page.locator(".readout").text_content()
    assert said.startswith(last.id) and "linear_regression · predict: " in said
    page.get_by_label("with names").check()
    assert page.locator(".names").get_by_text(last.id, exact=True).is_visible()
    cells.click(position={"x": 4, "y": 18 * len(graded) - 5})
    assert page.get_by_role("heading", level=1).text_content() == last.id


def test_without_a_script_everything_is_there_to_read(
    opened: Opened, index: Path, grades: ClassGrades
) -> None:
    page = opened(index, java_script_enabled=False)
    assert page.locator("#table tbody tr").count() == SIZE
    assert not page.get_by_role("search").is_visible()
    page.locator("#checks-losses summary").first.click()
    assert page.locator("#checks-losses table").is_visible()
    page.locator("#table").get_by_role("link").first.click()
    assert page.get_by_role("heading", level=1).text_content() == grades.grades[0].id


def test_hostile_text_is_shown_as_text(opened: Opened, hostile: Path) -> None:
    page = opened(hostile)
    assert page.evaluate("document.scripts.length") == 1
    assert page.locator("img, iframe, object, form:not(.tools)").count() == 0
    shown = names(page)
    assert len(set(shown)) == len(HOSTILE) + 1
    assert not any(letter in name for name in shown for letter in "\n\r\t\x1b\u202e\u200b")
    assert "<script>alert(1)</script>" in shown
    page.evaluate("document.querySelectorAll('details').forEach(each => each.open = true)")
    for id in HOSTILE[::3]:
        page = opened(hostile.parent / student_address(id))
        assert page.evaluate("document.scripts.length") == 0
        assert page.locator("main img, main script, main iframe").count() == 0
        assert "<img src=x onerror=alert(1)></pre>" in page.locator("pre").first.text_content()
        assert not any(hidden in page.locator("main").text_content() for hidden in "\x1b\u202e")


def test_axe_finds_nothing_in_light_and_dark_and_on_a_phone(opened: Opened, tmp_path: Path) -> None:
    few = hostile_class()
    few = replace(few, grades=(*few.grades[:4], few.grades[-1]))
    index = write_report(few, tmp_path / "report")
    for file in (index, index.parent / student_address(HOSTILE[0])):
        page = opened(file)
        assert_accessible(page)


def test_on_paper_there_is_nothing_to_press(opened: Opened, index: Path) -> None:
    page = opened(index)
    page.emulate_media(media="print")
    assert not page.get_by_role("search").is_visible()
    assert not page.get_by_label("with names").is_visible()
    assert page.locator("#table tbody tr").first.is_visible()


def test_the_first_tab_leads_past_what_is_above(opened: Opened, index: Path) -> None:
    page = opened(index)
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent") == "Skip to the content"
    page.keyboard.press("Enter")
    assert page.url.endswith("#main")


def test_an_empty_class_and_one_that_is_all_rejected_have_pages_too(
    opened: Opened, grades: ClassGrades, tmp_path: Path
) -> None:
    refused = tuple(grade for grade in grades.grades if not grade.graded)
    for name, those in (("nobody", ()), ("rejected", refused)):
        page = opened(write_report(replace(grades, grades=those), tmp_path / name))
        assert page.locator("#table tbody tr").count() == len(those)
        assert "Nobody is graded yet" in page.locator("main").text_content()
