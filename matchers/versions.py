"""Versions recorded in signals and matches, so that an old flag can be told from what today's matchers would say."""

TEXT = "text-1"
WORDING = "wording-1"
PRICE = "price-1"
SELLER = "seller-1"
JUDGE = "judge-1"
