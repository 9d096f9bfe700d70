"""Numbers for checks that draw nothing with hypothesis: other ones with every seed of a run.

A check on chosen inputs has answers that can be read off its source. Where some of its numbers are
drawn, an answer is right only for who computes it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import TypeVar

import torch

_Item = TypeVar("_Item")
_FACTORS = torch.tensor([0.5, 0.75, 1.0, 1.25, 1.5, 2.0], dtype=torch.float64)


class Drawn:
    """What a check's fixture `drawn` gives: the same with the same seed, short to write."""

    def __init__(self, seed: str, check: str) -> None:
        digest = hashlib.sha256(f"{seed} {check}".encode()).digest()
        self._source = torch.Generator().manual_seed(int.from_bytes(digest[:8]) >> 1)
        self.times = 0  # that something was drawn

    @property
    def _generator(self) -> torch.Generator:
        self.times += 1
        return self._source

    def integer(self, low: int, high: int) -> int:
        """A whole number from `low` to `high`, both included."""
        return int(torch.randint(low, high + 1, (), generator=self._generator))

    def seed(self) -> int:
        """A seed for what a probe draws itself: the parameters of a network, pictures."""
        return self.integer(10, 2**31 - 1)

    def tensor(
        self,
        *shape: int,
        dtype: torch.dtype = torch.float32,
        low: float = -3.0,
        high: float = 3.0,
    ) -> torch.Tensor:
        """Multiples of 1/4 in [low, high]."""
        least, most = int(low * 4), int(high * 4)
        quarters = torch.randint(least, most + 1, shape, generator=self._generator)
        return (quarters.double() / 4).to(dtype)

    def near(self, tensor: torch.Tensor, by: float = 0.5) -> torch.Tensor:
        """A tensor whose elements are off by multiples of 1/8, at most by `by`."""
        most = int(by * 8)
        eighths = torch.randint(-most, most + 1, tensor.shape, generator=self._generator)
        return tensor + (eighths.double() / 8).to(tensor.dtype)

    def scaled(self, tensor: torch.Tensor) -> torch.Tensor:
        """Each element times a factor from 1/2 to 2: signs and zeros stay."""
        which = torch.randint(len(_FACTORS), tensor.shape, generator=self._generator)
        return tensor * _FACTORS[which].to(tensor.dtype)

    def shuffled(self, items: Sequence[_Item]) -> list[_Item]:
        """The items in another order."""
        return [
            items[int(place)] for place in torch.randperm(len(items), generator=self._generator)
        ]
