"""A small brand folder for tests, written as files."""

import io
from pathlib import Path

from PIL import Image

TOML = """
name = "Haneulbit"
slug = "haneulbit"

[organisation]
slug = "haneul-house"
name = "Haneul House Co., Ltd."

[[marks]]
text = "Haneulbit"
spellings = ["하늘빛", { text = "晗露碧", script = "Hans" }]

[[products]]
code = "serum"
name = "Dew serum"
price = "32000"
currency = "KRW"

[[images]]
file = "serum.png"
kind = "product"
product = "serum"

[[rights]]
type = "trademark_word"
office = "KR"
number = "40-990101"
mark = "Haneulbit"
classes = [3]
owner = "Haneul House Co., Ltd."
registered_on = 2021-03-11
expires_on = 2031-03-11
status = "registered"
certificate = "rights/kr.pdf"

[[powers_of_attorney]]
grantor = "Haneul House Co., Ltd."
agent = "Watch"
signed_on = 2026-01-05
file = "poa.pdf"

[[authorised_sellers]]
market = "harborlane"
shop_id = "haneulbit-official"
territory = ["US"]
"""


def png(colour=(10, 120, 200), size=(32, 24)) -> bytes:
    data = io.BytesIO()
    Image.new("RGB", size, colour).save(data, "PNG")
    return data.getvalue()


def write(folder: Path, toml: str | bytes = TOML) -> Path:
    """Write a brand folder that fits, but for what ``toml`` says."""
    (folder / "rights").mkdir(parents=True, exist_ok=True)
    (folder / "brand.toml").write_bytes(toml if isinstance(toml, bytes) else toml.encode())
    (folder / "serum.png").write_bytes(png())
    (folder / "rights/kr.pdf").write_bytes(b"%PDF-1.4 certificate")
    (folder / "poa.pdf").write_bytes(b"%PDF-1.4 power")
    return folder
