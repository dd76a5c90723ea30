"""The compose file against the compose specification, and against what it starts. No container is started here."""

import json
import re
import subprocess
import sys
from pathlib import Path

import click
import pytest
import yaml
from jsonschema import Draft7Validator

from contracts.market import manifests
from jikimi.celery import app as celery_app
from jikimi.cli import cli
from listings.tasks import queue_of

ROOT = Path(__file__).parents[1]
TEXT = (ROOT / "docker-compose.yml").read_text(encoding="utf-8")
COMPOSE = yaml.safe_load(TEXT)
SERVICES = COMPOSE["services"]
OURS = {name: service for name, service in SERVICES.items() if service["image"].startswith("jikimi:")}
STORES = {"postgresql", "redis", "elasticsearch"}
VARIABLE = re.compile(r"(?<!\$)\$\{([A-Z0-9_]+)(?::([-?])([^}]*))?\}")


def each(services):
    return pytest.mark.parametrize("name", services)


def schema():
    return json.loads((ROOT / "tests/resources/compose-spec/compose-spec.json").read_text(encoding="utf-8"))


def waited_for_until_it_ends(name):
    return any(
        service.get("depends_on", {}).get(name, {}).get("condition") == "service_completed_successfully"
        for service in SERVICES.values()
    )


def test_the_file_follows_the_compose_specification():
    Draft7Validator.check_schema(schema())
    assert [error.message for error in Draft7Validator(schema()).iter_errors(COMPOSE)] == []


def test_the_schema_catches_a_slip():
    slipped = {**COMPOSE, "services": {"web": {**SERVICES["web"], "heathcheck": {}}}}
    assert [*Draft7Validator(schema()).iter_errors(slipped)]


def test_every_part_of_the_house_is_there():
    assert set(SERVICES) >= {"web", "worker", "crawler", "beat", *STORES}


@each(SERVICES)
def test_every_service_that_stays_has_a_health_check(name):
    if waited_for_until_it_ends(name):
        assert SERVICES[name]["healthcheck"] == {"disable": True}
    else:
        assert SERVICES[name]["healthcheck"]["test"]


@each(SERVICES)
def test_every_service_is_hardened(name):
    service = SERVICES[name]
    assert service["user"].split(":")[0] not in ("", "0", "root")
    assert service["cap_drop"] == ["ALL"]
    assert "no-new-privileges:true" in service["security_opt"]
    assert "privileged" not in service
    # Elasticsearch's image writes its keystore beside its programs at the first start.
    assert service.get("read_only") is (None if name == "elasticsearch" else True)


@each(SERVICES)
def test_ports_are_bound_to_loopback_and_stores_have_none(name):
    ports = SERVICES[name].get("ports", [])
    assert all(port.startswith("127.0.0.1:") for port in ports)
    assert bool(ports) == (name == "web")


@each(SERVICES)
def test_what_a_service_refers_to_exists(name):
    service = SERVICES[name]
    assert set(service.get("depends_on", {})) <= set(SERVICES)
    assert {volume.split(":")[0] for volume in service.get("volumes", [])} <= set(COMPOSE["volumes"])
    assert set(service["networks"]) <= set(COMPOSE["networks"])


def test_stores_reach_nobody_outside():
    assert COMPOSE["networks"]["inside"]["internal"] is True
    assert all(SERVICES[name]["networks"] == ["inside"] for name in STORES)


def test_no_password_has_a_default():
    secret = [match for match in VARIABLE.finditer(TEXT) if re.search("PASSWORD|SECRET|KEY", match[1])]
    assert {match[1] for match in secret} == {
        "POSTGRES_PASSWORD",
        "REDIS_PASSWORD",
        "ELASTIC_PASSWORD",
        "JIKIMI_SECRET_KEY",
        "JIKIMI_HEALTH_SECRET",
        "JIKIMI_EBAY_CLIENT_SECRET",
        "JIKIMI_ETSY_API_KEY",
        "JIKIMI_1688_APP_KEY",
        "JIKIMI_1688_APP_SECRET",
    }
    assert all(match[2] == "?" or _is_left_out(match[0]) for match in secret)
    for service in SERVICES.values():
        for key, value in service.get("environment", {}).items():
            if re.search("PASSWORD|SECRET|KEY|AUTH$|_URL$", key):
                assert ":?" in value or _is_left_out(value), f"{key} is not taken from the environment"


def _is_left_out(value):
    """Tell whether a variable that is not set is empty: what needs no secret goes without one."""
    return value.endswith(":-}")


def test_every_setting_given_is_one_the_settings_read():
    known = set(re.findall(r"JIKIMI_[A-Z_]+", (ROOT / "config/settings.py").read_text(encoding="utf-8")))
    keys = {key for manifest in manifests().values() if manifest.api for key in manifest.api.keys}
    for name, service in OURS.items():
        given = {key for key in service["environment"] if key.startswith("JIKIMI_")}
        assert given - keys <= known
        assert given & keys == (keys if name == "crawler" else set()), "who crawls has every market's keys, nobody else"


def test_every_variable_asked_for_is_documented():
    documented = (ROOT / "docs/how-to/operate.md").read_text(encoding="utf-8")
    undocumented = {match[1] for match in VARIABLE.finditer(TEXT) if f"`{match[1]}`" not in documented}
    assert undocumented == set()


@each(OURS)
def test_the_command_exists_and_takes_its_options(name):
    program, *arguments = OURS[name]["command"]
    if program == "gunicorn":
        checked = [sys.executable, "-m", "gunicorn", "--check-config", *arguments]
        done = subprocess.run(checked, cwd=ROOT, capture_output=True, text=True, timeout=120, check=False)
        assert done.returncode == 0, done.stderr
    elif program == "celery":
        flag, app, verb, *options = arguments
        assert (flag, app) == ("-A", "jikimi.celery")
        parse_celery(verb, options)
    else:
        assert program == "jikimi"
        assert cli.get_command(click.Context(cli), arguments[0]) is not None


def parse_celery(verb, options):
    from celery.bin.celery import celery  # noqa: PLC0415 (only these tests need Celery's own command line)

    command = celery.commands[verb]
    context = click.Context(command)
    command.make_parser(context).parse_args([*options])  # raises on an option Celery does not have


def test_each_region_s_crawler_listens_to_the_queue_its_runs_are_put_on():
    (queues,) = [option for option in SERVICES["crawler"]["command"] if option.startswith("--queues=")]
    pattern = re.sub(VARIABLE, "(.+)", queues.removeprefix("--queues="))
    for market, manifest in manifests().items():
        assert re.fullmatch(pattern, queue_of(market))[1] == manifest.region
    worker = [option for option in SERVICES["worker"]["command"] if option.startswith("--queues=")]
    assert worker == [f"--queues={celery_app.conf.task_default_queue}"]  # what beat calls lands here


def test_what_beat_calls_exists():
    celery_app.loader.import_default_modules()
    called = {entry["task"] for entry in celery_app.conf.beat_schedule.values()}
    assert called == {"accounts.drain_outbox", "listings.run_due"}
    assert called <= set(celery_app.tasks)


def test_health_checks_ask_what_exists():
    pinged = {name for name in OURS if "inspect ping" in str(SERVICES[name]["healthcheck"].get("test"))}
    assert pinged == {"worker", "crawler"}
    for name in pinged:
        (hostname,) = [option for option in SERVICES[name]["command"] if option.startswith("--hostname=")]
        node = hostname.removeprefix("--hostname=").replace("%h", "$$(hostname)")
        assert f'--destination "{node}"' in SERVICES[name]["healthcheck"]["test"][1]


@pytest.mark.django_db
def test_the_page_the_web_health_check_asks_for_answers(client, settings):
    settings.SECURE_SSL_REDIRECT = True
    settings.SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    test = SERVICES["web"]["healthcheck"]["test"][-1]
    (path,) = re.findall(r"http://localhost:8000(/[^']*)'", test)
    assert client.get(path, headers={"host": "localhost", "x-forwarded-proto": "https"}).status_code == 200
    assert "localhost," in SERVICES["web"]["environment"]["JIKIMI_ALLOWED_HOSTS"]


def test_the_image_is_made_by_the_same_set_up_and_runs_as_nobody_special():
    lines = (ROOT / "Dockerfile").read_text(encoding="utf-8").splitlines()
    assert any(line.startswith("FROM python:3.11-slim") for line in lines)
    assert any("scripts/setup" in line for line in lines)
    assert (ROOT / "scripts/setup").stat().st_mode & 0o100
    assert lines.index("USER jikimi") > max(number for number, line in enumerate(lines) if line.startswith("COPY"))
    ignored = (ROOT / ".dockerignore").read_text(encoding="utf-8").split()
    assert {".git", ".venv", ".env", "var"} <= set(ignored)
