"""What is known of one listing and one brand before anything is weighed."""

from __future__ import annotations

import re
from collections.abc import Sequence

import attrs

from contracts.lexicon import Beside, Sense
from contracts.listing import Listing
from contracts.match import BrandProfile, PictureMatch, PictureRelation, ReadText, Relisted, SellerRecord
from matchers import weights
from matchers.folding import fold
from matchers.goods import ClassView
from matchers.price import PriceView, product_of
from matchers.seller import Age, Standing
from matchers.spellings import Kind
from matchers.text import MarkIndex, TextMatch
from matchers.wording import Hit, Wording, languages_for

PLAIN = frozenset({Kind.EXACT, Kind.SPLIT})  # in running text anything else is mostly chance
MANY = 60  # matches asked of an index that may hold other brands' marks
LINES = 80  # lines read in pictures that are looked at
BETWEEN = r"[\s:\[【(“\"']{0,3}(?:\w{1,5}\s)?"  # "for your Mark", "für [Mark]"
LEADING = frozenset(
    {
        "for", "with", "fits", "für", "mit", "pour", "avec", "para", "con", "per", "do", "dla", "z", "untuk", "buat",
        "dengan", "cho", "với", "sa", "bagi",
    }
)  # fmt: skip
BESIDE = 30  # characters between a word such as "compatible with" and the mark it is about
NO_BRAND = frozenset(
    {
        "no brand", "nobrand", "unbranded", "generic", "oem", "no brand/oem", "does not apply", "none", "n/a",
        "other", "others", "无", "无品牌", "其他", "其它", "tidak ada merek", "ไม่มียี่ห้อ", "ohne marke", "markenlos",
        "ノーブランド", "브랜드 없음", "노브랜드", "sans marque", "sin marca", "senza marca", "bez marki",
        "khong thuong hieu",
    }
)  # fmt: skip


_CAMEL = re.compile(r"(?<=[a-z])(?=[A-Z])|https?://schema\.org/")  # schema.org writes "UsedCondition"


@attrs.frozen
class MarkUse:
    """A mark of the brand in the listing. ``where``: title, brand (the brand field), description or picture.

    ``read`` is the line of a picture it was read in.
    """

    match: TextMatch
    where: str
    start: int = -1
    end: int = -1
    read: ReadText | None = None

    @property
    def confidence(self) -> float:
        """How surely the words themselves were read: 1.0 where they are text."""
        return self.read.confidence if self.read else 1.0


@attrs.frozen
class TermUse:
    """A wording term in the listing: ``where`` it stands, and in which line of a picture it was read.

    ``leads``: it ends in "for" or "with", so it speaks of what follows it.
    """

    hit: Hit
    where: str
    beside_mark: bool = False
    leads: bool = False
    read: ReadText | None = None


@attrs.frozen(kw_only=True)
class Scene:
    """Everything the signals are read from.

    ``uses`` of the brand's marks stand in words, ``shown`` were read in pictures, ``others`` are of other brands.
    ``repeated`` is a decided counterfeit that the listing repeats; ``complaints`` are words of reviews that say fake;
    ``texts`` is all that was read in pictures; ``age`` is the shop's, where its page tells.
    """

    listing: Listing
    brand: BrandProfile
    uses: tuple[MarkUse, ...]
    shown: tuple[MarkUse, ...] = ()
    others: tuple[MarkUse, ...] = ()
    terms: tuple[TermUse, ...]
    standing: Standing
    price: PriceView | None
    pictures: tuple[PictureMatch, ...]
    product_known: bool
    classes: ClassView | None = None
    age: Age | None = None
    texts: tuple[ReadText, ...] = ()
    record: SellerRecord = attrs.field(factory=SellerRecord)
    repeated: Relisted | None = None
    complaints: tuple[str, ...] = ()

    def use(self) -> MarkUse | None:
        """Return the surest use of a mark, the title and the brand field before the description."""
        return max(self.uses, key=lambda use: (use.where != "description", self.sureness(use)), default=None)

    def speaks_of_brand(self) -> bool:
        """Tell whether anything in words or pictures speaks of the brand at all."""
        seen = self.picture(PictureRelation.COPY, PictureRelation.ARTWORK)
        return bool(self.uses or self.shown or self.repeated) or seen is not None

    def presence(self) -> float:
        """Return how surely the listing is about the brand at all, 0..1: words, pictures, what it repeats."""
        seen = self.picture(PictureRelation.COPY, PictureRelation.ARTWORK)
        shares = [self.sureness(use) for use in (*self.uses, *self.shown)]
        share = weights.COMMON_WORD_ALONE if self.names_another() else 1.0
        return share * max([*shares, seen.score if seen else 0.0, 1.0 if self.repeated else 0.0])

    def names_another(self) -> MarkUse | None:
        """Return the surest use of another brand's mark where nothing but pictures speaks of this brand.

        Where this brand's mark was surely read in a picture, the other's has to stand in words.
        """
        if self.uses:
            return None
        read = any(self.sureness(use) >= weights.ANOTHER_SURE for use in self.shown)
        others = [use for use in self.others if use.read is None or not read]
        other = max(others, key=lambda use: use.match.score * use.confidence, default=None)
        return other if other and other.match.score * other.confidence >= weights.ANOTHER_SURE else None

    def sureness(self, use: MarkUse) -> float:
        """Return how surely a use means the brand: an ordinary word keeps little of it without context."""
        alone = use.match.common_word and not self.has_context()
        return use.match.score * use.confidence * (weights.COMMON_WORD_ALONE if alone else 1.0)

    def has_context(self) -> bool:
        """Tell whether something besides an ordinary word speaks of the brand."""
        marks = {use.match.mark_id for use in self.uses}
        in_field = any(use.where == "brand" for use in self.uses)
        picture = self.picture(PictureRelation.COPY, PictureRelation.ARTWORK)
        recognised = self.price is not None and self.price.sure
        return len(marks) > 1 or in_field or picture is not None or recognised

    def picture(self, *relations: PictureRelation) -> PictureMatch | None:
        """Return the surest picture of the given relations, if it is sure enough to speak of."""
        fitting = [picture for picture in self.pictures if picture.relation in relations]
        best = max(fitting, key=lambda picture: picture.score, default=None)
        return best if best is not None and best.score >= weights.PICTURE_PRESENT else None

    def of(self, *senses: Sense) -> list[TermUse]:
        """Return the terms of some senses that are meant as they stand."""
        return [use for use in self.terms if use.hit.term.sense in senses and not use.hit.negated]

    def is_brand_field_empty_talk(self) -> bool:
        """Tell whether the brand field says that there is no brand."""
        return fold(self.listing.brand or "").text.strip() in NO_BRAND


def find_uses(listing: Listing, index: MarkIndex) -> tuple[MarkUse, ...]:
    """Return the uses of every mark of the index in title, brand field and description."""
    uses: list[MarkUse] = []
    for where, text in (("title", listing.title), ("brand", listing.brand), ("description", listing.description)):
        for match in index.search(text, MANY) if text else ():
            if match.score < weights.PRESENT or (where == "description" and match.kind not in PLAIN):
                continue
            at = (text or "").find(match.words)
            uses.append(MarkUse(match, where, at, at + len(match.words)))
    return tuple(uses)


def find_shown(texts: Sequence[ReadText], index: MarkIndex) -> tuple[MarkUse, ...]:
    """Return the uses of every mark of the index in what was read in the listing's pictures."""
    return tuple(
        MarkUse(match, "picture", read=text)
        for text in texts[:LINES]
        for match in index.search(text.text, MANY)
        if match.score * text.confidence >= weights.PRESENT
    )


def find_terms(
    listing: Listing, wording: Wording, uses: Sequence[MarkUse], texts: Sequence[ReadText] = ()
) -> tuple[TermUse, ...]:
    """Return the lexicon terms of title, condition, description and of what was read in pictures."""
    written = (
        ("title", listing.title),
        ("condition", _CAMEL.sub(" ", listing.condition or "")),
        ("description", listing.description or ""),
    )
    languages = languages_for(
        " ".join(text for _, text in written)[:2000], language=listing.language, site=listing.site
    )
    found: list[TermUse] = []
    for where, text in written:
        here = [use for use in uses if use.where == where and use.start >= 0]
        found += [
            TermUse(hit, where, _is_beside(hit, here), _leads(hit))
            for hit in (wording.find(text, languages) if text else ())
            if _in_its_goods(hit, listing) and _stands_by_a_mark(hit, text, here)
        ]
    for read in texts[:LINES]:
        hits = wording.find(read.text, languages_for(read.text, language=listing.language, site=listing.site))
        found += [TermUse(hit, "picture", read=read) for hit in hits if _in_its_goods(hit, listing)]
    return tuple(found)


def _leads(hit: Hit) -> bool:
    """Tell whether the term ends in a word for "for" or "with"."""
    return bool(LEADING.intersection(hit.words.casefold().split()[-1:]))


def _is_beside(hit: Hit, uses: Sequence[MarkUse]) -> bool:
    """Tell whether a mark stands near the term, on the side the term speaks of."""
    after = any(0 <= use.start - hit.end <= BESIDE for use in uses)
    return after or (not _leads(hit) and any(0 <= hit.start - use.end <= BESIDE for use in uses))


def _stands_by_a_mark(hit: Hit, text: str, uses: Sequence[MarkUse]) -> bool:
    """Tell whether a term that only counts directly before or after a mark stands there; an article may be between."""
    beside = hit.term.beside
    if beside is Beside.ANYWHERE:
        return True
    word = re.escape(hit.words.strip())
    for mark in {re.escape(use.match.words) for use in uses}:
        near = rf"{word}{BETWEEN}{mark}" if beside is Beside.BEFORE_MARK else rf"{mark}\s?{word}"
        if re.search(near, text):
            return True
    return False


def _in_its_goods(hit: Hit, listing: Listing) -> bool:
    """Tell whether a term that is limited to some goods stands on such goods."""
    wanted = hit.term.categories
    if not wanted:
        return True
    text = fold(" ".join((listing.title, *listing.category_path))).text
    return any(fold(category).text in text for category in wanted)


def reads_english(listing: Listing) -> bool:
    """Tell whether the title can be compared word by word with product names registered in English."""
    language = (listing.language or "").partition("-")[0].lower()
    return listing.title.isascii() and (language == "en" or (not language and listing.site in {"US", "GB", "AU", "CA"}))


def knows_product(listing: Listing, brand: BrandProfile, pictures: Sequence[PictureMatch]) -> bool:
    """Tell whether the listing offers goods the brand registered, or whether that cannot be told."""
    if not brand.products or not reads_english(listing):
        return True
    if any(p.reference.product_id and p.score >= weights.PICTURE_PRESENT for p in pictures):
        return True
    return product_of(listing, brand)[0] is not None
