"""A sandbox of a hundred offers per marketplace, and a visitor who asks it things."""

from pathlib import Path
from urllib.error import HTTPError
from urllib.request import ProxyHandler, Request, build_opener

import attrs
import pytest

from sandbox import Sandbox

SAMPLES = Path(__file__).resolve().parents[2] / "samples" / "registry"
LISTINGS = 100


@attrs.frozen
class Got:
    status: int
    headers: dict
    body: bytes

    @property
    def text(self):
        return self.body.decode()


_OPENER = build_opener(ProxyHandler({}))


def get(url, **headers):
    """Ask for a page; an error status is an answer too."""
    try:
        with _OPENER.open(Request(url, headers=headers), timeout=20) as answer:
            return Got(answer.status, dict(answer.headers), answer.read())
    except HTTPError as error:
        with error:
            return Got(error.code, dict(error.headers), error.read())


@pytest.fixture(scope="session")
def shared():
    """The sandbox tests only look at."""
    with Sandbox(seed=7, registry=SAMPLES, listings_per_market=LISTINGS) as sandbox:
        yield sandbox


@pytest.fixture
def fresh():
    """A small sandbox of its own for tests that change how it behaves."""
    with Sandbox(seed=3, registry=SAMPLES, listings_per_market=20) as sandbox:
        yield sandbox
