"""Packs the browser extension into ``build/jikimi-extension-VERSION.zip``: ``make extension``.

The same files give the same bytes, so that anyone can check what a store or an administrator hands out.
"""

from __future__ import annotations

import json
import sys
import zipfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
SOURCE = ROOT / "extension"
EARLIEST = (1980, 1, 1, 0, 0, 0)  # what a zip file can say at the earliest


def pack(source: Path, target: Path) -> Path:
    """Write the zip file of an extension's folder into the folder ``target`` and return its path."""
    version = json.loads((source / "manifest.json").read_text(encoding="utf-8"))["version"]
    path = target / f"jikimi-extension-{version}.zip"
    target.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        for file in sorted(source.rglob("*")):
            if file.is_file() and not file.name.startswith("."):
                entry = zipfile.ZipInfo(file.relative_to(source).as_posix(), EARLIEST)
                entry.external_attr = 0o644 << 16
                entry.compress_type = zipfile.ZIP_DEFLATED
                archive.writestr(entry, file.read_bytes())
    return path


if __name__ == "__main__":
    sys.stdout.write(f"{pack(SOURCE, ROOT / 'build')}\n")
