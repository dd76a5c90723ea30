import html
import re

import pytest
from django.test import Client

from accounts.models import Role
from contracts.match import Ground
from contracts.verdict import VerdictKind
from listings.models import ListingImage
from tests.factories import FlagFactory, ListingFactory, MembershipFactory, ProductFactory, SellerFactory, a_match
from triage import services
from triage.models import Flag, Verdict
from triage.states import FlagState

HOSTILE = '<script>alert(1)</script> Haneulbit "onload=x \u202egnp.1:1 mirror quality {{ 7|add:7 }}'


@pytest.fixture
def visitor(client, monitor):
    client.force_login(monitor)
    return client


@pytest.fixture
def flag(brand):
    return FlagFactory(brand=brand)


def post(client, flag, step, **values):
    return client.post(f"/flags/{flag.pk}/{step}", values)


def decide(client, flag, kind="genuine", **values):
    return post(client, flag, "decide", kind=kind, seen=flag.fingerprint, **values)


def said(client, response):
    page = client.get(response.url).content.decode()
    return " ".join(
        html.unescape(text).strip() for text in re.findall(r'<li class="message[^>]*>(.*?)</li>', page, re.DOTALL)
    )


def test_reviewing_walks_from_one_flag_to_the_next(visitor, monitor, brand):
    first, second = FlagFactory(brand=brand, probability=0.9), FlagFactory(brand=brand, probability=0.8)

    assert visitor.post("/review/").url == f"/flags/{first.pk}/"
    assert decide(visitor, first, "counterfeit", note="label glued on").url == f"/flags/{second.pk}/"
    end = decide(visitor, second, "resale", reason="wording_copy")

    assert end.url == "/"
    assert "Nothing is left for you" in said(visitor, end)
    kinds = list(Verdict.objects.order_by("id").values_list("kind", "reason", "note", "by"))
    assert kinds == [
        ("counterfeit", "mark", "label glued on", monitor.pk),
        ("resale", "wording_copy", "", monitor.pk),
    ]


def test_the_filter_goes_along(visitor, brand):
    FlagFactory(brand=brand, probability=0.9)
    wanted = FlagFactory(brand=brand, listing=ListingFactory(market="shopee"), probability=0.6)
    assert visitor.post("/review/?market=shopee").url == f"/flags/{wanted.pk}/?market=shopee"
    page = visitor.get(f"/flags/{wanted.pk}/?market=shopee").content.decode()
    assert f'action="/flags/{wanted.pk}/decide?market=shopee"' in page


def test_looking_takes_no_lease_and_deciding_takes_it_when_free(visitor, monitor, flag):
    visitor.get(f"/flags/{flag.pk}/")
    flag.refresh_from_db()
    assert flag.state == FlagState.NEW
    decide(visitor, flag)
    assert Verdict.objects.get().by == monitor


def test_who_lost_the_flag_is_told_who_holds_it(visitor, colleague, flag):
    services.lease(actor=colleague, flag=flag)
    page = visitor.get(f"/flags/{flag.pk}/").content.decode()
    assert f"{colleague} is looking at this flag" in page
    assert "verdict-form" not in page
    response = decide(visitor, flag)
    assert str(colleague) in said(visitor, response)
    assert not Verdict.objects.exists()


def test_content_that_changed_is_shown_again_instead_of_decided(visitor, flag):
    response = post(visitor, flag, "decide", kind="genuine", seen="of another content")
    assert response.url == f"/flags/{flag.pk}/"
    assert "changed while you looked" in said(visitor, response)
    assert not Verdict.objects.exists()


def test_nonsense_is_answered_in_words(visitor, flag):
    assert "expected one of" in said(visitor, decide(visitor, flag, kind="fake"))
    assert "expected one of" in said(visitor, post(visitor, flag, "skip", reason="tired"))


def test_skipping_and_snoozing_go_on_with_the_next(visitor, monitor, brand, flag):
    other = FlagFactory(brand=brand, probability=0.6)
    assert post(visitor, flag, "skip", reason="hard").url == f"/flags/{other.pk}/"
    assert post(visitor, other, "snooze", days="30").url == "/"
    other.refresh_from_db()
    assert other.state == FlagState.SNOOZED
    assert "Snoozed" in visitor.get("/?show=snoozed").content.decode()


def test_undoing_shows_the_flag_again(visitor, monitor, flag):
    decide(visitor, flag)
    response = visitor.post(f"/verdicts/{Verdict.objects.get().pk}/undo")
    assert response.url == f"/flags/{flag.pk}/"
    flag.refresh_from_db()
    assert flag.leased_by == monitor
    again = visitor.post(f"/verdicts/{Verdict.objects.get().pk}/undo")
    assert "no longer be undone" in said(visitor, again)


def test_a_decided_flag_can_be_looked_at_again(visitor, monitor, flag):
    decide(visitor, flag, "counterfeit")
    page = visitor.get(f"/flags/{flag.pk}/").content.decode()
    assert "Look again" in page
    assert "verdict-form" not in page
    post(visitor, flag, "reopen")
    flag.refresh_from_db()
    assert (flag.state, flag.leased_by) == (FlagState.LEASED, monitor)


def test_who_was_unsure_sees_that_another_has_to_look(visitor, flag):
    decide(visitor, flag, VerdictKind.UNSURE)
    assert "another person has to give it" in visitor.get(f"/flags/{flag.pk}/").content.decode()


def test_renewing_answers_without_a_page_and_tells_when_it_is_lost(visitor, monitor, colleague, flag):
    services.lease(actor=monitor, flag=flag)
    assert post(visitor, flag, "renew").status_code == 204
    services.release(actor=monitor, flag=flag)
    services.lease(actor=colleague, flag=flag)
    lost = post(visitor, flag, "renew")
    assert lost.status_code == 409
    assert str(colleague) in lost.content.decode()


def test_a_brand_owner_reads_and_may_not_decide(client, brand, flag):
    client.force_login(MembershipFactory(organisation=brand.organisation, role=Role.BRAND_OWNER).user)
    page = client.get(f"/flags/{flag.pk}/").content.decode()
    assert "monitors decide it" in page
    assert "verdict-form" not in page
    assert "Start reviewing" not in client.get("/").content.decode()
    for step in ("decide", "skip", "snooze", "renew", "reopen"):
        assert post(client, flag, step).status_code == 403, step
    assert client.post("/review/").status_code == 403
    flag.refresh_from_db()
    assert flag.state == FlagState.NEW


def test_a_change_needs_the_site_s_own_form(monitor, flag):
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(monitor)
    assert decide(strict, flag).status_code == 403
    assert strict.get(f"/flags/{flag.pk}/decide").status_code == 405


def test_a_sellers_age_is_shown_as_its_page_has_it(visitor, brand):
    flag = FlagFactory(brand=brand, listing=ListingFactory(seller=SellerFactory(since="2026-10")))

    assert "There since 2026-10" in visitor.get(f"/flags/{flag.pk}/").content.decode()


def hostile_flag(brand):
    seller = SellerFactory(name=HOSTILE, trader={"<b>name": HOSTILE})
    listing = ListingFactory(title=HOSTILE, url="javascript:alert(1)", seller=seller)
    listing.data |= {"description": HOSTILE * 200, "attributes": {HOSTILE: HOSTILE}, "condition": HOSTILE}
    listing.save()
    flag = FlagFactory(brand=brand, listing=listing)
    flag.capture.data = listing.data
    flag.capture.save()
    ListingImage.objects.create(listing=listing, position=0, url="http://x.example/", problem=HOSTILE)
    flag.match["signals"][0]["compared_with"] = HOSTILE
    flag.match["signals"][0]["reason"]["en"] = HOSTILE
    flag.match["sentence"]["en"] = HOSTILE
    flag.save()
    return flag


@pytest.mark.parametrize("page", ["/", "/flags/{}/"])
def test_a_stranger_s_text_stays_text(visitor, brand, page):
    flag = hostile_flag(brand)
    response = visitor.get(page.format(flag.pk))
    shown = response.content.decode()

    assert "&lt;script&gt;" in shown
    assert "<script>alert" not in shown
    assert "<b>name" not in shown
    assert '"onload=x' not in shown
    assert "{{ 7|add:7 }}" in shown
    assert "\u202e" not in shown
    assert "javascript:alert" not in re.findall(r'href="([^"]*)"', shown)
    assert not re.search(r"<[^>]*\sstyle=", shown), "inline style is refused by the content security policy"
    assert not re.search(r"<script(?![^>]*\ssrc=)", shown)
    assert "script-src 'self'" in response["Content-Security-Policy"]


def test_the_link_to_the_seller_s_page_tells_it_nothing(visitor, flag):
    page = visitor.get(f"/flags/{flag.pk}/").content.decode()
    link = re.search(rf'<a[^>]*href="{re.escape(flag.listing.url)}"[^>]*>', page).group()
    assert "noreferrer" in link
    assert "noopener" in link


def test_prices_reasons_and_what_it_would_be_without_them(visitor, brand, flag):
    ProductFactory(brand=brand)
    page = visitor.get(f"/flags/{flag.pk}/").content.decode()
    assert "€4.90" in page
    assert "₩32,000" in page
    assert "<mark>1:1 mirror quality</mark>" in page
    assert re.search(r"40 %\s*<span[^>]*>not flagged", page)
    assert "93\u202f%" in page or "93 %" in page


def test_the_page_names_the_ground_in_the_interface_language(visitor, brand):
    flag = FlagFactory(brand=brand, ground=Ground.GREY_MARKET)
    assert "비공식 유통" in visitor.get(f"/flags/{flag.pk}/", headers={"accept-language": "ko"}).content.decode()


def test_the_language_switch_stays(visitor, flag):
    assert visitor.post("/language/setlang/", {"language": "ko", "next": "/"}).url == "/"
    page = visitor.get("/").content.decode()
    assert '<html lang="ko">' in page
    assert "검토 시작" in page
    assert a_match().sentence.ko in page
    visitor.post("/language/setlang/", {"language": "en", "next": "/"})
    assert "Start reviewing" in visitor.get("/").content.decode()


def test_another_person_s_verdict_of_the_same_firm_is_not_undone_by_a_monitor(visitor, colleague, flag):
    services.lease(actor=colleague, flag=flag)
    verdict = services.decide(actor=colleague, flag=flag, kind="genuine", seen_fingerprint=flag.fingerprint)
    assert visitor.post(f"/verdicts/{verdict.pk}/undo").status_code == 403
    assert Flag.objects.get().state == FlagState.DECIDED
