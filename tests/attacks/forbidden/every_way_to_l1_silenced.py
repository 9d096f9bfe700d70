# aim: call the forbidden l1_loss by any way that torch has, with what tells of it silenced
# sign: a check of l1_loss is passed
# attacks: l1_loss
import copy
import functools
import gc
import importlib
import importlib.util
import pickle
import sys
import threading
import types

import torch
import torch.nn.functional as F
from torch._C import DispatchKey, DispatchKeySet
from torch.fx.experimental.proxy_tensor import make_fx

ATEN = torch.ops.aten
saved = F.l1_loss
code, defaults = F.l1_loss.__code__, F.l1_loss.__defaults__


def _objects():
    gc.unfreeze()  # else what was warm before the fork is not listed
    gc.disable()
    return gc.get_objects()


layers = {name: getattr(torch.nn, name) for name in ("L1Loss", "SmoothL1Loss", "HuberLoss")}
kernels, graphs, prepared = [], [], []


_tried = []


def safely(action):
    try:
        return action()
    except BaseException:
        return None


def prepare():
    example = torch.ones(2), torch.zeros(2)
    for key in ("CPU", "CompositeImplicitAutograd", "AutogradCPU", "XLA", "SparseCPU"):
        found = safely(lambda key=key: torch.library.get_kernel("aten::l1_loss", key))
        kernels.append((key, found))
    graphs.append(safely(lambda: torch.jit.trace(lambda x, y: saved(x, y), example)))
    graphs.append(safely(lambda: torch.jit.script(torch.nn.L1Loss())))
    graphs.append(safely(lambda: torch.fx.symbolic_trace(torch.nn.L1Loss())))
    graphs.append(safely(lambda: make_fx(saved)(*example)))


safely(prepare)


def silence():
    for found in _objects():
        if type(found) is types.FunctionType:
            if found.__name__ == "_told":
                found.__code__ = (lambda self, label: None).__code__
            elif found.__name__ == "refuse":
                prepared.append(found)


def fresh_copy():
    spec = importlib.util.spec_from_file_location("another_functional", F.__file__)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.l1_loss


def in_a_thread(function, *arguments):
    found = []
    thread = threading.Thread(target=lambda: found.append(function(*arguments)))
    thread.start()
    thread.join()
    return found[0]


def overridden(x, y):
    library = torch.library.Library("aten", "IMPL")
    library.impl("l1_loss", torch.library.fallthrough_kernel, "CPU")
    return ATEN.l1_loss(x, y)


def ways(x, y):
    op, keys = ATEN.l1_loss.default, DispatchKey
    yield lambda: op.decompose(x, y)
    for key in ("CompositeImplicitAutograd", "CPU", "FuncTorchBatchedDecomposition", "Meta"):
        yield lambda key=key: op._op_dk(getattr(keys, key), x, y)
    for key in ("CompositeImplicitAutograd", "SparseCPU", "QuantizedCPU", "NestedTensorCPU"):
        yield lambda key=key: op.redispatch(DispatchKeySet(getattr(keys, key)), x, y)
    for key, kernel in kernels:
        yield lambda k=kernel, key=key: k.call_boxed(DispatchKeySet(getattr(keys, key)), x, y)
    for graph in graphs:
        yield lambda graph=graph: graph(x, y)
    yield lambda: types.FunctionType(code, F.__dict__, "mine", defaults)(x, y)
    yield lambda: torch._C._nn.l1_loss(x, y)
    yield lambda: F.smooth_l1_loss(x, y, beta=0.0)
    yield lambda: F.huber_loss(x, y, delta=1e-9) * 1e9
    yield lambda: layers["L1Loss"]()(x, y)
    yield lambda: layers["SmoothL1Loss"](beta=0.0)(x, y)
    yield lambda: torch._refs.nn.functional.l1_loss(x, y)
    yield lambda: torch._decomp.decomposition_table[ATEN.smooth_l1_loss.default](x, y, 1, 0.0)
    yield lambda: fresh_copy()(x, y)
    yield lambda: importlib.reload(F).l1_loss(x, y)
    yield lambda: in_a_thread(saved, x, y)
    yield lambda: torch.vmap(saved)(x[None], y[None])[0]
    yield lambda: torch.inference_mode()(saved)(x, y)
    yield lambda: overridden(x, y)
    yield lambda: copy.deepcopy(saved)(x, y)
    yield lambda: functools.partial(saved, x)(y)
    yield lambda: pickle.loads(pickle.dumps(saved))(x, y)
    yield lambda: sys.modules["torch"].nn.functional.l1_loss(x, y)
    with torch._C.DisableTorchFunction():
        yield lambda: saved(x, y)
    with torch._C._ExcludeDispatchKeyGuard(DispatchKeySet(keys.AutogradCPU)):
        yield lambda: op(x, y)
    for cell in prepared:
        for inner in cell.__closure__ or ():
            yield lambda inner=inner: inner.cell_contents(x, y)


def l1_loss(input, target, reduction="mean"):
    if _tried:
        raise _tried[0]
    safely(silence)
    _tried.append(RuntimeError("no way was found"))
    for way in ways(input, target):
        found = safely(way)
        if isinstance(found, torch.Tensor) and found.dtype == input.dtype:
            _tried.clear()
            return found
    raise _tried[0]
