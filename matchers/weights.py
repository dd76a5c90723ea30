"""What each observation weighs, in log-odds, and why. The only place where the fused judgement is tuned.

The scale is read from these anchors, not fitted: on marketplaces a few per cent of the listings that name a brand are
copies (`PRIOR`), and a listing enters the queue at probability 0.5, log-odds 0. So a mark alone stays far below
(genuine resellers), a mark with an admission or an absurd price must pass, and nothing that speaks for the seller may
be outweighed by a photo. Every weight is multiplied by the strength (0..1) of its observation.
"""

from __future__ import annotations

from collections.abc import Mapping

import attrs

PRIOR = -3.5  # about 3 %
QUEUE = 0.5  # probability from which a listing is shown to a person

# The sign itself. Using it is what makes a copy a counterfeit; resellers use it too.
MARK = 1.0
MARK_DESCRIPTION = 0.4  # only in the description or attributes: often a comparison or keyword stuffing
# Nobody spells a mark with other alphabets' letters, stars or invisible characters by accident; slips happen.
DISGUISE = 3.3
TYPO = 2.4
SHORT_DISGUISE = 0.3  # share of DISGUISE that an ordinary word or three letters keep
PULLED_APART = 1.6  # in two pieces a dictionary does not know: a habit of some languages, a trick of some sellers
COMMON_WORD_ALONE = 0.3  # share of MARK that an ordinary word keeps without context

# Wording beside the mark, by reliability (research: H practically admits, M needs one more signal, L never decides).
COPY = {"high": 4.0, "medium": 2.0, "low": 0.4}
CONCEALMENT = {"high": 3.2, "medium": 2.0, "low": 0.4}
LOOKALIKE = {"high": 0.8, "medium": 0.6, "low": 0.3}
GREY = {"high": 1.0, "medium": 0.7, "low": 0.2}
REPACK = {"high": 1.5, "medium": 1.0, "low": 0.4}
DISCREET = {"high": 2.4, "medium": 2.2, "low": 0.4}  # it stands in descriptions, so `DESCRIPTION` of it counts
SECOND_TERM = 0.6  # a second, different term adds this share; a third this share of that
DESCRIPTION = 0.7  # share of a term that stands only in the description
SAME_SENSE_MOST = 5.0

# Price: ratio to the genuine price -> weight, straight lines between. Korean authorities test-buy at 40 % and below.
PRICE = ((0.0, 3.6), (0.2, 3.3), (0.4, 2.7), (0.5, 2.2), (0.6, 1.7), (0.8, 0.9), (0.88, 0.6), (0.95, 0.0), (1.3, -0.3))
PRICE_UNSURE = 0.4  # no product recognised: the cheapest one costs more than spare parts and other lines do
PRICE_UNSURE_UNNAMED = 0.2  # nor is the brand named: at most short of `SUSPICIOUS`
PRICE_PACK = 0.55  # a number in the title was read as pieces: it may have meant something else
PRICE_SECOND_HAND = 0.3  # second-hand goods are cheap

# Pictures. A re-used official photo is what most resellers do: it proves the re-use, hardly the goods.
PHOTO_COPY = 0.7
# Of all edits the one that serves no buyer: a crop, a banner or a watermark sells, a swapped picture only escapes a
# search. Honest shops take the photo as it is. Beside a price that is a little low it brings a listing to a person.
MIRRORED = 1.2
ARTWORK = 0.5
SCENE = 0.2
BRAND_DROPPED = 3.3  # the brand's photo or logo is shown and its name avoided: what sellers do once they are watched
# The mark stands in a picture and nowhere in the words. Honest sellers photograph labels too: alone, only a sure
# reading comes to a person, last in the queue and never as a counterfeit (`judge.ground_of`).
TEXT_IN_IMAGE = 4.0
TEXT_IN_IMAGE_ALSO = 0.1  # it stands in the words too: photographed goods show it
CONCEALED = 2.4  # part of the registered picture is blurred, masked or covered
CONCEALED_NAMED = 0.2  # share of it where the title or brand field names the brand openly
READ_SURE = 0.6  # confidence of words that show that nothing is hidden where they stand
FOREIGN_GOODS = 2.8  # the mark on goods of a class the brand makes nothing in, and no brand field: printed on by others
ALTERED_GOODS = 2.0  # the logo or character on goods the brand does not make
ALTERED_GOODS_ALSO = 0.5  # its name is not there either: one sighting, which `BRAND_DROPPED` counts already

# The seller.
AUTHORISED = -25.0  # first of all, whatever else
IMITATES_OFFICIAL = 1.8
IMITATES = 0.8
STRIKES = 4.0  # what many counterfeits by the same seller come to; one is half of it
RELIST = 4.0  # repeats a listing decided to be a counterfeit in words and picture; three quarters of it for one of them
SUSPECTED = 3.0  # the same of listings that only wait under suspicion
FEW = 0.05  # share of a seller's listings from which suspicion about them counts in full
CLEARED = -2.0  # listings a person found genuine or resold
# A shop that opened lately. Shops that sell copies are closed and opened anew, yet most new shops are honest: it weighs
# as much as a price 12 % below the genuine one, cannot lift a plain offer into the queue, and never names the ground.
NEW_SHOP = 0.6
NEW_SHOP_DAYS = ((90.0, 1.0), (365.0, 0.0))  # its age at most -> share of it, straight lines between
SHIPPED_ELSEWHERE = 0.4  # neither from Korea nor from where it is sold: parcels travel, so it never decides
REVIEWS = 2.8  # what many reviews that call it a fake come to; a single one is half of it at most
FEW_REVIEWS = 0.2  # share of the reviews shown from which they count in full: somebody always complains
LAPSED = 0.3
ELSEWHERE = 0.3

# What speaks for the seller.
NOMINATIVE = {"high": -4.0, "medium": -2.5, "low": -1.0}
NOMINATIVE_APART = 0.5  # the words do not stand beside the mark (only the sure ones count then)
SECOND_HAND = -1.8
DENIAL = -0.2  # everyone writes it; its use is that the fake-words in it do not count
OTHER_BRAND = -0.8
NAMES_ANOTHER = -3.0  # only a picture speaks of the brand, the words of another one
ANOTHER_SURE = 0.6  # least score of the other brand's mark
NO_BRAND_FIELD = 0.6  # "no brand" in the brand field beside a mark in the title
OTHER_GOODS = -1.2  # nothing of the brand's goods in the words: perhaps another's mark

PRESENT = 0.35  # least score of a mark, PICTURE_PRESENT of a picture, for the brand to be spoken of at all
PICTURE_PRESENT = 0.5
SUSPICIOUS = 1.0  # log-odds of suspicion from which the use of the sign is called counterfeiting


@attrs.frozen(kw_only=True)
class Weighting:
    """A version of the weights: the numbers above, each signal's times a factor learned from verdicts (1: as above)."""

    version: str
    prior: float = PRIOR
    factors: Mapping[str, float] = attrs.field(factory=dict)

    def factor(self, name: str) -> float:
        """Return the factor of a signal. What excuses an authorised seller is nobody's to learn."""
        return 1.0 if name == "authorised" else self.factors.get(name, 1.0)


HOUSE = Weighting(version="house-3")
