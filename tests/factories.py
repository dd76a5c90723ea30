"""Factories for every room's rows. Names are invented."""

import hashlib
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import factory
from factory.django import DjangoModelFactory

from accounts.models import Membership, Organisation, Role, User
from contracts.duty import duties
from contracts.job import RunStats
from contracts.law import law
from contracts.listing import Listing as ListingContract
from contracts.match import Ground, Match, Sentence, Signal
from contracts.rights import Instrument, RightStatus, RightType
from contracts.verdict import VerdictKind
from jobs.judging import figures_of
from jobs.models import CrawlRun, Schedule, Watch
from listings.models import Capture, Listing, ListingImage, Seller, Sighting
from registry.models import (
    AuthorisedSeller,
    Brand,
    Mark,
    PictureKind,
    PowerOfAttorney,
    Product,
    ReferenceImage,
    Right,
    Spelling,
)
from takedown import snapshots
from takedown.models import EvidenceCapture, Notice, NoticeItem, Refusal
from triage.models import Flag, SpotCheck, Verdict

NOON = datetime(2026, 11, 2, 12, 0, tzinfo=UTC)


def sha(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


class OrganisationFactory(DjangoModelFactory):
    class Meta:
        model = Organisation

    name = factory.Sequence(lambda n: f"Haneul Cosmetics {n}")
    slug = factory.Sequence(lambda n: f"haneul-{n}")
    email = "ip@haneul.example"
    address = "12 Yeonnam-ro, Seoul"


class UserFactory(DjangoModelFactory):
    class Meta:
        model = User
        skip_postgeneration_save = True

    username = factory.Sequence(lambda n: f"person{n}")
    password = factory.django.Password("correct horse battery")
    language = "en"


class MembershipFactory(DjangoModelFactory):
    class Meta:
        model = Membership

    user = factory.SubFactory(UserFactory)
    organisation = factory.SubFactory(OrganisationFactory)
    role = Role.MONITOR


class BrandFactory(DjangoModelFactory):
    class Meta:
        model = Brand

    organisation = factory.SubFactory(OrganisationFactory)
    name = "Haneulbit"
    slug = factory.Sequence(lambda n: f"haneulbit-{n}")


class MarkFactory(DjangoModelFactory):
    class Meta:
        model = Mark

    brand = factory.SubFactory(BrandFactory)
    text = "Haneulbit"


class SpellingFactory(DjangoModelFactory):
    class Meta:
        model = Spelling

    mark = factory.SubFactory(MarkFactory)
    text = "하늘빛"
    script = "Hang"


class ProductFactory(DjangoModelFactory):
    class Meta:
        model = Product

    brand = factory.SubFactory(BrandFactory)
    code = factory.Sequence(lambda n: f"serum-{n}")
    name = "Dew serum 50 ml"
    price = Decimal("32000.00")
    currency = "KRW"
    nice_class = 3


class ReferenceImageFactory(DjangoModelFactory):
    class Meta:
        model = ReferenceImage

    brand = factory.SubFactory(BrandFactory)
    sha256 = factory.Sequence(lambda n: sha(f"reference {n}"))
    kind = PictureKind.PRODUCT
    media_type = "image/png"
    width = 400
    height = 400
    file_name = "serum.png"


class RightFactory(DjangoModelFactory):
    class Meta:
        model = Right

    brand = factory.SubFactory(BrandFactory)
    type = RightType.TRADEMARK_WORD
    office = "EU"
    number = factory.Sequence(lambda n: f"01800{n:04}")
    classes = [3]
    goods = "Cosmetics; skin care preparations"
    owner = "Haneul Cosmetics Co., Ltd."
    registered_on = date(2020, 3, 1)
    expires_on = date(2030, 3, 1)
    status = RightStatus.REGISTERED
    status_checked_on = date(2026, 10, 20)
    certificate_sha256 = sha("certificate")
    certificate_name = "certificate.pdf"


class PowerOfAttorneyFactory(DjangoModelFactory):
    class Meta:
        model = PowerOfAttorney

    brand = factory.SubFactory(BrandFactory)
    grantor = "Haneul Cosmetics Co., Ltd."
    agent = "Jikimi Watch"
    signed_on = date(2026, 1, 2)
    expires_on = date(2028, 1, 1)
    file_sha256 = sha("power of attorney")
    file_name = "poa.pdf"


class AuthorisedSellerFactory(DjangoModelFactory):
    class Meta:
        model = AuthorisedSeller

    brand = factory.SubFactory(BrandFactory)
    market = "ebay"
    shop_id = "haneul-official"


class SellerFactory(DjangoModelFactory):
    class Meta:
        model = Seller

    market = "ebay"
    key = factory.Sequence(lambda n: f"bargain-{n}")
    seller_id = factory.SelfAttribute("key")
    name = factory.SelfAttribute("key")
    first_seen = NOON
    last_seen = NOON


class ListingFactory(DjangoModelFactory):
    class Meta:
        model = Listing

    market = "ebay"
    listing_id = factory.Sequence(lambda n: str(400000000000 + n))
    site = "DE"
    url = factory.LazyAttribute(lambda o: f"https://www.ebay.de/itm/{o.listing_id}")
    title = "Haneulbit dew serum 1:1 mirror quality"
    price = Decimal("4.90")
    currency = "EUR"
    seller = factory.SubFactory(SellerFactory)
    first_seen = NOON
    last_seen = NOON
    data = factory.LazyAttribute(
        lambda o: ListingContract(
            market=o.market,
            listing_id=o.listing_id,
            site=o.site,
            url=o.url,
            title=o.title,
            price=o.price,
            currency=o.currency,
            seller_id=o.seller.seller_id if o.seller else None,
            seller_name=o.seller.name if o.seller else None,
            observed_at=NOON,
        ).to_json()
    )
    fingerprint = factory.LazyAttribute(lambda o: sha(f"{o.market} {o.listing_id} {o.title}"))


class SightingFactory(DjangoModelFactory):
    class Meta:
        model = Sighting

    listing = factory.SubFactory(ListingFactory)
    organisation = factory.SubFactory(OrganisationFactory)
    first_seen = NOON
    last_seen = NOON


class CaptureFactory(DjangoModelFactory):
    class Meta:
        model = Capture

    listing = factory.SubFactory(ListingFactory)
    observed_at = NOON
    rung = "http"
    url = factory.SelfAttribute("listing.url")
    status = 200
    body_sha256 = factory.Sequence(lambda n: sha(f"body {n}"))
    fingerprint = factory.SelfAttribute("listing.fingerprint")
    data = factory.SelfAttribute("listing.data")


class ListingImageFactory(DjangoModelFactory):
    class Meta:
        model = ListingImage

    listing = factory.SubFactory(ListingFactory)
    position = 0
    url = factory.Sequence(lambda n: f"https://i.ebayimg.example/{n}.jpg")
    sha256 = factory.Sequence(lambda n: sha(f"listing image {n}"))


class WatchFactory(DjangoModelFactory):
    class Meta:
        model = Watch

    brand = factory.SubFactory(BrandFactory)
    market = "ebay"
    site = "US"
    kind = "search"
    term = factory.Sequence(lambda n: f"haneulbit {n}")
    about = "Haneulbit"


class ScheduleFactory(DjangoModelFactory):
    class Meta:
        model = Schedule

    market = "ebay"
    every_hours = 24
    window = "01:00-07:00"
    time_zone = "America/New_York"
    missed = "once"


def crawl_stats(**changes) -> RunStats:
    """Return the account of a crawl of eBay that went well."""
    values = {
        "job_id": "1",
        "market": "ebay",
        "started_at": NOON,
        "finished_at": NOON + timedelta(minutes=3),
        "finish_reason": "finished",
        "pages": {"ok": 10},
        "listings": 50,
        "field_coverage": {"title": 1.0, "listing_id": 1.0, "price": 0.98, "currency": 0.98, "image_urls": 0.97},
        "rows_per_page": [60, 58, 61],
        "parsers": {"EbayPage": 50},
    }
    return RunStats.model_validate({**values, **changes})


class CrawlRunFactory(DjangoModelFactory):
    """A run that ended; give ``account`` for other statistics."""

    class Meta:
        model = CrawlRun
        exclude = ("account",)

    account = factory.LazyFunction(crawl_stats)
    market = "ebay"
    state = "done"
    due_at = NOON
    started_at = NOON
    finished_at = factory.LazyAttribute(lambda o: o.started_at + timedelta(minutes=3))
    attempt = 1
    stats = factory.LazyAttribute(lambda o: o.account.model_dump(mode="json") if o.account else {})
    figures = factory.LazyAttribute(lambda o: figures_of(o.account) if o.account else {})


def a_match(brand_id: str = "1", probability: float = 0.93, ground: Ground = Ground.COUNTERFEIT) -> Match:
    """Return a match with two signals and their counterfactuals."""
    return Match(
        brand_id=brand_id,
        probability=probability,
        ground=ground,
        signals=(
            Signal(
                name="mark",
                value=1.0,
                weight=2.5,
                reason=Sentence(en="The title carries the mark Haneulbit.", ko="제목에 상표 Haneulbit이 있습니다."),
                compared_with="Haneulbit",
                words=("Haneulbit",),
            ),
            Signal(
                name="wording_copy",
                value=0.9,
                weight=2.0,
                reason=Sentence(
                    en="“1:1 mirror quality” is seller slang for a copy.",
                    ko="“1:1 mirror quality”는 모조품을 뜻하는 은어입니다.",
                ),
                words=("1:1 mirror quality",),
            ),
        ),
        sentence=Sentence(en="Carries the mark and admits a copy.", ko="상표를 사용하며 모조품임을 시사합니다."),
        without={"mark": 0.4, "wording_copy": 0.6},
        version="test/1",
    )


class FlagFactory(DjangoModelFactory):
    class Meta:
        model = Flag

    listing = factory.SubFactory(ListingFactory)
    brand = factory.SubFactory(BrandFactory)
    capture = factory.SubFactory(CaptureFactory, listing=factory.SelfAttribute("..listing"))
    probability = 0.93
    ground = Ground.COUNTERFEIT
    match = factory.LazyAttribute(lambda o: a_match(str(o.brand.pk), o.probability, Ground(o.ground)).to_json())
    fingerprint = factory.SelfAttribute("listing.fingerprint")


class VerdictFactory(DjangoModelFactory):
    class Meta:
        model = Verdict

    flag = factory.SubFactory(FlagFactory)
    kind = VerdictKind.COUNTERFEIT
    reason = "wording_copy"
    by = factory.SubFactory(UserFactory)
    capture = factory.SelfAttribute("flag.capture")
    fingerprint = factory.SelfAttribute("flag.fingerprint")


class SpotCheckFactory(DjangoModelFactory):
    class Meta:
        model = SpotCheck

    listing = factory.SubFactory(ListingFactory)
    brand = factory.SubFactory(BrandFactory)
    capture = factory.SubFactory(CaptureFactory, listing=factory.SelfAttribute("..listing"))
    stratum = "near"
    inclusion = 0.2
    place = 0.5
    match = factory.LazyAttribute(lambda o: a_match(str(o.brand.pk), 0.4).to_json())
    fingerprint = factory.SelfAttribute("listing.fingerprint")
    drawn_at = NOON


class EvidenceCaptureFactory(DjangoModelFactory):
    class Meta:
        model = EvidenceCapture

    verdict = factory.SubFactory(VerdictFactory)
    listing = factory.SelfAttribute("verdict.flag.listing")
    outcome = "ok"
    url = factory.SelfAttribute("listing.url")
    status = 200
    at = NOON
    screenshot_sha256 = sha("screenshot")
    body_sha256 = sha("page")


class RefusalFactory(DjangoModelFactory):
    class Meta:
        model = Refusal

    verdict = factory.SubFactory(VerdictFactory)
    brand = factory.SelfAttribute("verdict.flag.brand")
    listing = factory.SelfAttribute("verdict.flag.listing")
    market = factory.SelfAttribute("listing.market")
    site = "CN"
    ground = Ground.COUNTERFEIT
    goods_class = 3
    outcome = "no_enforceable_right"


class NoticeFactory(DjangoModelFactory):
    class Meta:
        model = Notice

    brand = factory.SubFactory(BrandFactory)
    organisation = factory.SelfAttribute("brand.organisation")
    right = factory.SubFactory(RightFactory, brand=factory.SelfAttribute("..brand"))
    market = "ebay"
    site = "DE"
    profile_id = "ebay"
    profile = factory.LazyFunction(lambda: duties()["ebay"].model_dump(mode="json"))
    instrument = "dsa_16"
    law = factory.LazyFunction(lambda: [law().facts(Instrument.DSA_16).model_dump(mode="json")])
    ground = Ground.COUNTERFEIT
    language = "de"
    right_snapshot = factory.LazyAttribute(lambda o: snapshots.right(o.right))
    fields = factory.LazyFunction(
        lambda: {field.key: {"value": "", "ko": "", "edited": False} for field in duties()["ebay"].fields}
    )


class NoticeItemFactory(DjangoModelFactory):
    class Meta:
        model = NoticeItem

    notice = factory.SubFactory(NoticeFactory)
    verdict = factory.SubFactory(VerdictFactory, flag__brand=factory.SelfAttribute("...notice.brand"))
    listing = factory.SelfAttribute("verdict.flag.listing")
    right = factory.SelfAttribute("notice.right")
    evidence = factory.SubFactory(EvidenceCaptureFactory, verdict=factory.SelfAttribute("..verdict"))
    snapshot = factory.LazyAttribute(lambda o: snapshots.item(o.verdict, o.evidence))
