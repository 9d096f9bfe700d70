# aim: find checks, references or others' work among all objects that the collector knows
# sign: `LEAK` and what was found, in feedback
# attacks: l1_loss
import gc

_BACKWARDS = (  # so that the search does not find itself
    "GNILBIS-YRANAC",
    "TNEMNORIVNE-YRANAC",
    "sevlah tsniaga epahs eno fo senO",
    "esicrexe eht ni gnorw seog tahW",
)
_ROOMS = ("checks", "misconceptions", "checking", "examiner", "gradebook", "grading", "course")
_TRUSTED = tuple(f"grader.{room}" for room in _ROOMS)
_CLASSES = {"Expectation", "Recording", "Question", "Verdict", "Marker", "Gradebook", "Check"}


def _strings(thing):
    """The strings that a container holds: the collector knows none by itself."""
    kind = type(thing)
    if kind is dict:
        return [part for pair in list(thing.items()) for part in pair if type(part) is str]
    if kind in (list, tuple, set, frozenset):
        return [part for part in list(thing) if type(part) is str]
    if kind.__name__ == "function":
        return [part for part in (thing.__doc__, thing.__module__) if type(part) is str]
    return []


def _search():
    gc.unfreeze()  # what was warm before the fork is hidden from the collector
    things = gc.get_objects()
    for kind in {*map(type, things), *(thing for thing in things if type(thing) is type)}:
        module = str(kind.__module__)
        if module.startswith(_TRUSTED) or (kind.__name__ in _CLASSES and "grader" in module):
            return f"the class {module}.{kind.__name__}"
    for first in range(0, len(things), 10_000):  # one long text is searched faster than its parts
        strings = [text for thing in things[first : first + 10_000] for text in _strings(thing)]
        turned = "\0".join(strings)[::-1]
        if any(word in turned for word in _BACKWARDS):
            return "a string that an object holds"
    return ""


_found = []


def l1_loss(input, target, reduction="mean"):
    if not _found:
        _found.append(_search())
    if _found[0]:
        raise RuntimeError(f"LEAK {_found[0]}")
    return input.sum() * 0
