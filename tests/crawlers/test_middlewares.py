"""Waiting as asked, and what names resolve to."""

from datetime import UTC, datetime

import pytest
from scrapy import Request
from scrapy.http import Response
from twisted.internet.error import DNSLookupError

from crawlers.middlewares import guard, patience
from crawlers.middlewares.patience import Patience, seconds_asked
from evidence.addresses import resolve

NOW = datetime(2026, 3, 4, 5, 6, 7, tzinfo=UTC)


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        ("120", 120),
        (" 0 ", 0),
        ("Wed, 04 Mar 2026 05:07:07 GMT", 60),
        ("Wed, 04 Mar 2026 05:00:00 GMT", 0),
        ("soon", None),
        ("", None),
        ("-5", None),
        ("1.5", None),
        ("²", None),
    ],
)
def test_retry_after_is_read_in_both_forms(header, seconds):
    assert seconds_asked(header, NOW) == seconds


def answered(middleware, status, **headers):
    request = Request("https://shop.example/a")
    middleware.process_response(request, Response(request.url, status=status, headers=headers))
    return middleware._until.get("shop.example", 0.0)


def test_without_retry_after_the_rest_doubles_until_a_page_comes(monkeypatch):
    clock = [1000.0]
    monkeypatch.setattr(patience, "monotonic", lambda: clock[0])
    middleware = Patience(longest=60, first=5)
    rests = []
    for _ in range(6):
        rests.append(answered(middleware, 503) - clock[0])
        assert answered(middleware, 429) - clock[0] == rests[-1]  # asked before the rest began
        clock[0] += rests[-1]
    for rest, full in zip(rests, (5, 10, 20, 40, 60, 60), strict=True):
        assert full / 2 <= rest <= full
    answered(middleware, 200)
    assert answered(middleware, 503) - clock[0] <= 5
    clock[0] += 10
    assert answered(middleware, 503, **{"Retry-After": "30"}) - clock[0] == 30


@pytest.fixture
def names(monkeypatch):
    table = {}
    monkeypatch.setattr(guard, "resolve", lambda host, port: guard_resolve(host, port, table))
    monkeypatch.setattr(guard, "system_lookup", lambda host, port: table[host])
    guard.allow(())
    yield table
    guard.allow(())


def guard_resolve(host, port, table):
    return resolve(host, port, lookup=lambda name, _: table[name])


def test_the_connection_goes_to_the_address_that_was_checked(names):
    names["shop.example"] = ["2606:4700::1111", "93.184.216.34"]
    assert guard.lookup("shop.example") == "93.184.216.34"


@pytest.mark.parametrize("answers", [["127.0.0.1"], ["93.184.216.34", "10.0.0.1"], ["::1"], ["169.254.169.254"]])
def test_a_name_that_leads_inside_is_refused_at_connect_time(names, answers):
    names["shop.example"] = answers
    with pytest.raises(DNSLookupError, match="not on the public internet"):
        guard.lookup("shop.example")
    assert "public internet" in guard.why_refused("shop.example")


@pytest.mark.parametrize("host", ["127.0.0.1", "2130706433", "localhost", "0x7f.1"])
def test_literals_reach_the_resolver_too(names, host):
    with pytest.raises(DNSLookupError):
        guard.lookup(host)


def test_the_jobs_own_host_is_let_through(names):
    guard.allow({"sandbox.test:8000"})
    names["sandbox.test"] = ["127.0.0.1"]
    assert guard.lookup("sandbox.test") == "127.0.0.1"
