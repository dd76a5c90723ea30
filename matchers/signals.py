"""The observations: each function reads one thing from the scene and yields at most one signal of its name."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise

import attrs
from rapidfuzz.distance import OSA

from contracts.lexicon import Sense
from contracts.listing import MOST_REVIEWS
from contracts.match import PictureMatch, PictureRelation, Region, Sentence, Signal
from matchers import reasons, seller, versions, weights
from matchers.folding import fold
from matchers.goods import foreign
from matchers.scene import MarkUse, Scene, TermUse, reads_english
from matchers.spellings import Kind
from matchers.text import TextMatch
from matchers.words import is_ordinary

SHORT = 4  # letters; fewer are met by chance
HALF = 0.5  # of a line of words that stands in a place
SLIPS = 2  # letters by which a misspelling differs from the mark
ARTWORKS = frozenset({"logo", "character", "packaging"})
SENSES = (
    ("wording_copy", Sense.COPY, weights.COPY),
    ("wording_concealment", Sense.CONCEALMENT, weights.CONCEALMENT),
    ("wording_lookalike", Sense.LOOKALIKE, weights.LOOKALIKE),
    ("wording_grey", Sense.GREY, weights.GREY),
    ("wording_repack", Sense.REPACK, weights.REPACK),
    ("wording_discreet", Sense.DISCREET, weights.DISCREET),
)


def observe(scene: Scene) -> tuple[Signal, ...]:
    """Return every signal of the scene, each name at most once."""
    return (
        *_seller(scene),
        *_reviews(scene),
        *_ships_from(scene),
        *_new_shop(scene),
        *_record(scene),
        *_relist(scene),
        *_marks(scene),
        *_wording(scene),
        *_for_the_seller(scene),
        *_price(scene),
        *_pictures(scene),
        *_read_in_pictures(scene),
        *_concealment(scene),
        *_brand_field(scene),
        *_goods(scene),
        *_goods_class(scene),
    )


def _seller(scene: Scene) -> Iterator[Signal]:
    standing = scene.standing
    shop = f"{standing.shop.market}/{standing.shop.shop_id}" if standing.shop else ""
    if standing.authorised:
        yield _signal("authorised", 1.0, weights.AUTHORISED, reasons.authorised(standing), shop, versions.SELLER)
    elif standing.lapsed or standing.elsewhere:
        name, weight = ("lapsed", weights.LAPSED) if standing.lapsed else ("elsewhere", weights.ELSEWHERE)
        yield _signal(name, 1.0, weight, reasons.lapsed(standing), shop, versions.SELLER)
    elif standing.imitates:
        weight = weights.IMITATES_OFFICIAL if standing.claims_office else weights.IMITATES
        name = scene.listing.seller_name or scene.listing.seller_id or ""
        reason = reasons.imitates(name, standing.imitates)
        yield _signal("seller_imitates", 1.0, weight, reason, standing.imitates, versions.SELLER, (name,))


def _reviews(scene: Scene) -> Iterator[Signal]:
    """Buyers who call the goods a fake: each further one adds half, and a few among many count little."""
    words = scene.complaints
    if words:
        shown = min(len(scene.listing.reviews), MOST_REVIEWS)
        share = min(1.0, len(words) / (weights.FEW_REVIEWS * shown))
        value = share * (1 - 0.5 ** len(words)) * scene.presence()
        reason = reasons.reviews(words, shown)
        yield _signal("reviews_say_fake", value, weights.REVIEWS, reason, "", versions.WORDING, words)


def _ships_from(scene: Scene) -> Iterator[Signal]:
    """Where the goods are sent from. Used goods and parts come from anywhere."""
    listing = scene.listing
    country = seller.third_country(listing, scene.brand)
    if not country or scene.standing.authorised or _second_hand(scene) or _made_for(scene):
        return
    place = listing.ship_from or ""
    reason = reasons.shipped_elsewhere(place, country, listing.site or "")
    weight = weights.SHIPPED_ELSEWHERE
    yield _signal("shipped_elsewhere", scene.presence(), weight, reason, country, versions.SELLER, (place,))


def _new_shop(scene: Scene) -> Iterator[Signal]:
    """A shop that opened lately. Whoever sells used goods or parts may well be new."""
    age = scene.age
    if age is None or scene.standing.authorised or _second_hand(scene) or _made_for(scene):
        return
    share = along(weights.NEW_SHOP_DAYS, age.days)
    if share > 0:
        reason = reasons.new_shop(age)
        yield _signal("new_shop", share * scene.presence(), weights.NEW_SHOP, reason, age.since, versions.SELLER)


def _record(scene: Scene) -> Iterator[Signal]:
    """What is known of the seller's other listings; each further one adds half of what the last one added."""
    record = scene.record
    # One suspicious listing says little about a shop of thousands.
    suspected = record.suspected + record.pooled
    share = min(1.0, suspected / max(1.0, weights.FEW * record.listings))
    for name, count, weight, part in (
        ("seller_strikes", record.strikes, weights.STRIKES, 1.0),
        ("seller_suspected", suspected, weights.SUSPECTED, share),
        ("seller_cleared", 0 if record.strikes else record.cleared, weights.CLEARED, 1.0),
    ):
        if count:
            shop = scene.listing.seller_id or scene.listing.seller_name or ""
            value = part * (1 - 0.5**count) * (1.0 if weight < 0 else scene.presence())
            pooled = record.pooled if name == "seller_suspected" else 0
            yield _signal(name, value, weight, reasons.record(name, count - pooled, pooled), shop, versions.SELLER)


def _relist(scene: Scene) -> Iterator[Signal]:
    """The same offer as one that was decided to be a counterfeit, put up again."""
    earlier = scene.repeated
    if earlier is not None:
        signal = _signal(
            "relist",
            earlier.share * scene.presence(),
            weights.RELIST,
            reasons.relist(earlier),
            earlier.listing,
            versions.SELLER,
            (scene.listing.title,) if earlier.title else (),
        )
        yield attrs.evolve(signal, listing_image=next(iter(earlier.pictures), None))


def _marks(scene: Scene) -> Iterator[Signal]:
    use = scene.use()
    if use is None:
        return
    match = use.match
    strength = scene.sureness(use)
    weight = weights.MARK_DESCRIPTION if use.where == "description" else weights.MARK
    reason = reasons.mark(match, use.where)
    yield _signal("mark", strength, weight, reason, match.spelling, versions.TEXT, (match.words,))
    weight = _disguise(scene, match)
    if weight:
        reason = reasons.disguise(match)
        yield _signal("mark_disguised", strength, weight, reason, match.spelling, versions.TEXT, (match.words,))


def _disguise(scene: Scene, match: TextMatch) -> float:
    """Weigh how the mark is written; 0.0 where it stands plainly, be it in another place."""
    ways = [_way(scene, use.match) for use in scene.uses if use.where != "description"]
    return _way(scene, match) if ways and all(ways) else 0.0


def _way(scene: Scene, match: TextMatch) -> float:
    if match.kind is Kind.TYPO or _is_slip(scene, match):
        return weights.TYPO
    if match.disguised:
        # "not" is no disguised "No7" and the model A10 no "Alo": of few letters, chance makes any other.
        letters = fold(match.words).text
        chance = is_ordinary(letters) or len(letters) < SHORT
        return weights.DISGUISE * (weights.SHORT_DISGUISE if chance else 1.0)
    return weights.PULLED_APART if match.kind is Kind.SPLIT and " " not in match.spelling else 0.0


def _is_slip(scene: Scene, match: TextMatch) -> bool:
    """Tell whether Latin letters that sound like a spelling in another script are a Latin spelling, misspelt."""
    if match.kind is not Kind.TRANSLITERATED or not match.words.isascii():
        return False
    mark = next((mark for mark in scene.brand.marks if mark.mark_id == match.mark_id), None)
    latin = [fold(spelling.text).text for spelling in (mark.spellings if mark else ()) if spelling.text.isascii()]
    return any(1 <= OSA.distance(fold(match.words).text, text) <= SLIPS for text in latin)


def _wording(scene: Scene) -> Iterator[Signal]:
    for name, sense, table in SENSES:
        uses = scene.of(sense)
        if not uses:
            continue
        # Who warns of fakes has to name them.
        named = {**table, "medium": table["low"]} if sense is Sense.COPY and _warns(scene) else table
        weight = _several(uses, named)
        strongest = max(table.values())
        words = tuple(dict.fromkeys(use.hit.words for use in uses))
        read = next((use.read for use in uses if use.read), None)
        terms = ", ".join(dict.fromkeys(f"{use.hit.language}:{use.hit.term.term}" for use in uses))
        yield Signal(
            name=name,
            value=min(1.0, weight / strongest),
            weight=round(weight, 3),
            reason=reasons.wording(name, words),
            compared_with=terms,
            words=words,
            listing_image=read.listing_sha256 if read else None,
            listing_region=read.region if read else None,
            version=versions.WORDING,
        )


def _warns(scene: Scene) -> bool:
    """Tell whether the listing warns of copies or guarantees against them."""
    return any(use.hit.negated or use.hit.term.sense is Sense.DENIAL for use in scene.terms)


def _several(uses: Sequence[TermUse], table: Mapping[str, float]) -> float:
    """Add up different terms, each further one counting less; a description counts less than a title."""
    best: dict[str, float] = {}
    for use in uses:
        share = weights.DESCRIPTION if use.where == "description" else use.read.confidence if use.read else 1.0
        key = " ".join(use.hit.words.casefold().split())
        best[key] = max(best.get(key, 0.0), table[use.hit.term.reliability] * share)
    low = table["low"]
    ordered = sorted(best.values(), reverse=True)
    total = sum(weight * weights.SECOND_TERM**rank for rank, weight in enumerate(ordered))
    # However many, words that are mere noise never become a reason to act.
    return min(total, weights.SAME_SENSE_MOST if ordered[0] > low else 2 * low)


def _for_the_seller(scene: Scene) -> Iterator[Signal]:
    made_for = [(use, _nominative(use)) for use in scene.of(Sense.COMPATIBLE)]
    made_for = [(use, weight) for use, weight in made_for if weight < 0]
    if made_for:
        words = tuple(dict.fromkeys(use.hit.words for use, _ in made_for))
        weight = min(weight for _, weight in made_for)
        yield _signal("nominative", 1.0, weight, reasons.wording("nominative", words), "", versions.WORDING, words)
    second_hand = _second_hand(scene)
    if second_hand:
        words = tuple(dict.fromkeys(use.hit.words for use in second_hand))
        reason = reasons.wording("second_hand", words)
        yield _signal("second_hand", 1.0, weights.SECOND_HAND, reason, "", versions.WORDING, words)
    denials = [use.hit.words for use in scene.terms if use.hit.negated or use.hit.term.sense is Sense.DENIAL]
    if denials:
        words = tuple(dict.fromkeys(denials))
        reason = reasons.wording("denial", words)
        yield _signal("denial", 1.0, weights.DENIAL, reason, "", versions.WORDING, words)


def _second_hand(scene: Scene) -> list[TermUse]:
    return [use for use in scene.of(Sense.SECOND_HAND) if use.where != "description"]


def _nominative(use: TermUse) -> float:
    """Weigh "compatible with": fully beside the mark in the title, half apart from it or below the title."""
    full = weights.NOMINATIVE[use.hit.term.reliability]
    if use.where == "title" and use.beside_mark:
        return full
    return full * weights.NOMINATIVE_APART if use.hit.term.reliability == "high" and not use.leads else 0.0


def _made_for(scene: Scene) -> bool:
    """Tell whether the title offers something for the brand's goods."""
    return any(use.where == "title" and _nominative(use) < 0 for use in scene.of(Sense.COMPATIBLE))


def _price(scene: Scene) -> Iterator[Signal]:
    view = scene.price
    if view is None or _made_for(scene) or foreign(scene.listing, scene.brand) or not scene.speaks_of_brand():
        return
    weight = along(weights.PRICE, view.alone)
    if view.pack > 1:
        weight = max(weight, weights.PRICE_PACK * along(weights.PRICE, view.ratio))
    if not view.sure:
        weight *= weights.PRICE_UNSURE if scene.uses else weights.PRICE_UNSURE_UNNAMED
    if weight > 0:
        weight *= (
            weights.PRICE_SECOND_HAND if any(u.where != "description" for u in scene.of(Sense.SECOND_HAND)) else 1.0
        )
        weight *= scene.presence()
    value = min(1.0, abs(weight) / weights.PRICE[0][1])
    yield Signal(
        name="price",
        value=round(value, 3),
        weight=round(weight, 3),
        reason=reasons.price(view),
        compared_with=view.product.name,
        version=versions.PRICE,
    )


def along(points: Sequence[tuple[float, float]], at: float) -> float:
    """Read a value off straight lines between points; flat outside."""
    if at <= points[0][0]:
        return points[0][1]
    for (left, low), (right, high) in pairwise(points):
        if at <= right:
            return low + (high - low) * (at - left) / (right - left)
    return points[-1][1]


def _pictures(scene: Scene) -> Iterator[Signal]:
    copy = scene.picture(PictureRelation.COPY)
    artwork = scene.picture(PictureRelation.ARTWORK)
    for name, picture, weight in (
        ("photo_copy", copy, weights.PHOTO_COPY),
        ("artwork", artwork, weights.ARTWORK),
        ("scene", None if copy or artwork else scene.picture(PictureRelation.SCENE), weights.SCENE),
    ):
        if picture is not None:
            yield _picture_signal(name, picture, weight)
    if copy is not None and copy.mirrored:
        mirrored = _picture_signal("photo_mirrored", copy, weights.MIRRORED)
        yield attrs.evolve(mirrored, reason=reasons.photo_mirrored(), version=versions.JUDGE)
    shown = max((picture for picture in (copy, artwork) if picture), key=lambda picture: picture.score, default=None)
    other = scene.names_another()
    if other is not None:
        reason = reasons.names_another(other.match)
        words = (other.match.words,)
        yield _signal("names_another", other.match.score, weights.NAMES_ANOTHER, reason, "", versions.TEXT, words)
    elif shown is not None and not scene.uses:
        dropped = _picture_signal("brand_dropped", shown, weights.BRAND_DROPPED)
        yield attrs.evolve(dropped, reason=reasons.brand_dropped(), version=versions.JUDGE)
    if artwork is not None and artwork.reference.kind in ARTWORKS - {"packaging"} and not scene.product_known:
        weight = weights.ALTERED_GOODS if scene.uses else weights.ALTERED_GOODS_ALSO
        altered = _picture_signal("altered_goods", artwork, weight)
        reason = reasons.altered_goods(artwork.reference.kind)
        yield attrs.evolve(altered, reason=reason, version=versions.JUDGE)


def _picture_signal(name: str, picture: PictureMatch, weight: float) -> Signal:
    return Signal(
        name=name,
        value=picture.score,
        weight=round(weight * picture.score, 3),
        reason=picture.evidence,
        compared_with=picture.reference.image_id,
        listing_image=picture.listing_sha256,
        listing_region=picture.listing_region,
        reference_region=picture.reference_region,
        version=picture.version,
    )


def _read_in_pictures(scene: Scene) -> Iterator[Signal]:
    """The mark read in a picture. It says most where the words avoid the mark: on genuine goods it stands anyway."""
    surest = max(scene.shown, key=scene.sureness, default=None)
    if surest is None or surest.read is None:
        return
    value = scene.sureness(surest)
    weight = weights.TEXT_IN_IMAGE_ALSO * value
    if not scene.uses:
        # The brand's own pictures have its words on them: that the title avoids the name is `brand_dropped` already.
        registered = scene.picture(PictureRelation.COPY, PictureRelation.ARTWORK)
        weight = max(weight, weights.TEXT_IN_IMAGE * (value - (registered.score if registered else 0.0)))
    yield Signal(
        name="text_in_image",
        value=round(value, 3),
        weight=round(weight, 3),
        reason=reasons.text_in_image(surest.match, only=not scene.uses),
        compared_with=surest.match.spelling,
        words=(surest.match.words,),
        listing_image=surest.read.listing_sha256,
        listing_region=surest.read.region,
        version=surest.read.version or versions.TEXT,
    )


def _concealment(scene: Scene) -> Iterator[Signal]:
    """Part of a registered picture that the seller blurred, masked or covered: nobody hides what is their own.

    Who names the brand openly hides nothing of it, a shop's banner happens to lie there.
    """
    hidden = [
        attrs.evolve(picture, concealed=tuple(part for part in picture.concealed if not _is_read(scene, picture, part)))
        for picture in scene.pictures
        if picture.score >= weights.PICTURE_PRESENT
    ]
    picture = max((p for p in hidden if p.concealed), key=lambda picture: picture.score, default=None)
    if picture is not None:
        openly = any(use.where != "description" and not _way(scene, use.match) for use in scene.uses)
        yield attrs.evolve(
            _picture_signal("concealment", picture, weights.CONCEALED * (weights.CONCEALED_NAMED if openly else 1.0)),
            reason=reasons.concealment(len(picture.concealed)),
            listing_region=picture.concealed[0],
        )


def _is_read(scene: Scene, picture: PictureMatch, part: Region) -> bool:
    """Tell whether words stand where the registered picture's are missing: another product in the same packaging."""
    return any(
        text.listing_sha256 == picture.listing_sha256
        and text.confidence >= weights.READ_SURE
        and sum(letter.isalpha() for letter in text.text) >= SHORT - 1
        and _share_inside(text.region, part) >= HALF
        for text in scene.texts
    )


def _share_inside(region: Region, whole: Region) -> float:
    """Return how much of a region lies inside another one."""
    width = min(region.left + region.width, whole.left + whole.width) - max(region.left, whole.left)
    height = min(region.top + region.height, whole.top + whole.height) - max(region.top, whole.top)
    area = region.width * region.height
    return max(0.0, width) * max(0.0, height) / area if area else 0.0


def _brand_field(scene: Scene) -> Iterator[Signal]:
    value = (scene.listing.brand or "").strip()
    if not value or not any(use.where == "title" for use in scene.uses):
        return
    if any(use.where == "brand" for use in scene.uses):
        return
    none = scene.is_brand_field_empty_talk()
    name, weight = ("no_brand_field", weights.NO_BRAND_FIELD) if none else ("other_brand", weights.OTHER_BRAND)
    yield _signal(name, 1.0, weight, reasons.brand_field(value, none=none), "", versions.JUDGE, (value,))


def _goods(scene: Scene) -> Iterator[Signal]:
    """The mark on goods the brand does not make: printed on by others, or someone else's mark altogether."""
    field = (scene.listing.brand or "").strip()
    use = scene.use()
    kinds = foreign(scene.listing, scene.brand) if use and _is_plain(use) and not _made_for(scene) else ()
    if use and kinds and (not field or scene.is_brand_field_empty_talk()):
        reason = reasons.foreign_goods(use.match.spelling, kinds)
        strength = scene.sureness(use)
        words = (use.match.words,)
        yield _signal("foreign_goods", strength, weights.FOREIGN_GOODS, reason, "", versions.GOODS, words)
    elif scene.uses and not scene.product_known and reads_english(scene.listing):
        yield _signal("other_goods", 1.0, weights.OTHER_GOODS, reasons.other_goods(), "", versions.JUDGE)


def _goods_class(scene: Scene) -> Iterator[Signal]:
    """Whether a right registered here covers goods of this class.

    It weighs nothing: a copy is a copy in any class, and whether a notice may rest on a right is for the rights gate.
    """
    view = scene.classes
    if view is not None and not scene.standing.authorised:
        value = {True: 1.0, False: 0.0, None: HALF}[view.within]
        yield _signal("goods_class", value, 0.0, reasons.goods_class(view), ", ".join(view.rights), versions.GOODS)


def _is_plain(use: MarkUse) -> bool:
    """Tell whether the mark stands in the title as registered and is no ordinary word."""
    match = use.match
    return use.where == "title" and match.kind is Kind.EXACT and not match.common_word and len(match.words) >= SHORT


def _signal(
    name: str,
    value: float,
    weight: float,
    reason: Sentence,
    compared_with: str,
    version: str,
    words: tuple[str, ...] = (),
) -> Signal:
    return Signal(
        name=name,
        value=round(value, 3),
        weight=round(weight * value, 3),
        reason=reason,
        compared_with=compared_with,
        words=words,
        version=version,
    )
