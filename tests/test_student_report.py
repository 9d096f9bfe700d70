"""`pytest exercises --report` as a student runs it, and the page it writes in a real browser."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest
from browsers import Opened, assert_accessible
from conftest import ROOT

from grader.course import load_course
from grader.outcome import Result
from grader.student.progress import Progress
from grader.student.public import public_checks
from grader.student.report.session import ReportSession
from grader.student.written import Written

HOSTILE = "</pre><script>alert(1)</script><img src=x onerror=alert(1)>\x1b[31m\u202e"


@dataclass(frozen=True)
class Run:
    """One run of pytest in a student's folder, and where its page is."""

    status: int
    lines: list[str]
    page: Path

    @property
    def html(self) -> str:
        return self.page.read_text(encoding="utf-8")


def run(root: Path, *arguments: str, page: str = "report.html") -> Run:
    """Run pytest as a student does, in their folder, with nothing of this run's environment."""
    ours = ("PYTEST_", "COV_", "HYPOTHESIS_", "PYTHON")
    environment = {name: text for name, text in os.environ.items() if not name.startswith(ours)}
    done = subprocess.run(
        [sys.executable, "-m", "pytest", *arguments],
        cwd=root,
        env=environment | {"COLUMNS": "80"},
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=240,
        check=False,
    )
    return Run(done.returncode, (done.stdout + done.stderr).splitlines(), root / page)


def outcomes(root: Path, told: Callable[[str, str], tuple[str, str | None, str | None]]) -> None:
    """Keep how every public check ended, as a run does: outcome, message and hint."""
    course = load_course(root)
    progress = Progress.read(course)
    for exercise in course.exercises:
        results = []
        for check in public_checks(course, exercise):
            outcome, message, hint = told(exercise.name, check.function)
            results.append(Result(check, outcome, message, 0.1, hint=hint))
        progress.add(results, {exercise.name: Written.read(course, exercise)})
    progress.write()


def a_copy(root: Path, exercises: Path) -> Path:
    shutil.copyfile(ROOT / "course.toml", root / "course.toml")
    shutil.copytree(ROOT / "exercises", root / "exercises")
    shutil.copytree(exercises, root / "exercises", dirs_exist_ok=True)
    return root


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory) -> Run:
    """Everything is right; of it one check runs now, and the rest has before."""
    root = a_copy(tmp_path_factory.mktemp("finished"), ROOT / "solutions")
    outcomes(root, lambda *_: ("passed", None, None))
    return run(root, "exercises/test_losses.py", "-k", "l1_loss_of_three", "--report", "-v")


@pytest.fixture(scope="module")
def begun(tmp_path_factory: pytest.TempPathFactory) -> Run:
    """Stubs, but for one function that is wrong, in a course whose title is somebody's joke."""
    root = a_copy(tmp_path_factory.mktemp("begun"), ROOT / "exercises")
    manifest = (root / "course.toml").read_text(encoding="utf-8")
    manifest = re.sub("(?m)^title = .*$", 'title = "<i>Deep</i> & far"', manifest, count=1)
    (root / "course.toml").write_text(manifest, encoding="utf-8")
    losses = root / "exercises" / "losses.py"
    stub = '    raise NotImplementedError("TODO: l1_loss")\n'
    source = losses.read_text(encoding="utf-8")
    losses.write_text(source.replace(stub, "    return (input - target).sum()\n"), encoding="utf-8")

    def told(_: str, function: str) -> tuple[str, str | None, str | None]:
        if function == "l1_loss":
            return "failed", f"l1_loss({HOSTILE})\nexpected  1\ngot       2", "Take the mean."
        return "todo", f"{function} is still to be written", None

    outcomes(root, told)
    return run(
        root,
        "exercises",
        "-k",
        "nothing_matches",
        "--report=mine/a page.html",
        page="mine/a page.html",
    )


# the run


def test_the_page_is_named_last_and_by_default_is_easy_to_find(finished: Run) -> None:
    assert finished.status == 0
    assert finished.lines[-2] == "report: drawing what your code does ..."
    assert finished.lines[-1] == f"report: report.html  {finished.page.as_uri()}"
    assert " 1 passed" in finished.lines[-3]


def test_a_page_goes_where_it_is_asked_for(begun: Run) -> None:
    assert begun.status == pytest.ExitCode.NO_TESTS_COLLECTED
    assert begun.lines[-1] == (f"report: {Path('mine', 'a page.html')}  {begun.page.as_uri()}")
    assert "drawing" not in begun.lines[-2]  # nothing is written that could be drawn
    assert [file.name for file in begun.page.parent.iterdir()] == ["a page.html"]


@pytest.mark.parametrize("file", ["exercises", "exercises/test_losses.py::test_it", "report"])
def test_a_name_that_is_no_pages_is_refused_before_anything_runs(file: str) -> None:
    with pytest.raises(pytest.UsageError, match=f"--report={file}: the page's name ends in .html"):
        ReportSession(load_course(ROOT), file)


def test_a_page_that_cannot_be_written_is_told(begun: Run) -> None:
    root = begun.page.parents[1]
    again = run(root, "exercises", "-k", "nothing", "--report=course.toml/page.html")
    assert again.status == pytest.ExitCode.USAGE_ERROR
    assert again.lines[-1].startswith("report: cannot write ")
    assert "name another file, --report=FILE" in again.lines[-1]
    without = run(root.parent, "--report", "-p", "no:cacheprovider")
    assert without.status == pytest.ExitCode.USAGE_ERROR
    assert "--report: there is no course here" in "\n".join(without.lines)


def test_who_asks_for_no_page_pays_nothing_for_it(begun: Run) -> None:
    code = (
        "import pytest, sys\n"
        "pytest.main(['exercises', '-k', 'nothing_matches', '-q'])\n"
        "print([name for name in sys.modules if name.startswith(('jinja2', 'grader.rep', "
        "'grader.student.rep', 'torch.', 'numpy.'))])"
    )
    folder = begun.page.parents[1]
    command = [sys.executable, "-c", code]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "[]"


# the page


def test_a_finished_course_has_all_of_its_pictures(finished: Run) -> None:
    page = finished.html
    assert "All 84 public checks pass." in page and "Nothing is left to do" in page
    assert page.count('<figure class="') == 5 and 'class="blank"' not in page
    assert "Yours is torch&#39;s: it goes from 22.9 to 14.7." in page
    assert page.count("and so does torch&#39;s: the same at each of 45 steps.") == 3
    before, after = map(int, re.search(r"names (\d+)% rightly before and\s+(\d+)%", page).groups())
    assert before < 30 and after > 60
    assert not re.search(r"\bnan\b|\binf\b", page)


@pytest.mark.skipif(os.environ.get("PICTURES") != "twice", reason="PICTURES=twice trains again")
def test_the_same_code_gives_the_same_page(finished: Run) -> None:
    first = finished.html
    again = run(finished.page.parent, "exercises", "-k", "nothing_matches", "--report")
    assert again.html == first


def test_what_is_not_written_is_said_kindly(begun: Run) -> None:
    page = begun.html
    assert page.count('class="blank"') == 4 and "<figure" not in page
    for name in ("train", "CifarNet", "SGD", "Adam"):
        assert f"Your <code>{name}</code> is still to write." in page


def test_a_failed_check_is_shown_with_counterexample_hint_and_place(
    begun: Run, opened: Opened
) -> None:
    page = opened(begun.page)
    main = page.locator("main")
    next_step = main.locator(".next").inner_text()
    assert re.fullmatch(r"Next\s+Mend l1_loss exercises/losses.py:\d+\s+Take the mean\.", next_step)
    assert "Take the mean." in main.locator(".finding").first.inner_text()
    assert "<script>alert(1)</script>" in main.locator("pre").first.inner_text()
    assert page.evaluate("document.scripts.length") == 0
    assert page.locator("img, iframe, form").count() == 0
    assert page.locator(".top").inner_text() == "<i>Deep</i> & far"
    assert not any(hidden in main.inner_text() for hidden in "\x1b\u202e")


def test_states_are_told_in_words_too(begun: Run, opened: Opened) -> None:
    page = opened(begun.page)
    row = page.locator(".by-exercise tbody tr", has_text="losses")
    states = row.locator(".states li").all_text_contents()
    assert states[:2] == ["to mend: l1_loss", "still to write: mse_loss"]
    assert page.locator(".legend li").all_text_contents() == ["to mend", "still to write"]


def test_links_lead_to_what_is_on_the_page(finished: Run, begun: Run, opened: Opened) -> None:
    for run_ in (finished, begun):
        page = opened(run_.page)
        places = page.eval_on_selector_all("a", "all => all.map(one => one.getAttribute('href'))")
        for place in places:
            assert page.evaluate("id => !!document.getElementById(id)", place.removeprefix("#"))
        ids = page.eval_on_selector_all("[id]", "all => all.map(one => one.id)")
        assert len(ids) == len(set(ids))


def test_axe_finds_nothing_in_light_and_dark_and_on_a_phone(
    finished: Run, begun: Run, opened: Opened
) -> None:
    for run_ in (finished, begun):
        page = opened(run_.page)
        assert_accessible(page)


def test_pictures_are_read_out_as_their_captions(finished: Run, opened: Opened) -> None:
    page = opened(finished.page)
    named = page.get_by_role("img", name=re.compile("^Adam.*Yours ends at .* so does torch's"))
    assert named.count() == 1
    assert page.get_by_role("img").count() == 6  # the kernels before and after


def test_nothing_of_a_picture_is_drawn_beside_it(finished: Run, opened: Opened) -> None:
    page = opened(finished.page)
    outside = page.evaluate(
        """() => [...document.querySelectorAll('.way > svg')].flatMap(svg => {
            const frame = svg.getBoundingClientRect();
            return [...svg.querySelectorAll('text, polyline, path.end, circle')].filter(one => {
                const box = one.getBoundingClientRect();
                return box.left < frame.left - 1 || box.right > frame.right + 1
                    || box.top < frame.top - 1 || box.bottom > frame.bottom + 1;
            }).map(one => one.outerHTML);
        })"""
    )
    assert outside == []


def test_it_can_be_used_with_the_keyboard_and_on_paper(finished: Run, opened: Opened) -> None:
    page = opened(finished.page)
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent") == "Skip to the content"
    page.emulate_media(media="print")
    assert not page.get_by_text("Skip to the content").is_visible()
    assert page.locator(".way").count() == 3 and page.locator(".way svg").first.is_visible()
