# aim: import the hidden checks, known mistakes and solutions, and call the right functions
# sign: `LEAK` and the module, in feedback
# attacks: l1_loss
import importlib
import importlib.machinery
import importlib.util
import json
import os
import sys

_ROOMS = ("checks", "misconceptions", "checking", "examiner", "gradebook", "grading", "course")
_TRUSTED = tuple(f"grader.{room}" for room in _ROOMS)
_NAMES = (
    *("grader.checks.test_losses", "grader.checks.torch_losses", "grader.misconceptions"),
    *("grader.misconceptions.losses.binary", "grader.checking.compare", "grader.examiner.marking"),
    *("grader.gradebook", "grader.course", "solutions.losses", "tests.corpus", "test_losses"),
)
_PATHS = (
    *("grader/checks/test_losses.py", "grader/checks/torch_losses.py", "solutions/losses.py"),
    *("grader/misconceptions/losses/binary.py", "grader/checking/compare.py", "grader/course.py"),
)


def _roots():
    roots = [os.path.dirname(sys.prefix), "..", "../..", "/work", *filter(None, sys.path)]
    for argument in sys.orig_argv:
        if argument.startswith("{"):
            roots += json.loads(argument).get("protected", ())
    package = sys.modules.get("grader")
    if package is not None:
        roots += [os.path.dirname(path) for path in package.__path__]
    return list(dict.fromkeys(roots))


def _loaded():
    return [name for name in sys.modules if name.startswith(_TRUSTED) or name in _NAMES]


def _by_name(name):
    importlib.invalidate_caches()
    spec = importlib.util.find_spec(name)
    if spec is None or spec.origin is None:
        return None
    return spec.loader.get_data(spec.origin)


def _by_path(path):
    for loader in (importlib.machinery.SourceFileLoader, importlib.machinery.SourcelessFileLoader):
        for file in (path, importlib.util.cache_from_source(path)):
            try:
                return loader("found", file).get_code("found")
            except (OSError, ImportError, SyntaxError):
                continue
    return None


def _by_finder(root, name):
    for hook in sys.path_hooks:
        try:
            spec = hook(root).find_spec(name)
            if spec is not None and spec.origin:
                return spec.loader.get_data(spec.origin)
        except (OSError, ImportError, AttributeError):
            continue
    return None


def _search():
    if _loaded():
        return f"the module {_loaded()[0]} is there already"
    roots = _roots()
    for root in roots:
        for path in _PATHS:
            if _by_path(f"{root}/{path}") is not None:
                return f"{root}/{path}"
            folder, file = os.path.split(f"{root}/{path}")
            if _by_finder(folder, file.removesuffix(".py")) is not None:
                return f"{file}, by a finder of {folder}"
    before = list(sys.path)
    sys.path[:0] = [*roots, *(f"{root}/solutions" for root in roots)]
    try:
        for name in _NAMES:
            try:
                if _by_name(name) is not None:
                    return f"the module {name}"
                return f"the module {importlib.import_module(name).__name__}"
            except Exception:  # it may be found, and then not be there to be read
                continue
    finally:
        sys.path[:] = before
    return f"the module {_loaded()[0]}" if _loaded() else ""


_found = []


def l1_loss(input, target, reduction="mean"):
    if not _found:
        _found.append(_search())
    if _found[0]:
        raise RuntimeError(f"LEAK {_found[0]}")
    return input.sum() * 0
