"""course.toml: what a course is, and how each mistake in one is told."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from grader.checking.check import check_of, points
from grader.course import Course, CourseError, Exercise, Limits, find_course, load_course
from grader.outcome import Check

ROOT = Path(__file__).parent.parent
TORCH = "2.13.0"
COURSE = """
format = 1
title = "Two exercises"

[limits]
cpu_seconds = 2.5
memory_mib = 512

[[exercises]]
name = "first"
title = "The first"
points = 40
functions = ["one", "two"]

[[exercises]]
name = "second"
title = "The second"
points = 60.0
requires = ["first"]
functions = ["three"]

[exercises.forbidden]
three = ["torch.optim", "mse_loss"]
"""

Load = Callable[[str], Course]


@pytest.fixture
def load(tmp_path: Path) -> Load:
    def load_text(text: str) -> Course:
        (tmp_path / "course.toml").write_text(text, encoding="utf-8")
        return load_course(tmp_path)

    return load_text


@pytest.fixture
def problem_of(load: Load, tmp_path: Path) -> Callable[..., str]:
    """What is said of the course after one passage of it is replaced, without the file's name."""

    def problem(old: str, new: str) -> str:
        assert COURSE.count(old) == 1
        with pytest.raises(CourseError) as raised:
            load(COURSE.replace(old, new))
        manifest = f"{tmp_path / 'course.toml'}: "
        assert str(raised.value).startswith(manifest)
        return str(raised.value).removeprefix(manifest)

    return problem


# the course of this repository


def test_the_courses_points_add_up_to_100():
    course = load_course(ROOT)
    first, second = "linear_regression layers convnets losses", "backprop optimizers training"
    assert course.names == f"{first} {second} data monitoring".split()
    assert sum(exercise.points for exercise in course.exercises) == 100


def test_every_exercise_of_the_course_has_its_files():
    course = load_course(ROOT)
    for exercise in course.exercises:
        assert (course.stubs / exercise.file_name).is_file()
        assert (course.solutions / exercise.file_name).is_file()
    names = [f"{file.parent.name}/{file.name}" for file in course.check_files()]
    assert names == [
        f"{folder}/test_{name}.py" for name in course.names for folder in ("exercises", "checks")
    ]


# what a course holds


def test_a_course_is_read_as_it_is_written(load, tmp_path):
    course = load(COURSE)
    assert course.title == "Two exercises"
    assert course.root == tmp_path
    assert course.exercise("first") == Exercise("first", "The first", 40.0, ("one", "two"), (), {})
    second = course.exercise("second")
    assert second.requires == ("first",)
    assert second.forbidden == {"three": ("torch.optim", "mse_loss")}
    assert second.file_name == "second.py"


def test_limits_that_are_left_out_have_defaults(load):
    assert load(COURSE).limits == Limits(cpu_seconds=2.5, memory_mib=512)
    without = COURSE.replace("[limits]\ncpu_seconds = 2.5\nmemory_mib = 512\n", "")
    assert load(without).limits == Limits()


def test_a_whole_number_will_do_for_seconds(load):
    limits = load(COURSE.replace("2.5", "2")).limits
    assert limits.cpu_seconds == 2.0
    assert isinstance(limits.cpu_seconds, float)


def test_an_exercise_that_is_not_there_is_answered_with_those_that_are(load):
    with pytest.raises(CourseError, match="no exercise 'third'; the course has: first, second"):
        load(COURSE).exercise("third")


def test_only_keeps_the_named_exercises_in_the_courses_order(load):
    course = load(COURSE)
    assert course.only(None) is course
    assert course.only(["second"]).names == ["second"]
    assert course.only(["second", "first"]).names == ["first", "second"]
    with pytest.raises(CourseError, match="no exercise 'third'"):
        course.only(["first", "third"])


def test_a_course_is_found_from_a_folder_inside_it(load, tmp_path):
    load(COURSE)
    inside = tmp_path / "exercises" / "deep"
    inside.mkdir(parents=True)
    assert find_course(inside).root == tmp_path
    assert find_course(tmp_path).root == tmp_path


def test_where_there_is_no_course_it_says_what_to_do(tmp_path):
    with pytest.raises(CourseError, match=r"no course.toml in .* run this inside a course"):
        find_course(tmp_path)


def test_checks_that_do_not_exist_yet_are_left_out(load, tmp_path):
    course = load(COURSE)
    assert course.check_files() == []
    hidden = tmp_path / "grader" / "checks" / "test_second.py"
    public = tmp_path / "exercises" / "test_second.py"
    for file in (hidden, public):
        file.parent.mkdir(parents=True)
        file.touch()
    assert course.check_files() == [public, hidden]


# which function a check is about


@pytest.mark.parametrize(
    ("check", "function"),
    [
        ("test_l1_loss", "l1_loss"),
        ("test_l1_loss_matches_torch", "l1_loss"),
        ("test_cifar_net_shapes", "CifarNet"),
        ("test_CifarNet", "CifarNet"),
        ("test_lenet5_gives_ten_logits", "LeNet5"),
        ("test_train_learns", "train"),
        ("test_train_step_lowers_the_loss", "train_step"),
        ("test_train_steps_are_many", "train_step"),
        ("test_sgd", "SGD"),
        ("test_sequential", None),
        ("test_the_l1_loss", None),
        ("test_", None),
    ],
)
def test_a_check_is_about_the_longest_function_its_name_begins_with(check, function):
    functions = ("train", "l1_loss", "train_step", "CifarNet", "LeNet5", "SGD")
    assert Exercise("any", "Any", 1.0, functions, (), {}).function_of(check) == function


# what a check is


def a_check(losses):
    """The title.

    More about it.
    """


def test_a_check_is_worth_its_points_and_titled_by_its_first_line(load, tmp_path):
    file = tmp_path / "exercises" / "test_first.py"
    check = check_of(load(COURSE), file, "test_two_of_them", points(2)(a_check))
    assert check == Check("first/test_two_of_them", "first", "two", "The title.", 2.0, hidden=False)


def test_a_check_beside_the_grader_is_hidden(load, tmp_path):
    file = tmp_path / "grader" / "checks" / "test_first.py"
    check = check_of(load(COURSE), file, "test_one", points(0.5)(a_check))
    assert check is not None
    assert check.hidden
    assert check.points == 0.5


@pytest.mark.parametrize(
    "file", ["tests/test_first.py", "exercises/test_other.py", "test_first.py"]
)
def test_a_test_from_elsewhere_is_no_check(load, tmp_path, file):
    assert check_of(load(COURSE), tmp_path / file, "test_one", a_check) is None


@pytest.mark.parametrize(
    ("name", "function", "problem"),
    [
        ("test_three", points(1)(lambda: None), "its name begins with no function of first"),
        ("test_one", lambda: None, "has no points; put @points"),
        ("test_one", points(1)(lambda: None), "has no docstring"),
    ],
    ids=["function", "points", "title"],
)
def test_a_check_that_lacks_something_is_told(load, tmp_path, name, function, problem):
    file = tmp_path / "exercises" / "test_first.py"
    with pytest.raises(CourseError, match=rf"test_first\.py: {name}: {problem}"):
        check_of(load(COURSE), file, name, function)


@pytest.mark.parametrize("value", [0, -1, float("nan"), True, "2", None])
def test_a_check_is_worth_a_number_above_zero(value):
    with pytest.raises(ValueError, match="a check is worth a number above zero"):
        points(value)


# mistakes in a course: the file, the key, and what is wrong


def test_a_missing_course_is_told_with_its_path(tmp_path):
    with pytest.raises(CourseError, match=r"course.toml: cannot be read \(No such file"):
        load_course(tmp_path)


def test_a_folder_in_the_courses_place_is_told(tmp_path):
    (tmp_path / "course.toml").mkdir()
    with pytest.raises(CourseError, match=r"course.toml: cannot be read \(Is a directory\)"):
        load_course(tmp_path)


@pytest.mark.parametrize("text", ["format = ", "[limits", "format = 1\nformat = 1\n"])
def test_what_is_not_toml_is_told_with_its_place(load, text):
    with pytest.raises(CourseError, match=r"course.toml: is not valid TOML: .*\(at "):
        load(text)


def test_what_is_not_utf8_is_told(tmp_path):
    (tmp_path / "course.toml").write_bytes('title = "\u00e9"'.encode("latin-1"))
    with pytest.raises(CourseError, match=r"course.toml: is not valid TOML: .*utf-8"):
        load_course(tmp_path)


@pytest.mark.parametrize("found", ["2", "0", "-1"])
def test_another_format_is_not_read(problem_of, found):
    problem = problem_of("format = 1", f"format = {found}")
    assert problem == "format must be 1; this grader reads no other"


@pytest.mark.parametrize(
    ("old", "new", "key"),
    [
        ('title = "Two exercises"', 'titel = "Two exercises"', "titel"),
        ("cpu_seconds = 2.5", "cpu = 2.5", "limits.cpu"),
        ('title = "The first"', 'titel = "The first"', "exercises[0].titel"),
        ('requires = ["first"]', 'require = ["first"]', "exercises[1].require"),
    ],
)
def test_an_unknown_key_is_told_beside_the_known_ones(problem_of, old, new, key):
    problem = problem_of(old, new)
    assert problem.startswith(f"{key}: is not a key of the course; known: ")


@pytest.mark.parametrize(
    ("line", "key"),
    [
        ("format = 1", "format"),
        ('title = "Two exercises"', "title"),
        ('name = "first"', "exercises[0].name"),
        ('title = "The second"', "exercises[1].title"),
        ("points = 40", "exercises[0].points"),
        ('functions = ["three"]', "exercises[1].functions"),
    ],
)
def test_a_missing_key_is_told(problem_of, line, key):
    assert problem_of(line, "") == f"{key}: is missing"


def test_a_course_without_exercises_is_told(load):
    with pytest.raises(CourseError, match=r"course.toml: exercises: is missing"):
        load('format = 1\ntitle = "Empty"\n')


@pytest.mark.parametrize(
    ("old", "new", "problem"),
    [
        ("format = 1", 'format = "1"', "format: must be a int, not str"),
        ("format = 1", "format = true", "format: must be a int, not bool"),
        ('title = "Two exercises"', "title = 2", "title: must be a str, not int"),
        ('name = "first"', "name = 1", "exercises[0].name: must be a str, not int"),
        ("points = 40", 'points = "40"', "exercises[0].points: must be a float, not str"),
        ("points = 40", "points = true", "exercises[0].points: must be a float, not bool"),
        ('["three"]', '"three"', "exercises[1].functions: must be a list, not str"),
        ('["one", "two"]', '["one", 2]', "exercises[0].functions: must be a list of strings"),
        ('["first"]', '"first"', "exercises[1].requires: must be a list of strings"),
        (
            '["torch.optim", "mse_loss"]',
            '"mse_loss"',
            "exercises[1].forbidden.three: must be a list of strings",
        ),
        ("2.5", '"2.5"', "limits.cpu_seconds: must be a float, not str"),
        ("512", "512.5", "limits.memory_mib: must be a int, not float"),
        ("512", "true", "limits.memory_mib: must be a int, not bool"),
    ],
)
def test_a_value_of_the_wrong_type_is_told(problem_of, old, new, problem):
    assert problem_of(old, new) == problem


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ('format = 1\ntitle = "T"\nlimits = 5\nexercises = []\n', "limits"),
        ('format = 1\ntitle = "T"\nexercises = [5]\n', r"exercises\[0\]"),
        ('format = 1\ntitle = "T"\nexercises = ["losses"]\n', r"exercises\[0\]"),
        (COURSE.partition("[exercises.forbidden]")[0] + "forbidden = 5\n", "forbidden"),
    ],
    ids=["limits", "a number", "a name", "forbidden"],
)
def test_what_must_be_a_table_and_is_none_is_told(load, text, key):
    with pytest.raises(CourseError, match=rf"course.toml: .*{key}: must be a table"):
        load(text)


@pytest.mark.parametrize("name", ["two words", "1st", "", "a.b", "class", "../first"])
def test_a_name_that_python_cannot_import_is_told(problem_of, name):
    problem = problem_of('name = "first"', f'name = "{name}"')
    assert problem == f"exercises[0].name: {name!r} must be a Python module's name"


def test_two_exercises_of_one_name_are_told(problem_of):
    problem = problem_of('name = "second"', 'name = "first"')
    assert problem == "exercises[1].name: there are two exercises called 'first'"


def test_a_function_that_is_named_twice_is_told(problem_of):
    problem = problem_of('["one", "two"]', '["one", "two", "one"]')
    assert problem == "exercises[0].functions: names something twice"


def test_an_exercise_without_functions_is_told(problem_of):
    problem = problem_of('["three"]', "[]")
    assert problem == "exercises[1].functions: must name at least one function"


@pytest.mark.parametrize("required", ["third", "second"])
def test_a_requirement_that_is_no_earlier_exercise_is_told(problem_of, required):
    problem = problem_of('requires = ["first"]', f'requires = ["{required}"]')
    assert problem == f"exercises[1].requires: {required!r} is no earlier exercise"


@pytest.mark.parametrize("function", ["one", "four"])
def test_something_forbidden_for_an_unknown_function_is_told(problem_of, function):
    problem = problem_of("three = [", f"{function} = [")
    assert problem == f"exercises[1].forbidden.{function}: is no function of this exercise"


@pytest.mark.parametrize(("points", "total"), [("39", "99"), ("40.5", "100.5"), ("1000", "1060")])
def test_points_that_do_not_add_up_to_100_are_told(problem_of, points, total):
    problem = problem_of("points = 40", f"points = {points}")
    assert problem == f"the exercises' points add up to {total}; they must add up to 100"


def test_points_may_be_fractions(load):
    thirds = [100 / 3, 200 / 3]
    course = load(
        COURSE.replace("points = 40", f"points = {thirds[0]!r}").replace("60.0", repr(thirds[1]))
    )
    assert [exercise.points for exercise in course.exercises] == thirds


@pytest.mark.parametrize("points", ["0", "-40", "0.0", "nan", "inf"])
def test_points_that_are_not_above_zero_are_told(problem_of, points):
    problem = problem_of("points = 40", f"points = {points}")
    assert problem == "exercises[0].points: must be a number above zero"


@pytest.mark.parametrize(
    ("old", "key"), [("cpu_seconds = 2.5", "cpu_seconds"), ("memory_mib = 512", "memory_mib")]
)
@pytest.mark.parametrize("limit", ["0", "-1"])
def test_a_limit_that_is_not_above_zero_is_told(problem_of, old, key, limit):
    assert problem_of(old, f"{key} = {limit}") == f"limits.{key}: must be a number above zero"


@pytest.mark.parametrize("limit", ["nan", "inf", "-inf"])
def test_a_limit_that_is_no_number_is_told(problem_of, limit):
    problem = problem_of("cpu_seconds = 2.5", f"cpu_seconds = {limit}")
    assert problem == "limits.cpu_seconds: must be a number above zero"
