import attrs
import pytest

from contracts.market import Addresses, Manifest, Region, Site
from contracts.match import Ground
from contracts.match import Region as Rectangle
from contracts.verdict import VerdictKind
from tests.factories import (
    BrandFactory,
    CaptureFactory,
    FlagFactory,
    ListingFactory,
    ListingImageFactory,
    MembershipFactory,
    ProductFactory,
    ReferenceImageFactory,
    SellerFactory,
    VerdictFactory,
    a_match,
    sha,
)
from triage import filters, queries
from triage.filters import QueueFilter
from triage.highlight import Piece, pieces, plain
from triage.pairs import Frame, pairs_of
from triage.states import FlagState

pytestmark = pytest.mark.django_db


def flags(brand, count, **more):
    for _ in range(count):
        flag = FlagFactory(brand=brand, **more)
        ListingImageFactory(listing=flag.listing)


@pytest.fixture
def markets(monkeypatch):
    made = {
        name: Manifest(
            id=name,
            name=name.title(),
            region=region,
            duty_profile="none",
            access=("http",),
            sites=(Site(country="DE", domain=f"{name}.example", currency="EUR", languages=("de",)),),
            addresses=Addresses(),
        )
        for name, region in (("ebay", Region.US), ("shopee", Region.ASEAN), ("lazada", Region.ASEAN))
    }
    monkeypatch.setattr(filters, "manifests", lambda: made)
    monkeypatch.setattr(queries, "manifests", lambda: made)


class TestQueuePage:
    @pytest.mark.parametrize("count", [1, 30])
    def test_it_costs_four_queries_however_much_waits(self, brand, monitor, count, django_assert_num_queries, client):
        flags(brand, count)
        with django_assert_num_queries(4):
            page = queries.queue_page(user=monitor, filters=QueueFilter())
            shown = [(flag.listing.title, flag.brand.name, flag.listing.shown_images[0].sha256) for flag in page.flags]
        assert len(shown) == min(count, queries.PAGE_SIZE)
        assert page.flags.paginator.count == count

    @pytest.mark.parametrize("count", [1, 30])
    def test_the_whole_page_costs_a_fixed_number_too(self, brand, monitor, count, django_assert_num_queries, client):
        client.force_login(monitor)
        flags(brand, count, leased_by=monitor, state=FlagState.LEASED)
        with django_assert_num_queries(6):  # session and user, then the page
            client.get("/")

    def test_highest_risk_first_and_other_firms_not_at_all(self, brand, monitor):
        for probability in (0.6, 0.9, 0.7):
            FlagFactory(brand=brand, probability=probability)
        FlagFactory(probability=0.99)
        page = queries.queue_page(user=monitor, filters=QueueFilter())
        assert [flag.probability for flag in page.flags] == [0.9, 0.7, 0.6]
        assert page.counts == {"open": 3, "snoozed": 0, "decided": 0}
        assert [choice.label for choice in page.brands] == [brand.name]

    def test_filters_narrow_and_say_what_each_choice_would_show(self, brand, monitor, markets):
        FlagFactory(brand=brand, listing=ListingFactory(market="ebay"))
        FlagFactory(brand=brand, listing=ListingFactory(market="shopee"), ground=Ground.LOOKALIKE)
        FlagFactory(brand=brand, listing=ListingFactory(market="lazada"))
        FlagFactory(brand=brand, listing=ListingFactory(market="lazada"), state=FlagState.DECIDED)

        def shown(**wanted):
            page = queries.queue_page(user=monitor, filters=QueueFilter(**wanted))
            listed = sorted(flag.listing.market for flag in page.flags)
            assert page.flags.paginator.count == len(listed) == page.counts[wanted.get("show", "open")]
            return listed

        assert shown() == ["ebay", "lazada", "shopee"]
        assert shown(market="ebay") == ["ebay"]
        assert shown(region=Region.ASEAN) == ["lazada", "shopee"]
        assert shown(region=Region.ASEAN, ground=Ground.COUNTERFEIT) == ["lazada"]
        assert shown(region=Region.EU) == []
        assert shown(brand=brand.pk) == ["ebay", "lazada", "shopee"]
        assert shown(brand=brand.pk + 1) == []
        assert shown(show="decided") == ["lazada"]

        page = queries.queue_page(user=monitor, filters=QueueFilter(region=Region.ASEAN))
        assert {choice.value: choice.count for choice in page.regions} == {"asean": 2, "us": 1}
        assert {choice.value: choice.count for choice in page.markets} == {"lazada": 1, "shopee": 1}
        assert [choice.label for choice in page.markets] == ["Lazada", "Shopee"]

    def test_the_address_holds_the_filter_and_forgives_what_people_type(self):
        wanted = QueueFilter(brand=3, market="ebay", region=Region.US, ground=Ground.NONE, show="decided")
        assert wanted.query() == "brand=3&market=ebay&region=us&ground=none&show=decided"
        assert QueueFilter.from_query(dict(pair.split("=") for pair in wanted.query().split("&"))) == wanted
        assert QueueFilter().query() == ""
        nonsense = {"brand": "٣", "region": "moon", "ground": "'", "show": "all", "market": ""}
        assert QueueFilter.from_query(nonsense) == QueueFilter()
        assert QueueFilter.from_query({"brand": "9" * 30}) == QueueFilter()

    def test_a_page_far_too_high_shows_the_last(self, brand, monitor):
        flags(brand, 26)
        assert queries.queue_page(user=monitor, filters=QueueFilter(), page="99").flags.number == 2
        assert queries.queue_page(user=monitor, filters=QueueFilter(), page="x").flags.number == 1


class TestFlagPage:
    def seeded(self, brand, monitor, others):
        seller = SellerFactory()
        flag = FlagFactory(brand=brand, listing=ListingFactory(seller=seller))
        for _ in range(others):
            ListingImageFactory(listing=flag.listing)
            ReferenceImageFactory(brand=brand, product=ProductFactory(brand=brand))
            other = FlagFactory(brand=brand, listing=ListingFactory(seller=seller), state=FlagState.DECIDED)
            VerdictFactory(flag=other, by=monitor)
        return flag

    @pytest.mark.parametrize("others", [1, 7])
    def test_it_costs_a_fixed_number_of_queries(self, brand, monitor, others, django_assert_num_queries, client):
        flag = self.seeded(brand, monitor, others)
        with django_assert_num_queries(12):
            queries.flag_page(user=monitor, flag=flag)
        client.force_login(monitor)
        with django_assert_num_queries(15):  # session, user, the flag, then the page
            assert client.get(f"/flags/{flag.pk}/").status_code == 200

    def test_the_seller_s_other_offers_and_what_was_decided_about_them(self, brand, monitor):
        flag = self.seeded(brand, monitor, 3)
        FlagFactory(listing=ListingFactory(seller=flag.listing.seller))  # another firm's business
        card = queries.flag_page(user=monitor, flag=flag).seller
        assert (card.listings, card.flags) == (3, 3)
        assert [(choice.value, choice.count) for choice in card.verdicts] == [("counterfeit", 3)]

    def test_what_changed_since_the_last_decision(self, brand, monitor):
        flag = FlagFactory(brand=brand)
        VerdictFactory(flag=flag, by=monitor, fingerprint=sha("before"))
        data = {**flag.listing.data, "price": "2.10", "image_urls": ["https://a.example/1.jpg"]}
        flag.capture = CaptureFactory(listing=flag.listing, data=data)
        flag.save()
        changed = queries.flag_page(user=monitor, flag=flag).changed
        assert [(change.field, change.before, change.after) for change in changed] == [
            ("price", "4.90", "2.10"),
            ("image_urls", "", "1"),
        ]

    def test_signals_strongest_first_with_the_probability_without_each(self, brand, monitor):
        page = queries.flag_page(user=monitor, flag=FlagFactory(brand=brand))
        assert [(row.name, row.without) for row in page.signals] == [("mark", 0.4), ("wording_copy", 0.6)]
        assert page.strongest == "mark"
        assert page.words == ["Haneulbit", "1:1 mirror quality"]

    def test_a_signal_nobody_would_feel_is_no_reason_and_a_fact_without_weight_is_told(self, brand, monitor):
        match = a_match()
        faint = attrs.evolve(match.signals[0], name="price", weight=-0.04)
        told = attrs.evolve(match.signals[0], name="goods_class", weight=0.0)
        flag = FlagFactory(brand=brand, match=attrs.evolve(match, signals=(*match.signals, faint, told)).to_json())
        rows = queries.flag_page(user=monitor, flag=flag).signals
        assert [row.name for row in rows] == ["mark", "wording_copy", "goods_class"]

    def test_the_last_ten_decisions_are_the_user_s_own(self, brand, monitor, colleague):
        for _ in range(12):
            VerdictFactory(flag=FlagFactory(brand=brand), by=monitor)
        VerdictFactory(flag=FlagFactory(brand=brand), by=colleague, kind=VerdictKind.GENUINE)
        last = queries.last_decisions(user=monitor)
        assert len(last) == 10
        assert {verdict.by_id for verdict in last} == {monitor.pk}
        assert all(verdict.undoable for verdict in last)

    def test_decisions_of_a_firm_one_left_are_gone(self, brand, monitor):
        VerdictFactory(flag=FlagFactory(brand=brand), by=monitor)
        monitor.memberships.all().delete()
        assert queries.last_decisions(user=monitor) == []


class TestPairs:
    def test_the_pair_of_the_strongest_signal_comes_first_with_its_frames(self, brand):
        references = [ReferenceImageFactory(brand=brand) for _ in range(2)]
        listing = ListingFactory()
        pictures = [ListingImageFactory(listing=listing, position=n, width=200, height=100) for n in range(3)]
        signal = attrs.evolve(
            a_match().signals[0],
            name="image_copy",
            compared_with=str(references[1].pk),
            listing_image=pictures[2].sha256,
            listing_region=Rectangle(left=0.5, top=0.25, width=0.9, height=0.5),
        )
        weaker = attrs.evolve(signal, weight=0.1, listing_image=pictures[0].sha256, compared_with="unknown")
        match = attrs.evolve(a_match(), signals=(weaker, *a_match().signals, signal)).to_json()

        pairs = pairs_of(match, references, pictures)

        assert [pair.picture for pair in pairs] == [pictures[2], pictures[0], pictures[1]]
        assert [pair.reference for pair in pairs] == [references[1]] * 3
        assert pairs[0].picture_frame == Frame(x=100, y=25, width=100, height=50)  # cut at the picture's edge
        assert pairs[0].reference_frame is None
        assert pairs[2].signal is None

    def test_what_several_signals_say_of_one_place_is_one_pair(self, brand):
        reference, picture = ReferenceImageFactory(brand=brand), ListingImageFactory(width=200, height=100)
        copy = attrs.evolve(
            a_match().signals[0],
            name="photo_copy",
            weight=0.7,
            compared_with=str(reference.pk),
            listing_image=picture.sha256,
            listing_region=Rectangle(left=0.1, top=0.1, width=0.5, height=0.5),
        )
        dropped = attrs.evolve(copy, name="brand_dropped", weight=3.3)
        hidden = attrs.evolve(
            copy, name="concealment", weight=2.4, listing_region=Rectangle(left=0.2, top=0.2, width=0.1, height=0.1)
        )
        match = attrs.evolve(a_match(), signals=(copy, dropped, hidden)).to_json()

        pairs = pairs_of(match, [reference], [picture])

        assert [pair.signal["name"] for pair in pairs] == ["brand_dropped", "concealment"]

    @pytest.mark.parametrize(("top", "baseline"), [(0.5, 96), (0.0, 52)])
    def test_words_read_in_a_picture_are_written_beside_their_frame(self, brand, top, baseline):
        picture = ListingImageFactory(width=400, height=200)
        signal = attrs.evolve(
            a_match().signals[0],
            name="text_in_image",
            words=("하늘빛", "Haneulbit"),
            listing_image=picture.sha256,
            listing_region=Rectangle(left=0.5, top=top, width=0.25, height=0.2),
        )
        frame = pairs_of(attrs.evolve(a_match(), signals=(signal,)).to_json(), [], [picture])[0].picture_frame

        assert (frame.words, frame.letters, frame.baseline) == ("하늘빛, Haneulbit", 12, baseline)

    def test_what_is_missing_is_left_empty(self, brand):
        assert pairs_of({}, [], []) == []
        reference = ReferenceImageFactory(brand=brand)
        assert pairs_of({}, [reference], [])[0].picture is None
        assert pairs_of({}, [], [ListingImageFactory(sha256="")])[0].reference is None


class TestHighlight:
    def test_every_word_is_marked_whatever_its_case_longest_first(self):
        assert pieces("HANEULBIT dew, haneulbit dew serum", ["Haneulbit dew serum", "haneulbit"]) == [
            Piece(text="HANEULBIT", marked=True),
            Piece(text=" dew, "),
            Piece(text="haneulbit dew serum", marked=True),
        ]

    def test_text_without_words_is_one_piece(self):
        assert pieces("a.b", ["", "  "]) == [Piece(text="a.b")]
        assert pieces("axb", ["a.b"]) == [Piece(text="axb")]

    def test_hidden_and_turning_characters_are_shown_and_long_text_is_cut(self):
        assert plain("ab\u202egnp.exe\u200b") == "ab□gnp.exe□"
        assert len(plain("x" * 10_000)) == 2_001


def test_riskiest_needs_one_query(brand, django_assert_num_queries):
    flags(brand, 3)
    MembershipFactory()
    BrandFactory()
    with django_assert_num_queries(1):
        assert len([flag.listing.title + flag.brand.name for flag in queries.riskiest(limit=2)]) == 2
