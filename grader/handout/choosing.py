"""Which few examples of a property tell its known mistakes apart."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from grader.checking.diagnosis import Answer
from grader.checking.recorded import answer_to_json

_LEAST = 10  # examples of a property: so many answers no other function gives by chance
_MOST = 24
_WRONG = 3  # examples that a mistake is wrong about, where there are so many
_SMALL = 8  # numbers: what an example costs, whatever its size
_Demand = tuple[str, ...]


def chosen(
    wrong: Mapping[str, Sequence[Mapping[str, Answer]]],
    hints: Mapping[str, str],
    numbers: Sequence[int],
) -> list[int]:
    """The positions of the examples to keep, small ones first.

    `wrong` are the wrong answers of each mistake by name, one mapping an example; `numbers` says
    how large each example is. Every mistake is to be wrong about some of them, and every two with
    different hints are to differ on one.
    """
    order = sorted(range(len(numbers)), key=lambda example: (numbers[example], example))
    answered = {
        name: [str({key: answer_to_json(one) for key, one in answer.items()}) for answer in answers]
        for name, answers in wrong.items()
    }
    offered = {example: set(_met(example, answered, hints)) for example in order}
    open_: dict[_Demand, int] = {}
    for demands in offered.values():
        for demand in demands:
            most = _WRONG if len(demand) == 1 else 1
            open_[demand] = min(open_.get(demand, 0) + 1, most)
    kept: list[int] = []
    while len(kept) < min(_MOST, len(order)):
        left = [example for example in order if example not in kept]
        # What it tells for its size; of those alike, the smallest: `max` takes the first.
        best = max(
            left,
            key=lambda example: (
                sum(open_[one] > 0 for one in offered[example]) / (_SMALL + numbers[example])
            ),
        )
        if not any(open_[one] > 0 for one in offered[best]):
            break
        kept.append(best)
        for demand in offered[best]:
            open_[demand] -= 1
    kept += [example for example in order if example not in kept][: max(0, _LEAST - len(kept))]
    return sorted(kept, key=order.index)


def _met(
    example: int, answered: Mapping[str, Sequence[str]], hints: Mapping[str, str]
) -> Iterator[_Demand]:
    """What an example shows: which mistakes are wrong about it, and which two differ."""
    names = list(answered)
    for position, name in enumerate(names):
        own = answered[name][example]
        if own != "{}":
            yield (name,)
        for other in names[position + 1 :]:
            if hints[name] != hints[other] and answered[other][example] != own:
                yield (name, other)
