from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from accounts.outbox import drain
from contracts.config import Source
from contracts.job import Job, WatchKind
from contracts.market import Api, load_manifest, manifests
from contracts.match import Script
from jobs import cadence
from jobs.misspellings import BUDGET, misspellings
from jobs.models import Find
from jobs.planning import LINES, plan
from jobs.queries import due_looks
from jobs.services import (
    create_run,
    forget_infringement,
    learn,
    plan_watches,
    record_finds,
    stop_seller,
    watch_infringement,
    watch_suspect,
    write_job,
)
from jobs.services.watches import SELLER_PAGES, SUSPECT_PAGES, SUSPECTS
from jobs.states import WATCH, FindState, WatchState
from matchers.text import MarkIndex
from registry.queries import profile
from registry.services import editing, put_authorised_seller, remove
from tests.factories import (
    AuthorisedSellerFactory,
    BrandFactory,
    MarkFactory,
    ProductFactory,
    ReferenceImageFactory,
    SpellingFactory,
    WatchFactory,
    crawl_stats,
)

MANIFEST = """
id = "byeolmart"
name = "Byeolmart"
region = "asean"
duty_profile = "byeolmart"
access = ["http"]
[addresses]
search = "{origin}/s?q={query}&p={page}"
category = "{origin}/c/{category}?p={page}"
listing = "{origin}/i/{listing_id}"
seller = "{origin}/shop/{seller_id}?p={page}"
[categories]
3 = "beauty"
25 = "clothes"
[[sites]]
country = "TH"
domain = "byeolmart.example"
currency = "THB"
languages = ["th", "en"]
"""


@pytest.fixture
def market(tmp_path):
    path = tmp_path / "byeolmart.toml"
    path.write_text(MANIFEST)
    return load_manifest(path)


@pytest.fixture(autouse=True)
def places(settings, tmp_path):
    settings.SPOOL_DIR = tmp_path / "spool"
    settings.CRAWL_CONTACT = "ip@haneul.example"


def a_brand():
    brand = BrandFactory()
    mark = MarkFactory(brand=brand)
    SpellingFactory(mark=mark, text="Haneulbit", script=Script.LATIN)
    SpellingFactory(mark=mark, text="하늘빛", script=Script.HANGUL)
    SpellingFactory(mark=mark, text="ฮานึลบิท", script=Script.THAI)
    SpellingFactory(mark=mark, text="天空光", script=Script.HAN)
    ProductFactory(brand=brand, keywords=["dew serum"])
    return brand


@pytest.mark.django_db
class TestPlanning:
    def test_terms_shelves_and_pictures_each_with_its_reason(self, market):
        brand = a_brand()
        ReferenceImageFactory(brand=brand, kind="logo")
        picture = ReferenceImageFactory(brand=brand, kind="product", product=brand.products.get())

        api = Api(
            module="ebay_browse",
            origin="https://api.testshop.example",
            image="{origin}/by-image",
            keys=("TESTSHOP_KEY",),
            calls_per_day=10,
            source=Source(),
        )
        seeing = market.model_copy(update={"api": api})
        planned = list(plan(profile(brand), seeing, seeing.sites[0]))

        by_reason = {}
        for item in planned:
            by_reason.setdefault(str(item.reason), []).append(item.term)
        assert by_reason["mark"] == ["Haneulbit", "하늘빛", "ฮานึลบิท"]  # no Thai shopper reads Han
        assert by_reason["goods"] == ["Dew serum", "เซรั่ม เกาหลี", "korean serum"]
        assert by_reason["category"] == ["beauty"]  # nothing of class 25 is registered
        assert by_reason["picture"] == [picture.sha256]
        assert [item for item in plan(profile(brand), market, market.sites[0]) if item.kind == WatchKind.IMAGE] == []

    def test_keywords_in_a_script_the_sites_shoppers_do_not_read_are_not_looked_for(self, market):
        brand = a_brand()
        ProductFactory(brand=brand, name="Silk", keywords=["mugwort", "쑥", "艾草", "โกฐจุฬา"], nice_class=None)
        terms = {planned.term for planned in plan(profile(brand), market, market.sites[0])}
        assert {"mugwort", "โกฐจุฬา"} <= terms
        assert not {"쑥", "艾草"} & terms

    def test_keywords_are_looked_for_in_every_script_of_a_sites_languages(self, market):
        brand = BrandFactory()
        ProductFactory(brand=brand, name="Silk", keywords=["сироватка", "ορός"], nice_class=None)
        for language, word in {"uk": "сироватка", "bg": "сироватка", "el": "ορός"}.items():
            site = market.sites[0].model_copy(update={"languages": (language,)})
            assert [planned.term for planned in plan(profile(brand), market, site)] == [word]

    def test_so_many_product_lines_are_looked_for(self, market):
        brand = BrandFactory()
        for number in range(LINES + 1):
            ProductFactory(brand=brand, name=f"Dew No {number} Balm", keywords=[], nice_class=None)
        terms = [planned.term for planned in plan(profile(brand), market, market.sites[0])]
        assert len([term for term in terms if term.startswith("Dew No")]) == LINES

    def test_what_is_no_longer_registered_is_no_longer_looked_for(self, market):
        brand = a_brand()
        plan_watches(actor=None, brand=brand, markets=[market])
        gone = brand.marks.get().spellings.get(text="하늘빛")
        gone.delete()
        plan_watches(actor=None, brand=brand, markets=[market])
        watch = brand.watches.get(term="하늘빛")
        assert watch.state == WatchState.STOPPED
        assert brand.watches.get(term="Haneulbit").state == WatchState.ACTIVE

        SpellingFactory(mark=brand.marks.get(), text="하늘빛", script=Script.HANGUL)
        plan_watches(actor=None, brand=brand, markets=[market])
        watch.refresh_from_db()
        assert watch.state == WatchState.ACTIVE

    def test_a_change_in_the_registry_stops_watches_by_itself(self):
        brand = a_brand()
        plan_watches(actor=None, brand=brand, markets=[manifests()["ebay"]])
        assert brand.watches.looked_for().filter(term="Haneulbit").exists()

        with editing(actor=None, brand=brand):
            remove(actor=None, row=brand.marks.get())
        drain()

        assert set(brand.watches.looked_for().values_list("reason", flat=True)) == {"goods"}

    def test_a_stopped_watch_is_no_part_of_a_crawl(self):
        WatchFactory(term="kept")
        WatchFactory(term="stopped", state="stopped")
        job = write_job(run=create_run(market="ebay"), spider="search", origins={}, known={})
        assert [watch.term for watch in Job.read(job).watches] == ["kept"]


LATIN = st.text("abcdefghijklmnopqrstuvwxyz", min_size=6, max_size=14)


@pytest.mark.parametrize("word", ["Haneulbit", "Tokkiring", "Saebyeok", "Parangyeol", "Mongdori", "Ssaksoon"])
def test_every_misspelling_is_one_the_matchers_know_again(word):
    from contracts.match import Mark, Spelling  # noqa: PLC0415 (the room's rows have the same names)

    index = MarkIndex([Mark(mark_id="1", spellings=(Spelling(text=word),))])
    wrong = misspellings(word)
    assert 1 <= len(wrong) <= BUDGET
    for form in wrong:
        assert index.search(f"{form} korean serum 50ml"), form


@pytest.mark.parametrize(("word", "other"), [("梦露碧", "夢露碧"), ("ハヌルビット", "はぬるびっと"), ("น้ำริน", "นำริน")])
def test_another_dress_of_the_same_word_is_looked_for(word, other):
    from contracts.match import Mark, Spelling  # noqa: PLC0415 (the room's rows have the same names)

    assert misspellings(word) == [other]
    assert MarkIndex([Mark(mark_id="1", spellings=(Spelling(text=word),))]).search(f"{other} 50ml")


@settings(max_examples=50)
@given(st.one_of(st.text(max_size=12), LATIN))
def test_misspellings_are_few_other_and_never_empty(word):
    forms = misspellings(word)
    assert len(forms) <= BUDGET
    assert len({form.casefold() for form in forms}) == len(forms)
    assert all(form.strip() and form.casefold() != word.casefold() for form in forms)


@pytest.mark.parametrize("word", ["하늘빛", "天空光", "Bit", "two words", ""])
def test_what_is_no_longer_latin_word_gets_no_misspelling(word):
    assert misspellings(word) == []


@pytest.mark.django_db
class TestVerdicts:
    def found(self, brand, listing_id="11", **more):
        return watch_infringement(
            actor=None, brand=brand, market="ebay", site="US", listing_id=listing_id, seller_id="bargain", **more
        )

    def test_a_counterfeit_and_its_seller_are_watched_once_however_often_it_is_told(self):
        brand = BrandFactory()
        made = {(watch.kind, watch.term) for watch in self.found(brand)}
        assert made == {("listing", "11"), ("seller", "bargain")}
        assert self.found(brand) == []
        assert brand.watches.count() == 2

    def test_an_authorised_seller_is_not_watched(self):
        brand = BrandFactory()
        AuthorisedSellerFactory(brand=brand, shop_id="bargain")
        assert [watch.kind for watch in self.found(brand)] == ["listing"]

    def test_a_seller_authorised_later_is_no_longer_watched(self):
        brand = BrandFactory()
        self.found(brand)
        put_authorised_seller(actor=None, brand=brand, market="ebay", shop_id="bargain")
        drain()
        assert brand.watches.get(kind="seller").state == WatchState.STOPPED

    def test_what_found_a_counterfeit_is_credited_until_that_is_taken_back(self):
        watch, other = WatchFactory(), WatchFactory()
        record_finds(market="ebay", found=[(str(watch.pk), "11"), (str(watch.pk), "12"), (str(other.pk), "11")])
        self.found(watch.brand)
        assert Find.objects.get(watch=watch, listing_id="11").state == FindState.INFRINGING
        assert Find.objects.get(watch=watch, listing_id="12").state == FindState.FOUND
        assert Find.objects.get(watch=other).state == FindState.FOUND  # another brand's verdict says nothing for it

        assert forget_infringement(actor=None, brand=watch.brand, market="ebay", listing_id="11") == 1
        assert Find.objects.get(watch=watch, listing_id="11").state == FindState.FOUND
        assert stop_seller(actor=None, brand=watch.brand, market="ebay", seller_id="bargain") == 1

    def test_a_known_counterfeit_credits_a_watch_that_comes_upon_it_later(self):
        watch = WatchFactory()
        self.found(watch.brand)
        record_finds(market="ebay", found=[(str(watch.pk), "11")])
        assert Find.objects.get(watch=watch).state == FindState.INFRINGING

    def test_brands_that_share_a_look_share_what_it_found(self):
        mine, theirs = WatchFactory(term="Dew"), WatchFactory(term="dew")
        assert record_finds(market="ebay", found=[(str(mine.pk), "11")]) == 2
        assert record_finds(market="ebay", found=[(str(mine.pk), "11")]) == 0
        assert theirs.finds.count() == 1


@pytest.mark.django_db
class TestSuspects:
    def suspect(self, brand, seller_id="bargain", site="US"):
        return watch_suspect(actor=None, brand=brand, market="ebay", site=site, seller_id=seller_id)

    def test_a_suspected_shop_is_watched_once_with_few_pages(self):
        brand = BrandFactory()
        (watch,) = self.suspect(brand)
        assert (watch.kind, watch.term, watch.reason, watch.pages) == ("seller", "bargain", "suspect", SUSPECT_PAGES)
        assert self.suspect(brand) == []

    def test_a_verdict_makes_it_a_seller_of_counterfeits_and_its_end_a_suspect_again(self):
        brand = BrandFactory()
        self.suspect(brand)
        for reason, pages in (("seller", SELLER_PAGES), ("suspect", SUSPECT_PAGES)):
            if reason == "seller":
                TestVerdicts().found(brand)
            else:
                self.suspect(brand)
            watch = brand.watches.get(kind="seller")
            assert (watch.reason, watch.pages, watch.state) == (reason, pages, WatchState.ACTIVE)

    def test_what_is_known_of_a_shop_holds_on_every_site(self):
        brand = BrandFactory()
        self.suspect(brand, site="DE")
        TestVerdicts().found(brand)  # on another site
        assert set(brand.watches.filter(kind="seller").values_list("site", "reason")) == {
            ("DE", "seller"),
            ("US", "seller"),
        }
        self.suspect(brand, site="DE")
        assert set(brand.watches.filter(kind="seller").values_list("reason", "pages")) == {("suspect", SUSPECT_PAGES)}

    def test_an_authorised_shop_is_not_suspected(self):
        brand = BrandFactory()
        AuthorisedSellerFactory(brand=brand, shop_id="bargain")
        assert self.suspect(brand) == []
        assert not brand.watches.looked_for().exists()

    def test_so_many_shops_are_suspected_at_a_time(self):
        brand = BrandFactory()
        for number in range(SUSPECTS):
            assert self.suspect(brand, f"shop-{number}")
        assert self.suspect(brand, "one-more") == []
        TestVerdicts().found(brand)
        assert self.suspect(brand) == []  # cleared of the counterfeit, and there is no room among the suspects
        assert brand.watches.get(term="bargain").state == WatchState.STOPPED
        stop_seller(actor=None, brand=brand, market="ebay", seller_id="shop-0")
        assert self.suspect(brand, "one-more")

    def test_a_suspect_that_brings_nothing_any_more_makes_room(self):
        brand = BrandFactory()
        for number in range(SUSPECTS):
            self.suspect(brand, f"shop-{number}")
        brand.watches.filter(term="shop-0").update(state=WatchState.RESTING)
        assert self.suspect(brand, "one-more")
        assert brand.watches.looked_for().count() == SUSPECTS + 1


@pytest.mark.django_db
class TestCadence:
    def look(self, new=0, watches=None, **told):
        for look in due_looks("ebay", "search"):
            told.setdefault(str(look.watch.pk), {"pages": 1, "rows": 5, "new": new})
        learn(market="ebay", stats=crawl_stats(watches=told))
        return {look.watch.term for look in due_looks("ebay", "search")}

    def test_a_term_that_brings_nothing_is_looked_at_ever_more_seldom_and_recovers(self):
        barren, _ = WatchFactory(term="barren"), WatchFactory(term="known", kind="listing")
        fertile = WatchFactory(term="fertile")
        looks, told = [], {str(fertile.pk): {"pages": 1, "rows": 5, "new": 1}}
        for number in range(70):
            if "barren" in {look.watch.term for look in due_looks("ebay", "search")}:
                looks.append(number)
            self.look(**told)
        gaps = [later - earlier for earlier, later in pairwise(looks)]
        assert gaps == [1, 2, 4, 8, 16, 16, 16]
        barren.refresh_from_db()
        assert barren.state == WatchState.RESTING
        assert barren.looked_at is not None

        learn(market="ebay", stats=crawl_stats(watches={str(barren.pk): {"pages": 1, "rows": 5, "new": 3}}))
        barren.refresh_from_db()
        assert (barren.state, barren.barren) == (WatchState.ACTIVE, 0)

    def test_one_that_found_a_counterfeit_is_looked_at_every_run_with_twice_the_pages(self):
        watch = WatchFactory(barren=9, state="resting", pages=5)
        WatchFactory(term="other")
        watch.finds.create(listing_id="11", state="infringing")
        (look,) = [look for look in due_looks("ebay", "search") if look.watch == watch]
        assert look.pages == 10

    def test_known_counterfeits_are_looked_at_every_run(self):
        WatchFactory(kind="listing", term="11", barren=500, state="resting", waited=0)
        assert [look.watch.term for look in due_looks("ebay", "listing")] == ["11"]

    def test_where_every_term_rests_the_nearest_takes_the_turn(self):
        WatchFactory(term="far", barren=5, waited=1, state="resting")
        WatchFactory(term="near", barren=5, waited=9, state="resting")
        assert [look.watch.term for look in due_looks("ebay", "search")] == ["near"]

    def test_a_watch_the_budget_did_not_reach_is_not_called_barren(self):
        watch = WatchFactory()
        learn(market="ebay", stats=crawl_stats(watches={str(watch.pk): {"pages": 0}}))
        watch.refresh_from_db()
        assert watch.barren == 0

    def test_a_crawl_that_gave_no_account_teaches_nothing(self):
        watch = WatchFactory()
        learn(market="ebay", stats=crawl_stats())
        watch.refresh_from_db()
        assert (watch.barren, watch.waited) == (0, 0)


@given(st.integers(0, 20_000))
def test_the_interval_only_grows_and_never_beyond_sixteen(barren):
    assert 1 <= cadence.interval(barren) <= cadence.interval(barren + 1) <= 16
    assert (cadence.state_after(barren) == WatchState.ACTIVE) == (cadence.interval(barren) == 1)


class WatchMachine(RuleBasedStateMachine):
    """A watch's life told to the pure parts: whatever comes, it follows its table and is looked at again in time."""

    @initialize()
    def begin(self):
        self.state, self.barren, self.waited, self.runs_since = WatchState.ACTIVE, 0, 0, 0

    @rule(new=st.integers(0, 3))
    def run(self, new):
        if self.state == WatchState.STOPPED:
            return
        if cadence.is_due(kind="search", barren=self.barren, waited=self.waited, infringing=0):
            self.barren, self.waited, self.runs_since = cadence.after_look(self.barren, new), 0, 0
            self.move(cadence.state_after(self.barren))
        else:
            self.waited, self.runs_since = self.waited + 1, self.runs_since + 1

    @rule()
    def stop(self):
        self.move(WatchState.STOPPED)

    @rule()
    def start(self):
        if self.state != WatchState.ACTIVE:
            self.move(WatchState.ACTIVE)
            self.barren = self.waited = self.runs_since = 0

    def move(self, target):
        if target != self.state:
            WATCH.check(self.state, target)
            self.state = target

    @invariant()
    def is_looked_at_again_in_time(self):
        if self.state != WatchState.STOPPED:
            assert self.runs_since < cadence.SELDOMEST
            assert (self.state == WatchState.ACTIVE) == (cadence.interval(self.barren) == 1)


TestWatchWorkflow = WatchMachine.TestCase
TestWatchWorkflow.settings = settings(max_examples=40, stateful_step_count=40)
