from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from accounts.models import AuditEvent, OutboxMessage, Role
from accounts.permissions import NotAllowed
from contracts.errors import ManyBadInputs
from contracts.match import Script, Spelling
from contracts.rights import RightStatus, RightType
from evidence.pictures import BadPicture
from registry import models, services
from registry.models import PictureKind
from registry.services import Change, Paper
from tests.factories import (
    AuthorisedSellerFactory,
    BrandFactory,
    MarkFactory,
    MembershipFactory,
    OrganisationFactory,
    ProductFactory,
    ReferenceImageFactory,
    RightFactory,
    SpellingFactory,
)

pytestmark = pytest.mark.django_db

LOGO = (Path(__file__).parents[2] / "samples/registry/haneulbit/logo.png").read_bytes()
DAY = date(2026, 3, 1)
RIGHT = {"type": RightType.TRADEMARK_WORD, "office": "KR", "number": "40-1", "classes": [3], "owner": "Haneul"}


def put_right(actor, brand, **other):
    fields = {"status": RightStatus.REGISTERED, "status_checked_on": DAY, **RIGHT, **other}
    return services.put_right(actor=actor, brand=brand, **fields)


OWNER = {Role.BRAND_OWNER, Role.ADMINISTRATOR}
OFFICER = OWNER | {Role.TAKEDOWN_OFFICER}
WRITES = {
    "put_brand": (OWNER, lambda a, b: services.put_brand(actor=a, organisation=b.organisation, slug="new", name="N")),
    "change_brand": (
        OWNER,
        lambda a, b: services.put_brand(actor=a, organisation=b.organisation, slug=b.slug, name="Other"),
    ),
    "put_mark": (OWNER, lambda a, b: services.put_mark(actor=a, brand=b, text="Moraedam")),
    "add_spelling": (OWNER, lambda a, b: services.add_spelling(actor=a, mark=MarkFactory(brand=b), text="하늘")),
    "remove_spelling": (
        OWNER,
        lambda a, b: services.remove_spelling(actor=a, spelling=SpellingFactory(mark=MarkFactory(brand=b))),
    ),
    "put_product": (
        OWNER,
        lambda a, b: services.put_product(actor=a, brand=b, code="s", name="S", price=Decimal(1), currency="KRW"),
    ),
    "put_image": (
        OWNER,
        lambda a, b: services.put_image(actor=a, brand=b, data=LOGO, kind=PictureKind.LOGO, file_name="logo.png"),
    ),
    "put_right": (OFFICER, put_right),
    "check_status": (
        OFFICER,
        lambda a, b: services.check_status(
            actor=a, right=RightFactory(brand=b), status=RightStatus.EXPIRED, checked_on=DAY
        ),
    ),
    "put_power_of_attorney": (
        OFFICER,
        lambda a, b: services.put_power_of_attorney(
            actor=a, brand=b, grantor="H", agent="J", signed_on=DAY, paper=Paper(name="p.pdf", data=b"%PDF-1.4")
        ),
    ),
    "put_authorised_seller": (
        OWNER,
        lambda a, b: services.put_authorised_seller(actor=a, brand=b, market="ebay", shop_id="official"),
    ),
    "remove_mark": (OWNER, lambda a, b: services.remove(actor=a, row=MarkFactory(brand=b))),
    "remove_product": (OWNER, lambda a, b: services.remove(actor=a, row=ProductFactory(brand=b))),
    "remove_image": (OWNER, lambda a, b: services.remove(actor=a, row=ReferenceImageFactory(brand=b))),
    "remove_seller": (OWNER, lambda a, b: services.remove(actor=a, row=AuthorisedSellerFactory(brand=b))),
}


@pytest.mark.parametrize("write", WRITES)
@pytest.mark.parametrize("role", [*Role, "elsewhere"])
def test_each_write_is_refused_to_the_wrong_role_and_told_of_for_the_right_one(write, role):
    roles, call = WRITES[write]
    brand = BrandFactory()
    organisation = OrganisationFactory() if role == "elsewhere" else brand.organisation
    actor = MembershipFactory(organisation=organisation, role=Role.ADMINISTRATOR if role == "elsewhere" else role).user

    if role not in roles:
        with pytest.raises(NotAllowed):
            call(actor, brand)
        assert not AuditEvent.objects.exists()
        assert not OutboxMessage.objects.exists()
        return
    call(actor, brand)
    assert {event.actor for event in AuditEvent.objects.all()} == {actor}
    assert {event.organisation for event in AuditEvent.objects.all()} == {brand.organisation}
    told = OutboxMessage.objects.filter(topic="registry.brand_changed", payload={"brand_id": brand.pk}).count()
    assert told == (0 if write == "put_brand" else 1)


@pytest.mark.parametrize("write", [name for name in WRITES if not name.startswith("remove")])
def test_change_and_audit_event_stand_or_fall_together(write, monkeypatch):
    brand = BrandFactory()

    class Broken(Exception):
        pass

    def fail(**_):
        raise Broken

    monkeypatch.setattr(services, "record", fail)
    with pytest.raises(Broken):
        WRITES[write][1](None, brand)
    brand.refresh_from_db()
    assert brand.name == "Haneulbit"
    kept = [models.Mark, models.Product, models.ReferenceImage, models.AuthorisedSeller, models.PowerOfAttorney]
    made_by_the_test = {"add_spelling": [models.Mark], "check_status": [models.Right]}.get(write, [])
    assert not any(model.objects.exists() for model in kept if model not in made_by_the_test)
    assert not models.Right.objects.exclude(status=RightStatus.REGISTERED).exists()
    assert not OutboxMessage.objects.exists()


@pytest.mark.parametrize("write", ["put_brand", "put_mark", "put_product", "put_image", "put_right", "put_power_of_attorney", "put_authorised_seller"])  # fmt: skip
def test_the_second_put_does_nothing(write):
    brand, call = BrandFactory(), WRITES[write][1]
    assert call(None, brand).change is Change.CREATED
    before = AuditEvent.objects.count(), OutboxMessage.objects.count()
    assert call(None, brand).change is Change.UNCHANGED
    assert (AuditEvent.objects.count(), OutboxMessage.objects.count()) == before


def topics():
    return sorted(OutboxMessage.objects.values_list("topic", flat=True))


def test_a_new_picture_or_mark_is_told_of_by_name_and_a_change_of_one_is_not():
    brand = BrandFactory()
    with services.editing(actor=None, brand=brand):
        mark = services.put_mark(actor=None, brand=brand, text="Haneulbit").row
        image = WRITES["put_image"][1](None, brand).row
    assert topics() == ["registry.brand_changed", "registry.image_added", "registry.mark_added"]
    assert OutboxMessage.objects.get(topic="registry.image_added").payload == {
        "brand_id": brand.pk,
        "image_id": image.pk,
    }
    assert OutboxMessage.objects.get(topic="registry.mark_added").payload == {"brand_id": brand.pk, "mark_id": mark.pk}
    assert services.store().get(image.sha256) == LOGO
    OutboxMessage.objects.all().delete()

    kind = {"kind": PictureKind.PACKAGING, "file_name": "box.png"}
    assert services.put_image(actor=None, brand=brand, data=LOGO, **kind).change is Change.UPDATED
    assert services.put_mark(actor=None, brand=brand, text="Haneulbit", common_word=True).change is Change.UPDATED
    assert topics() == ["registry.brand_changed"] * 2


def test_a_mark_is_put_with_all_its_spellings():
    brand = BrandFactory()
    spellings = [Spelling(text="하늘빛", script=Script.HANGUL), Spelling(text="晗露碧", script=Script.HAN_SIMPLIFIED)]
    mark = services.put_mark(actor=None, brand=brand, text="Haneulbit", spellings=spellings).row
    assert dict(mark.spellings.values_list("text", "script")) == {
        "Haneulbit": "Latn",
        "하늘빛": "Hang",
        "晗露碧": "Hans",
    }
    put = services.put_mark(actor=None, brand=brand, text="Haneulbit", spellings=spellings[:1])
    assert put.change is Change.UPDATED
    assert set(mark.spellings.values_list("text", flat=True)) == {"Haneulbit", "하늘빛"}


def test_the_audit_log_says_what_was_before_and_after():
    brand = BrandFactory()
    for price in (100, 200):
        services.put_product(actor=None, brand=brand, code="s", name="S", price=Decimal(price), currency="KRW")
    assert AuditEvent.objects.first().detail == {"price": ["100.00", "200"]}


def test_an_older_look_into_the_register_does_not_undo_a_newer_one():
    brand = BrandFactory()
    right = put_right(None, brand).row
    services.check_status(actor=None, right=right, status=RightStatus.CANCELLED, checked_on=DAY + timedelta(days=30))
    assert put_right(None, brand).change is Change.UNCHANGED
    assert put_right(None, brand, status_checked_on=None).change is Change.UNCHANGED
    right.refresh_from_db()
    assert right.status == RightStatus.CANCELLED
    put_right(None, brand, status_checked_on=DAY + timedelta(days=60))
    right.refresh_from_db()
    assert right.status == RightStatus.REGISTERED


def test_a_right_without_a_certificate_given_keeps_the_one_on_file():
    brand = BrandFactory()
    put_right(None, brand, certificate=Paper(name="kr.pdf", data=b"%PDF-1.4 one"))
    put_right(None, brand, goods="Cosmetics")
    right = models.Right.objects.get()
    assert (right.certificate_name, right.goods) == ("kr.pdf", "Cosmetics")
    assert services.store().get(right.certificate_sha256) == b"%PDF-1.4 one"


def test_a_mark_a_right_rests_on_cannot_be_removed():
    mark = MarkFactory()
    RightFactory(brand=mark.brand, mark=mark)
    with pytest.raises(services.StillNeeded, match="still needed by EU"):
        services.remove(actor=None, row=mark)
    assert models.Mark.objects.exists()
    assert not AuditEvent.objects.exists()


def test_nothing_of_another_brand_can_be_tied_in():
    brand, other = BrandFactory(), BrandFactory()
    with pytest.raises(services.OtherBrand):
        put_right(None, brand, mark=MarkFactory(brand=other))
    with pytest.raises(services.OtherBrand):
        services.put_image(
            actor=None, brand=brand, data=LOGO, kind="logo", file_name="l.png", product=ProductFactory(brand=other)
        )


def test_values_that_do_not_fit_are_named():
    brand = BrandFactory()
    with pytest.raises(ManyBadInputs, match=r"price.*-1"):
        services.put_product(actor=None, brand=brand, code="s", name="S", price=Decimal(-1), currency="KRW")
    with pytest.raises(BadPicture, match="not a picture"):
        services.put_image(actor=None, brand=brand, data=b"GIF", kind=PictureKind.LOGO, file_name="l.gif")
    with pytest.raises(BadPicture, match="broken"):
        services.put_image(actor=None, brand=brand, data=LOGO[:3000], kind=PictureKind.LOGO, file_name="l.png")
    assert not OutboxMessage.objects.exists()
