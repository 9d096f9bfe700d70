"""The corpus of hostile submissions in tests/attacks/: what each is after, and the class it is in.

An attack is one file, or a folder of files, whose first comment block says what it is:

    # aim: what it tries to gain
    # sign: what one would see if it had worked
    # attacks: the functions none of whose checks may be passed, or `nothing`
    # file: what the file is handed in as; default losses.py
    # onto: `solution` (default): it follows the course's solution in the same file, and all other
    #       functions must keep their points; `nothing`: it is all there is
    # outcome: the outcomes that the attacked functions' checks may have; default: any but passed
    # says: what the message of one of these checks must contain
    # own: how the submission itself brings @MARKER@ into its feedback, where it does
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path

ATTACKS = Path(__file__).parent / "attacks"
_FIELD = re.compile(r"# (\w+): *(.*)")
_FIELDS = {"aim", "sign", "attacks", "file", "onto", "outcome", "says", "own"}


@dataclass(frozen=True)
class Attack:
    """One hostile submission; `files` are those beside the exercise's own."""

    name: str
    text: str
    fields: dict[str, str]
    files: dict[str, bytes] = field(default_factory=dict)

    @property
    def file(self) -> str:
        return self.fields.get("file", "losses.py")

    @property
    def exercise(self) -> str:
        return self.file.removesuffix(".py")

    @property
    def functions(self) -> set[str]:
        """The functions that must not earn anything."""
        return set(self.fields["attacks"].split()) - {"nothing"}

    @property
    def outcomes(self) -> set[str]:
        every = "failed todo error timeout crashed forbidden"
        return set(self.fields.get("outcome", every).split())

    @property
    def onto_solution(self) -> bool:
        return self.fields.get("onto", "solution") == "solution"

    @property
    def marker(self) -> str:
        return "MARK" + re.sub(r"\W", "X", self.name) + "KRAM"

    def submission(self, solution: bytes) -> dict[str, bytes]:
        """The files as they are handed in."""
        text = self.text.replace("@MARKER@", self.marker)
        if self.onto_solution:
            text = f"{solution.decode()}\n\n{text}"
        return {**self.files, self.file: text.encode()}


def attacks() -> list[Attack]:
    """The whole corpus, sorted by name: `forge/answers_early`."""
    return [_attack(path) for folder in sorted(ATTACKS.iterdir()) for path in _entries(folder)]


def _entries(folder: Path) -> list[Path]:
    if not folder.is_dir() or folder.name == "__pycache__":
        return []
    return sorted(path for path in folder.iterdir() if path.name != "__pycache__")


def _attack(path: Path) -> Attack:
    name = f"{path.parent.name}/{path.stem}"
    if path.is_file():
        text = path.read_text(encoding="utf-8")
        return Attack(name, text, _fields(path, text))
    others = {file.relative_to(path).as_posix(): file.read_bytes() for file in _files(path)}
    for file, content in others.items():
        text = content.decode("utf-8", "replace")
        if text.startswith("# aim:"):
            fields = {"file": file, **_fields(path / file, text)}
            return Attack(name, text, fields, {k: v for k, v in others.items() if k != file})
    raise ValueError(f"{path}: none of its files begins with `# aim:`")


def _files(folder: Path) -> list[Path]:
    found = (path for path in sorted(folder.rglob("*")) if path.is_file())
    return [path for path in found if "__pycache__" not in path.parts]


def _fields(path: Path, text: str) -> dict[str, str]:
    fields: dict[str, str] = {}
    for line in text.splitlines():
        match = _FIELD.fullmatch(line)
        if match is None:
            break
        fields[match[1]] = match[2].strip()
    lacking = {"aim", "sign", "attacks"} - fields.keys()
    unknown = fields.keys() - _FIELDS
    if lacking or unknown:
        raise ValueError(f"{path}: lacks {sorted(lacking)}, has unknown {sorted(unknown)}")
    return fields
