"""Sellers: everything a shop has on offer."""

from contracts.job import WatchKind
from crawlers.reading import PageKind
from crawlers.spiders.results import ResultsSpider


class SellerSpider(ResultsSpider):
    """``scrapy crawl seller -a job=job.json``: the job's watches of kind *seller*."""

    name = "seller"
    kinds = frozenset({WatchKind.SELLER})
    page_kind = PageKind.SELLER
