"""A disk that takes no more: a limit on the size of a file stands in for it (``RLIMIT_FSIZE``), which needs no root.

As a full disk does, it takes the first bytes of a write and refuses the next write.
"""

import os
import resource
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from contracts.job import RunStats
from crawlers.spool import Lines
from evidence.store import Store
from evidence.verify import verify
from evidence.warc import WarcFile, records
from tests.crawlers.shop import Field, Shop
from tests.evidence.test_warc import answer

pytestmark = pytest.mark.faults

ITEMS = 40


class FullDisk:
    """No file of this process may grow beyond so many bytes."""

    def __init__(self, limit):
        self.limit = limit

    def __enter__(self):
        self.ignored = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        self.before = resource.getrlimit(resource.RLIMIT_FSIZE)
        resource.setrlimit(resource.RLIMIT_FSIZE, (self.limit, self.before[1]))

    def __exit__(self, *error):
        resource.setrlimit(resource.RLIMIT_FSIZE, self.before)
        signal.signal(signal.SIGXFSZ, self.ignored)


def test_a_record_that_does_not_fit_leaves_no_piece_of_itself(tmp_path):
    path = tmp_path / "a.warc.gz"
    with WarcFile(path) as warc:
        first = warc.write(answer(os.urandom(3000)))
        whole = path.stat().st_size
        with FullDisk(whole + 1000), pytest.raises(OSError, match="File too large"):
            warc.write(answer(os.urandom(3000)))
        assert path.stat().st_size == whole
        second = warc.write(answer())  # there is room again
    assert [record.record_id for record in records(path)][1:] == [first, second]


def test_a_line_that_does_not_fit_leaves_no_piece_of_itself(tmp_path):
    lines = Lines(tmp_path / "pages.jsonl")
    lines.append('{"n": 1}')
    with FullDisk(12), pytest.raises(OSError, match="File too large"):
        lines.append('{"n": 2}')
    lines.append('{"n": 3}')
    lines.close()
    assert (tmp_path / "pages.jsonl").read_text() == '{"n": 1}\n{"n": 3}\n'


def test_content_that_does_not_fit_is_not_stored(tmp_path):
    store = Store(tmp_path)
    with FullDisk(1000), pytest.raises(OSError, match="File too large"):
        store.put(os.urandom(5000))
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []


@pytest.fixture
def field(tmp_path):
    shop = Shop(items=ITEMS)
    field = Field(tmp_path, shop.origin)
    field.shop = shop
    yield field
    shop.close()


LIMITED = """
import resource, runpy, sys
resource.setrlimit(resource.RLIMIT_FSIZE, ({limit}, {limit}))
sys.argv = ["scrapy", *sys.argv[1:]]
runpy.run_module("scrapy", run_name="__main__")
"""


@pytest.mark.parametrize("limit", [36_000, 48_000])  # a database of pictures takes 33 kB to begin with
def test_a_crawl_on_a_full_disk_stops_says_why_and_goes_on_when_there_is_room(field, limit):
    job = field.job(field.watch(pages=30))
    path = job.write(Path(job.spool_dir).parent)
    environment = {**os.environ, "JIKIMI_MARKETS_DIR": str(field.folder / "markets")}
    crawled = subprocess.run(
        [sys.executable, "-c", LIMITED.format(limit=limit), "crawl", "search", "-a", f"job={path}"],
        check=False,
        env=environment,
        stderr=subprocess.PIPE,  # a log in a file would be full first
        text=True,
        timeout=120,
    )
    assert "the disk is full" in crawled.stderr
    assert RunStats.read(Path(job.spool_dir) / "stats.json").finish_reason == "disk_full"
    assert len((Path(job.spool_dir) / "listings.jsonl").read_text().splitlines()) < ITEMS
    run = field.crawl(job)
    assert run.stats.finish_reason == "finished", run.log
    assert sorted(run.ids) == sorted(str(100000 + n) for n in range(ITEMS))
    report = verify(Path(job.evidence_dir))
    assert report.sound
    assert report.torn == ()


def test_a_damaged_archive_is_refused_by_name_and_left_as_it_is(field):
    job = field.job()
    field.crawl(job)
    archive = Path(job.evidence_dir) / "warc" / "run-1.warc.gz"
    data = bytearray(archive.read_bytes())
    data[len(data) // 2] ^= 0xFF
    archive.write_bytes(data)
    run = field.crawl(job)
    assert run.code != 0
    assert "run-1.warc.gz: damaged at byte" in run.log
    assert archive.read_bytes() == data
    assert not verify(Path(job.evidence_dir)).sound
