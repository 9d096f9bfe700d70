"""How late is late: by the LMS's clock, whatever the zone, never by a time that is ambiguous."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grader.course import Policy
from grader.lateness import Lateness, gradescope_time, lateness, parse_time

DUE = datetime(2027, 1, 31, 23, 59, tzinfo=timezone(timedelta(hours=1)))


@pytest.mark.parametrize(
    ("after", "days"),
    [
        (timedelta(days=-40), 0),
        (timedelta(0), 0),
        (timedelta(microseconds=1), 1),
        (timedelta(days=1), 1),
        (timedelta(days=1, microseconds=1), 2),
        (timedelta(days=10), 10),
    ],
)
def test_a_day_that_has_begun_counts(after: timedelta, days: int) -> None:
    assert Lateness(DUE + after, DUE, 10).days == days


def test_zones_are_compared_by_the_moment() -> None:
    same = DUE.astimezone(timezone(timedelta(hours=-8)))
    assert Lateness(same, DUE, 10).days == 0
    assert Lateness(same + timedelta(seconds=1), DUE, 10).days == 1


@given(st.floats(0, 100), st.floats(0, 100), st.timedeltas(timedelta(days=-5), timedelta(days=300)))
def test_what_is_taken_off_is_between_nothing_and_everything(
    points: float, percent: float, after: timedelta
) -> None:
    late = Lateness(DUE + after, DUE, percent)
    assert 0 <= late.taken_off(points) <= points
    assert 0 <= late.final(points) <= points
    if after <= timedelta(0):
        assert late.final(points) == points


def test_a_students_own_date_goes_before_the_courses() -> None:
    policy = Policy("hint", DUE, 10)
    own = lateness(DUE + timedelta(days=3), policy, DUE + timedelta(days=2))
    assert own is not None and own.days == 1
    assert lateness(None, policy, None) is None
    assert lateness(DUE, Policy(), None) is None


def test_what_a_student_is_told_says_when_and_how_much() -> None:
    said = Lateness(DUE + timedelta(hours=1), DUE, 10).sentence(80.0)
    assert "1 day late" in said and "2027-01-31 23:59+01:00" in said
    assert "8 of 80 points" in said
    assert Lateness(DUE, DUE, 10).sentence(80.0) == ""


@pytest.mark.parametrize(
    "text",
    [
        "2027-02-01T07:51:13Z",
        "2027-02-01T07:51:13+00:00",
        "2027-01-31 23:51:13 -0800",
        "2027-01-31T23:51:13.000000-08:00",
        "2027-02-01 07:51:13 UTC",
        " 2027-02-01 08:51:13+01:00 ",
    ],
)
def test_times_are_read_as_platforms_write_them(text: str) -> None:
    assert parse_time(text) == datetime(2027, 2, 1, 7, 51, 13, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("2027-01-31T23:59:00", "time zone"),
        ("2027-01-31", "time zone"),
        ("01/02/2027 23:59", "two days"),
        ("Sunday, 31 January 2027, 11:59 PM", "two days"),
        ("yesterday", "two days"),
        ("", "two days"),
    ],
)
def test_a_time_that_can_be_read_as_two_is_refused(text: str, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        parse_time(text)


def test_gradescope_says_when_a_submission_came() -> None:
    created = {"created_at": "2018-07-01T14:22:32.365935-07:00"}
    assert gradescope_time(created).utcoffset() == timedelta(hours=-7)
    with pytest.raises(ValueError, match="created_at"):
        gradescope_time({})
    with pytest.raises(ValueError, match="time zone"):
        gradescope_time({"created_at": "2018-07-01T14:22:32"})
