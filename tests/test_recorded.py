"""Hints in a handout without the known mistakes: what is recorded, and that no hint is a wrong one.

RECORD_ALL=1 puts every known mistake of the course to the test; else it is those of one exercise.
"""

from __future__ import annotations

import json
import math
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import torch
from conftest import ROOT
from handouts import MISTAKES, PUBLIC, changed, folder_files, make_course, put
from hypothesis import given, settings
from hypothesis import strategies as st
from test_student_run import write

from grader.checking.question import Question
from grader.checking.recorded import (
    RecordedCheck,
    RecordedDiagnosis,
    RecordedMistake,
    Records,
    Seen,
    Sight,
    from_json,
    key_of,
    records_text,
    to_json,
)
from grader.course import load_course
from grader.handout import HandoutError, make_handout, recording
from grader.handout.choosing import chosen
from grader.handout.hidden import Hidden
from grader.handout.making import contents
from grader.handout.recording import recorded, told
from grader.probes.observe import same

COURSE = load_course(ROOT)
ALL = "RECORD_ALL" in os.environ
EXERCISES = COURSE.names if ALL else ["backprop"]
NAMED = 0.9  # of what running the known mistakes names, in a handout too
LARGEST = 1_000_000  # bytes of all records together
PROPERTY = """

@points(60)
@given(number=st.integers(-9, 9))
def test_double_of_any_number(double, number):
    \"\"\"Twice any number.\"\"\"
    assert_gives(double.double, torch.tensor(2 * number), torch.tensor(number))
"""
IMPORTS = "from hypothesis import given\nfrom hypothesis import strategies as st\n"


# the records of the course


@pytest.fixture(scope="module")
def student(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A handout as it is unpacked, with the records of some exercises."""
    root = tmp_path_factory.mktemp("student")
    given = COURSE.graded()
    for name, data in contents(given).items():
        put(root / name, data)
    for name, text in recorded(COURSE.only(EXERCISES)).items():
        put(root / f"grader/misconceptions/recorded/{name}.json", text)
    return root


@pytest.fixture(scope="module")
def runs(student: Path, tmp_path_factory: pytest.TempPathFactory) -> list[dict[str, Any]]:
    """Each check that a known mistake fails, with the hints of both ways to name it."""
    found = tmp_path_factory.mktemp("runs") / "found.json"
    settings = {"handout": str(student), "to": str(found), "who": "mistakes", "every": 1}
    files = [f"exercises/test_{name}.py" for name in EXERCISES]
    plugins = ["-p", "recorded_runs", "-p", "no:cacheprovider"]
    done = python(ROOT, "-m", "pytest", *plugins, *files, RECORDED_RUNS=json.dumps(settings))
    assert done.returncode == 0, done.stdout + done.stderr
    return list(json.loads(found.read_text(encoding="utf-8")))


def python(root: Path, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run Python where a student stands, with nothing of this run's environment."""
    ours = ("PYTEST_", "COV_", "HYPOTHESIS_", "PYTHON")
    rest = {name: text for name, text in os.environ.items() if not name.startswith(ours)}
    return subprocess.run(
        [sys.executable, *arguments],
        cwd=root,
        env=rest | {"PYTHONPATH": str(ROOT / "tests"), "COLUMNS": "200"} | environment,
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=3600 if ALL else 200,
        check=False,
    )


def test_no_known_mistake_is_given_the_hint_of_another(runs) -> None:
    """Neither another hint than that which running the known mistakes gives, nor one of its own."""
    assert len(runs) > 50
    assert [run for run in runs if run["recorded"] not in (None, run["full"])] == []


def test_nearly_every_hint_is_in_a_handout_too(runs) -> None:
    named = [run for run in runs if run["full"] is not None]
    alike = [run for run in named if run["recorded"] == run["full"]]
    print(f"{len(alike)} of {len(named)} hints")  # for who turns RECORD_ALL on, with -s
    assert len(alike) >= NAMED * len(named) > 0


def test_records_are_small(student: Path) -> None:
    files = list((student / "grader/misconceptions/recorded").iterdir())
    assert [file.stem for file in files if file.stem not in EXERCISES] == []
    assert 0 < sum(file.stat().st_size for file in files) < LARGEST * len(files) / len(COURSE.names)


def test_nothing_hidden_is_in_the_records(student: Path) -> None:
    texts = {
        file.name: file.read_text(encoding="utf-8")
        for file in (student / "grader/misconceptions/recorded").iterdir()
    }
    hidden = Hidden.of(COURSE, [], told(texts.values()))

    def leaks(text: str) -> set[str]:
        put(student / "searched.json", text)
        return {leak.source for leak in hidden.leaks("searched.json", student / "searched.json")}

    assert set().union(*map(leaks, texts.values())) == set()
    mistakes = COURSE.misconceptions / "backprop" / "softmax.py"
    line = next(
        one for one in mistakes.read_text("utf-8").splitlines() if "logits.argmax(1)" in one
    )
    assert leaks(texts["backprop.json"] + line) == {"grader/misconceptions/backprop/softmax.py"}


# as a student

WRONG = {
    "relu_backward": "return grad_output",
    "mse_backward": "return input - target",
    "cross_entropy_backward": """
print("here")
shifted = logits.softmax(-1)
shifted[torch.arange(len(target)), target] -= 1
return shifted""",
}


TELL_HINTS = """
import json, sys
sys.path.insert(0, ".")
import pytest, grader

class Hints:
    def __init__(self):
        self.of = {}

    def pytest_runtest_logreport(self, report):
        result = getattr(report, "grader_result", None)
        if result is not None:
            self.of[result.check.id.partition("/")[2]] = result.hint

hints = Hints()
pytest.main(["exercises/test_backprop.py"], plugins=[hints])
print()
print(json.dumps([*grader.__path__, hints.of]))
"""


@pytest.fixture(scope="module")
def said(student: Path) -> dict[str, str | None]:
    """The hint of each check in a handout where some functions are wrong."""
    file = student / "exercises" / "backprop.py"
    stub = file.read_bytes()
    for function, body in WRONG.items():
        write(file, function, body)
    done = python(student, "-P", "-c", TELL_HINTS)
    file.write_bytes(stub)
    place, hints = json.loads(done.stdout.splitlines()[-1])
    assert place == str(student / "grader"), done.stderr
    return dict(hints)


def test_a_hint_comes_with_a_handout_that_has_no_known_mistake(said) -> None:
    hints = {
        "mse_backward": "Derive both parts: the square gives a factor 2, the mean a factor 1/n.",
        "cross_entropy_backward": (
            "Divide by N: the loss is a mean over the batch, and so its gradient has the 1/N."
        ),
    }
    for function, hint in hints.items():
        found = [one for check, one in said.items() if check.startswith(f"test_{function}")]
        assert found and set(found) == {hint}


# what is told apart


def question(*args: Any, function: str = "f", **kwargs: Any) -> Question:
    return Question("exercise", function, "call", args, kwargs)


def test_a_question_is_known_again_though_its_last_bits_differ() -> None:
    third = torch.tensor([1 / 3, 2.0])
    key = key_of("test_f", question(third, weight=0.1))
    assert key_of("test_f", question(third * (1 + 1e-7), weight=0.1 + 1e-12)) == key
    for other in (
        question(third * 1.001, weight=0.1),
        question(third.double(), weight=0.1),
        question(third[None], weight=0.1),
        question(third, 0.1),
        question(third, weight=0.1, function="g"),
        question(third, weight="0.1"),
    ):
        assert key_of("test_f", other) != key
    assert key_of("test_g", question(third, weight=0.1)) != key


numbers = st.floats(allow_nan=True, allow_infinity=True, width=32)
tensors = st.builds(
    lambda rows, dtype: torch.tensor(rows, dtype=dtype),
    st.lists(numbers, max_size=4),
    st.sampled_from([torch.float32, torch.float64]),
)
scalars = st.none() | st.booleans() | st.integers(-(2**63), 2**63 - 1) | st.text() | numbers
data = st.recursive(
    scalars | tensors,
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.lists(inner, max_size=3).map(tuple)
        | st.dictionaries(st.text(max_size=3), inner, max_size=3)
    ),
)


@settings(max_examples=60)
@given(data)
def test_what_is_written_as_json_comes_back_as_it_was(value) -> None:
    back = from_json(json.loads(json.dumps(to_json(value))))
    assert to_json(back) == to_json(value)
    assert near(back, value)


def near(one: Any, other: Any) -> bool:
    """Of one kind, and alike to the digits that are kept."""
    if isinstance(one, torch.Tensor):
        return one.dtype == other.dtype and torch.allclose(one, other, 1e-6, equal_nan=True)
    if isinstance(one, float):
        alike = math.isclose(one, other, rel_tol=1e-6) or (math.isnan(one) and math.isnan(other))
        return alike and type(other) is float
    if isinstance(one, (list, tuple)):
        return type(one) is type(other) and all(map(near, one, other))
    if isinstance(one, dict):
        return list(one) == list(other) and all(near(one[key], other[key]) for key in one)
    return type(one) is type(other) and bool(one == other)


def answer(value: float) -> dict[str, Any]:
    return {"observation": {"value": torch.tensor(value), "devices": ["cpu"], "changed": []}}


SUM = RecordedMistake("as_sum", "f", "This is the sum.", False, {"a": answer(2.0)})
TWICE = RecordedMistake(
    "twice", "f", "This is twice too much.", False, {"a": answer(2.0), "b": answer(8.0)}
)
RAISES = RecordedMistake("raises", "f", "Do not raise.", False, {"c": {"raised": "ValueError 0"}})
ON_CPU = RecordedMistake("on_cpu", "f", "Stay on the device.", True)


def named(check: Sight, *others: Sight, device: str = "cpu") -> str | None:
    found = RecordedDiagnosis([SUM, TWICE, RAISES, ON_CPU], device).of(check, others)
    return found.name if found else None


def wrong(key: str, value: float) -> Seen:
    return Seen(key, question(torch.ones(2)), answer(value))


def test_a_mistake_is_named_by_its_answers_and_by_what_it_has_right() -> None:
    assert named(Sight([wrong("a", 2.0)], [Seen("b")])) == "as_sum"
    assert named(Sight([wrong("a", 2.0), wrong("b", 8.0)])) == "twice"
    assert named(Sight([wrong("a", 2.0)]), Sight([wrong("b", 8.0)])) == "twice"
    assert named(Sight([wrong("a", 2.0)]), Sight((), [Seen("b")])) == "as_sum"


def test_where_two_mistakes_would_do_none_is_named() -> None:
    assert named(Sight([wrong("a", 2.0)])) is None


def test_another_answer_and_an_unknown_question_name_nothing() -> None:
    assert named(Sight([wrong("a", 2.1)])) is None
    assert named(Sight([wrong("a", 2.0), wrong("b", 2.0)])) is None
    assert named(Sight([wrong("z", 2.0)])) is None
    assert named(Sight()) is None


def test_a_mistake_that_only_a_gpu_shows_is_named_there_alone() -> None:
    asked = Seen("a", question(torch.ones(2)), answer(1.0))
    assert named(Sight([asked]), device="cuda") == "on_cpu"
    assert named(Sight([asked])) is None


def test_records_come_back_from_their_file(tmp_path: Path) -> None:
    example = {"pair": (torch.tensor([0.5]), None), "dtype": torch.float64}
    checks = {
        "test_f": RecordedCheck(("a", "b"), (example,)),
        "test_g": RecordedCheck(("c",)),
    }
    records = Records((SUM, TWICE, RAISES, ON_CPU), checks)
    file = tmp_path / "f.json"
    file.write_text(records_text(records, of="0"), encoding="utf-8")
    back = Records.read(file)
    assert records_text(back) == records_text(records)
    assert back.mistakes[2:] == (RAISES, ON_CPU)
    assert same(back.checks["test_f"].examples[0]["pair"][0], example["pair"][0])
    assert Records.read(tmp_path / "none.json") == Records()


@pytest.mark.parametrize("text", ["", "{}", '{"format": 2}', '{"format": 1, "questions": 3}'])
def test_a_damaged_file_of_records_is_named(tmp_path: Path, text: str) -> None:
    put(tmp_path / "f.json", text)
    with pytest.raises(ValueError, match=r"f\.json: holds no recorded mistakes"):
        Records.read(tmp_path / "f.json")


def test_few_examples_tell_all_mistakes_apart() -> None:
    one, two = {"k": answer(1.0)}, {"k": answer(2.0)}
    wrong = {
        "always": [one] * 40,
        "mostly": [one] * 35 + [{}] * 5,
        "at_39": [{}] * 39 + [one],
        "at_39_too": [{}] * 39 + [two],
    }
    sizes = [40 - position for position in range(40)]
    kept = chosen(wrong, {name: name for name in wrong}, sizes)
    assert 39 in kept and any(example < 35 for example in kept) and len(kept) <= 12
    assert kept == sorted(kept, reverse=True), "small ones first"


# how they come about


def test_records_are_made_for_a_handout_and_again_when_something_changed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    course = make_course(tmp_path / "course")
    put(course.stubs / "test_double.py", IMPORTS + PUBLIC.replace("40", "30") + PROPERTY)
    course = changed(course, hints="recorded")
    said: list[str] = []
    made = make_handout(course, tmp_path / "one", said.append)
    file = "grader/misconceptions/recorded/double.json"
    assert [name for name in made.files if name.startswith("grader/misconceptions/")] == [
        "grader/misconceptions/__init__.py",
        file,
    ]
    assert said == ["recording what known mistakes answer: double"]
    (squares,) = Records.read(made.folder / file).mistakes
    assert squares.hint == "Multiply by two, do not raise to the power of two."
    checks = Records.read(made.folder / file).checks
    assert set(checks) == {"test_double_of_two", "test_double_of_any_number"}
    values = [example["number"] for example in checks["test_double_of_any_number"].examples]
    assert len(set(values)) == len(values) >= 10
    assert len(squares.wrong) == len([value for value in values if value not in (0, 2)])
    make_handout(course, tmp_path / "two", said.append)
    assert len(said) == 1, "nothing had changed"
    assert folder_files(tmp_path / "one") == folder_files(tmp_path / "two")

    never = "import time; time.sleep(1000);"
    put(course.misconceptions / "double.py", MISTAKES.replace("squared_instead =", never))
    monkeypatch.setattr(recording, "_PATIENCE", 1.0)
    problem = "double_by_squaring of double in test_double_of_two: it takes more than 1 s"
    with pytest.raises(HandoutError, match=problem):
        make_handout(course, tmp_path / "two", said.append)
    assert len(said) == 2, "what was recorded of another mistake is not given"
    assert folder_files(tmp_path / "one") == folder_files(tmp_path / "two")


def test_a_course_without_known_mistakes_records_nothing(tmp_path: Path) -> None:
    course = changed(make_course(tmp_path / "course"), hints="recorded")
    (course.misconceptions / "double.py").unlink()
    assert recorded(course.graded()) == {}


@pytest.mark.parametrize(
    ("text", "hints"),
    [
        ("", "recorded"),
        ("hints = true", "source"),
        ("hints = false", "none"),
        ('hints = "source"', "source"),
    ],
)
def test_the_course_says_how_hints_come_into_a_handout(tmp_path: Path, text, hints) -> None:
    course = make_course(tmp_path)
    manifest = course.root / "course.toml"
    put(manifest, manifest.read_text(encoding="utf-8").replace('hints = "none"', text))
    assert load_course(tmp_path).policy.handout.hints == hints


def test_what_else_the_course_says_of_hints_is_refused(tmp_path: Path) -> None:
    course = make_course(tmp_path)
    manifest = course.root / "course.toml"
    put(manifest, manifest.read_text(encoding="utf-8").replace('"none"', '"all"'))
    with pytest.raises(Exception, match=r"handout\.hints: must be one of recorded, source, none"):
        load_course(tmp_path)
