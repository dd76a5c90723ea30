import pytest
from click.testing import CliRunner

from jikimi.commands.notice import NoSuchVerdict, command
from takedown import services
from takedown.models import Notice
from tests.takedown.conftest import chromium, witness

pytestmark = pytest.mark.django_db


def jikimi(*arguments):
    return CliRunner().invoke(command, [str(argument) for argument in arguments], catch_exceptions=False)


@pytest.mark.browser
def test_from_a_verdict_to_a_pdf(a_verdict, store, shop, monkeypatch, tmp_path):
    monkeypatch.setattr(services, "_chromium", lambda: chromium)
    verdict = a_verdict(url=f"{shop}/p/1")

    done = jikimi("draft", verdict.pk, "--pdf", tmp_path / "out" / "notice.pdf")

    assert done.exit_code == 0, done.output
    assert "Screenshot: ok" in done.output
    assert str(Notice.objects.get().pk) in done.output
    assert (tmp_path / "out" / "notice.pdf").read_bytes().startswith(b"%PDF-")
    assert str(Notice.objects.get().pk) in jikimi("list", "--state", "draft").output
    assert jikimi("list", "--state", "sent").output == ""


def test_a_refusal_names_its_reasons_and_exits_1(a_verdict, store):
    verdict = a_verdict(market="longshi", site="CN")
    witness(verdict, store)

    refused = jikimi("draft", verdict.pk)

    assert refused.exit_code == 1
    assert "no enforceable trademark in CN" in refused.output


def test_no_such_verdict():
    with pytest.raises(NoSuchVerdict, match="no verdict 77"):
        jikimi("draft", 77)
