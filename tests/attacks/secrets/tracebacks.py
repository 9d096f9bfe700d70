# aim: have others print lines of hidden files: tracebacks, linecache, warnings, inspect
# sign: `LEAK` and by which way, in feedback
# attacks: l1_loss
import inspect
import io
import json
import linecache
import os
import sys
import tokenize
import traceback
import warnings

_BACKWARDS = ("sevlah tsniaga epahs eno fo senO", "esicrexe eht ni gnorw seog tahW")
_HIDDEN = ("grader/checks/test_losses.py", "grader/misconceptions/losses/__init__.py")


def _files():
    roots = [os.path.dirname(sys.prefix), "..", "../..", *filter(None, sys.path)]
    for argument in sys.orig_argv:
        if argument.startswith("{"):
            roots += json.loads(argument).get("protected", ())
    for module in [module for name, module in sys.modules.items() if name == "grader"]:
        roots += [os.path.dirname(path) for path in module.__path__]
    return [f"{root}/{name}" for root in dict.fromkeys(roots) for name in _HIDDEN]


def _failed(source, file):
    """The text of an exception that claims to have been raised in that file."""
    try:
        exec(compile(source, file, "exec"), {"__file__": file})
    except BaseException as error:
        return "".join(traceback.format_exception(error))
    return ""


def _of_the_interpreter(file):
    """As the interpreter itself prints it, which reads the file by another way."""
    said = io.StringIO()
    before = sys.stderr
    sys.stderr = said
    try:
        compile("\n" * 41 + "(", file, "exec")
    except SyntaxError as error:
        sys.__excepthook__(SyntaxError, error, None)
    finally:
        sys.stderr = before
    return said.getvalue()


def _warned(file):
    with warnings.catch_warnings(record=True) as heard:
        warnings.simplefilter("always")
        text = warnings.formatwarning("said", UserWarning, file, 42)
        warnings.warn_explicit("said", UserWarning, file, 42)
    return text + "".join(str(each) for each in heard)


def _tokens(file):
    with tokenize.open(file) as source:
        return source.read()


_WAYS = {
    "linecache": lambda file: "".join(linecache.getlines(file)),
    "traceback": lambda file: _failed("\n" * 41 + "1 / 0", file) + _failed("1 / 0", file),
    "summary": lambda file: str(traceback.StackSummary.from_list([(file, 42, "f", None)]).format()),
    "syntax": lambda file: _failed("\n" * 41 + "(", file),
    "interpreter": _of_the_interpreter,
    "warnings": _warned,
    "tokenize": _tokens,
    "code": lambda file: inspect.getsource(compile("x = 1", file, "exec")),
}


def _secret(text):
    return any(word in str(text)[::-1] for word in _BACKWARDS)


def _kept():
    """What is in the cache of lines, and the sources of all that runs below."""
    for name, entry in list(linecache.cache.items()):
        if _secret(entry):
            return f"linecache.cache[{name!r}]"
    frame = sys._getframe()
    while frame is not None:
        try:
            text = inspect.getsource(frame)
        except (OSError, TypeError):
            text = ""
        if text and "grader" in frame.f_globals.get("__name__", ""):
            return f"the source of {frame.f_globals['__name__']}"
        frame = frame.f_back
    return ""


def _search():
    for file in _files():
        for name, way in _WAYS.items():
            try:
                text = way(file)
            except Exception:
                continue
            if _secret(text):
                return f"{file}, by {name}"
    return _kept()


_found = []


def l1_loss(input, target, reduction="mean"):
    if not _found:
        _found.append(_search())
    if _found[0]:
        raise RuntimeError(f"LEAK {_found[0]}")
    return input.sum() * 0
