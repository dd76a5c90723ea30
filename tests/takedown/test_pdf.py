import io
import subprocess
from datetime import timedelta

import pytest
from pypdf import PdfReader
from weasyprint import HTML
from weasyprint.urls import FatalURLFetchingError

from evidence.pictures import BadPicture
from evidence.store import NoSuchContent
from takedown import pdf, services, wording
from takedown.models import EventKind, Notice
from tests.factories import RightFactory
from tests.takedown.conftest import NOW, witness

HOSTILE = "</td><script>alert(1)</script><img src='http://127.0.0.1:9/x.png'>\u202e\u200bgnp.exe " + "x" * 10_000


def run(*arguments, data):
    return subprocess.run(arguments, input=data, capture_output=True, check=True).stdout.decode()


def text_of(data):
    return run("pdftotext", "-layout", "-", "-", data=data)


def families(data, tmp_path):
    path = tmp_path / "notice.pdf"
    path.write_bytes(data)
    rows = run("pdffonts", str(path), data=None).splitlines()[2:]
    assert all("yes" in row.split() for row in rows), "every font is embedded"
    return {row.split()[0].split("+")[-1] for row in rows}


@pytest.fixture
def printed(store):
    def go(verdict, **more):
        witness(verdict, store)
        notice = services.draft_notice(actor=None, verdict=verdict, **more)
        assert isinstance(notice, Notice), notice.findings
        return notice, pdf.render(notice, store=store)

    return go


pytestmark = pytest.mark.django_db


def test_the_paper_says_what_the_draft_says(a_verdict, printed):
    notice, data = printed(a_verdict())
    text = text_of(data)
    flat = "".join(text.split())

    assert data.startswith(b"%PDF-")
    for expected in (
        "ENTWURF, nicht gesendet",
        "초안 · 미발송",
        "Registernummer",
        notice.right_snapshot["number"],
        "1/3",
    ):
        assert expected in text
    for expected in (notice.fields["url"]["value"], notice.items.get().snapshot["screenshot_sha256"], str(notice.pk)):
        assert expected in flat
    assert "2026-11-03 08:50 UTC" in text
    assert "nicht unterzeichnet" in text
    assert "EU Digital Services Act" in text


def test_it_holds_the_screenshot(a_verdict, printed):
    _, data = printed(a_verdict())

    pictures = {picture.image.size for page in PdfReader(io.BytesIO(data)).pages for picture in page.images}
    assert pictures == {(1000, 1050)}  # the top of the page


def test_what_was_not_verified_is_marked(a_verdict, printed):
    _, data = printed(a_verdict(market="leboncoin", site="FR"))

    text = text_of(data)
    assert "this form was not verified" in text
    assert "unverified" in text.split("About this form")[1]
    assert "PROJET" in text
    assert "this form was not verified" not in text_of(printed(a_verdict())[1])


def test_a_doubtful_field_is_marked_where_it_stands(a_verdict, printed):
    notice, data = printed(a_verdict(market="ebay"))  # which reason codes its sites use was not seen

    assert [row["english"] or row["label"] for row in pdf.rows(notice) if row["doubtful"]] == [
        "VeRO reason code of this site"
    ]
    assert "unverified" in text_of(data).split("About this form")[0]


@pytest.mark.parametrize(
    ("market", "site"), [("marktkorb", "DE"), ("longshi", "CN"), ("pasarria", "ID"), ("lazada", "TH")]
)
def test_only_the_named_faces_are_used(a_verdict, printed, brand, tmp_path, market, site):
    RightFactory(brand=brand, office=site, owner="Haneul Cosmetics Co., Ltd.")
    _, data = printed(a_verdict(market=market, site=site, title="Haneulbit 하늘빛 เซรั่มแท้ 1:1 سيروم"))

    found = families(data, tmp_path)
    assert all(name.startswith("Noto") for name in found), found
    assert any("CJK-KR" in name for name in found)
    assert any("Thai" in name for name in found)
    assert any("CJK-SC" in name for name in found) == (site == "CN")


def test_a_hostile_title_stays_text(a_verdict, printed, tmp_path):
    notice, data = printed(a_verdict(title=HOSTILE))
    text = text_of(data)

    assert "<script>alert(1)</script>" in "".join(text.split())
    assert "\u202e" not in text + notice.fields["explanation"]["value"]
    assert len(notice.fields["title"]["value"]) == 300
    assert len(PdfReader(io.BytesIO(data)).pages) < 8
    assert b"/JavaScript" not in data
    assert all(name.startswith("Noto") for name in families(data, tmp_path))


@pytest.mark.parametrize(
    "address",
    ["http://127.0.0.1:9/a.png", "file:///etc/passwd", "https://example.com/a.css", "ftp://h/x", "evidence:" + "0" * 64,
     "data:text/css,a", "/etc/passwd"],
)  # fmt: skip
def test_nothing_but_our_evidence_is_fetched(address):
    with pytest.raises(pdf.RefusedAddress):
        pdf.OwnEvidence({"1" * 64: b"x"}).fetch(address)


@pytest.mark.parametrize(
    "page",
    [
        "<img src='file:///etc/hostname'>",
        "<link rel=stylesheet href='http://127.0.0.1:9/x.css'>",
        "<style>@import url(https://example.com/a.css); p { background: url(http://127.0.0.1:9/b.png) }</style><p>x",
        "<object data='file:///etc/passwd'></object>",
    ],
)
def test_printing_stops_at_any_other_address(page):
    with pytest.raises(FatalURLFetchingError):
        HTML(string=page, url_fetcher=pdf.OwnEvidence({})).write_pdf()


def test_damaged_or_lost_evidence_prints_nothing(a_verdict, store, printed):
    notice, _ = printed(a_verdict())
    path = store.path(notice.items.get().snapshot["screenshot_sha256"])
    path.unlink()

    with pytest.raises(NoSuchContent):
        pdf.render(notice, store=store)
    with pytest.raises(BadPicture):
        pdf.top_of(b"<html>")


def test_it_is_kept_and_not_made_again(a_verdict, printed, store, people, time_machine):
    notice, _ = printed(a_verdict())
    first = services.write_pdf(actor=people.owner, notice=notice)
    time_machine.move_to(NOW + timedelta(days=1), tick=False)

    assert services.write_pdf(actor=people.officer, notice=notice) == first
    assert store.get(first).startswith(b"%PDF-")
    services.update_field(actor=None, notice=notice, key="explanation", value="Anders.")
    second = services.write_pdf(actor=None, notice=Notice.objects.get())
    assert second != first
    assert [event.detail["sha256"] for event in notice.events.filter(kind=EventKind.PDF_WRITTEN)] == [first, second]


def test_a_language_without_text_says_so(a_verdict, printed, brand, monkeypatch):
    without = {language: found for language, found in wording.texts().items() if language != "de"}
    monkeypatch.setattr(wording, "texts", lambda: without)
    notice, data = printed(a_verdict())

    assert (notice.language, notice.language_wanted) == ("en", "de")
    assert "English stands in for it" in " ".join(text_of(data).split())
