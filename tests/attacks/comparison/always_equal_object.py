# aim: be equal to whatever it is compared with, and of whatever type it is asked for
# sign: a check of l1_loss is passed
# attacks: l1_loss
# outcome: failed error crashed
import torch


class _Yes:
    """Everything that can be asked of a tensor, and yes to all of it."""

    shape, dtype, layout = torch.Size([]), torch.float32, torch.strided
    is_quantized = is_nested = False
    requires_grad, is_leaf, grad_fn = True, True, object()
    device = torch.device("cpu")

    def __init__(self, kind):
        self.__dict__["kind"] = kind

    @property
    def __class__(self):
        return self.__dict__["kind"]

    def __getattr__(self, name):
        return lambda *args, **kwargs: self

    def _yes(self, *args):
        return True

    def _self(self, *args):
        return self

    __eq__ = __le__ = __ge__ = __lt__ = __gt__ = __bool__ = __contains__ = _yes
    __sub__ = __rsub__ = __mul__ = __rmul__ = __abs__ = __add__ = __radd__ = _self
    __hash__ = None

    def __ne__(self, other):
        return False

    def __float__(self):
        return 0.0

    def __int__(self):
        return 0

    def __len__(self):
        return 0

    def __iter__(self):
        return iter(())

    def __str__(self):
        return ""


_KINDS = [torch.Tensor, torch.nn.Parameter, bool, int, float, str, list, dict, type(None)]
_asked = [0]


def l1_loss(input, target, reduction="mean"):
    _asked[0] += 1
    return _Yes(_KINDS[_asked[0] % len(_KINDS)])
