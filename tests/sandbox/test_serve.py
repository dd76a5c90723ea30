"""``jikimi sandbox serve`` as an operator starts it."""

import json
import os
import re
import signal
import subprocess
import sys

from tests.sandbox.conftest import get


def test_serve_opens_four_shops_writes_the_truth_aside_and_ends_on_ctrl_c(tmp_path):
    truth = tmp_path / "truth.jsonl"
    asked = [sys.executable, "-m", "jikimi.cli", "sandbox", "serve", "--listings", "20", "--truth", str(truth)]
    unbuffered = os.environ | {"PYTHONUNBUFFERED": "1"}
    # A run that was sent to the background ignores Ctrl-C, and so would what it starts.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    with subprocess.Popen(asked, stdout=subprocess.PIPE, text=True, env=unbuffered) as shop:
        lines = [shop.stdout.readline() for _ in range(5)]
        origins = re.findall(r"http://127\.0\.0\.1:\d+", "".join(lines))
        statuses = [get(origin + "/robots.txt").status for origin in origins]
        shop.send_signal(signal.SIGINT)
        rest = shop.stdout.read()
    assert statuses == [200] * 4
    assert rest.endswith("Closed.\n")
    assert shop.returncode == 0
    rows = [json.loads(line) for line in truth.read_text(encoding="utf-8").splitlines()]
    assert len(rows) == 80
    assert sum(row["label"] == "counterfeit" for row in rows) == 4
