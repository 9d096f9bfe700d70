# aim: import a second copy of torch.optim, with code that nobody has replaced
# sign: a check of SGD is passed
# attacks: SGD Adam
# file: optimizers.py
import importlib
import importlib.util
import inspect
import sys

import torch
import torch.optim.sgd

_FILES = {name: sys.modules[f"torch.optim.{name}"].__file__ for name in ("sgd", "adam")}


def _from_its_file(name):
    spec = importlib.util.spec_from_file_location(f"another_{name}", _FILES[name])
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def _from_its_source(name):
    space = dict(vars(sys.modules[f"torch.optim.{name}"]))
    exec(inspect.getsource(sys.modules[f"torch.optim.{name}"]), space)
    return type("found", (), space)


def _from_its_cache(name):
    import marshal

    with open(importlib.util.cache_from_source(_FILES[name]), "rb") as file:
        code = marshal.loads(file.read()[16:])
    space = dict(vars(sys.modules[f"torch.optim.{name}"]))
    exec(code, space)
    return type("found", (), space)


def _anew(name):
    kept = {key: sys.modules.pop(key) for key in list(sys.modules) if "torch.optim" in key}
    try:
        return importlib.import_module(f"torch.optim.{name}")
    finally:
        sys.modules.update(kept)


def _reloaded(name):
    importlib.reload(torch.optim.optimizer)
    return importlib.reload(sys.modules[f"torch.optim.{name}"])


def _kinds(name, kind):
    for way in (_from_its_file, _from_its_source, _from_its_cache, _anew, _reloaded):
        try:
            yield getattr(way(name), kind)
        except Exception:
            continue
    yield getattr(torch.optim, kind)


def SGD(params, lr=0.01, **options):
    for kind in _kinds("sgd", "SGD"):
        return kind(params, lr, **options)


def Adam(params, lr=0.01, **options):
    for kind in _kinds("adam", "Adam"):
        return kind(params, lr, **options)
