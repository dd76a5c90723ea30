"""Searches: the result pages of a search term, a category or a picture, then the pages of the listings found."""

from contracts.job import WatchKind
from crawlers.reading import PageKind
from crawlers.spiders.results import ResultsSpider


class SearchSpider(ResultsSpider):
    """``scrapy crawl search -a job=job.json``: the job's watches of kind *search*, *category* and *image*."""

    name = "search"
    kinds = frozenset({WatchKind.SEARCH, WatchKind.CATEGORY, WatchKind.IMAGE})
    page_kind = PageKind.SEARCH
