from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from accounts.models import Role
from jobs.models import Schedule
from jobs.reasons import Problem, Reason
from tests.browser.test_review import look
from tests.factories import (
    BrandFactory,
    CrawlRunFactory,
    MembershipFactory,
    ScheduleFactory,
    WatchFactory,
    crawl_stats,
)

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

MISSING = {"price": {"url": "https://www.ebay.com/itm/400000000001", "body_sha256": "a" * 64}}


@pytest.fixture
def seeded(settings):
    """Make four markets that fare differently, a week of runs, and somebody of the installation itself."""
    now = timezone.now()
    member = MembershipFactory(role=Role.ADMINISTRATOR, user__username="jiwoo", user__is_staff=True)
    brand = BrandFactory(organisation=member.organisation)
    found = WatchFactory(brand=brand, term="Haneulbit")
    found.finds.create(listing_id="1", state="infringing")
    WatchFactory(brand=brand, term="haneu1bit", reason="misspelling", barren=3, state="resting")
    WatchFactory(brand=brand, term="a" * 64, kind="image", reason="picture", about="Dew serum 50 ml")
    WatchFactory(term="Byeolmuri")
    ScheduleFactory()
    ScheduleFactory(market="etsy", state="paused")
    for day in range(7, 0, -1):
        CrawlRunFactory(started_at=now - timedelta(days=day))
        CrawlRunFactory(market="etsy", started_at=now - timedelta(days=day))
    worse = crawl_stats(
        field_coverage={"title": 1.0, "listing_id": 1.0, "price": 0.41, "currency": 0.98, "image_urls": 0.97},
        missing=MISSING,
        watches={str(found.pk): {"pages": 3, "rows": 180, "new": 4}},
        statuses={"200": 10, "404": 1},
        robots={"www.ebay.com": {"observed_at": now, "status": 200}},
    )
    problems = [Reason(Problem.FIELD_BELOW_MINIMUM, {"field": "price", "share": 0.41, "least": 0.95}).to_json()]
    CrawlRunFactory(started_at=now - timedelta(hours=2), state="partly_done", account=worse, problems=problems)
    CrawlRunFactory(
        market="amazon",
        started_at=now - timedelta(hours=1),
        state="blocked",
        account=crawl_stats(market="amazon", pages={"blocked": 3}, listings=0, field_coverage={}, rows_per_page=[]),
        problems=[Reason(Problem.BLOCKED_PAGES, {"count": 3}).to_json()],
    )
    return member.user


def test_health_shows_the_worst_market_first_and_leads_to_the_page_that_shows_why(logged_in):
    page = logged_in
    page.get_by_role("link", name="Crawls").click()
    page.get_by_role("heading", name="Health of the crawls").wait_for()
    look(page, "health")
    names = page.locator("tbody th a").all_inner_texts()
    assert names[:3] == ["Amazon", "eBay", "Etsy"]
    ebay = page.locator("tr", has=page.get_by_role("link", name="eBay", exact=True))
    expect(ebay).to_contain_text("price was read on 41 % of listings, at least 95 % is asked")
    assert ebay.locator("rect.bar-value").evaluate_all(
        "bars => bars.every(bar => bar.getBoundingClientRect().width > 5)"
    )

    ebay.get_by_role("link", name="eBay", exact=True).click()
    page.get_by_role("heading", name="What you look for here").wait_for()
    look(page, "market")
    assert page.get_by_text("Haneulbit", exact=True).count()
    assert page.get_by_text("Byeolmuri").count() == 0

    page.locator("table").first.locator("tbody a").first.click()
    page.get_by_role("heading", name="What fell short").wait_for()
    look(page, "run")
    expect(page.locator("tr", has_text="price")).to_contain_text("https://www.ebay.com/itm/400000000001")


def test_a_schedule_is_made_changed_and_paused(logged_in):
    page = logged_in
    page.goto("/jobs/schedules/")
    look(page, "schedules")
    row = page.locator("tr", has=page.get_by_role("link", name="eBay", exact=True))
    row.get_by_label("Hours between").fill("12")
    row.get_by_label("From").fill("22:00")
    row.get_by_label("To").fill("04:30")
    row.get_by_role("button", name="Save").click()
    page.get_by_text("Saved.").wait_for()
    schedule = Schedule.objects.get(market="ebay")
    assert (schedule.every_hours, schedule.window, schedule.time_zone) == (12, "22:00-04:30", "America/New_York")

    row.get_by_role("button", name="Pause").click()
    row.get_by_role("button", name="Resume").wait_for()
    assert Schedule.objects.get(market="ebay").state == "paused"


def test_the_pages_speak_korean(logged_in):
    page = logged_in
    page.get_by_role("button", name="한국어").click()
    page.goto("/jobs/health/")
    page.get_by_role("heading", name="수집 상태").wait_for()
    look(page, "health-ko")
    expect(page.locator("main")).to_contain_text("가격: 판매 글의 41 %에서만 읽음, 최소 95 % 필요")
    page.goto("/jobs/schedules/")
    look(page, "schedules-ko")
