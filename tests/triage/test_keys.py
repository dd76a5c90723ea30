import re
from pathlib import Path

import pytest
from django.utils import translation

from contracts.verdict import VerdictKind
from tests.factories import FlagFactory
from triage import keys, services

DOCS = Path(__file__).parents[2] / "docs" / "how-to"


@pytest.mark.parametrize(("file", "language"), [("monitor.md", "en"), ("monitor.ko.md", "ko")])
def test_the_documented_keys_are_the_keys(file, language):
    table = re.findall(r"^\| `(.)` \| (.+) \|$", (DOCS / file).read_text(encoding="utf-8"), re.MULTILINE)
    with translation.override(language):
        assert table == [(key.label, str(key.does)) for key in keys.KEYS]


def test_no_key_does_two_things():
    assert len({key.code for key in keys.KEYS}) == len(keys.KEYS)
    assert set(keys.VERDICT_KEYS) == set(VerdictKind)


def test_the_documented_times_are_the_times():
    text = (DOCS / "monitor.md").read_text(encoding="utf-8")
    assert services.LEASE.total_seconds() == 10 * 60
    assert "ten minutes" in text
    assert services.UNDO_WINDOW.total_seconds() == 15 * 60
    assert "fifteen minutes" in text
    assert services.SKIP_PAUSE.total_seconds() == 8 * 3600
    assert "eight hours" in text
    assert services.MEMORY[VerdictKind.AUTHORISED].days == services.MEMORY[VerdictKind.RESALE].days == 180
    assert services.MEMORY[VerdictKind.GENUINE].days == services.MEMORY[VerdictKind.NOT_OUR_MARK].days == 365


@pytest.mark.django_db
def test_every_key_is_printed_on_a_button_or_link(client, monitor, brand):
    client.force_login(monitor)
    flag = FlagFactory(brand=brand)
    services.lease(actor=monitor, flag=flag)
    services.decide(actor=monitor, flag=flag, kind="genuine", seen_fingerprint=flag.fingerprint)
    other = FlagFactory(brand=brand)
    for number in range(2):
        other.listing.images.create(position=number, url=f"https://a.example/{number}")
    pages = client.get("/").content.decode() + client.get(f"/flags/{other.pk}/").content.decode()
    for key in keys.KEYS:
        assert f'data-key="{key.code}"' in pages, key
