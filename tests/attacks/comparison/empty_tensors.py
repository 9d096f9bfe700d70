# aim: have nothing compared: of no elements all are equal
# sign: a check of l1_loss is passed
# attacks: l1_loss
# outcome: failed error
import torch

_asked = [0]


def l1_loss(input, target, reduction="mean"):
    _asked[0] += 1
    nothing = (input - target).reshape(-1)[:0]
    shapes = [(0,), (0, *input.shape), (*input.shape, 0), (0, 1), (1, 0, 1)]
    kinds = [nothing.reshape(shape) for shape in shapes]
    kinds += [torch.empty(0, dtype=input.dtype).as_strided((0, 3), (1 << 40, 1)), [], {}]
    return kinds[_asked[0] % len(kinds)]
