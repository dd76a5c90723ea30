"""The doors for measuring, as the command line opens them."""

import csv
import io
import subprocess
import sys

import numpy as np
from PIL import Image


def drawing(seed):
    noise = np.random.default_rng(seed).integers(0, 255, (12, 12, 3), dtype=np.uint8)
    return Image.fromarray(noise).resize((240, 240), Image.Resampling.BICUBIC)


def test_pictures_are_ranked_and_broken_files_named(tmp_path):
    references, queries = tmp_path / "references", tmp_path / "queries"
    references.mkdir()
    queries.mkdir()
    for seed in range(3):
        drawing(seed).save(references / f"r{seed}.png")
    drawing(1).resize((200, 200)).save(queries / "q.jpg")
    (queries / "broken.jpg").write_bytes(b"no picture")
    for door in ("images", "logos"):
        command = [sys.executable, "-m", "jikimi.cli", "match", door, str(references), str(queries)]
        run = subprocess.run(command, capture_output=True, text=True, check=True)
        rows = list(csv.reader(io.StringIO(run.stdout)))
        assert rows[0] == ["query", "reference", "score"]
        assert rows[1][:2] == ["q.jpg", "r1.png"]
        assert "broken.jpg" in run.stderr
