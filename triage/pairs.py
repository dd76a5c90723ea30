"""Which of the brand's pictures stands beside which of the listing's, and what is marked on them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import attrs

from contracts.match import Region
from listings.models import ListingImage
from registry.models import ReferenceImage

LETTERS = 12  # pixels


@attrs.frozen(kw_only=True)
class Frame:
    """A rectangle to draw over a picture, in pixels of that picture.

    ``words`` were read in it; they are hostile text. They are written ``letters`` pixels high from ``baseline`` on.
    """

    x: int
    y: int
    width: int
    height: int
    words: str = ""
    letters: int = 0
    baseline: int = 0


@attrs.frozen(kw_only=True)
class Pair:
    """One comparison. ``signal`` is the stored signal it rests on, None where a person just looks."""

    reference: ReferenceImage | None
    picture: ListingImage | None
    signal: Mapping[str, Any] | None = None

    @property
    def reference_frame(self) -> Frame | None:
        """Where on the brand's picture the signal saw it."""
        return _frame(self.reference, self.signal, "reference_region")

    @property
    def picture_frame(self) -> Frame | None:
        """Where on the listing's picture the signal saw it, with the words it read there."""
        frame = _frame(self.picture, self.signal, "listing_region")
        signal = self.signal or {}
        if frame is None or self.picture is None or signal.get("name") != "text_in_image":
            return frame
        letters = max(LETTERS, round((self.picture.height or 0) / 20))
        below = frame.y < 2 * letters
        baseline = frame.y + frame.height + letters if below else frame.y - letters // 3
        return attrs.evolve(frame, words=", ".join(signal.get("words", ())), letters=letters, baseline=baseline)

    @property
    def hides(self) -> bool:
        """Tell whether the listing's picture conceals what lies in the frame."""
        return (self.signal or {}).get("name") == "concealment"


def _frame(image: ReferenceImage | ListingImage | None, signal: Mapping[str, Any] | None, name: str) -> Frame | None:
    stored = (signal or {}).get(name)
    if image is None or not stored or not image.width or not image.height:
        return None
    region = Region(**stored)
    left, top = min(max(region.left, 0), 1), min(max(region.top, 0), 1)
    return Frame(
        x=round(left * image.width),
        y=round(top * image.height),
        width=round(min(region.width, 1 - left) * image.width),
        height=round(min(region.height, 1 - top) * image.height),
    )


def named_reference(references: Sequence[ReferenceImage], compared_with: str) -> ReferenceImage | None:
    """Return the picture a signal names by id, SHA-256 or file name."""
    for reference in references:
        if compared_with in {str(reference.pk), reference.sha256, reference.file_name}:
            return reference
    return None


def pairs_of(
    match: Mapping[str, Any], references: Sequence[ReferenceImage], pictures: Sequence[ListingImage]
) -> list[Pair]:
    """Return the pairs worth a look: those signals rest on, strongest first, then every other picture of the listing.

    What several signals say of the same place is one pair, the strongest one's.

    A listing picture no signal speaks of stands beside the picture the strongest pair shows.
    """
    by_hash = {picture.sha256: picture for picture in pictures if picture.sha256}
    signals = [signal for signal in match.get("signals", ()) if signal.get("listing_image") in by_hash]
    signals = list({_place(signal): signal for signal in sorted(signals, key=lambda signal: signal["weight"])}.values())
    signals.sort(key=lambda signal: -signal["weight"])
    found = [
        Pair(
            reference=named_reference(references, signal.get("compared_with", "")),
            picture=by_hash[signal["listing_image"]],
            signal=signal,
        )
        for signal in signals
    ]
    first = next((pair.reference for pair in found if pair.reference), references[0] if references else None)
    found = [attrs.evolve(pair, reference=pair.reference or first) for pair in found]
    shown = {pair.picture.pk for pair in found if pair.picture}
    found += [Pair(reference=first, picture=picture) for picture in pictures if picture.pk not in shown]
    if not found and first is not None:
        found.append(Pair(reference=first, picture=None))
    return found


def _place(signal: Mapping[str, Any]) -> tuple[str, str, str]:
    return signal.get("compared_with", ""), signal["listing_image"], str(signal.get("listing_region"))
