"""What the real services lend to tests: a database of their own, and an environment that names the services."""

import os
import uuid
from pathlib import Path

import psycopg
import pytest

ROOT = Path(__file__).parents[2]


def service(name: str) -> str:
    """Return the address of a service, or fail: this group is never skipped."""
    address = os.environ.get(name, "")
    if not address:
        pytest.fail(f"{name} is not set: run this group with `make test-integration`")
    return address


@pytest.fixture
def environment(tmp_path) -> dict[str, str]:
    """Return the environment of an installation of its own, on an empty PostgreSQL database that is dropped after."""
    server = service("JIKIMI_DATABASE_URL")
    assert server.startswith("postgres"), "the integration group runs on PostgreSQL"
    name = f"installation_{uuid.uuid4().hex}"
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f'CREATE DATABASE "{name}"')
    yield {
        **os.environ,
        "JIKIMI_HOME": str(tmp_path / "home"),
        "JIKIMI_DATABASE_URL": f"{server.rsplit('/', 1)[0]}/{name}",
        "JIKIMI_REDIS_URL": service("JIKIMI_REDIS_URL"),
        "DJANGO_SETTINGS_MODULE": "config.settings",
        "PYTHONPATH": str(ROOT),
    }
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f'DROP DATABASE "{name}" WITH (FORCE)')
