"""The border between firms, walked address by address: whatever URL a stranger tries, nothing of another firm answers.

An address whose parts this test cannot fill in fails it: teach `VALUES` the new part.
"""

import hashlib
import re
from uuid import UUID

import pytest
from django.urls import URLPattern, URLResolver, get_resolver

from accounts.models import Organisation, Role
from evidence.pictures import inspect
from evidence.store import Store
from listings.models import Capture, Listing
from tests.factories import (
    BrandFactory,
    CaptureFactory,
    EvidenceCaptureFactory,
    FlagFactory,
    ListingFactory,
    ListingImageFactory,
    MembershipFactory,
    NoticeFactory,
    NoticeItemFactory,
    ReferenceImageFactory,
    RefusalFactory,
    SightingFactory,
    SpotCheckFactory,
    VerdictFactory,
)
from triage.models import Flag, Verdict

pytestmark = pytest.mark.django_db

PK = 71  # every row below has this id, so one address fits whatever it is the id of
NAME = "Byeolmuri"
PICTURE = b"BM:\0\0\0\0\0\0\0\x36\0\0\0\x28\0\0\0\x01\0\0\0\x01\0\0\0\x01\0\x18\0\0\0\0\0\x04" + b"\0" * 23  # one pixel
SHA256 = hashlib.sha256(PICTURE).hexdigest()
SHOT = hashlib.sha256(b"a screenshot").hexdigest()
# By the name of the part, else by its kind.
VALUES = {
    "sha256": SHA256,
    "size": "thumb",
    "int": str(PK),
    "slug": "byeolmuri",
    "str": "byeolmuri",
    "path": "byeolmuri",
    "uuid": str(UUID(int=PK)),
}

# What nobody's data hangs on: logging in and out, the language. Their answers are the same for everybody.
PUBLIC = ("accounts/", "language/")


def addresses(patterns=None, prefix=""):
    """Yield every route of the project as it is written."""
    for entry in patterns if patterns is not None else get_resolver().url_patterns:
        route = prefix + str(entry.pattern)
        if isinstance(entry, URLResolver):
            yield from addresses(entry.url_patterns, route)
        elif isinstance(entry, URLPattern):
            yield route


def fill(route):
    """Write values into a route."""

    def value(part):
        kind, _, name = part.group(1).rpartition(":")
        known = VALUES.get(name) or VALUES.get(kind or "str")
        assert known, f"teach VALUES how to fill <{kind}:{name}> of {route}"
        return known

    filled = re.sub(r"<([^>]+)>", value, route)
    assert "(?P" not in filled, f"teach fill() regular expressions for {route}"
    return "/" + filled


ROUTES = [route for route in addresses() if not route.startswith(PUBLIC)]


@pytest.fixture
def firm(settings, tmp_path):
    """Make one row of everything, all with the same id, in one firm, and its picture's bytes."""
    settings.HOME = tmp_path
    settings.EVIDENCE_DIR = tmp_path / "evidence"
    assert inspect(PICTURE).width == 1
    Store(settings.EVIDENCE_DIR).put(PICTURE)
    brand = BrandFactory(pk=PK, name=NAME, slug="byeolmuri")
    listing = ListingFactory(pk=PK, title=f"{NAME} cream")
    SightingFactory(pk=PK, listing=listing, organisation=brand.organisation)
    ListingImageFactory(pk=PK, listing=listing, sha256=SHA256)
    ReferenceImageFactory(pk=PK, brand=brand, sha256=SHA256)
    capture = CaptureFactory(pk=PK, listing=listing)
    flag = FlagFactory(pk=PK, brand=brand, listing=listing, capture=capture, state="decided")
    verdict = VerdictFactory(pk=PK, flag=flag)
    evidence = EvidenceCaptureFactory(pk=PK, verdict=verdict, screenshot_sha256=SHA256)
    RefusalFactory(pk=PK, verdict=verdict)
    SpotCheckFactory(pk=PK, brand=brand, listing=listing, capture=capture)
    notice = NoticeFactory(pk=UUID(int=PK), brand=brand)
    NoticeItemFactory(pk=PK, notice=notice, verdict=verdict, evidence=evidence)
    return brand


@pytest.fixture(params=[Role.MONITOR, Role.ADMINISTRATOR])
def stranger(request, client, firm):
    """Log in somebody of another firm."""
    client.force_login(MembershipFactory(role=request.param).user)
    return client


@pytest.mark.parametrize("route", ROUTES)
def test_a_stranger_finds_nothing_of_another_firm(stranger, route):
    answers = [stranger.get(fill(route)), stranger.post(fill(route))]
    for answer in answers:
        assert NAME.encode() not in getattr(answer, "content", b"")
    if "<" in route:
        assert {answer.status_code for answer in answers} <= {404, 405}
        assert 404 in {answer.status_code for answer in answers}


@pytest.fixture(params=[Role.MONITOR, Role.ADMINISTRATOR])
def pooled(request, client, firm):
    """Log in somebody of another firm of the same pool, who has the listing from it and a flag on it of their own."""
    Organisation.objects.filter(pk=firm.organisation.pk).update(pool=True, name=f"{NAME} Co.")
    listing = Listing.objects.get()
    Listing.objects.update(title="Night cream")
    Capture.objects.update(screenshot_sha256=SHOT)
    Verdict.objects.update(note=f"{NAME} says so")
    member = MembershipFactory(organisation__pool=True, role=request.param)
    SightingFactory(listing=listing, organisation=member.organisation, source="pool")
    FlagFactory(listing=listing, brand__organisation=member.organisation, capture=Capture.objects.get())
    client.force_login(member.user)
    return client


@pytest.mark.parametrize("route", ROUTES)
def test_the_pool_shows_a_listing_and_nothing_of_the_firm_that_found_it(pooled, route):
    for answer in (pooled.get(fill(route)), pooled.post(fill(route))):
        assert NAME.encode() not in getattr(answer, "content", b"")
        if "<" in route and not route.startswith("listings/<"):
            assert answer.status_code in {404, 405}


def test_in_the_pool_one_sees_the_listing_with_its_pictures_and_nobody_s_screenshot(pooled):
    (flag,) = Flag.objects.exclude(pk=PK)
    page = pooled.get(f"/flags/{flag.pk}/").content.decode()
    assert "Night cream" in page
    assert "A watch of another organisation in the pool" in page
    assert SHOT not in page
    assert NAME not in page
    for address in (f"/listings/{PK}/pictures/", f"/flags/{flag.pk}/pictures/"):
        assert pooled.get(address + SHA256).status_code == 200
        assert pooled.get(address + SHOT).status_code == 404


@pytest.mark.parametrize("route", ROUTES)
def test_nobody_gets_in_without_logging_in(client, firm, route):
    for answer in (client.get(fill(route)), client.post(fill(route))):
        assert answer.status_code in {302, 401, 403, 405}
        if answer.status_code == 302:
            assert answer.url.startswith("/accounts/login/")


def test_the_firm_s_own_people_do_find_it(client, firm):
    """Without this the walk above would pass on a site that shows nothing to anybody."""
    client.force_login(MembershipFactory(organisation=firm.organisation).user)
    assert NAME in client.get("/?show=decided").content.decode()
    assert NAME in client.get(f"/flags/{PK}/").content.decode()
    for address in ROUTES:
        if "sha256" in address or "references" in address:
            assert client.get(fill(address)).status_code == 200, address
    assert NAME in client.get(f"/takedown/notices/{UUID(int=PK)}/").content.decode()
    assert NAME in client.get("/takedown/coverage/").content.decode()
    assert client.post(f"/flags/{PK}/reopen").status_code == 302
    assert len(ROUTES) >= 15
