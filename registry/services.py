"""Every write of the registry.

A ``put_`` makes what is not there, changes what differs, and leaves the rest alone: the second call does nothing,
records nothing, publishes nothing. Each returns a `Put`.

Topics: ``registry.brand_changed`` (brand_id) once per transaction in which anything under the brand changed,
``registry.mark_added`` (brand_id, mark_id) for a new mark or a new spelling of one, ``registry.image_added``
(brand_id, image_id). Handlers read the present state, so a topic told twice does no harm.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Any, Generic, TypeVar

import attrs
from django.conf import settings
from django.db import models, transaction
from django.db.models import ProtectedError

from accounts.models import Organisation, User
from accounts.permissions import require
from accounts.services import check, publish, record
from contracts.errors import JikimiError
from contracts.match import Script
from contracts.match import Spelling as SpellingContract
from contracts.rights import RightStatus, RightType
from contracts.scripts import script_of
from evidence import pictures
from evidence.store import Store
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

Row = TypeVar("Row", bound=models.Model)


class Change(StrEnum):
    """What a write did."""

    CREATED = "created"
    UPDATED = "updated"
    UNCHANGED = "unchanged"


@attrs.frozen
class Put(Generic[Row]):
    """A row and what was done to it."""

    row: Row
    change: Change


@attrs.frozen(kw_only=True)
class Paper:
    """A certificate or power of attorney as a file."""

    name: str
    data: bytes = attrs.field(repr=False)


class StillNeeded(JikimiError):
    """Something else rests on the row; it cannot be removed."""

    def __init__(self, row: models.Model, needed_by: Iterable[object]) -> None:
        self.row = row
        self.needed_by = list(needed_by)
        super().__init__(row, self.needed_by)

    def __str__(self) -> str:
        return f"{self.row} is still needed by " + ", ".join(str(one) for one in self.needed_by[:3])


class OtherBrand(JikimiError):
    """Two rows that must belong to one brand do not."""

    def __init__(self, row: models.Model, brand: Brand) -> None:
        self.row = row
        self.brand = brand
        super().__init__(row, brand)

    def __str__(self) -> str:
        return f"{self.row} is not of the brand {self.brand}"


class _Edit:
    """One transaction on one brand: who, and whether anything changed yet."""

    def __init__(self, brand: Brand, actor: User | None) -> None:
        self.brand = brand
        self.actor = actor
        self.changed = False

    def log(self, verb: str, subject: models.Model, **detail: Any) -> None:
        """Record a change of ``subject``."""
        self.changed = True
        organisation = self.brand.organisation
        record(actor=self.actor, verb=verb, subject=subject, organisation=organisation, detail=detail)


_open_edit: ContextVar[_Edit | None] = ContextVar("open_edit", default=None)


@contextmanager
def editing(*, actor: User | None, brand: Brand, permission: str = "registry.change_brand") -> Iterator[_Edit]:
    """Open a transaction on ``brand``; writes inside join it, and ``brand_changed`` is told once at its end.

    Raises:
        NotAllowed: the actor may not do this to the brand.
    """
    require(actor, permission, brand)
    outer = _open_edit.get()
    with transaction.atomic():
        if outer is not None and outer.brand.pk == brand.pk:
            yield outer
            return
        edit = _Edit(brand, actor)
        token = _open_edit.set(edit)
        try:
            yield edit
        finally:
            _open_edit.reset(token)
        if edit.changed:
            publish("registry.brand_changed", brand_id=brand.pk)


def put_brand(*, actor: User | None, organisation: Organisation, slug: str, name: str, website: str = "") -> Put[Brand]:
    """Register a brand of ``organisation``, or change its name and website.

    A new brand publishes nothing: there is nothing to look for until something is registered under it.
    """
    brand = Brand.objects.filter(organisation=organisation, slug=slug).first()
    if brand is None:
        require(actor, "registry.add_brand", organisation)
        with transaction.atomic():
            brand = Brand(organisation=organisation, slug=slug, name=name, website=website)
            check(brand)
            brand.save()
            record(actor=actor, verb="brand.created", subject=brand, organisation=organisation)
        return Put(brand, Change.CREATED)
    with editing(actor=actor, brand=brand) as edit:
        return _put(edit, brand, {"name": name, "website": website})


def put_mark(
    *,
    actor: User | None,
    brand: Brand,
    text: str,
    spellings: Iterable[SpellingContract] = (),
    common_word: bool = False,
    excluded: Iterable[str] = (),
) -> Put[Mark]:
    """Register a mark with all its spellings; those left out of ``spellings`` are taken off, the text itself is one."""
    with editing(actor=actor, brand=brand) as edit:
        mark = Mark.objects.filter(brand=brand, text=text).first() or Mark(brand=brand, text=text)
        put = _put(edit, mark, {"common_word": common_word, "excluded": list(excluded)})
        wanted = {text: script_of(text)} | {spelling.text: spelling.script for spelling in spellings}
        added, removed = _match_spellings(edit, mark, wanted)
        if put.change is Change.CREATED or added:
            publish("registry.mark_added", brand_id=brand.pk, mark_id=mark.pk)
        if put.change is Change.UNCHANGED and (added or removed):
            return Put(mark, Change.UPDATED)
        return put


def add_spelling(*, actor: User | None, mark: Mark, text: str, script: Script | None = None) -> Put[Spelling]:
    """Register one more way ``mark`` is written; the script is seen from the letters where it is not given."""
    with editing(actor=actor, brand=mark.brand) as edit:
        spelling = Spelling.objects.filter(mark=mark, text=text).first() or Spelling(mark=mark, text=text)
        put = _put(edit, spelling, {"script": script or script_of(text)})
        if put.change is Change.CREATED:
            publish("registry.mark_added", brand_id=mark.brand_id, mark_id=mark.pk)
        return put


def remove_spelling(*, actor: User | None, spelling: Spelling) -> None:
    """Take a spelling off its mark."""
    with editing(actor=actor, brand=spelling.mark.brand) as edit:
        _remove(edit, spelling)


def put_product(
    *,
    actor: User | None,
    brand: Brand,
    code: str,
    name: str,
    price: Decimal,
    currency: str,
    nice_class: int | None = None,
    keywords: Iterable[str] = (),
) -> Put[Product]:
    """Register a product, or change it; ``price`` is what one unit ordinarily costs in ``currency`` (ISO 4217)."""
    with editing(actor=actor, brand=brand) as edit:
        product = Product.objects.filter(brand=brand, code=code).first() or Product(brand=brand, code=code)
        fields = {
            "name": name,
            "price": price,
            "currency": currency,
            "nice_class": nice_class,
            "keywords": list(keywords),
        }
        return _put(edit, product, fields)


def put_image(
    *,
    actor: User | None,
    brand: Brand,
    data: bytes,
    kind: PictureKind,
    file_name: str,
    product: Product | None = None,
) -> Put[ReferenceImage]:
    """Register a picture by its bytes; the same bytes again change its kind, name or product.

    Raises:
        BadPicture: not a picture, too large, or broken.
        OtherBrand: ``product`` is another brand's.
    """
    if product is not None and product.brand_id != brand.pk:
        raise OtherBrand(product, brand)
    require(actor, "registry.change_brand", brand)  # before anything of it is kept
    info = pictures.inspect(data)
    pictures.decode(data)
    # Stored before the transaction: content without a row is harmless, a row without content is not.
    sha256 = store().put(data)
    with editing(actor=actor, brand=brand) as edit:
        found = ReferenceImage.objects.filter(brand=brand, sha256=sha256).first()
        image = found or ReferenceImage(brand=brand, sha256=sha256)
        put = _put(edit, image, {"kind": kind, "file_name": file_name, "product": product, **attrs.asdict(info)})
        if put.change is Change.CREATED:
            publish("registry.image_added", brand_id=brand.pk, image_id=image.pk)
        return put


def put_right(  # noqa: PLR0913 (a certificate has this many fields)
    *,
    actor: User | None,
    brand: Brand,
    type: RightType,  # noqa: A002 (the field's name on the model)
    office: str,
    number: str = "",
    mark: Mark | None = None,
    classes: Iterable[int] = (),
    goods: str = "",
    owner: str,
    filed_on: date | None = None,
    registered_on: date | None = None,
    expires_on: date | None = None,
    designations: Iterable[str] = (),
    status: RightStatus,
    status_checked_on: date | None = None,
    certificate: Paper | None = None,
) -> Put[Right]:
    """Register a right as its certificate has it, or change it.

    A right is told by its number in the register; one without a number by what it covers. Rights are never removed: a
    right that ended has a status that says so. What was looked up in the register later than ``status_checked_on``
    stays, so that an old file does not undo it. No certificate given leaves the one on file.
    """
    if mark is not None and mark.brand_id != brand.pk:
        raise OtherBrand(mark, brand)
    with editing(actor=actor, brand=brand, permission="registry.change_right") as edit:
        key: dict[str, Any] = {"brand": brand, "type": type, "office": office, "number": number}
        if not number:
            key["goods"] = goods
        right = Right.objects.filter(**key).first() or Right(**key)
        fields: dict[str, Any] = {
            "mark": mark,
            "classes": list(classes),
            "goods": goods,
            "owner": owner,
            "filed_on": filed_on,
            "registered_on": registered_on,
            "expires_on": expires_on,
            "designations": list(designations),
        }
        known = right.status_checked_on
        if known is None or (status_checked_on is not None and status_checked_on >= known):
            fields |= {"status": status, "status_checked_on": status_checked_on}
        if certificate is not None:
            fields |= {"certificate_sha256": store().put(certificate.data), "certificate_name": certificate.name}
        return _put(edit, right, fields)


def check_status(*, actor: User | None, right: Right, status: RightStatus, checked_on: date) -> Put[Right]:
    """Write down what the register says of ``right`` on the day somebody looked."""
    with editing(actor=actor, brand=right.brand, permission="registry.change_right") as edit:
        right.refresh_from_db()
        return _put(edit, right, {"status": status, "status_checked_on": checked_on})


def put_power_of_attorney(
    *,
    actor: User | None,
    brand: Brand,
    grantor: str,
    agent: str,
    signed_on: date,
    paper: Paper,
    countries: Iterable[str] = (),
    expires_on: date | None = None,
) -> Put[PowerOfAttorney]:
    """Register a power of attorney by its paper, or change what is noted of it. Never removed: it expires."""
    require(actor, "registry.change_right", brand)
    sha256 = store().put(paper.data)
    with editing(actor=actor, brand=brand, permission="registry.change_right") as edit:
        found = PowerOfAttorney.objects.filter(brand=brand, file_sha256=sha256).first()
        power = found or PowerOfAttorney(brand=brand, file_sha256=sha256)
        fields = {
            "grantor": grantor,
            "agent": agent,
            "countries": list(countries),
            "signed_on": signed_on,
            "expires_on": expires_on,
            "file_name": paper.name,
        }
        return _put(edit, power, fields)


def put_authorised_seller(
    *,
    actor: User | None,
    brand: Brand,
    market: str,
    shop_id: str,
    name: str = "",
    territory: Iterable[str] = (),
    expires_on: date | None = None,
) -> Put[AuthorisedSeller]:
    """Authorise a shop to sell the brand's goods, or change where and until when."""
    with editing(actor=actor, brand=brand, permission="registry.authorise_seller") as edit:
        found = AuthorisedSeller.objects.filter(brand=brand, market=market, shop_id=shop_id).first()
        seller = found or AuthorisedSeller(brand=brand, market=market, shop_id=shop_id)
        return _put(edit, seller, {"name": name, "territory": list(territory), "expires_on": expires_on})


Removable = Mark | Product | ReferenceImage | AuthorisedSeller


def remove(*, actor: User | None, row: Removable) -> None:
    """Remove a mark, product, picture or authorised seller. Its history and the picture's bytes are kept.

    Raises:
        StillNeeded: a right rests on it.
    """
    permission = "registry.authorise_seller" if isinstance(row, AuthorisedSeller) else "registry.change_brand"
    with editing(actor=actor, brand=row.brand, permission=permission) as edit:
        _remove(edit, row)


def store() -> Store:
    """Return the evidence store pictures and papers are kept in."""
    return Store(settings.EVIDENCE_DIR)


def _put(edit: _Edit, row: Row, fields: dict[str, Any]) -> Put[Row]:
    """Save ``row`` if it is new or any of ``fields`` differs."""
    new = row.pk is None
    differing = {name: value for name, value in fields.items() if getattr(row, name) != value}
    if not new and not differing:
        return Put(row, Change.UNCHANGED)
    before = {name: getattr(row, name) for name in differing}
    for name, value in differing.items():
        setattr(row, name, value)
    check(row)
    row.save()
    kind = row._meta.model_name
    if new:
        edit.log(f"{kind}.created", row)
        return Put(row, Change.CREATED)
    edit.log(f"{kind}.changed", row, **{name: [str(before[name]), str(value)] for name, value in differing.items()})
    return Put(row, Change.UPDATED)


def _remove(edit: _Edit, row: models.Model) -> None:
    edit.log(f"{row._meta.model_name}.removed", row, was=str(row))
    try:
        with transaction.atomic():
            row.delete()
    except ProtectedError as error:
        raise StillNeeded(row, error.protected_objects) from None


def _match_spellings(edit: _Edit, mark: Mark, wanted: dict[str, Script]) -> tuple[bool, bool]:
    """Make the spellings of ``mark`` those wanted; tell whether any was added, whether any was changed or removed."""
    known = {spelling.text: spelling for spelling in mark.spellings.all()}
    gone = [spelling for text, spelling in known.items() if text not in wanted]
    for spelling in gone:
        _remove(edit, spelling)
    changes = [
        _put(edit, known.get(text) or Spelling(mark=mark, text=text), {"script": script}).change
        for text, script in wanted.items()
    ]
    return Change.CREATED in changes, bool(gone) or Change.UPDATED in changes
