"""Whatever comes as the answer to a question of the course is judged: right, or a Problem.

Nothing is raised, nothing without bound is written, and what differs in anything that matters is
never right.
"""

from __future__ import annotations

import sys
import tracemalloc
from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import torch
from answers import right, tampered
from conftest import ROOT
from frames import MIB, values
from hypothesis import given, settings
from hypothesis import strategies as st
from recording import Asked, of_the_course

from grader.checking.compare import Tolerance, compare
from grader.checking.diagnosis import Diagnosis, Evidence, answer_of, same_answer
from grader.checking.expectations import Matches, Problem, Raises, load_problem
from grader.checking.question import Question
from grader.checking.words import place_text, question_text, shortened, value_text
from grader.misconceptions import misconceptions_of

LONGEST = 20_100  # characters of a message
OF_EACH = 8  # questions of each function and probe
OUTCOMES = {"failed", "error", "todo", "forbidden"}
MISTAKES = ROOT / "grader" / "misconceptions"
QUICK = settings(max_examples=150, deadline=None, database=None)


@pytest.fixture(scope="module")
def asked() -> list[Asked]:
    """A few questions of each function and probe of the course."""
    seen: Counter[tuple[object, ...]] = Counter()
    chosen = []
    for question, expectation in (pair for of in of_the_course().asked.values() for pair in of):
        kind = question.exercise, question.function, question.probe, type(expectation)
        seen[kind] += 1
        if seen[kind] <= OF_EACH:
            chosen.append((question, expectation))
    return chosen


@pytest.fixture(autouse=True)
def one_thread() -> Iterator[None]:
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)


def judged(question: Question, expectation: Any, answer: Any) -> Problem | None:
    """The problem with an answer, itself in order."""
    problem = expectation.problem_with(question, answer, "cpu")
    if problem is not None:
        assert problem.outcome in OUTCOMES
        assert 0 < len(problem.message) < LONGEST
    return problem


# the questions of the course


def test_every_question_is_asked_of_and_its_right_answer_is_right(asked: list[Asked]) -> None:
    assert len(asked) > 200
    for question, expectation in asked:
        assert judged(question, expectation, right(expectation)) is None


def test_an_answer_that_is_wrong_in_one_thing_is_never_right(asked: list[Asked]) -> None:
    tried = 0
    for question, expectation in asked:
        for name, answer in tampered(expectation):
            tried += 1
            said = f"{question.function}, {question.probe}: {name}"
            assert judged(question, expectation, answer) is not None, said
    assert tried > 5_000


def test_every_part_that_can_differ_has_a_place_and_a_shorter_question(asked: list[Asked]) -> None:
    for question, expectation in asked:
        if isinstance(expectation, Matches):
            for part in _parts(dict(expectation.observation), ()):
                short = shortened(question, part)
                assert isinstance(place_text(short, part), str)
                assert 0 < len(question_text(short, expectation.observation)) < LONGEST


def _parts(value: Any, part: tuple[str | int, ...]) -> Iterator[tuple[str | int, ...]]:
    """The paths to all parts of an observation that a difference can lead to."""
    if part:
        yield part
    if isinstance(value, dict):
        for key in [key for key in value if part or key not in ("changed", "devices", "graph")]:
            yield from _parts(value[key], (*part, key))
    elif isinstance(value, list):
        for place in {0, len(value) - 1} if value else ():
            yield from _parts(value[place], (*part, place))


@QUICK
@given(st.data())
def test_any_value_of_the_grammar_is_an_answer_that_is_judged(data) -> None:
    everything = of_the_course().asked
    question, expectation = data.draw(st.sampled_from(everything[data.draw(EXERCISES)]))
    value, answer = data.draw(values), right(expectation)
    place = data.draw(st.sampled_from(_places(answer)))
    judged(question, expectation, _put(answer, place, value))
    judged(question, expectation, {data.draw(KEYS): value})
    same_answer(question, answer, _put(answer, place, value), "cpu")
    assert len(load_problem(question.exercise, value).message) < LONGEST


EXERCISES = st.sampled_from(("losses", "layers", "optimizers", "training"))
KEYS = st.sampled_from(["missing", "forbidden", "raised", "observation", "frames", "value"])


def _places(value: Any) -> list[tuple[Any, ...]]:
    """The paths to all that is in a value."""
    inner: Any = value.items() if isinstance(value, dict) else ()
    inner = enumerate(value) if isinstance(value, list) else inner
    return [(), *((key, *rest) for key, item in inner for rest in _places(item))]


def _put(value: Any, place: tuple[Any, ...], other: Any) -> Any:
    """The same with another value in one place; an answer stays a dict."""
    if not place:
        return other if not isinstance(value, dict) else {"observation": other}
    key, *rest = place
    copied = dict(value) if isinstance(value, dict) else list(value)
    copied[key] = _put(copied[key], tuple(rest), other)
    return copied


# what costs much: a reply may have 64 MiB of tensors, and each of them any shape


MANY = torch.zeros([3] * 14, dtype=torch.int8)  # torch leaves nothing out where it writes this one
HUGE = {
    "a tensor of 14 dimensions": MANY,
    "a tensor of 64 MiB": torch.zeros(16, MIB, dtype=torch.float32),
    "a list of tensors": [torch.zeros(8, 8, dtype=torch.float64)] * 4096,
    "a list of long texts": ["x" * 2000] * 4096,
    "a list of numbers": [0.1] * 32_000,
    "a long text": "😀" * 60_000,
    "bytes": bytes(250_000),
    "a dict of many keys": {f"name {number}": number for number in range(16_000)},
    "an object of no type": {"type": MANY},
    "an object of a long type": {"type": "x" * 250_000},
    "a deep value": [[[[[[[[[[[[[[[[[[[[MANY]]]]]]]]]]]]]]]]]]]] * 1000,
    "a tuple of dicts": ({"a": MANY, "b": (MANY, [MANY] * 100)},) * 100,
    "a number beyond Python's floats": (1 << 64) - 1,
}
QUESTION = Question("losses", "l1_loss", "call", (torch.tensor([1.0]), 2), {"reduction": "sum"})
OBSERVED = {"value": [torch.ones(2), {"a": 1}], "gradients": [torch.ones(1)], "devices": ["cpu"]}
EXPECTATIONS = (Matches(OBSERVED, Tolerance()), Raises(("ValueError",), ("shape",)))
FORMS: dict[str, Callable[[Any], Any]] = {
    "forbidden": lambda value: {"forbidden": value, "frames": value},
    "what is forbidden": lambda value: {"forbidden": [value, "it"], "frames": [value]},
    "raised": lambda value: {"raised": value},
    "types": lambda value: {"raised": {"types": value, "message": "shape"}},
    "a type": lambda value: {"raised": {"types": [value, "KeyError"], "message": "shape"}},
    "message": lambda value: {"raised": {"types": ["ValueError"], "message": value}},
    "frames": lambda value: {
        "raised": {"types": ["ValueError"], "message": "x", "frames": [[value] * 4] * 9}
    },
    "a frame's line": lambda value: {
        "raised": {"types": ["E"], "message": "x", "frames": [["losses.py", value, "", "x"]]}
    },
    "observation": lambda value: {"observation": value},
    "value": lambda value: {"observation": {**OBSERVED, "value": value, "changed": []}},
    "a part": lambda value: {"observation": {**OBSERVED, "value": [value, value], "changed": []}},
    "changed": lambda value: {"observation": {**OBSERVED, "changed": value}},
    "what changed": lambda value: {"observation": {**OBSERVED, "changed": [value]}},
    "devices": lambda value: {"observation": {**OBSERVED, "changed": [], "devices": value}},
    "a device": lambda value: {"observation": {**OBSERVED, "changed": [], "devices": [value]}},
}


class Work:
    """Counts calls, of Python's functions and of C's, and the most memory that Python takes."""

    def __init__(self) -> None:
        self.calls = 0
        self.peak = 0

    def __enter__(self) -> Work:
        tracemalloc.start()
        sys.setprofile(self._count)
        return self

    def __exit__(self, *_: object) -> None:
        sys.setprofile(None)
        self.peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()

    def _count(self, frame: Any, event: str, arg: Any) -> None:
        self.calls += event.endswith("call")
        if self.calls > 500_000:  # ends what would otherwise go on for minutes
            sys.setprofile(None)
            raise AssertionError("far too much work")


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("name", HUGE)
def test_a_huge_answer_takes_little_work_and_a_short_message(name: str, form: str) -> None:
    answer = FORMS[form](HUGE[name])
    for expectation in EXPECTATIONS:
        with Work() as work:
            problem = judged(QUESTION, expectation, answer)
        assert problem is not None
        assert len(problem.message) < 6_000
        assert work.calls < 20_000
        assert work.peak < 16 * MIB


@pytest.mark.parametrize("name", HUGE)
def test_a_huge_value_is_compared_with_a_known_mistake_in_little_work(name: str) -> None:
    ours = {"raised": {"types": ["ValueError"], "message": "shape 3"}}
    for form in FORMS.values():
        with Work() as work:
            same_answer(QUESTION, ours, form(HUGE[name]), "cpu")
            same_answer(QUESTION, {"observation": OBSERVED}, form(HUGE[name]), "cpu")
        assert work.calls < 20_000
        assert work.peak < 16 * MIB


@pytest.mark.parametrize("name", HUGE)
def test_a_huge_value_is_shown_by_its_beginning(name: str) -> None:
    with Work() as work:
        assert len(value_text(HUGE[name])) < 700
    assert work.calls < 10_000
    assert work.peak < MIB


def test_a_long_list_is_shown_as_far_as_a_short_one() -> None:
    whole = "[" + ", ".join(["0.1"] * 1000) + "]"
    assert value_text([0.1] * 1000) == whole[:600] + " …"
    assert value_text([0.1] * 3) == "[0.1, 0.1, 0.1]"
    assert value_text((1,)) == "(1,)"
    assert value_text({"a": [None, "b"], "c": ()}) == "{'a': [None, 'b'], 'c': ()}"


# what the examiner keeps of wrong answers


def test_large_wrong_answers_are_not_all_kept() -> None:
    evidence = Evidence()
    for _ in range(100):
        answer = {"observation": {"value": torch.zeros(1, MIB // 4), "changed": []}}
        evidence.add(QUESTION, EXPECTATIONS[0], answer)
    kept = [one.answer["observation"]["value"].nbytes for one in evidence.wrong if one.answer]
    assert 1 <= len(kept) < 9
    assert len(evidence.wrong) > len(kept), "that they were wrong is known of all"


def test_what_is_not_kept_of_an_answer_is_no_mistake_of_anybody() -> None:
    known = misconceptions_of("losses", MISTAKES)[0]
    question = next(
        question
        for question, expectation in of_the_course().asked["losses"]
        if question.function == known.function and question.probe == "call"
        if expectation.problem_with(question, answer_of(known.definition, question), "cpu")
    )
    expectation = EXPECTATIONS[0]
    small, large = Evidence(), Evidence()
    small.add(question, expectation, answer_of(known.definition, question))
    large.add(question, expectation, answer_of(known.definition, question))
    large.add(question, expectation, {"observation": {"value": torch.zeros(3 * MIB)}})
    assert Diagnosis([known]).of(small) is known
    assert Diagnosis([known]).of(large) is None


def test_a_diagnosis_of_odd_answers_is_none_and_raises_nothing() -> None:
    chosen = {}
    for question, expectation in of_the_course().asked["losses"]:
        chosen.setdefault((question.function, question.probe), (question, expectation))
    mistakes = misconceptions_of("losses", MISTAKES)
    for question, expectation in chosen.values():
        diagnosis = Diagnosis([known for known in mistakes if known.function == question.function])
        for form in FORMS.values():
            evidence = Evidence()
            evidence.add(question, expectation, form([0.1] * 100))
            evidence.add(question, expectation, form(MANY))
            assert diagnosis.of(evidence) is None


# what is nothing, and what is None


def test_that_nothing_was_said_of_what_is_none_is_not_right() -> None:
    expectation = Matches({"value": None}, Tolerance())
    assert judged(QUESTION, expectation, {"observation": {"value": None, "changed": []}}) is None
    assert judged(QUESTION, expectation, {"observation": {"changed": []}}) is not None


def test_numbers_of_other_types_are_told_apart() -> None:
    pairs = [(1, True), (1.0, 1), (0, False), ("1", 1), (None, 0), ((1,), [1]), (b"a", "a")]
    for one, other in pairs:
        assert compare(one, other, Tolerance()) is not None
        assert compare(other, one, Tolerance()) is not None
