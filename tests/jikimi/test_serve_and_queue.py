import os
import re
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

import pytest
from click.testing import CliRunner

from jikimi.commands.queue import command as queue
from tests.factories import FlagFactory, ListingFactory

JIKIMI = Path(sys.executable).with_name("jikimi")


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def environment(home):
    return {**os.environ, "JIKIMI_HOME": str(home), "DJANGO_SETTINGS_MODULE": "config.settings"}


def test_without_its_tables_it_says_what_to_run(tmp_path):
    run = subprocess.run(
        [JIKIMI, "serve"], env=environment(tmp_path), capture_output=True, text=True, timeout=60, check=False
    )
    assert run.returncode == 1
    assert "jikimi manage migrate" in run.stderr


def test_it_serves_the_log_in_page_and_the_styles_on_loopback(tmp_path):
    port = free_port()
    subprocess.run([JIKIMI, "manage", "migrate", "-v0"], env=environment(tmp_path), timeout=120, check=True)
    with (tmp_path / "log").open("w") as log:
        server = subprocess.Popen(
            [JIKIMI, "serve", "--port", str(port), "--workers", "1"], env=environment(tmp_path), stdout=log, stderr=log
        )
    try:
        page = answer(f"http://127.0.0.1:{port}/", server)
        styles = answer(f"http://127.0.0.1:{port}/static/jikimi/app.css", server)
    finally:
        server.terminate()
        server.wait(timeout=30)
    assert 'name="password"' in page
    assert re.search(r'<link rel="stylesheet" href="/static/jikimi/app.css">', page)
    assert "--brand" in styles


def answer(url, server):
    for _ in range(100):
        try:
            with urllib.request.urlopen(url, timeout=60) as response:
                return response.read().decode()
        except urllib.error.URLError:
            assert server.poll() is None, "the server stopped"
            time.sleep(0.2)
    pytest.fail(f"no answer from {url}")


@pytest.mark.django_db
def test_the_queue_in_the_terminal_shows_the_riskiest_first(monkeypatch):
    monkeypatch.setenv("COLUMNS", "200")
    FlagFactory(probability=0.7)
    FlagFactory(probability=0.99, listing=ListingFactory(title="[bold red]Haneulbit[/] \x1b[31mserum"))
    FlagFactory(probability=0.98, state="decided")
    shown = CliRunner().invoke(queue, ["--limit", "5"])
    assert shown.exit_code == 0, shown.output
    assert "[bold red]Haneulbit[/] □[31mserum" in shown.output
    assert shown.output.index("99 %") < shown.output.index("70 %")
    assert "98 %" not in shown.output
    assert "Nothing waits." in CliRunner().invoke(queue, ["--market", "lazada"]).output
