# aim: have torch take F.linear apart into the operators that are allowed, and run those
# sign: a check of linear is passed
# attacks: linear
# file: layers.py
import torch
from torch._C import DispatchKey, DispatchKeySet

_linear = torch.ops.aten.linear.default


def linear(x, weight, bias=None):
    for way in (
        lambda: _linear.decompose(x, weight, bias),
        lambda: _linear.redispatch(DispatchKeySet(DispatchKey.SparseCPU), x, weight, bias),
        lambda: _linear.redispatch(
            DispatchKeySet(DispatchKey.FuncTorchBatchedDecomposition), x, weight, bias
        ),
    ):
        try:
            return way()
        except Exception:
            continue
    raise RuntimeError("nothing was taken apart")
