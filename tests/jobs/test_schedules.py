from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.errors import BadInput
from contracts.market import Region
from jobs.schedules import Missed, Timing, defaults, next_due

NEW_YORK = ZoneInfo("America/New_York")
HOUR = timedelta(hours=1)


def timing(**changes):
    values = {"every_hours": 24, "window": "01:00-07:00", "time_zone": "America/New_York", "missed": Missed.ONCE}
    return Timing(**{**values, **changes})


def local(*parts, zone=NEW_YORK):
    return datetime(*parts, tzinfo=zone)


def clock(moment, zone=NEW_YORK):
    return moment.astimezone(zone).strftime("%m-%d %H:%M")


clocks = st.tuples(st.integers(0, 23), st.integers(0, 59)).map(lambda parts: f"{parts[0]:02}:{parts[1]:02}")
timings = st.builds(
    Timing,
    every_hours=st.one_of(st.integers(1, 72), st.sampled_from([24, 48, 168, 744])),
    window=st.tuples(clocks, clocks).map("-".join),
    # One without DST, both hemispheres with it, half an hour of it, and a country that changed its offset.
    time_zone=st.sampled_from(
        ["Asia/Seoul", "America/New_York", "Europe/Berlin", "Australia/Lord_Howe", "Pacific/Apia", "Africa/Casablanca"]
    ),
    missed=st.sampled_from(list(Missed)),
)
CHANGES = [  # of the clocks in New York, Berlin, on Lord Howe, in Casablanca
    datetime(2026, 3, 8, 7, tzinfo=UTC),
    datetime(2026, 11, 1, 6, tzinfo=UTC),
    datetime(2026, 3, 29, 1, tzinfo=UTC),
    datetime(2026, 10, 25, 1, tzinfo=UTC),
    datetime(2026, 4, 4, 15, tzinfo=UTC),
    datetime(2026, 10, 3, 15, 30, tzinfo=UTC),
    datetime(2026, 2, 15, 2, tzinfo=UTC),
]
moments = st.one_of(
    st.integers(0, 2 * 365 * 24 * 60).map(
        lambda minutes: datetime(2026, 1, 1, tzinfo=UTC) + timedelta(minutes=minutes)
    ),
    st.tuples(st.sampled_from(CHANGES), st.integers(-72 * 60, 72 * 60)).map(
        lambda parts: parts[0] + timedelta(minutes=parts[1])
    ),
)
gaps = st.integers(0, 60 * 24 * 60).map(lambda minutes: timedelta(minutes=minutes))


def in_window(rule, moment):
    """Tell whether a moment's local time lies in the window, as a person reads it off the clock."""
    start, end = rule.times
    now = moment.astimezone(rule.zone).time().replace(tzinfo=None)
    if start == end:
        return True
    return start <= now < end if start < end else now >= start or now < end


def near_a_change_of_clocks(rule, moment):
    offsets = {(moment + HOUR * hours).astimezone(rule.zone).utcoffset() for hours in range(-26, 27)}
    return len(offsets) > 1


@given(timings, st.one_of(st.none(), moments), moments)
def test_a_run_is_only_ever_due_within_its_window(rule, after, now):
    due = next_due(rule, after, now)

    assert in_window(rule, due) or near_a_change_of_clocks(rule, due)


@given(timings, moments, gaps)
def test_the_next_run_is_neither_before_half_a_cadence_nor_far_beyond_one(rule, after, gap):
    now = after + gap
    due = next_due(rule, after, now)

    assert due >= after + rule.every / 2 - HOUR
    late = max(now, after + rule.every)
    borne = rule.every if rule.missed is Missed.SKIP else timedelta(0)
    assert due <= late + borne + timedelta(hours=50)  # a window may be jumped over by the clocks once


@given(timings, moments, gaps)
def test_waiting_does_not_bring_a_run_nearer_than_it_was(rule, after, gap):
    first = next_due(rule, after, after)
    later = next_due(rule, after, after + gap)

    assert later >= first
    if after + gap < first:
        assert later == first  # looking at the clock changes nothing


@given(timings, moments, gaps)
def test_what_was_missed_is_run_once_or_left_out(rule, after, gap):
    now = after + gap
    due = next_due(rule, after, now)

    if due <= now:  # due now: its window is still open, whatever was missed before
        assert in_window(rule, now) or near_a_change_of_clocks(rule, now)
    if rule.missed is Missed.ONCE and next_due(rule, after, after) <= now and in_window(rule, now):
        assert due <= now or near_a_change_of_clocks(rule, now)


@given(timings, moments)
def test_taking_every_slot_never_runs_two_in_one_window_of_a_daily_cadence(rule, start):
    slot, slots = next_due(rule, None, start), []
    for _ in range(5):
        slots.append(slot)
        slot = next_due(rule, slot, slot)
    assert slots == sorted(set(slots))
    if rule.every_hours == 24 and not any(near_a_change_of_clocks(rule, one) for one in slots):
        assert len({one.astimezone(rule.zone).date() for one in slots[1:]}) >= 3


def test_a_daily_run_stays_at_its_hour_when_clocks_change():
    rule = timing()
    slot = local(2026, 10, 30, 1)
    seen = []
    for _ in range(4):
        slot = next_due(rule, slot, slot)
        seen.append(clock(slot))
    assert seen == ["10-31 01:00", "11-01 01:00", "11-02 01:00", "11-03 01:00"]  # clocks go back on 11-01


def test_a_run_that_was_late_once_does_not_leave_the_window_s_last_minutes_to_the_next():
    assert clock(next_due(timing(), local(2026, 6, 1, 6, 59), local(2026, 6, 1, 7))) == "06-02 01:00"


def test_a_window_may_pass_midnight():
    rule = timing(window="22:00-04:30")
    assert clock(next_due(rule, None, local(2026, 6, 1, 12))) == "06-01 22:00"
    assert next_due(rule, None, local(2026, 6, 2, 3)) == local(2026, 6, 2, 3)
    assert clock(next_due(rule, None, local(2026, 6, 2, 4, 30))) == "06-02 22:00"


def test_missed_runs_are_made_up_for_once_or_left_out():
    after, now = local(2026, 6, 1, 1), local(2026, 6, 5, 9)
    assert clock(next_due(timing(), after, now)) == "06-06 01:00"
    assert next_due(timing(), after, local(2026, 6, 5, 3)) == local(2026, 6, 5, 3)
    weekly = timing(every_hours=168, missed=Missed.SKIP)
    assert clock(next_due(weekly, after, local(2026, 6, 9, 3))) == "06-15 01:00"
    assert clock(next_due(timing(every_hours=168), after, local(2026, 6, 9, 3))) == "06-09 03:00"


def test_a_window_the_clocks_jump_over_opens_an_hour_later_or_the_day_after():
    gone = timing(window="02:10-02:50", every_hours=1)
    assert clock(next_due(gone, None, local(2026, 3, 8, 0))) == "03-08 03:10"
    turned = timing(window="02:30-03:10", every_hours=1)  # that day it would close before it opens
    assert clock(next_due(turned, None, local(2026, 3, 8, 0))) == "03-09 02:30"


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"every_hours": 0}, "every_hours"),
        ({"window": "25:00-07:00"}, "window"),
        ({"window": "1-7"}, "window"),
        ({"time_zone": "Mars/Olympus"}, "time_zone"),
        ({"time_zone": "../../etc/passwd"}, "time_zone"),
        ({"missed": "always"}, "missed"),
    ],
)
def test_what_does_not_fit_is_named(changes, field):
    with pytest.raises(BadInput, match=field):
        timing(**changes)


def test_every_region_has_a_timing():
    assert set(defaults()) == set(Region)


def test_a_region_without_a_timing_is_named(tmp_path):
    path = tmp_path / "schedules.toml"
    path.write_text('[regions.us]\nevery_hours = 24\nwindow = "01:00-07:00"\ntime_zone = "UTC"\nmissed = "once"\n')
    with pytest.raises(BadInput, match="asean"):
        defaults(path)
