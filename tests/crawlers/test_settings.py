"""What the crawl must never be: impolite, unverified, remote-controlled, or written for an older Scrapy."""

import inspect
from configparser import ConfigParser

import pytest
from scrapy.crawler import Crawler
from scrapy.exceptions import NotConfigured
from scrapy.extensions.remote_control import RemoteControl
from scrapy.extensions.telnet import TelnetConsole
from scrapy.spiderloader import SpiderLoader
from scrapy.utils.project import get_project_settings

from crawlers.spiders.search import SearchSpider


@pytest.fixture
def loaded(monkeypatch):
    monkeypatch.setenv("SCRAPY_SETTINGS_MODULE", "crawlers.settings")
    return get_project_settings()


@pytest.fixture
def spiders(loaded):
    loader = SpiderLoader.from_settings(loaded)
    return [loader.load(name) for name in loader.list()]


def test_scrapy_cfg_leads_to_these_settings(request):
    found = ConfigParser()
    found.read(request.config.rootpath / "scrapy.cfg", encoding="utf-8")
    assert found["settings"]["default"] == "crawlers.settings"


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("ROBOTSTXT_OBEY", True),
        ("AUTOTHROTTLE_ENABLED", True),
        ("TELNETCONSOLE_ENABLED", False),
        ("REMOTE_CONTROL_ENABLED", False),
        ("DOWNLOAD_VERIFY_CERTIFICATES", True),
        ("HTTPPROXY_ENABLED", False),
        ("JOBDIR", None),
    ],
)
def test_scrapys_defaults_are_put_right(loaded, name, value):
    assert loaded[name] == value


def test_every_pace_starts_slow(loaded):
    assert loaded.getfloat("DOWNLOAD_DELAY") >= 1
    assert loaded.getint("CONCURRENT_REQUESTS_PER_DOMAIN") == 1
    assert loaded.getint("DOWNLOAD_MAXSIZE") <= 32 * 1024 * 1024


def test_there_are_three_spiders(spiders):
    assert {spider.name for spider in spiders} == {"search", "listing", "seller"}


def test_no_spider_defines_what_scrapy_no_longer_calls(spiders):
    """Scrapy 2.16 dropped ``start_requests``: a spider that has it asks for nothing and ends "finished"."""
    for spider in spiders:
        assert not hasattr(spider, "start_requests")
        assert inspect.isasyncgenfunction(spider.start)


def test_the_doors_are_shut_in_a_running_process(loaded):
    """Not only set: the extensions that would listen are refused by these very settings."""
    crawler = Crawler(SearchSpider, loaded)
    for extension in (RemoteControl, TelnetConsole):
        with pytest.raises(NotConfigured):
            extension.from_crawler(crawler)
