"""Takes brand folders into the registry: one transaction per brand, whole or not at all.

Importing adds and changes. What a folder no longer names is kept and told, and removed only when asked to; rights and
powers of attorney are never removed, because notices rest on them.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import attrs
from django.db import models, transaction

from accounts.models import Organisation, User
from accounts.services import create_organisation, set_pool
from contracts.errors import BadInput, JikimiError, ManyBadInputs
from contracts.match import Spelling
from registry import folder as folders
from registry import services
from registry.brandfile import OrganisationEntry, RightEntry
from registry.folder import BrandFolder
from registry.models import Brand, Mark, Product
from registry.services import Change, Paper, Put, StillNeeded


@attrs.define(kw_only=True)
class Result:
    """What became of one brand folder. ``change`` None: it failed, nothing of it was taken, ``problems`` says why."""

    folder: Path
    name: str
    change: Change | None = None
    counts: dict[Change, int] = attrs.field(factory=lambda: dict.fromkeys(Change, 0))
    removed: list[str] = attrs.field(factory=list)
    kept: list[str] = attrs.field(factory=list)  # registered, but no longer in the folder
    notes: list[str] = attrs.field(factory=list)
    problems: list[JikimiError] = attrs.field(factory=list)


def import_folders(
    *,
    path: Path,
    actor: User | None = None,
    organisation: Organisation | None = None,
    prune: bool = False,
    dry_run: bool = False,
) -> Iterator[Result]:
    """Import the brand folder ``path``, or every brand folder in it; one that fails does not stop the others.

    Args:
        path: a brand folder or a folder of brand folders.
        actor: on whose behalf; None: jikimi itself.
        organisation: who the brands belong to; None: whom each ``brand.toml`` names.
        prune: remove marks, products, pictures and authorised sellers the folder no longer names.
        dry_run: tell what would be done and register nothing (bytes may lie in the evidence store, which is harmless).

    Raises:
        BadInput: ``path`` is no folder, or there is nothing in it.
    """
    for one in folders.brand_folders(path):
        yield _import_folder(one, actor, organisation, prune=prune, dry_run=dry_run)


def _import_folder(
    path: Path, actor: User | None, organisation: Organisation | None, *, prune: bool, dry_run: bool
) -> Result:
    result = Result(folder=path, name=path.name)
    try:
        read = folders.read(path)
        with transaction.atomic():
            _take(read, actor, organisation, result, prune=prune)
            transaction.set_rollback(dry_run)
    except ManyBadInputs as error:
        return Result(folder=path, name=path.name, problems=list(error.problems))
    except JikimiError as error:
        return Result(folder=path, name=path.name, problems=[error])
    return result


def _take(
    read: BrandFolder, actor: User | None, organisation: Organisation | None, result: Result, *, prune: bool
) -> None:
    entry = read.brand
    owner = organisation or _organisation(read, actor, result)
    put = services.put_brand(actor=actor, organisation=owner, slug=entry.slug, name=entry.name, website=entry.website)
    result.name = entry.name
    with services.editing(actor=actor, brand=put.row):
        rows = _put_all(read, actor, put.row, result)
        _leftovers(put.row, rows, actor, result, prune=prune)
    if put.change is Change.CREATED:
        result.change = Change.CREATED
    else:
        touched = put.change is Change.UPDATED or result.removed or any(result.counts[c] for c in _TOUCHED)
        result.change = Change.UPDATED if touched else Change.UNCHANGED


_TOUCHED = (Change.CREATED, Change.UPDATED)


def _organisation(read: BrandFolder, actor: User | None, result: Result) -> Organisation:
    """Return the organisation the file names, made if need be; an existing one is not changed by a brand's file.

    Least of all does it join the pool by one: that takes somebody who administers it.
    """
    entry = read.brand.organisation
    if entry is None:
        where = str(read.path / folders.FILE_NAME)
        raise BadInput(where, "organisation", "an [organisation] table, or --organisation", None)
    found = Organisation.objects.filter(slug=entry.slug).first()
    if found is None:
        made = create_organisation(actor=actor, **entry.model_dump(exclude={"pool"}))
        return set_pool(actor=actor, organisation=made, pool=True) if entry.pool else made
    differing = [
        name for name in OrganisationEntry.model_fields if getattr(entry, name) not in {None, getattr(found, name)}
    ]
    if differing:
        result.notes.append(
            f"organisation {found.slug} is registered with another {', '.join(differing)}: left as it is"
        )
    return found


def _put_all(read: BrandFolder, actor: User | None, brand: Brand, result: Result) -> set[models.Model]:
    """Put every entry of the file; return the rows."""
    entry = read.brand
    rows: set[models.Model] = set()

    def put(outcome: Put[Any]) -> Any:
        result.counts[outcome.change] += 1
        rows.add(outcome.row)
        return outcome.row

    who: dict[str, Any] = {"actor": actor, "brand": brand}
    marks: dict[str, Mark] = {}
    for mark in entry.marks:
        spellings = [Spelling(text=one.text, script=one.resolved()) for one in mark.spellings]
        fields = {"text": mark.text, "common_word": mark.common_word, "excluded": mark.excluded}
        marks[mark.text] = put(services.put_mark(**who, **fields, spellings=spellings))
    products: dict[str, Product] = {}
    for product in entry.products:
        products[product.code] = put(services.put_product(**who, **dict(product)))
    for image in entry.images:
        of = products.get(image.product or "")
        put(services.put_image(**who, data=read.files[image.file], kind=image.kind, file_name=image.file, product=of))
    for right in entry.rights:
        put(services.put_right(**who, **_right_fields(right, read, marks)))
    for power in entry.powers_of_attorney:
        paper = Paper(name=power.file, data=read.files[power.file])
        put(services.put_power_of_attorney(**who, **power.model_dump(exclude={"file"}), paper=paper))
    for seller in entry.authorised_sellers:
        put(services.put_authorised_seller(**who, **dict(seller)))
    return rows


def _right_fields(right: RightEntry, read: BrandFolder, marks: dict[str, Mark]) -> dict[str, Any]:
    name = right.certificate
    return {
        **dict(right),
        "mark": marks.get(right.mark or ""),
        "certificate": Paper(name=name, data=read.files[name]) if name else None,
    }


def _leftovers(brand: Brand, rows: set[models.Model], actor: User | None, result: Result, *, prune: bool) -> None:
    """Tell of everything registered that the file no longer names, and remove what may be if asked to."""
    for related in (brand.rights, brand.powers_of_attorney):
        result.kept += [_called(row) for row in related.all() if row not in rows]
    for related in (brand.images, brand.products, brand.marks, brand.authorised_sellers):
        for row in related.all():
            if row in rows:
                continue
            called = _called(row)
            if not prune:
                result.kept.append(called)
                continue
            try:
                services.remove(actor=actor, row=row)
            except StillNeeded as error:
                result.kept.append(f"{called} ({error})")
            else:
                result.removed.append(called)


def _called(row: models.Model) -> str:
    return f"{row._meta.verbose_name} {row}"
