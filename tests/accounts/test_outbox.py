from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.db import transaction
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule, run_state_machine_as_test

from accounts import outbox
from accounts.models import OutboxMessage
from accounts.services import publish, publish_once
from accounts.states import DeliveryState

pytestmark = pytest.mark.django_db
ATTEMPTS = 3
LEASE = 100.0
RETRY = 10.0


@pytest.fixture(autouse=True)
def limits(settings):
    settings.OUTBOX_ATTEMPTS = ATTEMPTS
    settings.OUTBOX_LEASE_SECONDS = LEASE
    settings.OUTBOX_RETRY_SECONDS = RETRY


@pytest.fixture
def listen(monkeypatch):
    """Return a function that makes a handler listen to a topic for one test."""

    def add(topic, handler):
        monkeypatch.setitem(outbox._handlers, topic, [*outbox._handlers.get(topic, []), handler])

    return add


def named(name, body):
    body.__name__ = name
    return body


def test_subscribing_twice_calls_once(monkeypatch):
    calls = []
    monkeypatch.setitem(outbox._handlers, "t", [])
    handler = named("handler", lambda *, number: calls.append(number))
    outbox.subscribe("t")(handler)
    outbox.subscribe("t")(handler)
    publish("t", number=7)

    assert outbox.drain() == outbox.Summary(delivered=1)
    assert calls == [7]


def test_what_handlers_publish_is_delivered_in_the_same_drain(listen):
    calls = []
    listen("first", named("first", lambda *, number: publish("second", number=number + 1)))
    listen("second", named("second", lambda *, number: calls.append(number)))
    publish("first", number=1)

    assert outbox.drain().delivered == 2
    assert calls == [2]


def test_one_failing_handler_does_not_keep_the_others_from_being_called(listen):
    calls = []
    listen("t", named("bad", lambda *, number: 1 / 0))
    listen("t", named("good", lambda *, number: calls.append(number)))
    message = publish("t", number=1)

    assert outbox.drain() == outbox.Summary(retried=1)
    assert calls == [1]
    message.refresh_from_db()
    assert message.last_error.endswith("bad: ZeroDivisionError: division by zero")


def test_retries_wait_twice_as_long_each_time_and_then_fail(listen):
    listen("t", named("bad", lambda: 1 / 0))
    start = datetime(2026, 11, 2, tzinfo=UTC)
    with time_machine.travel(start, tick=False) as clock:
        message = publish("t")
        for delay in (RETRY, RETRY * 2):
            assert outbox.drain().retried == 1
            assert outbox.drain().idle, "not due yet"
            message.refresh_from_db()
            clock.shift(delay)
            assert message.available_at == start + timedelta(seconds=delay)
            start += timedelta(seconds=delay)
        assert outbox.drain() == outbox.Summary(failed=1)
        clock.shift(10_000)
        assert outbox.drain().idle
        assert outbox.retry_failed(actor=None) == 1
        assert outbox.drain().retried == 1


def test_a_message_rolled_back_with_its_write_is_never_delivered(listen):
    listen("t", named("handler", lambda: pytest.fail("delivered")))
    with transaction.atomic():
        publish("t")
        transaction.set_rollback(True)
    assert outbox.drain().idle


def test_a_message_that_waits_is_not_published_twice(listen):
    calls = []
    listen("t", named("handler", lambda *, number: calls.append(number)))
    for number in (7, 8, 7):
        publish_once("t", number=number)
    outbox.drain()
    publish_once("t", number=7)
    outbox.drain()
    assert calls == [7, 8, 7]


def test_drain_takes_no_more_than_its_limit_and_stops_when_told():
    for _ in range(5):
        publish("t")
    assert outbox.drain(2).delivered == 2
    assert outbox.drain(stop=lambda: True).idle
    assert outbox.drain().delivered == 3


def test_a_room_that_cannot_be_imported_costs_no_message_an_attempt(monkeypatch):
    def broken(_):
        raise ImportError

    message = publish("t")
    monkeypatch.setattr(outbox, "autodiscover_modules", broken)
    with pytest.raises(ImportError):
        outbox.drain()
    message.refresh_from_db()
    assert (message.state, message.attempts) == (DeliveryState.WAITING, 0)


def test_a_worker_taken_for_dead_cannot_overwrite_its_successor():
    publish("t")
    with time_machine.travel(datetime(2030, 1, 1, tzinfo=UTC), tick=False) as clock:
        slow = outbox.take()
        clock.shift(LEASE + 1)
        assert outbox.free_abandoned() == 1
        quick = outbox.take()
        assert quick.pk == slow.pk
        assert outbox.finish(slow, ["too late"]) is None
        assert outbox.finish(quick, []) is DeliveryState.DELIVERED


def test_a_worker_taken_for_dead_cannot_speak_even_after_a_repair():
    publish("t")
    with time_machine.travel(datetime(2030, 1, 1, tzinfo=UTC), tick=False) as clock:
        slow = outbox.take()
        for _ in range(ATTEMPTS - 1):
            clock.shift(LEASE + 1)
            outbox.free_abandoned()
            outbox.take()
        clock.shift(LEASE + 1)
        outbox.free_abandoned()
        outbox.retry_failed(actor=None)
        assert outbox.take().attempts == slow.attempts
        assert outbox.finish(slow, []) is None


class Delivery(RuleBasedStateMachine):
    """Workers take, deliver, finish and die in any order while time passes; nothing is lost, nothing held twice."""

    def __init__(self):
        super().__init__()
        self.clock_context = time_machine.travel(datetime(2030, 1, 1, tzinfo=UTC), tick=False)
        self.clock = self.clock_context.start()
        self.transaction = transaction.atomic()
        self.transaction.__enter__()
        self.published: dict[int, int] = {}  # message -> times its handler still fails
        self.succeeded: set[int] = set()
        self.last_taker = {}
        self.held = []  # taken, not yet finished, worker alive

    def teardown(self):
        transaction.set_rollback(True)
        self.transaction.__exit__(None, None, None)
        self.clock_context.stop()

    @rule(failures=st.integers(0, ATTEMPTS + 1))
    def publish(self, failures):
        self.published[publish("machine.topic").pk] = failures

    @rule()
    def take(self):
        message = outbox.take()
        if message is not None:
            assert message.state == DeliveryState.TAKEN
            self.held.append(message)
            self.last_taker[message.pk] = message

    @precondition(lambda self: self.held)
    @rule(data=st.data())
    def finish(self, data):
        message = self.held.pop(data.draw(st.integers(0, len(self.held) - 1)))
        errors = ["failed"] if self.published[message.pk] > 0 else []
        self.published[message.pk] -= 1
        outcome = outbox.finish(message, errors)
        if not errors:
            self.succeeded.add(message.pk)
        if outcome is not None:
            assert self.last_taker[message.pk] is message, "one taken for dead spoke after its successor"
            assert (outcome is DeliveryState.DELIVERED) == (not errors)

    @precondition(lambda self: self.held)
    @rule(data=st.data())
    def die(self, data):
        self.held.pop(data.draw(st.integers(0, len(self.held) - 1)))

    @rule(seconds=st.sampled_from([1, RETRY, RETRY * 4, LEASE / 2, LEASE + 1]))
    def wait(self, seconds):
        self.clock.shift(seconds)

    @rule()
    def free(self):
        outbox.free_abandoned()

    @rule()
    def repair(self):
        outbox.retry_failed(actor=None)

    @invariant()
    def every_message_is_somewhere(self):
        rows = {row.pk: row for row in OutboxMessage.objects.filter(topic="machine.topic")}
        assert set(rows) == set(self.published)
        for row in rows.values():
            assert row.attempts <= ATTEMPTS
            assert (row.taken_until is not None) == (row.state == DeliveryState.TAKEN)
            if row.state == DeliveryState.DELIVERED:
                assert row.pk in self.succeeded, "delivered without its handler having run through"
            if row.state == DeliveryState.FAILED:
                assert row.attempts == ATTEMPTS

    @invariant()
    def nobody_within_the_lease_shares_a_message(self):
        valid = [
            message.pk
            for message in self.held
            if OutboxMessage.objects.filter(
                pk=message.pk, state=DeliveryState.TAKEN, attempts=message.attempts, taken_until=message.taken_until
            ).exists()
        ]
        assert len(valid) == len(set(valid))

    @rule()
    def settle(self):
        """When workers work and time passes, every message ends delivered or failed."""
        self.held.clear()
        for _ in range(ATTEMPTS + 1):
            self.clock.shift(LEASE + RETRY * 2**ATTEMPTS)
            outbox.free_abandoned()
            while (message := outbox.take()) is not None:
                self.held.append(message)
                fails = self.published[message.pk] > 0
                self.published[message.pk] -= 1
                if not fails:
                    self.succeeded.add(message.pk)
                outbox.finish(self.held.pop(), ["failed"] if fails else [])
        left = OutboxMessage.objects.exclude(state__in=[DeliveryState.DELIVERED, DeliveryState.FAILED])
        assert not left.exists()


def test_delivery_in_any_order():
    run_state_machine_as_test(
        Delivery,
        settings=settings(
            max_examples=40,
            stateful_step_count=30,
            deadline=None,
            suppress_health_check=list(HealthCheck),
            database=None,
        ),
    )
