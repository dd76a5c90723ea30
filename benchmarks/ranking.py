"""How good a ranking is, as the Image Similarity Challenge 2021 counts it."""

from __future__ import annotations

from collections.abc import Sequence


def ranking(pairs: Sequence[tuple[float, bool]], positives: int, *, precision: float) -> tuple[float, float]:
    """Return micro average precision over (score, right) pairs, and the recall up to the last rank of ``precision``.

    Pairs of one score are counted together, as in the Image Similarity Challenge 2021.
    """
    ordered = sorted(pairs, reverse=True)
    hits, area, last, recall = 0, 0.0, 0.0, 0.0
    for rank, (score, right) in enumerate(ordered, 1):
        hits += right
        if rank < len(ordered) and ordered[rank][0] == score:
            continue
        area += (hits / positives - last) * hits / rank
        last = hits / positives
        if hits / rank >= precision:
            recall = last
    return area, recall
