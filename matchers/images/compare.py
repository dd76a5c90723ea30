"""One listing picture against the registered ones: relation, score and the regions that agree."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import attrs
import numpy as np

from contracts.match import PictureMatch, PictureRelation, ReferencePicture, Sentence
from matchers.images.descriptor import VERSION, Descriptor
from matchers.images.index import ReferenceIndex
from matchers.images.model import inputs as model_inputs
from matchers.images.model import probability
from matchers.images.verify import FRAME_BITS, Agreement, agree, laid, upright_bits

# Steps on the probability. On pictures not fitted on (2026-11-27): of pairs from 0.75 up, 96.7 % were copies and 2.8 %
# the same product or print in another photo; of those from 0.1 to 0.5, 86 % the same product or print and 4 % copies.
COPY = 0.75
ARTWORK = 0.25
SCENE = 0.1
RIVAL = 0.4  # share of the best agreement below which another registered picture only resembles the one re-used
HASH_ALONE = 40  # PDQ bits: the whole photo, whatever the features say
UPRIGHT = 0.67  # share of a mirrored agreement that the upright picture may reach; a bottle agrees with both
COPY_SHARE = 0.25  # less of the registered photo than this is artwork seen in another picture, not the photo


@attrs.frozen(kw_only=True)
class Ranked:
    """A registered picture with its score and what it rests on; ``position`` is its place in the index."""

    position: int
    score: float
    agreement: Agreement


def rank(query: Descriptor, index: ReferenceIndex, limit: int = 10) -> list[Ranked]:
    """Return the registered pictures most surely re-used in ``query``, the surest first."""
    ranked = [
        Ranked(position=position, score=probability(inputs), agreement=agreement)
        for position, agreement, inputs in read(query, index)
    ]
    ranked.sort(key=lambda item: (-item.score, -item.agreement.strength, item.position))
    return ranked[:limit]


def read(query: Descriptor, index: ReferenceIndex) -> Iterator[tuple[int, Agreement, dict[str, float]]]:
    """Yield each candidate's place, how it agrees with ``query`` and what the model reads of both."""
    candidates = index.candidates(query)
    if not candidates:
        return
    cosines = np.max([index.similarities(view) for view in query.views], axis=0)
    first, second = np.partition(np.append(cosines, -1.0), -2)[-1:-3:-1]
    for candidate in candidates:
        agreement = agree(query, index.references[candidate.position], looks=candidate.looks)
        own = cosines[candidate.position]
        lead = float(own - (second if own == first else first))
        yield candidate.position, agreement, model_inputs(agreement, lead=lead, votes=candidate.votes)


def relation(ranked: Ranked, kind: str) -> PictureRelation:
    """Name the relation. A logo, or a small part of a photo, that agrees is artwork, not the photo itself."""
    agreement = ranked.agreement
    share = 0.0 if agreement.grid is None else agreement.grid.reference_share
    whole = agreement.pdq_distance <= HASH_ALONE or share >= COPY_SHARE
    if ranked.score >= COPY:
        return PictureRelation.COPY if whole and kind != "logo" else PictureRelation.ARTWORK
    if ranked.score >= ARTWORK:
        return PictureRelation.ARTWORK
    return PictureRelation.SCENE if ranked.score >= SCENE else PictureRelation.NONE


def compare(
    query: Descriptor, index: ReferenceIndex, pictures: Sequence[ReferencePicture], limit: int = 3
) -> list[PictureMatch]:
    """Compare one listing picture with the registered ones and keep what says something.

    Args:
        query: the listing's picture.
        index: the registered pictures' descriptors.
        pictures: what the registry says of them, in the order of the index.
        limit: how many to return at most.
    """
    matches = []
    found = rank(query, index, limit)
    best = max((ranked.agreement.strength for ranked in found), default=0.0)
    for ranked in found:
        if ranked.agreement.strength < RIVAL * best:
            continue
        picture = pictures[ranked.position]
        related = relation(ranked, picture.kind)
        if related is PictureRelation.NONE:
            continue
        onto = laid(ranked.agreement, query, index.references[ranked.position])
        matches.append(
            PictureMatch(
                listing_sha256=query.sha256,
                reference=picture,
                relation=related,
                score=round(ranked.score, 4),
                evidence=_evidence(ranked.agreement),
                listing_region=ranked.agreement.query_region,
                reference_region=ranked.agreement.reference_region,
                laid=None if onto is None else tuple(onto.ravel().tolist()),
                mirrored=_surely_mirrored(query, index.references[ranked.position], ranked.agreement),
                version=VERSION,
            )
        )
    return matches


def _surely_mirrored(query: Descriptor, reference: Descriptor, agreement: Agreement) -> bool:
    """Tell whether the picture agrees far better when it is mirrored, in its pixels and by its hash."""
    if not agreement.mirrored or upright_bits(query, reference) <= FRAME_BITS:
        return False
    upright = agree(query, reference, looks=((agreement.view, False),))
    return upright.mirrored or upright.strength < UPRIGHT * agreement.strength


def _evidence(agreement: Agreement) -> Sentence:
    mirrored_en, mirrored_ko = (" mirrored", " 좌우를 뒤집어") if agreement.mirrored else ("", "")
    part_en, part_ko = ("Part of a picture", "사진의 일부가") if agreement.view else ("A picture", "사진이")
    good = 0.0 if agreement.grid is None else agreement.grid.good_share
    return Sentence(
        en=f"{part_en} shows the registered one{mirrored_en}: {agreement.inliers} matching points, "
        f"{good:.0%} of the patches agree, hash distance {agreement.pdq_distance} of 256, "
        f"likeness {agreement.similarity:.2f}.",
        ko=f"{part_ko} 등록된 사진과{mirrored_ko} 일치합니다: 일치점 {agreement.inliers}개, "
        f"구역의 {good:.0%} 일치, 해시 거리 256 중 {agreement.pdq_distance}, 유사도 {agreement.similarity:.2f}.",
    )
