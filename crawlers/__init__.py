"""The Scrapy project: what is visited, how pages are read, how the crawl stays polite."""
