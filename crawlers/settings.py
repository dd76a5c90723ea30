"""Scrapy settings every crawl starts from. What differs per market and job is added by `crawlers.plan.Plan.settings`.

Scrapy's defaults are not ours: it ignores robots.txt, does not verify certificates, sends no pauses, and listens on two
local ports for code to run. Each is set here, and a test reads the loaded settings back.
"""

from __future__ import annotations

import os
from importlib.metadata import version

from contracts.config import CONFIG_DIR

BOT_NAME = "jikimi"
SPIDER_MODULES = ["crawlers.spiders"]
NEWSPIDER_MODULE = "crawlers.spiders"

# Who we are: the job adds its contact. robots.txt may speak to "jikimi".
USER_AGENT = f"jikimi/{version('jikimi')}"
ROBOTSTXT_USER_AGENT = "jikimi"
ROBOTSTXT_OBEY = True

# Pace: the job's manifest sets delay and concurrency; AutoThrottle only ever slows down from there.
DOWNLOAD_DELAY = 5.0
AUTOTHROTTLE_ENABLED = True
AUTOTHROTTLE_START_DELAY = 5.0
AUTOTHROTTLE_MAX_DELAY = 120.0
CONCURRENT_REQUESTS = 16
CONCURRENT_REQUESTS_PER_DOMAIN = 1
EXTENSIONS = {
    "scrapy.extensions.throttle.AutoThrottle": None,
    "crawlers.middlewares.pace.Pace": 0,
}

# Doors into the process stay shut.
TELNETCONSOLE_ENABLED = False
REMOTE_CONTROL_ENABLED = False

# What comes in: verified, of limited size, in limited time.
DOWNLOAD_VERIFY_CERTIFICATES = True
DOWNLOAD_MAXSIZE = 20 * 1024 * 1024
DOWNLOAD_WARNSIZE = 0
DOWNLOAD_TIMEOUT = 45
REDIRECT_MAX_TIMES = 6
RETRY_TIMES = 2
RETRY_HTTP_CODES = [408, 429, 500, 502, 503, 504, 522, 524]
BACKOFF_SECONDS = 5  # after a 429 or 503 without Retry-After; doubles
RETRY_AFTER_MAX_SECONDS = 120  # a longer wait is a refusal; the next run tries again
MEMUSAGE_LIMIT_MB = 4096

# What Scrapy does for others and would do here for nothing, at each page: a hundred tasks to handle its output, depths,
# lengths, statuses we take all of, domains the plan and the address guard already hold, passwords nobody has.
CONCURRENT_ITEMS = 1
SPIDER_MIDDLEWARES = {
    "scrapy.spidermiddlewares.httperror.HttpErrorMiddleware": None,
    "scrapy.spidermiddlewares.urllength.UrlLengthMiddleware": None,
    "scrapy.spidermiddlewares.depth.DepthMiddleware": None,
}

# Private addresses: as written (middleware) and at connect time (resolver). A proxy would resolve in our place.
TWISTED_DNS_RESOLVER = "crawlers.middlewares.guard.GuardedResolver"
HTTPPROXY_ENABLED = False
DOWNLOADER_MIDDLEWARES = {
    "scrapy.downloadermiddlewares.httpauth.HttpAuthMiddleware": None,
    "scrapy.downloadermiddlewares.offsite.OffsiteMiddleware": None,
    "crawlers.middlewares.guard.AddressGuard": 50,
    "scrapy.downloadermiddlewares.robotstxt.RobotsTxtMiddleware": None,
    "crawlers.middlewares.access.ApiAccess": 90,
    "crawlers.middlewares.robots.CarefulRobots": 100,
    "crawlers.middlewares.patience.Patience": 560,
}

# A crawl resumes from its spool. JOBDIR would lose requests at a kill: its record of pages seen is written at once,
# its queue only on a clean end (Scrapy 2.19), so pages that were waiting would count as seen.
JOBDIR = None

# Used by jobs on the browser rung only, and there only for requests with ``meta["playwright"]``.
BROWSER_DOWNLOAD_HANDLERS = {
    "http": "scrapy_playwright.handler.ScrapyPlaywrightDownloadHandler",
    "https": "scrapy_playwright.handler.ScrapyPlaywrightDownloadHandler",
}
PLAYWRIGHT_DEFAULT_NAVIGATION_TIMEOUT = 30_000

# Where manifests lie, and where this machine stands (a country or a town, in words), written into the evidence.
MARKETS_DIR = os.environ.get("JIKIMI_MARKETS_DIR", str(CONFIG_DIR / "markets"))
VANTAGE = os.environ.get("JIKIMI_VANTAGE", "")

LOG_LEVEL = os.environ.get("JIKIMI_CRAWL_LOG_LEVEL", "INFO")
