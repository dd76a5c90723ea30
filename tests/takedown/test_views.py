import re

import pytest
from django.urls import reverse

from takedown import pages, services, views
from takedown.models import Notice, Refusal
from takedown.states import PacketState
from takedown.urls import urlpatterns
from tests.takedown.conftest import chromium, witness

pytestmark = pytest.mark.django_db
HOSTILE = "<script>alert(1)</script>\u202egnp.exe"


@pytest.fixture
def notice(ready, people):
    return services.draft_notice(actor=people.monitor, verdict=ready)


def page(client, user, name, *arguments, status=200):
    client.force_login(user)
    answer = client.get(reverse(f"takedown:{name}", args=arguments))
    assert answer.status_code == status
    return answer.content.decode()


def post(client, user, name, *arguments, data=None, status=302):
    client.force_login(user)
    answer = client.post(reverse(f"takedown:{name}", args=arguments), data or {})
    assert answer.status_code == status
    return answer


def test_before_drafting_it_says_where_personal_data_go(client, people, ready):
    text = page(client, people.officer, "draft", ready.pk)

    assert "Personal data" in text
    assert "forwards the notifier’s name and e-mail to the seller" in text
    assert "Right, papers, seller and evidence are in order." in text
    assert "The notice would rest on" in text


def test_the_draft_page_names_what_is_missing(client, people, a_verdict, store):
    text = page(client, people.officer, "draft", a_verdict(site="GB", market="ebay").pk)

    assert "no enforceable trademark in GB" in text
    assert "There is no evidence screenshot of the listing yet." in text


def test_drafting_leads_to_the_notice(client, people, ready):
    answer = post(client, people.monitor, "draft", ready.pk)

    assert answer.url == reverse("takedown:notice", args=(Notice.objects.get().pk,))


@pytest.mark.browser
def test_drafting_takes_the_screenshot_when_only_that_is_missing(client, people, a_verdict, store, shop, monkeypatch):
    monkeypatch.setattr(services, "_chromium", lambda: chromium)
    verdict = a_verdict(url=f"{shop}/p/1")

    post(client, people.officer, "draft", verdict.pk)

    item = Notice.objects.get().items.get()
    assert store.get(item.evidence.screenshot_sha256).startswith(b"\x89PNG")
    client.force_login(people.owner)
    shown = client.get(reverse("takedown:screenshot", args=(item.evidence.pk,)))
    assert (shown["Content-Type"], shown.content[:2]) == ("image/jpeg", b"\xff\xd8")
    whole = client.get(reverse("takedown:screenshot_whole", args=(item.evidence.pk,)))
    assert whole.content == store.get(item.evidence.screenshot_sha256)
    assert "attachment" in whole["Content-Disposition"]


def test_no_right_leads_to_the_refusal_and_the_coverage_list(client, people, a_verdict, store):
    for number in range(2):
        verdict = a_verdict(market="longshi", site="CN", url=f"https://longshi.example/{number}")
        witness(verdict, store)
        answer = post(client, people.officer, "draft", verdict.pk)
        post(client, people.officer, "draft", verdict.pk)  # asking again does not count twice
    refused = Refusal.objects.first()
    assert re.fullmatch(r"/takedown/refusals/\d+/", answer.url)

    assert "Detected, no enforceable right" in page(client, people.owner, "refusal", refused.pk)
    text = page(client, people.owner, "coverage")
    assert "China" in text
    assert re.findall(r'<td class="number">(.+?)</td>', text) == ["3", "2", "2"]
    assert "China" not in page(client, people.stranger, "coverage")


def test_the_notice_page_shows_form_law_evidence_and_korean(client, people, notice):
    text = page(client, people.owner, "notice", notice.pk)

    for expected in ("Registernummer", "Registration number", "등록번호", "위조품으로 판단합니다", "EU Digital Services Act",
                     notice.items.get().snapshot["screenshot_sha256"], "/ 3000"):  # fmt: skip
        assert expected in text
    assert "<textarea" not in text  # the brand owner reads
    assert "<textarea" in page(client, people.monitor, "notice", notice.pk)


def test_unverified_facts_are_marked(client, people, a_verdict, store):
    verdict = a_verdict(market="leboncoin", site="FR")
    witness(verdict, store)
    notice = services.draft_notice(actor=None, verdict=verdict)

    text = page(client, people.officer, "notice", notice.pk)
    assert "unverified" in text.split("The platform's form")[1].split("notice-form")[0]


def test_saving_changes_only_what_was_changed(client, people, notice):
    data = {
        "value-explanation": "Neu.\r\nZwei.",
        "ko-explanation": notice.fields["explanation"]["ko"],
        "value-number": "1",
    }
    before = notice.fields["number"]
    post(client, people.monitor, "edit", notice.pk, data={k: v for k, v in data.items() if k != "value-number"})
    notice.refresh_from_db()

    assert notice.fields["explanation"] == {"value": "Neu.\nZwei.", "ko": "", "edited": True}
    post(client, people.monitor, "edit", notice.pk, data=data)
    notice.refresh_from_db()
    assert notice.fields["number"] == before
    assert not list(pages.changed(notice, {}))


def test_the_way_through_review(client, people, notice):
    post(client, people.monitor, "submit", notice.pk, status=403)
    post(client, people.officer, "submit", notice.pk)
    assert "Approve" not in page(client, people.officer, "notice", notice.pk)
    post(client, people.second, "send_back", notice.pk, data={"reason": "say more"})
    post(client, people.officer, "submit", notice.pk)
    post(client, people.second, "approve", notice.pk)
    notice.refresh_from_db()

    assert notice.state == PacketState.APPROVED
    assert "say more" in page(client, people.owner, "notice", notice.pk)
    post(client, people.officer, "withdraw", notice.pk)
    notice.refresh_from_db()
    assert notice.state == PacketState.WITHDRAWN


def test_what_is_missing_is_said_on_the_page(client, people, notice):
    services.update_field(actor=None, notice=notice, key="email", value="")
    post(client, people.officer, "submit", notice.pk)

    text = page(client, people.officer, "notice", notice.pk)
    assert "Not yet: see what is missing." in text
    assert "E-mail: is missing." in text
    assert Notice.objects.get().state == PacketState.DRAFT


def test_the_pdf_is_handed_out_as_kept(client, people, notice, store):
    client.force_login(people.owner)
    first, second = (client.get(reverse("takedown:pdf", args=(notice.pk,))) for _ in range(2))

    assert first.content == second.content
    assert first["Content-Type"] == "application/pdf"
    assert store.has(notice.events.last().detail["sha256"])


def test_a_stranger_finds_nothing(client, people, notice, ready, a_verdict, store):
    refused = services.draft_notice(actor=None, verdict=a_verdict(market="longshi", site="CN"))
    evidence = notice.items.get().evidence
    reads = [("draft", ready.pk), ("notice", notice.pk), ("pdf", notice.pk), ("refusal", refused.pk),
             ("screenshot", evidence.pk), ("screenshot_whole", evidence.pk)]  # fmt: skip
    writes = [("draft", ready.pk), ("capture", ready.pk)]
    writes += [(name, notice.pk) for name in ("edit", "submit", "approve", "send_back", "withdraw")]

    for name, key in reads:
        page(client, people.stranger, name, key, status=404)
    for name, key in writes:
        post(client, people.stranger, name, key, status=404)
    assert "serum" not in page(client, people.stranger, "notices")
    named = {name for name, _ in reads + writes} | {"notices", "coverage"}

    assert {pattern.name for pattern in urlpatterns} == named, "every address is walked here"


def test_the_brand_owner_reads_and_writes_nothing(client, people, notice, ready):
    for name, key in (("draft", ready.pk), ("capture", ready.pk), ("submit", notice.pk), ("withdraw", notice.pk)):
        post(client, people.owner, name, key, status=403)
    assert "Take a new screenshot" not in page(client, people.owner, "draft", ready.pk)


def test_nobody_without_a_login(client, notice):
    for name, arguments in (("notices", ()), ("coverage", ()), ("notice", (notice.pk,)), ("pdf", (notice.pk,))):
        assert client.get(reverse(f"takedown:{name}", args=arguments)).status_code == 302


def test_a_hostile_title_stays_text_on_every_page(client, people, a_verdict, store):
    verdict = a_verdict(title=HOSTILE)
    witness(verdict, store)
    notice = services.draft_notice(actor=None, verdict=verdict)

    for name, arguments in (("draft", (verdict.pk,)), ("notices", ()), ("notice", (notice.pk,))):
        text = page(client, people.officer, name, *arguments)
        assert "<script>alert" not in text
        assert "\u202e" not in text
        assert "&lt;script&gt;alert(1)" in text


def test_pages_speak_korean(client, people, notice, ready):
    client.cookies["django_language"] = "ko"

    assert "신고서" in page(client, people.officer, "notices")
    assert "플랫폼 양식" in page(client, people.officer, "notice", notice.pk)
    assert "권리 점검" in page(client, people.officer, "draft", ready.pk)


def test_the_list_takes_a_fixed_number_of_queries(client, people, a_verdict, store, django_assert_max_num_queries):
    for number in range(4):
        verdict = a_verdict(url=f"https://marktkorb.example/{number}")
        witness(verdict, store)
        services.draft_notice(actor=None, verdict=verdict)
    client.force_login(people.officer)

    with django_assert_max_num_queries(6):
        client.get(reverse("takedown:notices"))


def test_pages_hold_no_inline_code(client, people, notice):
    text = page(client, people.officer, "notice", notice.pk)

    assert not re.search(r"<script(?![^>]*src=)|<style|\son\w+=|\sstyle=", text)
    assert views.PAGE == 50
