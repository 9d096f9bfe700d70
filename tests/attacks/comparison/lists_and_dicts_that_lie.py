# aim: be a list, a tuple or a dict that claims any length, and never ends
# sign: a check of l1_loss is passed, or its process eats memory until it is ended
# attacks: l1_loss
# outcome: failed error
import itertools
from collections.abc import Mapping


class _List(list):
    def __iter__(self):
        return iter(itertools.count())

    def __len__(self):
        return 0

    def __eq__(self, other):
        return True


class _Dict(dict):
    def items(self):
        return ((str(number), number) for number in itertools.count())

    def values(self):
        return itertools.count()

    def __len__(self):
        return 1


class _Mapping(Mapping):
    def __getitem__(self, key):
        return key

    def __iter__(self):
        return map(str, itertools.count())

    def __len__(self):
        return 3


class _Tuple(tuple):
    def __iter__(self):
        return itertools.repeat(self)


_KINDS = [_List([1]), _Dict(a=1), _Mapping(), _Tuple([1])]
_asked = [0]


def l1_loss(input, target, reduction="mean"):
    _asked[0] += 1
    return _KINDS[_asked[0] % len(_KINDS)]
