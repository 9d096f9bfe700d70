"""How the tests of misconceptions look at an implementation: what it does, as plain data."""

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor

from grader.misconceptions import Misconception, misconceptions_of

Case = Callable[[Any], Any]  # an implementation -> what it did


def observed(case: Case, implementation: Any) -> Any:
    """What the case sees; an exception is an observation too. Global state ends as it was."""
    grad_mode = torch.is_grad_enabled()
    try:
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(1)
            return case(implementation)
    except Exception as error:
        return f"raises {type(error).__name__}"
    finally:
        torch.set_grad_enabled(grad_mode)


def crashed(observation: Any) -> bool:
    return isinstance(observation, str) and observation.startswith("raises ")


def alike(first: Any, second: Any) -> bool:
    """Whether two observations are equal, numbers within torch's tolerances."""
    if isinstance(first, Tensor) and isinstance(second, Tensor):
        if first.shape != second.shape or first.dtype != second.dtype:
            return False
        scale = max(1.0, float(second.abs().nan_to_num(0, 1e4, 1e4).max())) if second.numel() else 1
        return torch.allclose(first, second, rtol=1e-5, atol=1e-6 * scale, equal_nan=True)
    if type(first) is not type(second):
        return False
    if isinstance(first, list | tuple):
        return len(first) == len(second) and all(map(alike, first, second))
    if isinstance(first, dict):
        return first.keys() == second.keys() and all(alike(first[k], second[k]) for k in first)
    if isinstance(first, float):
        return alike(torch.tensor(first), torch.tensor(second))
    return bool(first == second)


class Examination:
    """The misconceptions of an exercise, looked at through cases: function -> name -> case."""

    def __init__(
        self, exercise: str, right: dict[str, Any], cases: dict[str, dict[str, Case]]
    ) -> None:
        self.known = {known.name: known for known in misconceptions_of(exercise)}
        self.cases = cases
        self.expected = {
            function: {name: observed(case, right[function]) for name, case in named.items()}
            for function, named in cases.items()
        }
        self.seen: dict[str, dict[str, Any]] = {}
        for named in self.expected.values():
            for name, outcome in named.items():
                assert not crashed(outcome) or outcome == "raises ValueError", (name, outcome)

    def of(self, name: str) -> tuple[Misconception, dict[str, Any], dict[str, Any]]:
        """The misconception, what it does in each case, and what is right there."""
        known = self.known[name]
        if name not in self.seen:
            self.seen[name] = {
                case_name: observed(case, known.definition)
                for case_name, case in self.cases[known.function].items()
            }
        return known, self.seen[name], self.expected[known.function]

    def shows_in(self, name: str) -> list[str]:
        """The cases in which a misconception can be told from what is right."""
        _, seen, expected = self.of(name)
        return [case for case in seen if not alike(seen[case], expected[case])]

    def always_crashes(self, name: str) -> bool:
        """Whether it fails by an exception wherever it shows, and so gives no wrong answer."""
        _, seen, _ = self.of(name)
        return all(crashed(seen[case]) for case in self.shows_in(name))

    def look_alikes(self, skipped: set[str]) -> list[tuple[str, str]]:
        """Pairs for one function that no case tells apart: their hints would contradict."""
        found = []
        names = [name for name in self.known if name not in skipped]
        for index, first in enumerate(names):
            for second in names[:index]:
                rivals = self.known[first].function == self.known[second].function
                if rivals and alike(self.of(first)[1], self.of(second)[1]):
                    found.append((second, first))
        return found
