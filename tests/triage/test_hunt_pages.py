import pytest

from accounts.models import AuditEvent, OutboxMessage, Role
from accounts.outbox import drain
from tests.factories import (
    BrandFactory,
    FlagFactory,
    ListingFactory,
    MarkFactory,
    MembershipFactory,
    ReferenceImageFactory,
)
from triage import hunt_queries
from triage.models import Hunt, HuntTarget
from triage.services import HuntHeld, Looked, advance_hunt, begin_hunt, fail_hunt, finish_hunt, queue_hunt, take_hunt
from triage.states import HuntState

HOSTILE = "<script>alert(1)</script> \u202egnp"


@pytest.fixture(autouse=True)
def places(settings, tmp_path):
    settings.EVIDENCE_DIR, settings.INDEX_DIR, settings.SEARCH_URL = tmp_path / "e", tmp_path / "i", "embedded"


@pytest.fixture
def visitor(client, monitor):
    client.force_login(monitor)
    return client


def hunted(brand, *, marks=1, state=HuntState.DONE):
    """Make a hunt that looked at 40 listings and raised one flag."""
    hunt = queue_hunt(
        actor=None,
        brand=brand,
        marks=[MarkFactory(brand=brand, text=f"Mark {n} {brand.pk} {Hunt.objects.count()}") for n in range(marks)],
    )
    take_hunt(actor=None, hunt=hunt)
    begin_hunt(hunt=hunt, candidates=80)
    advance_hunt(hunt=hunt, cursor="ebay:4", looked=Looked(looked_at=37, skipped=2, failed=1, matched=3))
    FlagFactory(brand=brand, hunt=hunt)
    if state == HuntState.DONE:
        finish_hunt(hunt=hunt)
    elif state == HuntState.FAILED:
        fail_hunt(hunt=hunt, error="SearchUnavailable: no route <b>to</b> host")
    return hunt


def test_the_list_shows_what_was_hunted_for_and_how_far_it_is(visitor, brand):
    hunt = hunted(brand, state=HuntState.RUNNING)
    page = visitor.get("/hunts/").content.decode()
    assert "40 of 80 listings" in page
    assert f'href="/hunts/{hunt.pk}/"' in page
    assert "Mark 0" in page
    assert "Running" in page


def test_a_hunt_shows_its_flags_and_a_flag_its_hunt(visitor, brand):
    hunt = hunted(brand)
    flag = hunt.flags.get()
    page = visitor.get(f"/hunts/{hunt.pk}/").content.decode()
    assert f'href="/flags/{flag.pk}/"' in page
    assert "2 no longer stored, 1 unreadable" in page
    assert "Go on" not in page
    assert f'href="/hunts/{hunt.pk}/"' in visitor.get(f"/flags/{flag.pk}/").content.decode()
    assert "/hunts/1/" not in visitor.get(f"/flags/{FlagFactory(brand=brand).pk}/").content.decode()


def test_texts_of_strangers_are_never_markup(visitor, brand):
    hunt = hunted(brand, state=HuntState.FAILED)
    hunt.flags.update(listing=ListingFactory(title=HOSTILE))
    HuntTarget.objects.filter(hunt=hunt).update(label=HOSTILE)
    for address in ("/hunts/", f"/hunts/{hunt.pk}/"):
        page = visitor.get(address).content.decode()
        assert "<script>alert" not in page
        assert "&lt;script&gt;alert" in page
        assert "\u202e" not in page
    assert "&lt;b&gt;to&lt;/b&gt;" in page


@pytest.mark.parametrize("kind", ["brand", "mark", "image"])
def test_a_button_has_it_searched_back_for(visitor, monitor, brand, kind):
    rows = {"brand": brand, "mark": MarkFactory(brand=brand), "image": ReferenceImageFactory(brand=brand)}
    assert f'value="{kind}:{rows[kind].pk}"' in visitor.get("/hunts/").content.decode()

    answer = visitor.post("/hunts/ask", {"what": f"{kind}:{rows[kind].pk}"})

    hunt = Hunt.objects.get()
    assert answer.url == f"/hunts/{hunt.pk}/"
    assert hunt.asked_by == monitor
    assert hunt.targets.count() == (2 if kind == "brand" else 1)
    assert AuditEvent.objects.get(verb="hunt.queued").actor == monitor


def test_a_brand_without_anything_is_no_hunt(visitor, brand):
    assert visitor.post("/hunts/ask", {"what": f"brand:{brand.pk}"}).url == "/hunts/"
    assert not Hunt.objects.exists()


@pytest.mark.parametrize(
    "what", ["", "brand", "brand:", "brand:x", "mark:0", "image:" + "9" * 40, "right:1", "mark:-1"]
)
def test_what_is_not_there_cannot_be_asked_for(visitor, what):
    assert visitor.post("/hunts/ask", {"what": what}).status_code == 404


def test_a_failed_hunt_goes_on_at_the_press_of_a_button(visitor, brand):
    hunt = hunted(brand, state=HuntState.FAILED)
    page = visitor.get(f"/hunts/{hunt.pk}/").content.decode()
    assert "no route" in page
    assert "Go on" in page

    visitor.post(f"/hunts/{hunt.pk}/go-on")
    drain()
    hunt.refresh_from_db()
    assert (hunt.state, hunt.attempt) == (HuntState.DONE, 2)


def test_a_hunt_that_is_worked_on_offers_no_button(visitor, brand):
    hunt = hunted(brand, state=HuntState.RUNNING)
    with pytest.raises(HuntHeld):
        take_hunt(actor=None, hunt=Hunt.objects.get())
    assert "Go on" not in visitor.get(f"/hunts/{hunt.pk}/").content.decode()


def test_other_organisations_see_and_ask_nothing(client, brand):
    hunt, mark = hunted(brand), MarkFactory(brand=brand, text="Secret mark")
    stranger = MembershipFactory(role=Role.ADMINISTRATOR)
    own = MarkFactory(brand=BrandFactory(organisation=stranger.organisation), text="Own mark")
    client.force_login(stranger.user)

    page = client.get("/hunts/").content.decode()
    assert "Secret mark" not in page
    assert f"mark:{own.pk}" in page
    assert f'"/hunts/{hunt.pk}/"' not in page
    assert client.get(f"/hunts/{hunt.pk}/").status_code == 404
    assert client.post(f"/hunts/{hunt.pk}/go-on").status_code == 404
    for what in (f"brand:{brand.pk}", f"mark:{mark.pk}"):
        assert client.post("/hunts/ask", {"what": what}).status_code == 404
    assert Hunt.objects.count() == 1
    assert not OutboxMessage.objects.filter(topic="triage.hunt_queued", payload__hunt_id__gt=hunt.pk).exists()


def test_nobody_logged_out_sees_anything(client, brand):
    hunt = hunted(brand)
    for address in ("/hunts/", f"/hunts/{hunt.pk}/"):
        assert "/accounts/login" in client.get(address).url
    assert "/accounts/login" in client.post("/hunts/ask", {"what": f"brand:{brand.pk}"}).url


@pytest.mark.parametrize("count", [1, 12])
def test_pages_cost_the_same_however_much_there_is(brand, monitor, count, django_assert_num_queries):
    for number in range(count):
        hunt = hunted(brand, marks=count)
        ReferenceImageFactory.create_batch(count, brand=brand)
        MarkFactory(brand=BrandFactory(organisation=brand.organisation), text=f"Other {number}")
    with django_assert_num_queries(6):
        page = hunt_queries.hunts_page(user=monitor)
        assert [len(one.targets.all()) for one in page.hunts] == [count] * count
        assert [one.brand.organisation.name for one in page.hunts]
    FlagFactory.create_batch(count, brand=brand, hunt=hunt)
    with django_assert_num_queries(4):
        shown = hunt_queries.hunt_page(user=monitor, hunt=hunt)
        assert [flag.listing.title for flag in shown.flags]
        assert shown.hunt.flagged == count + 1


def test_it_is_there_in_korean(visitor, brand, monitor):
    hunted(brand)
    visitor.cookies.load({"django_language": "ko"})
    page = visitor.get("/hunts/").content.decode()
    assert "소급 검색" in page
    assert "판매 글 80건 중 40건" in page
