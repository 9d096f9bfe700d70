"""A submission's modules come from memory, and what they raise becomes plain data."""

from __future__ import annotations

import inspect
import linecache
import sys
import traceback
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from grader.sandbox.loader import clean, describe_exception, import_submission
from grader.sandbox.wire import decode, encode

Files = Mapping[str, bytes | str]
QUICK = settings(max_examples=100, deadline=None, database=None)


@pytest.fixture(autouse=True)
def clean_interpreter() -> Iterator[None]:
    """Take out of this process what a test imported into it."""
    finders, modules, lines = list(sys.meta_path), set(sys.modules), set(linecache.cache)
    yield
    sys.meta_path[:] = finders
    for name in set(sys.modules) - modules:
        del sys.modules[name]
    for name in set(linecache.cache) - lines:
        del linecache.cache[name]


def load(name: str, files: Files) -> Any:
    return import_submission(name, as_bytes(files))[0]


def as_bytes(files: Files) -> dict[str, bytes]:
    return {
        file: source.encode() if isinstance(source, str) else source
        for file, source in files.items()
    }


def raised(action: Callable[[], Any], *files: str) -> dict[str, Any]:
    """The exception of an action as it would travel to the examiner."""
    with pytest.raises(BaseException) as caught:
        action()
    description = describe_exception(caught.value, files)
    frame = encode(description)
    assert decode(frame[12:], bytearray()) == description
    return description


def not_loaded(source: bytes | str) -> dict[str, Any]:
    """What is said of a submission `work.py` that cannot be imported."""
    return raised(lambda: load("work", {"work.py": source}), "work.py")


# importing from memory


def test_a_module_is_imported_from_bytes():
    module = load("work", {"work.py": "def double(x):\n    return 2 * x\n"})
    assert module.double(4) == 8
    assert module.__name__ == "work"
    assert module.__file__ == "work.py"
    assert sys.modules["work"] is module


def test_a_module_can_import_its_siblings():
    files = {
        "work.py": "import helper_a\nfrom helper_b import two\ntotal = helper_a.one + two\n",
        "helper_a.py": "one = 1\n",
        "helper_b.py": "import helper_a\ntwo = helper_a.one + 1\n",
        "notes.txt": "not imported",
    }
    assert load("work", files).total == 3


def test_siblings_that_import_each_other_work_as_they_do_on_disk():
    files = {
        "work.py": "import helper_a\ndef one():\n    return helper_a.one()\n",
        "helper_a.py": "import work\ndef one():\n    return 1 if work.one else 0\n",
    }
    assert load("work", files).one() == 1


def test_a_sibling_is_imported_where_a_function_asks_for_it():
    files = {"work.py": "def f():\n    import helper_a\n    return helper_a.x\n"}
    module = load("work", {**files, "helper_a.py": "x = 5\n"})
    assert module.f() == 5


def test_a_sibling_that_is_not_there_is_missing():
    description = not_loaded("import helper_that_is_missing\n")
    assert description["types"][:2] == ["ModuleNotFoundError", "ImportError"]
    assert description["message"] == "No module named 'helper_that_is_missing'"


@pytest.mark.parametrize("name", ["torch", "os", "sys", "grader", "builtins", "json"])
def test_a_sibling_never_shadows_what_is_imported_already(name):
    files = {"work.py": f"import {name}\nfound = {name}\n", f"{name}.py": "raise SystemExit\n"}
    assert load("work", files).found is sys.modules[name]


def test_a_sibling_called_torch_leaves_torch_whole():
    files = {
        "work.py": "import torch.nn.functional as F\nimport torch\nloss = F.mse_loss\n",
        "torch.py": "nn = None\n",
        "nn.py": "x = 1\n",
        "functional.py": "x = 1\n",
    }
    module = load("work", files)
    assert module.torch is torch
    assert module.loss is torch.nn.functional.mse_loss


def test_a_file_in_a_folder_is_no_module():
    with pytest.raises(ModuleNotFoundError):
        load("work", {"work.py": "import inner.thing\n", "inner/thing.py": "x = 1\n"})


def test_the_exercise_itself_may_be_missing():
    with pytest.raises(ModuleNotFoundError, match="No module named 'work_not_there'"):
        load("work_not_there", {"other.py": ""})


def test_classes_and_dataclasses_find_the_module_they_are_defined_in():
    source = (
        "from __future__ import annotations\n"
        "from dataclasses import dataclass\n"
        "@dataclass\nclass Point:\n    x: int\n"
    )
    module = load("work", {"work.py": source})
    assert module.Point(1).x == 1
    assert module.Point.__module__ == "work"


def test_the_source_can_be_inspected():
    source = "def double(x):\n    return 2 * x\n"
    module = load("work", {"work.py": source})
    assert inspect.getsource(module.double) == source


def test_the_graders_own_future_imports_do_not_reach_a_submission():
    module = load("work", {"work.py": "def f(x: int): ...\n"})
    assert module.f.__annotations__ == {"x": int}


def test_main_guards_stay_closed():
    module = load("work", {"work.py": "ran = __name__ == '__main__'\n"})
    assert module.ran is False


# encodings


@pytest.mark.parametrize(
    "source",
    [
        "text = 'größer'\n".encode(),
        "\ufefftext = 'größer'\n".encode(),
        "# -*- coding: latin-1 -*-\ntext = 'größer'\n".encode("latin-1"),
        "# vim: set fileencoding=cp1252 :\ntext = 'größer'\n".encode("cp1252"),
        "#!/usr/bin/python\n# coding=utf-8\ntext = 'größer'\n".encode(),
        "text = 'größer'\r\n".encode(),
        "text = 'größer'".encode(),
    ],
    ids=["utf-8", "byte order mark", "latin-1", "cp1252", "cookie", "windows", "no newline"],
)
def test_a_source_may_be_in_any_encoding_that_it_declares(source):
    assert load("work", {"work.py": source}).text == "größer"


@pytest.mark.parametrize("name", ["utf-8", "byte order mark", "latin-1"])
def test_the_line_shown_is_decoded_too(name):
    source = "# coding: {}\nraise ValueError  # größer\n"
    sources = {
        "utf-8": source.format("utf-8").encode(),
        "byte order mark": "\ufeff".encode() + source.format("utf-8").encode(),
        "latin-1": source.format("latin-1").encode("latin-1"),
    }
    (frame,) = not_loaded(sources[name])["frames"]
    assert frame == ["work.py", 2, "<module>", "raise ValueError  # größer"]


@pytest.mark.parametrize("form", ["\f", "\x1c", "\u2028", "\x85", "\v"])
def test_only_newlines_end_lines(form):
    source = f"text = '{form}'\nraise ValueError  # the second line\n"
    (frame,) = not_loaded(source)["frames"]
    assert frame[1:] == [2, "<module>", "raise ValueError  # the second line"]


def test_a_source_that_is_not_in_its_encoding_is_a_syntax_error():
    description = not_loaded(b"text = '\xff'\n")
    assert description["types"][0] in ("SyntaxError", "UnicodeDecodeError")
    assert "utf-8" in description["message"]


def test_an_unknown_encoding_is_a_syntax_error():
    description = not_loaded("# coding: klingon\n")
    assert description["types"][0] == "SyntaxError"
    assert "klingon" in description["message"]


def test_nul_bytes_are_refused_by_python():
    description = not_loaded(b"x = 1\0\n")
    assert description["types"][0] in ("ValueError", "SyntaxError")
    assert "null byte" in description["message"]


@QUICK
@given(st.binary(max_size=60))
def test_any_bytes_are_a_module_or_an_exception_that_can_be_told(source):
    try:
        compile(source, "work.py", "exec", dont_inherit=True)
    except Exception as error:
        encode(describe_exception(error, ["work.py"]))


# exceptions as data


def test_a_syntax_error_is_told_with_its_line():
    description = not_loaded("x = 1\ndef f(:\n    pass\n")
    assert description["types"] == ["SyntaxError", "Exception", "BaseException", "object"]
    assert description["message"] == "invalid syntax"
    assert description["frames"] == [["work.py", 2, "", "def f(:"]]


def test_a_syntax_error_in_a_sibling_names_the_sibling_and_who_imports_it():
    files = {"work.py": "import helper_a\n", "helper_a.py": "\n\nreturn 1 +\n"}
    description = raised(lambda: load("work", files), *files)
    assert description["frames"] == [
        ["work.py", 1, "<module>", "import helper_a"],
        ["helper_a.py", 3, "", "return 1 +"],
    ]


def test_an_indentation_error_is_a_syntax_error_too():
    description = not_loaded("def f():\nreturn 1\n")
    assert description["types"][:2] == ["IndentationError", "SyntaxError"]
    assert description["frames"] == [["work.py", 2, "", "return 1"]]


def test_frames_are_only_the_students():
    source = (
        "import torch\ndef f():\n    return g()\ndef g():\n    return torch.ones(2).reshape(3)\n"
    )
    module = load("work", {"work.py": source})
    description = raised(lambda: module.f(), "work.py")
    assert description["types"][0] == "RuntimeError"
    assert description["frames"] == [
        ["work.py", 3, "f", "return g()"],
        ["work.py", 5, "g", "return torch.ones(2).reshape(3)"],
    ]


def test_an_exception_out_of_torchs_own_python_ends_at_the_students_line():
    source = "import torch\ndef f():\n    torch.nn.functional.mse_loss(1, 2)\n"
    module = load("work", {"work.py": source})
    description = raised(lambda: module.f(), "work.py")
    assert description["frames"] == [
        ["work.py", 3, "f", "torch.nn.functional.mse_loss(1, 2)"],
    ]


def test_of_an_endless_recursion_the_last_lines_are_told():
    module = load("work", {"work.py": "def f():\n    return f()\n"})
    description = raised(lambda: module.f(), "work.py")
    assert description["types"][0] == "RecursionError"
    assert description["frames"] == [["work.py", 2, "f", "return f()"]] * 8


def test_an_exception_from_elsewhere_has_no_frames():
    description = raised(lambda: {}["key"], "work.py")
    assert description["types"][:2] == ["KeyError", "LookupError"]
    assert description["message"] == "'key'"
    assert description["frames"] == []


@pytest.mark.parametrize("kind", [SystemExit, KeyboardInterrupt, GeneratorExit])
def test_what_would_end_a_process_is_told_like_any_exception(kind):
    description = not_loaded(f"raise {kind.__name__}('enough')\n")
    assert description["types"][0] == kind.__name__
    assert description["message"] == "enough"


def test_the_types_are_told_from_the_first_to_object():
    source = "class Mine(ValueError, KeyError): ...\nraise Mine('x')\n"
    assert not_loaded(source)["types"] == [
        *("Mine", "ValueError", "KeyError", "LookupError", "Exception", "BaseException", "object")
    ]


def test_a_long_line_of_ancestors_is_cut():
    source = "kind = ValueError\nfor n in range(100):\n    kind = type(f'E{n}', (kind,), {})\n"
    assert len(not_loaded(source + "raise kind\n")["types"]) == 20


@pytest.mark.parametrize(
    "body",
    [
        "    def __str__(self): raise ValueError('no')",
        "    def __str__(self): raise SystemExit",
        "    def __str__(self): raise KeyboardInterrupt",
        "    def __str__(self): return 5",
        "    def __str__(self): return self.__str__()",
    ],
)
def test_a_message_that_cannot_be_had_is_said_to_be_so(body):
    description = not_loaded(f"class Mine(Exception):\n{body}\nraise Mine\n")
    assert description["message"].startswith("<its message cannot be shown: ")
    assert description["frames"][-1][1] == 3


@pytest.mark.parametrize("argument", ["Mine()", "'x', ('f', Mine(), 1, Mine())", "'x', 'y'"])
def test_a_syntax_error_of_the_students_own_making_can_be_told(argument):
    source = (
        f"class Mine:\n    def __str__(self): raise ValueError\nraise SyntaxError({argument})\n"
    )
    assert not_loaded(source)["types"][0] in ("SyntaxError", "TypeError")


def test_a_syntax_error_whose_parts_cannot_be_shown_can_be_told():
    source = (
        "class Mine:\n    def __str__(self): raise ValueError\n"
        "error = SyntaxError('x')\nerror.lineno, error.filename, error.msg = 1, Mine(), Mine()\n"
        "raise error\n"
    )
    description = not_loaded(source)
    assert description["types"][0] == "SyntaxError"
    assert description["message"].startswith("<its message cannot be shown: ")


def test_lone_surrogates_are_written_out():
    description = not_loaded("raise ValueError('\\ud800 and \\udfff')\n")
    assert description["message"] == "\\ud800 and \\udfff"


@pytest.mark.parametrize("letter", ["x", "ß", "😀", "\\ud800"])
def test_a_long_message_is_cut(letter):
    description = not_loaded(f"raise ValueError('{letter}' * 1_000_000)\n")
    assert 2000 <= len(description["message"]) <= 12_000


def test_a_long_line_is_cut():
    (frame,) = not_loaded("raise ValueError  # " + "x" * 100_000 + "\n")["frames"]
    assert len(frame[3]) == 2000


@QUICK
@given(st.text(st.characters(), max_size=30))
def test_clean_text_can_travel_and_ordinary_text_stays_as_it_is(text):
    cleaned = clean(text)
    assert decode(encode(cleaned)[12:], bytearray()) == cleaned
    if not any("\ud800" <= letter <= "\udfff" for letter in text):
        assert cleaned == text


def test_a_traceback_written_by_the_student_shows_the_students_lines():
    module = load("work", {"work.py": "def f():\n    return 1 / 0\n"})
    with pytest.raises(ZeroDivisionError) as caught:
        module.f()
    assert "    return 1 / 0\n" in "".join(traceback.format_exception(caught.value))


# statements that meet a refusal


def lenient(name: str, files: Files) -> tuple[Any, int]:
    return import_submission(name, as_bytes(files), lenient=True)


def test_a_statement_that_raises_is_left_out_and_the_next_runs():
    source = (
        "a = 1\nb = 1 / 0\nc = 3\nfor n in (1, 0):\n    d = 1 / n\ndef f():\n    return a + c\n"
    )
    module, skipped = lenient("work", {"work.py": source})
    assert (module.f(), module.d, skipped) == (4, 1.0, 2)
    assert not hasattr(module, "b")


def test_statements_left_out_are_counted_in_siblings_too():
    files = {"work.py": "import helper_a\nx = helper_a.x\n", "helper_a.py": "1 / 0\nx = 5\n"}
    module, skipped = lenient("work", files)
    assert (module.x, skipped) == (5, 1)


@pytest.mark.parametrize(
    "source",
    [
        "x = 1; 1 / 0; y = 2\n",
        "x = 1\n@(lambda f: 1 / 0)\ndef g():\n    pass\ny = 2\n",
        "x = 1\ndef g():\n    return 1 / 0\nclass A:\n    z = g()\ny = 2\n",
        "x = 1\nassert (\n    x ==\n    2\n)\ny = 2",
        "from __future__ import annotations\nx = 1\n1 / 0\ny: Missing = 2\n",
        "'''text'''\nx = 1\nif x:\n    if x:\n        1 / 0\ny = 2\n",
    ],
    ids=["one line", "decorator", "class", "long", "future", "nested"],
)
def test_what_follows_the_statement_that_raised_is_run_once(source):
    module, skipped = lenient("work", {"work.py": source})
    assert (module.x, module.y) == (1, 2)
    assert skipped >= 1


def test_a_module_whose_statements_are_all_right_is_run_as_it_is():
    module, skipped = lenient("work", {"work.py": "'''text'''\nx: int = 1\n"})
    assert (module.x, module.__doc__, skipped) == (1, "text", 0)


@pytest.mark.parametrize("source", ["x = (\n", "raise SystemExit\n", "raise KeyboardInterrupt\n"])
def test_what_is_no_module_or_ends_itself_is_not_imported_leniently_either(source):
    with pytest.raises((SyntaxError, SystemExit, KeyboardInterrupt)):
        lenient("work", {"work.py": source})
