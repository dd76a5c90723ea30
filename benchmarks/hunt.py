"""A retro-hunt through 100,000 stored listings: against matching them all anew, and against reading them all.

Everything is made from a seed: titles, codes, and a new mark with a new picture of which some listings carry a
disguise, an edited copy or a part. Naming those that may speak of the brand asks the index and reads the titles of
its candidates; without an index every title is read, every code and every embedding compared. A whole hunt then
compares near pictures with the new one and judges what is left; matching anew compares and judges every listing, all
pictures described beforehand, and is timed on a sample. What the net catches of real pictures: `hunt_net`.
"""

from __future__ import annotations

import hashlib
import io
import random
import tempfile
from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime
from pathlib import Path

import attrs
import numpy as np
import numpy.typing as npt
from PIL import Image, ImageDraw, ImageOps

from benchmarks.match_titles import made_marks, made_titles
from benchmarks.report import Report, seconds
from contracts.listing import Listing
from contracts.match import BrandProfile, Mark, ReferencePicture, Spelling
from listings.search.embedded import EmbeddedIndex
from listings.search.interface import ALIKE, HASH_BYTES, MAX_LIMIT, NEAR, ImageHash, ListingDoc, Wanted
from matchers.images.compare import SCENE, compare, rank
from matchers.images.descriptor import Descriptor, describe
from matchers.images.embedding import DIMENSIONS, SCALE, similarity
from matchers.images.index import ReferenceIndex
from matchers.judge import Judge
from matchers.scene import find_uses
from matchers.search_forms import forms_of_mark, forms_of_title
from matchers.text import MarkIndex

SEED = 20261127
LISTINGS = 100_000
PLANTED = 300  # a third of them by title, a third by picture, a third by a part of one
STRANGERS = 24  # pictures the other listings share among them
SPREAD = 0.17  # of strangers' cosines: then as many are above `ALIKE` as of real pictures (`hunt_net`, 2026-11-27)
SAMPLE = 300  # listings matched anew
READ = 5_000  # titles read without an index
SEEN = datetime(2026, 11, 2, tzinfo=UTC)
TODAY = date(2026, 11, 2)
NAME = "Haneulbit"
DISGUISES = (
    "Haneulbit",
    "HANEULBIT",
    "H4neu1bit",
    "Нaneulbit",
    "Haneilbit",
    "Haneulbyt",
    "bestHaneulbit",
    "Haneul bit",
)


@attrs.frozen
class Stored:
    """One stored listing; ``code`` and ``embeddings`` are what the index keeps of its picture."""

    listing: Listing
    code: bytes
    embeddings: tuple[bytes, ...]
    picture: Descriptor
    planted: bool

    @property
    def key(self) -> str:
        """What names it in the index."""
        return f"{self.listing.market}:{self.listing.listing_id}"


class Registered:
    """The new mark and the new picture, as the matchers want them."""

    def __init__(self) -> None:
        mark = Mark(mark_id="1", spellings=(Spelling(text=NAME),))
        self.reference = describe(_encoded(_drawn(1)))
        picture = ReferencePicture(image_id="1", sha256=self.reference.sha256, kind="product", product_id=None)
        brand = BrandProfile(brand_id="1", name=NAME, marks=(mark,), products=(), pictures=(picture,), authorised=())
        self.marks, self.pictures = MarkIndex([mark]), [picture]
        self.index = ReferenceIndex([self.reference])
        self.judge = Judge([brand], today=TODAY, text=self.marks)
        codes = tuple(form.tobytes() for form in self.reference.whole.pdq)
        self.wanted = Wanted(
            spellings=forms_of_mark(NAME),
            codes=codes,
            embeddings=(self.reference.whole.embedding.tobytes(),),
        )

    def reads(self, stored: Stored) -> bool:
        """Tell whether the text matcher finds the mark in a listing."""
        return bool(find_uses(stored.listing, self.marks))

    def shares(self, stored: Stored) -> bool:
        """Tell whether a listing's picture has something of the new one."""
        return any(found.score >= SCENE for found in rank(stored.picture, self.index, 1))

    def match(self, stored: Stored) -> bool:
        """Compare a listing's picture and judge it, as triage does; tell whether anything speaks of the brand."""
        found = compare(stored.picture, self.index, self.pictures)
        return bool(self.judge.judge(stored.listing, pictures={"1": found} if found else None))


def run(report: Report) -> None:
    """Build the index once, then time the hunt and what it is compared with."""
    registered = Registered()
    stored = {one.key: one for one in _stored(random.Random(SEED))}  # noqa: S311 (not for secrets)
    with tempfile.TemporaryDirectory(prefix="jikimi-bench-") as folder:
        index = EmbeddedIndex(Path(folder) / "index")
        taken = seconds(lambda: index.put(_doc(one) for one in stored.values()), times=1)
        size = sum(file.stat().st_size for file in index.folder.rglob("*") if file.is_file()) / len(stored)
        report.note(f"{len(stored):,} listings indexed in {taken:.0f} s; {size:,.0f} bytes a listing of one picture")
        naming = seconds(lambda: _named(index, registered, stored), times=1)
        candidates, named, near = _named(index, registered, stored)
    comparing = seconds(lambda: named.extend(key for key in near if registered.shares(stored[key])), times=1)
    found: set[str] = set()
    matching = seconds(lambda: found.update(key for key in named if registered.match(stored[key])), times=1)
    everything = list(stored.values())
    sample = everything[:: LISTINGS // SAMPLE]
    anew = seconds(lambda: [registered.match(one) for one in sample], times=1) / len(sample) * LISTINGS
    some = everything[:: LISTINGS // READ]
    reading = seconds(lambda: [registered.reads(one) for one in some], times=1) / len(some) * LISTINGS
    reading += seconds(lambda: _near(registered, everything), times=1)
    report.note(
        f"{candidates:,} candidates, {len(near):,} by their picture alone; {len(named):,} speak of the brand, "
        f"{PLANTED} listings planted"
    )
    report.faster("naming what may speak of the brand", ours=naming, baseline=reading, against="reading all", goal=5.0)
    report.faster(
        "the whole hunt", ours=naming + comparing + matching, baseline=anew, against="matching all anew", goal=20.0
    )
    planted = {key for key, one in stored.items() if one.planted}
    report.reaches("of what was planted, found", len(found & planted) / len(planted), goal=0.95)


def _named(index: EmbeddedIndex, registered: Registered, stored: dict[str, Stored]) -> tuple[int, list[str], list[str]]:
    """Do what `triage.hunting` does, without its records.

    Returns how many candidates there were, those that name the brand, and others that have a near picture.
    """
    candidates, named, shown, after = 0, [], [], ""
    pictures_only = attrs.evolve(registered.wanted, spellings=())
    while keys := index.sweep(registered.wanted, organisation=1, after=after, limit=MAX_LIMIT):
        near = set(index.sweep(pictures_only, organisation=1, after=after, limit=MAX_LIMIT))
        reads = {key for key in keys if registered.reads(stored[key])}
        named += [key for key in keys if key in reads]
        shown += [key for key in keys if key in near - reads]
        candidates += len(keys)
        after = keys[-1]
    return candidates, named, shown


def _near(registered: Registered, stored: Sequence[Stored]) -> int:
    """Compare every code with the eight forms, bit by bit, and every embedding with the new one."""
    wanted = [int.from_bytes(code) for code in registered.wanted.codes]
    whole = registered.reference.whole.embedding
    return sum(
        min((int.from_bytes(one.code) ^ code).bit_count() for code in wanted) <= NEAR
        or max(similarity(whole, np.frombuffer(b"".join(one.embeddings), np.int8).reshape(-1, DIMENSIONS))) >= ALIKE
        for one in stored
    )


def _stored(randomness: random.Random) -> Iterator[Stored]:
    """Yield the listings: strangers, every so many a disguised title, an edited copy of the new picture or a part."""
    strangers = [describe(_encoded(_drawn(100 + number))) for number in range(STRANGERS)]
    copies = [describe(_encoded(edit(_drawn(1)), quality)) for edit in EDITS for quality in (85, 50)]
    parted = [describe(_encoded(edit(_drawn(1)), quality)) for edit in PARTED for quality in (85, 50)]
    every = LISTINGS // PLANTED
    chance, aim = np.random.default_rng(SEED), describe(_encoded(_drawn(1))).whole.embedding
    rows = made_titles(randomness, made_marks(randomness, 1000), LISTINGS)
    for number, (_, title) in enumerate(rows):
        turn, rest = divmod(number, every)
        by_title, by_copy, by_part = (rest == 0 and turn % 3 == way for way in range(3))
        picture = randomness.choice(copies if by_copy else parted if by_part else strangers)
        yield Stored(
            listing=Listing(
                market="made",
                listing_id=f"{number:06}",
                title=f"{randomness.choice(DISGUISES)} {title}" if by_title else title,
                observed_at=SEEN,
            ),
            # Strangers share a few described pictures; what is searched is their own, or all would be one picture.
            code=picture.whole.pdq[0].tobytes() if by_copy or by_part else randomness.randbytes(HASH_BYTES),
            embeddings=tuple(
                view.embedding.tobytes() if by_copy or by_part else _strange(aim, chance) for view in picture.views
            ),
            picture=picture,
            planted=by_title or by_copy or by_part,
        )


def _strange(aim: npt.NDArray[np.int8], chance: np.random.Generator) -> bytes:
    """Return the embedding of a picture that has nothing to do with another, whose embedding is ``aim``."""
    cosine, vector = chance.normal(0, SPREAD), chance.normal(size=DIMENSIONS)
    vector = vector / np.linalg.norm(vector) + cosine * aim / np.linalg.norm(aim.astype(np.float32))
    return np.clip(np.rint(vector * SCALE), -127, 127).astype(np.int8).tobytes()


def _doc(stored: Stored) -> ListingDoc:
    listing = stored.listing
    return ListingDoc(
        key=stored.key,
        organisations=frozenset({1}),
        title=listing.title or "",
        text="\n".join(forms_of_title(listing.title or "")),
        observed_at=SEEN,
        image_hashes=(ImageHash(hashlib.sha256(stored.code).hexdigest(), stored.code, stored.embeddings),),
    )


def _drawn(seed: int) -> Image.Image:
    """Draw an invented packshot: soft shapes of many sizes and some lettering."""
    dice = random.Random(seed)  # noqa: S311 (not for secrets)
    picture = Image.new("RGB", (480, 480), tuple(dice.randrange(180, 256) for _ in range(3)))
    pen = ImageDraw.Draw(picture)
    for _ in range(40):
        x, y, size = dice.randrange(440), dice.randrange(440), dice.randrange(20, 140)
        pen.ellipse((x, y, x + size, y + size * 2 // 3), fill=tuple(dice.randrange(256) for _ in range(3)))
        pen.text((x, y), f"DEW {size}", fill="black")
    return picture


EDITS = (
    lambda picture: picture,
    ImageOps.mirror,
    lambda picture: picture.rotate(90),
    lambda picture: picture.resize((240, 240)),
    lambda picture: Image.fromarray((np.asarray(picture) * 0.7 + 40).astype(np.uint8)),
)


PARTED = (
    lambda picture: picture.crop((110, 60, 430, 380)),
    lambda picture: ImageOps.mirror(picture.crop((60, 60, 380, 440))),
    lambda picture: _sheet([_drawn(51), picture, _drawn(52), _drawn(53)]),
    lambda picture: _sheet([_drawn(54), _drawn(55), _drawn(56), picture]),
)


def _sheet(cells: Sequence[Image.Image]) -> Image.Image:
    """Lay four pictures on one sheet."""
    sheet = Image.new("RGB", (960, 960), "white")
    for number, cell in enumerate(cells):
        sheet.paste(cell, (number % 2 * 480, number // 2 * 480))
    return sheet


def _encoded(picture: Image.Image, quality: int = 90) -> bytes:
    buffer = io.BytesIO()
    picture.save(buffer, "JPEG", quality=quality)
    return buffer.getvalue()
