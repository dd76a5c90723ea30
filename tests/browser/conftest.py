"""A seeded queue, a live server and a real Chromium."""

import io
import os
import shutil

import pytest
from PIL import Image, ImageDraw
from playwright.sync_api import sync_playwright

from accounts.models import Role
from contracts.match import Ground, Match, Region, Sentence, Signal
from evidence.store import Store
from tests.factories import (
    BrandFactory,
    CaptureFactory,
    ListingFactory,
    ListingImageFactory,
    MembershipFactory,
    ProductFactory,
    ReferenceImageFactory,
    SellerFactory,
    SightingFactory,
    UserFactory,
)
from triage import services

PASSWORD = "correct horse battery"


def bottle(background, label, tilt=0, sticker=""):
    """Draw an invented serum bottle."""
    picture = Image.new("RGB", (600, 600), background)
    draw = ImageDraw.Draw(picture)
    draw.ellipse((150, 520, 450, 560), fill="#dcdcd8")
    draw.rounded_rectangle((250, 90, 350, 190), 18, fill="#2c3a38")
    draw.rounded_rectangle((190, 180, 410, 540), 46, fill="#9cc9c1")
    draw.rounded_rectangle((210, 300, 390, 430), 8, fill="#f7f5ef")
    draw.text((222, 340), label, fill="#17635b", font_size=28)
    draw.text((228, 385), "dew serum", fill="#566361", font_size=22)
    if sticker:
        draw.rounded_rectangle((30, 30, 260, 100), 14, fill="#d0342c")
        draw.text((50, 44), sticker, fill="white", font_size=36)
    return picture.rotate(tilt, fillcolor=background)


def store(settings, picture):
    """Put a drawn picture into the evidence store."""
    data = io.BytesIO()
    picture.save(data, "PNG")
    return Store(settings.EVIDENCE_DIR).put(data.getvalue())


OFFERS = [
    ("ebay", "DE", "Haneulbit dew serum 50ml 1:1 mirror quality, free shipping", "4.90", "EUR", 0.97, "bargain-glow"),
    ("shopee", "TH", "เซรั่ม Haneulbit ของแท้ 100% ราคาส่ง", "89.00", "THB", 0.91, "siam-beauty-88"),
    ("1688", "CN", "高仿 하늘빛 Haneulbit 精华液 一比一 原单", "12.50", "CNY", 0.88, "义乌美妆批发"),
    ("amazon", "GB", "Haneulbit Dew Serum (2 pack) Korean skin care hydrating", "19.99", "GBP", 0.72, "KGlow Ltd"),
    ("etsy", "US", "Travel case compatible with Haneulbit serum bottles", "14.00", "USD", 0.56, "SewnBySua"),
]


def match(brand, reference, picture, probability, ground):
    """Return a match with a picture, the mark, the price and something that speaks for the seller."""
    return Match(
        brand_id=str(brand.pk),
        probability=probability,
        ground=ground,
        signals=(
            Signal(
                name="image_copy",
                value=0.96,
                weight=3.1,
                reason=Sentence(
                    en="The picture is the brand’s own photo, tilted and with a sticker.",
                    ko="브랜드 공식 사진을 기울이고 스티커를 붙인 사진입니다.",
                ),
                compared_with=str(reference.pk),
                listing_image=picture,
                listing_region=Region(left=0.3, top=0.14, width=0.4, height=0.78),
                reference_region=Region(left=0.31, top=0.15, width=0.38, height=0.76),
            ),
            Signal(
                name="mark",
                value=1.0,
                weight=2.2,
                reason=Sentence(en="The title carries the mark Haneulbit.", ko="제목에 상표 ‘하늘빛’이 쓰였습니다."),
                compared_with="Haneulbit",
                words=("Haneulbit", "하늘빛"),
            ),
            Signal(
                name="wording_copy",
                value=0.9,
                weight=1.6,
                reason=Sentence(en="The wording is slang for a copy.", ko="모조품을 뜻하는 은어가 쓰였습니다."),
                compared_with="1:1 mirror",
                words=("1:1 mirror quality", "高仿", "一比一"),
            ),
            Signal(
                name="price_low",
                value=0.8,
                weight=1.1,
                reason=Sentence(
                    en="The price is far below the registered price.", ko="등록된 정상가보다 크게 낮은 가격입니다."
                ),
                compared_with="Dew serum 50 ml",
            ),
            Signal(
                name="seller_age",
                value=0.4,
                weight=-0.6,
                reason=Sentence(en="The shop has sold for six years.", ko="6년 동안 영업한 판매점입니다."),
            ),
        ),
        sentence=Sentence(
            en="The brand’s own photo at a seventh of the price, offered in words that admit a copy.",
            ko="브랜드 공식 사진을 정상가의 7분의 1 가격에 쓰고, 모조품임을 드러내는 표현이 있습니다.",
        ),
        without={"image_copy": 0.41, "mark": 0.83, "wording_copy": 0.9, "price_low": 0.93, "seller_age": 0.98},
        version="matchers/1",
    )


@pytest.fixture
def seeded(transactional_db, settings):
    """Return a monitor with a queue of five flags."""
    user = UserFactory(username="jiwoo", password=PASSWORD)
    brand = BrandFactory()
    MembershipFactory(user=user, organisation=brand.organisation, role=Role.MONITOR)
    product = ProductFactory(brand=brand)
    reference = ReferenceImageFactory(
        brand=brand, product=product, sha256=store(settings, bottle("white", "HANEULBIT")), width=600, height=600
    )
    copies = [
        store(settings, bottle("#efe9df", "HANEULBIT", tilt=7, sticker="SALE")),
        store(settings, bottle("#dfe7ef", "HANEUL", tilt=-4)),
    ]
    for number, (market, site, title, price, currency, probability, shop) in enumerate(OFFERS):
        seller = SellerFactory(market=market, key=shop)
        listing = ListingFactory(market=market, site=site, title=title, price=price, currency=currency, seller=seller)
        SightingFactory(listing=listing, organisation=brand.organisation)
        for position, sha256 in enumerate(copies if number % 2 == 0 else copies[::-1]):
            ListingImageFactory(listing=listing, position=position, sha256=sha256, width=600, height=600)
        ground = Ground.COUNTERFEIT if probability > 0.8 else Ground.LOOKALIKE
        services.raise_flag(
            listing=listing,
            brand=brand,
            match=match(brand, reference, copies[0], probability, ground),
            capture=CaptureFactory(listing=listing),
        )
    return user


@pytest.fixture(scope="module")  # longer, and no later test of this process could start one of its own
def chromium():
    """Start a real Chromium once a file."""
    found = os.environ.get("JIKIMI_CHROMIUM") or shutil.which("chromium") or None
    # Playwright's sync API keeps an event loop running in this thread; Django would refuse the database for it.
    before = os.environ.get("DJANGO_ALLOW_ASYNC_UNSAFE")
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=found, args=["--no-sandbox"])
        yield browser
        browser.close()
    if before is None:
        del os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"]
    else:
        os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = before


@pytest.fixture
def page(chromium, live_server):
    """Open an English browser page on the live server; what the page complains of fails the test."""
    context = chromium.new_context(base_url=live_server.url, locale="en-GB", viewport={"width": 1280, "height": 800})
    page = context.new_page()
    complaints = []
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("console", lambda said: complaints.append(said.text) if said.type == "error" else None)
    yield page
    context.close()
    assert not complaints


@pytest.fixture
def logged_in(page, seeded):
    """Log the monitor in by the form."""
    page.goto("/")
    page.get_by_label("User name").fill(seeded.username)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Log in").click()
    page.wait_for_url("**/")
    return page
