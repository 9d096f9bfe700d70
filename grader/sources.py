"""What counts of a submission's files: for each module one source, from a .py file or a notebook.

The rule is docs/notebooks.md's. Files side by side that hold different work for one exercise are
never chosen between: a module stands for it that says so.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import IntEnum

from grader.downloads import NOTEBOOK, exercise_file, is_notebook
from grader.folders import MIB, Changed, Kind, Parts, Refused, Tree, too_large, unreadable
from grader.notebooks.cells import plain_module, written_modules
from grader.notebooks.reading import MAX_BYTES, code_cells
from grader.roots import MAX_ENTRIES, NOTEBOOKS, exercise_files, no_exercise
from grader.untrusted import quoted_name

MAX_SOURCE_BYTES = MIB  # of one module
MAX_SOURCES = 200
MAX_TOTAL_BYTES = 64 * MIB  # of all modules of a submission
MAX_NOTEBOOKS = 50
MAX_NOTEBOOK_BYTES = 128 * MIB  # of all notebooks of a submission, one of which is in memory


class _Tier(IntEnum):
    """What counts before what. In the first tier that holds work for a module, that is taken."""

    BESIDE = 0  # .py files, and what notebooks in their folder write
    ELSEWHERE = 1  # what notebooks write that lie above, or in a folder for notebooks
    PLAIN_BESIDE = 2  # all code of a notebook that is named after an exercise and writes no module
    PLAIN_ELSEWHERE = 3
    UNREAD = 4  # a notebook of the exercise's name that cannot be read
    UNNAMED = 5  # one that might have held it, where no exercise can be read


@dataclass(frozen=True)
class _Offer:
    """One source for a module. `file` is whose it is; `refused` tells that it could not be read."""

    module: str
    source: bytes
    file: str
    tier: _Tier
    refused: str | None = None


def read_sources(
    tree: Tree,
    folder: Parts,
    names: Mapping[str, str],
    exercises: Collection[str],
    stubs: Mapping[str, bytes],
    elsewhere: Sequence[Parts] = (),
) -> dict[str, bytes]:
    """The modules of a submission, each under the name of the .py file that it is.

    Args:
        tree, folder: where the files lie.
        names: of .py files and notebooks there, by the names that they count as.
        exercises: the names of the course's exercises, such as "losses".
        stubs: by file name, what students were given: a file that is still that holds no work.
        elsewhere: folders in whose notebooks is looked as well.

    One file that is not read - a link, too large, encrypted - costs the others nothing: a module
    stands for it that says why when it is imported. Refused where no exercise can be read.
    """
    plain = {as_: name for as_, name in names.items() if not is_notebook(name)}
    notebooks = [((*folder, name), as_, True) for as_, name in names.items() if as_ not in plain]
    for other in elsewhere:
        notebooks += [((*other, name), name, False) for name in _notebooks_in(tree, other)]
    if len(plain) > MAX_SOURCES:
        raise Refused(_too_many(len(plain)))
    offers = list(_files(tree, folder, plain))
    offers += _Notebooks(tree, exercises, stubs).offers(notebooks)
    expected = exercise_files(exercises)
    if any(offer.module in expected and offer.refused is None for offer in offers):
        offers = [offer for offer in offers if offer.tier is not _Tier.UNNAMED]
    chosen = _chosen(offers, exercises, stubs)
    if not any(offer.module in expected and offer.refused is None for offer in chosen):
        reasons = {offer.module: offer.refused for offer in chosen if offer.module in expected}
        said = [reasons[each] for each in sorted(reasons)]
        raise Refused(said[0] or "" if said else no_exercise(list(names.values()), exercises))
    if len(chosen) > MAX_SOURCES:
        raise Refused(_too_many(len(chosen)))
    if sum(len(offer.source) for offer in chosen) > MAX_TOTAL_BYTES:
        raise Refused(_too_much())
    return {offer.module: offer.source for offer in chosen}


def _files(tree: Tree, folder: Parts, names: Mapping[str, str]) -> Iterator[_Offer]:
    """The .py files."""
    left = MAX_TOTAL_BYTES
    for module in sorted(names, key=lambda each: tree.position((*folder, names[each]))):
        name = names[module]
        try:
            data = _read(tree, (*folder, name), MAX_SOURCE_BYTES)
        except Changed:
            raise
        except Refused as reason:
            yield _refusal(module, name, _Tier.BESIDE, str(reason))
            continue
        yield _Offer(module, data, name, _Tier.BESIDE)
        left -= len(data)
        if left < 0:
            raise Refused(_too_much())


class _Notebooks:
    """The notebooks of one submission, read one after another; memory holds one at a time."""

    def __init__(self, tree: Tree, exercises: Collection[str], stubs: Mapping[str, bytes]) -> None:
        self._tree, self._exercises, self._stubs = tree, exercises, stubs
        self._left = MAX_NOTEBOOK_BYTES

    def offers(self, notebooks: Sequence[tuple[Parts, str, bool]]) -> Iterator[_Offer]:
        """What they hold; of each its place, the name it counts as, and whether it lies beside."""
        if len(notebooks) > MAX_NOTEBOOKS:
            most = f"{MAX_NOTEBOOKS} is the most: hand in the exercises alone"
            raise Refused(f"it holds {len(notebooks):,} notebooks; {most}")
        for place, counts_as, beside in sorted(
            notebooks, key=lambda each: self._tree.position(each[0])
        ):
            exercise = exercise_file(counts_as, self._exercises)
            module = exercise and exercise.removesuffix(NOTEBOOK) + ".py"
            try:
                yield from self._held(place, module, beside)
            except Changed:
                raise
            except Refused as reason:
                unread = [module] if module else sorted(exercise_files(self._exercises))
                tier = _Tier.UNREAD if module else _Tier.UNNAMED
                for each in unread:
                    yield _refusal(each, place[-1], tier, str(reason))

    def _held(self, place: Parts, module: str | None, beside: bool) -> Iterator[_Offer]:
        """The modules in one notebook; `module` is the one that it is named after."""
        name = place[-1]
        if self._left < 0:
            most = f"{MAX_NOTEBOOK_BYTES // MIB} MiB"
            raise Refused(f"its notebooks hold more than {most}: clear their outputs")
        data = _read(self._tree, place, MAX_BYTES)
        self._left -= len(data)
        cells = code_cells(name, data)
        tier = _Tier.BESIDE if beside else _Tier.ELSEWHERE
        written = written_modules(cells)
        for each, held in written.items():
            source = held.text.encode()
            if held.added:  # to the file as it was handed out: no cell begins it anew
                source = self._stubs.get(each, b"") + source
            yield _offer(each, source, name, tier)
        if module is None or exercise_files(self._exercises).intersection(written):
            return
        if sum(map(len, cells)) > MAX_SOURCE_BYTES:
            raise Refused(too_large(module, MAX_SOURCE_BYTES))
        text = plain_module(cells)
        if text is None:
            what = f"no cell begins with %%writefile exercises/{module}"
            raise Refused(f"{quoted_name(name)} holds no work: {what}")
        tier = _Tier.PLAIN_BESIDE if beside else _Tier.PLAIN_ELSEWHERE
        yield _offer(module, text.encode(), name, tier)


def _chosen(
    offers: Sequence[_Offer], exercises: Collection[str], stubs: Mapping[str, bytes]
) -> list[_Offer]:
    """One source for each module: for the exercises, then for what they may import.

    A notebook none of whose exercises counts gives nothing to import either.
    """
    expected = exercise_files(exercises)
    by_module: dict[str, list[_Offer]] = {}
    for offer in offers:
        by_module.setdefault(offer.module, []).append(offer)
    chosen = [
        _one_of(by_module[module], stubs.get(module))
        for module in sorted(expected.intersection(by_module))
    ]
    counting = {offer.file for offer in chosen}
    for module in sorted(by_module.keys() - expected):
        helpers = [
            offer
            for offer in by_module[module]
            if offer.file in counting or not is_notebook(offer.file)
        ]
        if helpers:
            chosen.append(_one_of(helpers, None))
    return chosen


def _one_of(offers: Iterable[_Offer], stub: bytes | None) -> _Offer:
    """The one that counts: of the first tier with work in it, or the first where nobody worked."""
    ordered = sorted(offers, key=lambda offer: offer.tier)
    works = [offer for offer in ordered if stub is None or _text(offer.source) != _text(stub)]
    if not works:
        return ordered[0]
    best = [offer for offer in works if offer.tier == works[0].tier]
    best = [offer for offer in best if offer.refused is None] or best
    first = best[0]
    other = next((each for each in best if _text(each.source) != _text(first.source)), None)
    if other is None or first.tier >= _Tier.UNREAD:
        return first
    files = f"{quoted_name(first.file)} and {quoted_name(other.file)}"
    what = f"hold different work for {first.module}: hand in one of them"
    return _refusal(first.module, first.file, first.tier, f"{files} {what}")


def _text(source: bytes) -> bytes:
    """A source as two are compared: how lines end, and blanks at their ends, make no work."""
    lines = source.removeprefix(b"\xef\xbb\xbf").split(b"\n")
    return b"\n".join(line.rstrip() for line in lines).rstrip(b"\n")


def _notebooks_in(tree: Tree, folder: Parts) -> list[str]:
    """The notebooks in a folder besides the root; what is wrong there costs nothing."""
    try:
        if tree.kind(folder) is not Kind.FOLDER:
            return []
        kinds = tree.entries(folder, MAX_ENTRIES)
    except Changed:
        raise
    except (Refused, OSError):
        return []
    return [name for name, kind in kinds.items() if kind is Kind.FILE and is_notebook(name)]


def notebook_folders(top: Parts, root: Parts) -> list[Parts]:
    """Where notebooks may lie that belong to the exercises in `root`: in folders up to `top`."""
    folders = [root[:depth] for depth in range(len(top), len(root))]
    return [*folders, *((*folder, NOTEBOOKS) for folder in (*folders, root))]


def _read(tree: Tree, place: Parts, limit: int) -> bytes:
    try:
        return tree.read(place, limit)
    except PermissionError as error:
        raise Refused(unreadable(place[-1], error)) from None


def _offer(module: str, source: bytes, file: str, tier: _Tier) -> _Offer:
    if len(source) > MAX_SOURCE_BYTES:
        return _refusal(module, file, tier, too_large(module, MAX_SOURCE_BYTES))
    return _Offer(module, source, file, tier)


def _refusal(module: str, file: str, tier: _Tier, reason: str) -> _Offer:
    """What stands for a module that is not read: its source says why when it is imported."""
    return _Offer(module, f"raise ImportError({reason!r})\n".encode(), file, tier, reason)


def _too_many(number: int) -> str:
    most = f"{MAX_SOURCES} is the most: hand in the exercises alone"
    return f"it holds {number:,} Python files; {most}"


def _too_much() -> str:
    most = f"{MAX_TOTAL_BYTES // MIB} MiB: hand in the exercises alone"
    return f"its Python files hold more than {most}"
