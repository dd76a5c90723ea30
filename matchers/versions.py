"""Versions recorded in signals and matches, so that an old flag can be told from what today's matchers would say."""

TEXT = "text-3"
WORDING = "wording-2"
PRICE = "price-2"
SELLER = "seller-3"
JUDGE = "judge-3"
GOODS = "goods-2"
