import re
from pathlib import Path

ROOT = Path(__file__).parents[1]


def test_every_setting_an_operator_can_change_is_documented_and_every_documented_one_exists():
    read = set(re.findall(r'env\.\w+\("(JIKIMI_[A-Z_]+)"', (ROOT / "config/settings.py").read_text(encoding="utf-8")))
    for module in (ROOT / "matchers").rglob("*.py"):  # below Django, so past its settings
        read |= set(re.findall(r'environ\.get\("(JIKIMI_[A-Z_]+)"', module.read_text(encoding="utf-8")))
    page = (ROOT / "docs/how-to/operate.md").read_text(encoding="utf-8")
    settings_table = page.split("## Settings")[1].split("\n## ")[0]
    documented = set(re.findall(r"^\| `(JIKIMI_[A-Z_]+)` \|", settings_table, re.MULTILINE))

    assert len(read) > 20
    assert documented == read
