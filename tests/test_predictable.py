"""What can be known before the seed is: who has all right answers of another seed, and no others.

A submission that has taken over its sandbox says what it likes. Whoever has studied the source can
have every question of another seed answered beforehand. Here such answers are given to all that the
course asks, without an engine.
"""

from __future__ import annotations

import functools
import os
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest
import torch
from conftest import ROOT

from grader.checking.compare import Tolerance, compare_observations
from grader.checking.diagnosis import Evidence
from grader.checking.drawing import Drawn
from grader.checking.expectations import Expectation, Matches, Raises
from grader.checking.question import Question
from grader.course import load_course
from grader.examiner.earning import answered, counted, tells
from grader.examiner.novelty import Novelty
from grader.outcome import Check, Result
from grader.plugin import CHECK
from grader.sandbox import wire

Asked = list[tuple[Question, Expectation]]
EARLIER, NOW = 101, 202

# Checks that say the same of every right function: by themselves they can be answered by heart.
STATEMENTS = {
    "linear_regression/test_gradient_step_clears_both_gradients": "no gradient is left, ever",
    "layers/test_rrelu_while_training": "what is random has properties, no value",
    "training/test_train_moves_model_and_batches": "on the meta device nothing is computed",
    "training/test_evaluate_moves_model_and_batches": "on the meta device nothing is computed",
    "data/test_labelled_images_of_no_pictures_or_wrong_ones": "of no pictures the list is empty",
}


@dataclass(eq=False)  # pytest keeps its plugins in a set
class Recorder:
    """Stands in for the examiner: it notes each question by check, and is content."""

    asked: dict[str, Asked] = field(default_factory=lambda: defaultdict(list))
    drawn: dict[str, list[Expectation]] = field(default_factory=lambda: defaultdict(list))
    checks: dict[str, Check] = field(default_factory=dict)

    def pytest_runtest_setup(self, item: pytest.Item) -> None:
        self._check, self._is_drawn = item.stash[CHECK], Novelty(item)
        self.checks[self._check.id] = self._check

    def examine(self, question: Question, expectation: Expectation) -> None:
        self.asked[self._check.id].append((question, expectation))
        if self._is_drawn() and tells(expectation):
            self.drawn[self._check.id].append(expectation)


@functools.cache
def recorded(seed: int) -> Recorder:
    """All that the course asks under a seed."""
    course, recorder = load_course(ROOT), Recorder()
    arguments = [str(file) for file in course.check_files()]
    arguments += ["-c", os.devnull, f"--rootdir={course.root}", "--noconftest"]
    arguments += ["--import-mode=importlib", f"--hypothesis-seed={seed}"]
    arguments += ["-p", "no:terminal", "-p", "no:cacheprovider"]
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        assert pytest.main(arguments, plugins=[recorder]) == 0
    finally:
        torch.set_num_threads(threads)
    return recorder


# what somebody has by heart


def key(question: Question) -> bytes:
    return wire.encode(question.as_data())


def outline(value: Any) -> Any:
    """A question without its numbers: one that looks alike was perhaps answered alike."""
    if isinstance(value, torch.Tensor):
        return "tensor", tuple(value.shape), value.dtype
    if isinstance(value, dict):
        return tuple((name, outline(item)) for name, item in value.items())
    if isinstance(value, (list, tuple)):
        return tuple(map(outline, value))
    return type(value) if isinstance(value, (int, float)) else value


class ByHeart:
    """The right answers to the questions of one check under another seed."""

    def __init__(self, earlier: Asked) -> None:
        known = [(q, e.observation) for q, e in earlier if isinstance(e, Matches)]
        self._same = {key(question): observation for question, observation in known}
        self._alike = {outline(question.as_data()): observation for question, observation in known}
        self._in_order = [e.observation if isinstance(e, Matches) else {} for _, e in earlier]
        often = Counter(wire.encode(dict(observation)) for _, observation in known).most_common(1)
        self._often = [o for _, o in known if often and wire.encode(dict(o)) == often[0][0]][:1]

    def answers(self, place: int, question: Question) -> Iterator[Any]:
        """All that is worth a try: what was right for the very same question, else for others."""
        if key(question) in self._same:
            yield self._same[key(question)]
            return
        yield from self._in_order[place : place + 1]
        yield self._alike.get(outline(question.as_data()), {})
        yield from self._often


def filled(value: Any, number: float) -> Any:
    """Data of the same kinds and shapes in which all numbers are the same, and texts are empty."""
    if isinstance(value, torch.Tensor):
        return torch.full_like(value, number)
    if isinstance(value, dict):
        return {
            name: item if name in ("devices", "changed", "graph") else filled(item, number)
            for name, item in value.items()
        }
    if isinstance(value, (list, tuple)):
        return [filled(item, number) for item in value]
    if isinstance(value, str):
        return ""
    is_number = isinstance(value, (int, float)) and not isinstance(value, bool)
    return type(value)(number) if is_number else value


def right(expectation: Expectation, observation: Any) -> bool:
    assert isinstance(expectation, Matches)
    return not compare_observations(
        expectation.observation, {"changed": [], **observation}, expectation.tolerance, "cpu"
    )


def replayed(name: str) -> Evidence:
    """What is right and wrong of the best that another seed's answers can do for one check.

    Of all answers the best one counts, as if it were known which it is, of what comes by the dozen
    too: zeros and ones in the right places. Every exception that is due is raised.
    """
    by_heart, evidence = ByHeart(recorded(EARLIER).asked[name]), Evidence()
    for place, (question, expectation) in enumerate(recorded(NOW).asked[name]):
        is_right = not isinstance(expectation, Matches) or any(
            right(expectation, answer)
            for answer in (
                *by_heart.answers(place, question),
                *(filled(expectation.observation, number) for number in (0, 1)),
            )
        )
        evidence.add(question, expectation, None if is_right else {})
    return evidence


@pytest.fixture(scope="module")
def evidence() -> dict[str, Evidence]:
    return {name: replayed(name) for name in recorded(NOW).checks}


@pytest.fixture(scope="module")
def results(evidence: dict[str, Evidence]) -> list[Result]:
    """How each check of the course ends for who replays."""
    return [
        Result(check, "failed" if evidence[name].wrong else "passed", None, 0.0)
        for name, check in recorded(NOW).checks.items()
    ]


def only_refuses(name: str) -> bool:
    return not any(isinstance(e, Matches) for _, e in recorded(NOW).asked[name])


def points(results: list[Result]) -> float:
    return sum(result.check.points for result in results if result.outcome == "passed")


def test_the_right_answers_of_another_seed_pass_no_hidden_check_that_asks_for_values(
    results: list[Result],
) -> None:
    passed = {r.check.id for r in results if r.outcome == "passed" and r.check.hidden}
    assert {name for name in passed if not only_refuses(name)} == set(STATEMENTS)


def test_the_right_answers_of_another_seed_earn_nothing(
    results: list[Result], evidence: dict[str, Evidence]
) -> None:
    assert points(results) > 30, "without the rule a replay would be worth having"
    assert points([result for result in results if result.check.hidden]) < 8, "refusals, no more"
    drawn = recorded(NOW).drawn
    kept = counted(results, drawn, answered(drawn, evidence))
    assert [result.check.id for result in kept if result.outcome == "passed"] == []


def test_every_function_is_asked_for_values_that_nobody_can_know() -> None:
    now, earlier = recorded(NOW), recorded(EARLIER)
    unknown = defaultdict(int)
    for name, asked in now.asked.items():
        before = {key(question) for question, _ in earlier.asked[name]}
        drawn = set(map(id, now.drawn[name]))
        for question, expectation in asked:
            if now.checks[name].hidden and isinstance(expectation, Matches):
                new = id(expectation) in drawn and key(question) not in before
                unknown[question.function] += new
    functions = {name for exercise in load_course(ROOT).exercises for name in exercise.functions}
    assert {name for name in functions if not unknown[name]} == set()


def test_what_a_statement_says_is_still_the_same_under_every_seed() -> None:
    for name in STATEMENTS:
        values = [
            {
                wire.encode(dict(expectation.observation))
                for _, expectation in recorded(seed).asked[name]
                if isinstance(expectation, Matches)
            }
            for seed in (EARLIER, NOW)
        ]
        assert values[0] == values[1], f"{name} asks for something that is drawn: no statement"
        assert not recorded(NOW).drawn[name]


# the fixture that draws


def drawings(seed: str, check: str) -> list[Any]:
    drawn = Drawn(seed, check)
    found = [drawn.integer(1, 10**9), drawn.seed(), drawn.tensor(3, 2), drawn.tensor(2, high=9.0)]
    found += [drawn.near(torch.zeros(4)), drawn.scaled(torch.ones(5))]
    return [*found, drawn.shuffled(range(20))]


def test_what_is_drawn_follows_from_seed_and_check_alone() -> None:
    first = wire.encode(drawings("7", "test_a"))
    assert first == wire.encode(drawings("7", "test_a"))
    for other in (("8", "test_a"), ("7", "test_b"), (str(7 + 2**64), "test_a")):
        for one, another in zip(drawings("7", "test_a"), drawings(*other), strict=True):
            assert wire.encode(one) != wire.encode(another)


def test_what_is_drawn_is_short_and_within_bounds() -> None:
    drawn = Drawn("1", "test_a")
    assert {drawn.integer(3, 5) for _ in range(60)} == {3, 4, 5}
    tensor = drawn.tensor(40, 5, dtype=torch.float64, low=-1.0, high=2.0)
    assert tensor.dtype is torch.float64 and tensor.shape == (40, 5)
    assert (tensor.min(), tensor.max()) == (-1, 2) and bool((tensor * 4 % 1 == 0).all())
    off = drawn.near(torch.full((200,), 100.0), by=0.25) - 100
    assert (off.min(), off.max()) == (-0.25, 0.25) and bool((off * 8 % 1 == 0).all())
    signs = torch.tensor([-2.0, 0.0, 3.0]).repeat(20)
    scaled = drawn.scaled(signs)
    assert torch.equal(scaled.sign(), signs.sign()) and len(scaled.unique()) > 5


def test_a_question_is_drawn_where_something_was_drawn_for_it() -> None:
    drawn, asked = recorded(NOW).drawn, recorded(NOW).asked
    assert len(drawn["convnets/test_count_parameters_of_all_kinds"]) == 1  # of nine
    assert len(drawn["data/test_cifar_loader_gives_every_image"]) == 4
    assert not drawn.get("losses/test_l1_loss_of_three_numbers")
    # Hypothesis draws all of these; some of what it draws is 0 and gives 0.
    name = "losses/test_l1_loss_matches_torch"
    guesses = [one for _, one in asked[name] if not tells(one)]
    assert guesses and len(drawn[name]) + len(guesses) == len(asked[name])


def expected(**observation: Any) -> Matches:
    return Matches({"devices": ["cpu"], "changed": [], **observation}, Tolerance())


@pytest.mark.parametrize(
    "observation",
    [
        {"value": torch.zeros(2, 3), "gradients": [torch.zeros(3), None], "graph": True},
        {"value": torch.full((3,), float("nan"))},
        {"value": 1},
        {"value": -1.0},
        {"value": []},
        {"value": {"the loss falls": True}},
    ],
)
def test_what_may_be_a_guess_tells_nothing(observation: dict[str, Any]) -> None:
    assert not tells(expected(**observation))
    assert not tells(Raises(("ValueError",)))


@pytest.mark.parametrize(
    "observation",
    [
        {"value": torch.tensor(0.25)},
        {"value": torch.tensor([0.0, 1.0])},
        {"value": torch.zeros(2), "gradients": [torch.ones(2)]},
        {"value": 28},
        {"value": [0, 1, 1]},
        {"value": "linear"},
    ],
)
def test_what_has_to_be_computed_tells_that_a_function_works(observation: dict[str, Any]) -> None:
    assert tells(expected(**observation))
