"""What can break a folder: a kill, a torn file, several processes, a half-made generation."""

import multiprocessing
import os
import sqlite3
import subprocess
import sys
import time
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import attrs
import pytest

from contracts.errors import BadInput
from listings.search import SearchUnavailable, nearest, open_index
from listings.search.elastic import ElasticIndex
from listings.search.embedded import EmbeddedIndex
from listings.search.generation import FORMAT
from listings.search.interface import EMBEDDING_BYTES, HASH_BYTES, RebuildInterrupted, Wanted
from matchers.images.embedding import DIMENSIONS
from tests.listings.search_docs import DIRECTION, NOON, a_doc, put_some, rebuild_often


@pytest.fixture
def index(tmp_path):
    made = EmbeddedIndex(tmp_path / "index")
    made.put(a_doc(number) for number in range(10))
    return made


def file_of(index, name):
    return index.folder / (index.folder / "current").read_text() / name


def found(index, limit=10_000):
    hits = index.search_image(bytes(HASH_BYTES), max_distance=256, organisation=1, limit=limit)
    assert all(hit.distance == int(hit.key.removeprefix("ebay:")).bit_count() for hit in hits)
    keys = {hit.key for hit in hits}
    wanted = Wanted(embeddings=(DIRECTION,), least_cosine=0.99)
    assert keys <= set(index.sweep(wanted, organisation=1, limit=10_000))
    return keys


def everything(count):
    return {f"ebay:{number:05}" for number in range(count)}


def test_the_torn_tail_of_a_write_that_never_happened_is_cut(index):
    path = file_of(index, "codes")
    for torn in (path, file_of(index, "embeddings")):
        with torn.open("ab") as file:
            file.write(b"\xaa" * 47)  # more than a code, less than two: the process died before its rows were committed

    again = EmbeddedIndex(index.folder)
    assert found(again) == everything(10)
    again.put([a_doc(10)])
    assert found(again) == everything(11)
    assert path.stat().st_size == 11 * HASH_BYTES
    assert file_of(index, "embeddings").stat().st_size == 11 * EMBEDDING_BYTES


@pytest.mark.parametrize("name", ["codes", "embeddings"])
@pytest.mark.parametrize("left", [None, 0, 7, 9 * HASH_BYTES + 1])
def test_a_lost_binary_index_is_written_again_from_the_rows(index, name, left):
    index.remove(["ebay:00003"])
    path = file_of(index, name)
    if left is None:
        path.unlink()
    else:
        os.truncate(path, left)
    assert found(index) == everything(10) - {"ebay:00003"}

    os.truncate(path, 0)
    index.put([a_doc(10)])
    assert found(index) == everything(11) - {"ebay:00003"}


WRITER = """
import itertools, sys
from pathlib import Path
from tests.listings.search_docs import EmbeddedIndex, a_doc
index = EmbeddedIndex(Path(sys.argv[1]))
for start in itertools.count(0, 7):
    index.put([a_doc(number) for number in range(start, start + 7)])
    print(start + 7, flush=True)
"""


def test_a_killed_writer_leaves_whole_batches_only(tmp_path):
    folder = tmp_path / "index"
    root = Path(__file__).resolve().parents[2]
    for _ in range(4):
        with subprocess.Popen(
            [sys.executable, "-c", WRITER, str(folder)], stdout=subprocess.PIPE, text=True, cwd=root
        ) as process:
            told = [int(process.stdout.readline() or -1) for _ in range(5)]
            process.kill()
            told += [int(line) for line in process.stdout.read().split()]
        assert told[0] == 7

        index = EmbeddedIndex(folder)
        count = index.count()
        assert count % 7 == 0
        assert count >= told[-1]  # what was told to be written is there
        assert found(index) == everything(count)
        assert len(index.search_text(["Haneulbit"], organisation=1, limit=10_000)) == count
        index.clear()


def test_processes_writing_at_once_lose_nothing(tmp_path):
    context = multiprocessing.get_context("spawn")
    processes = [context.Process(target=put_some, args=(tmp_path / "index", 50 * n)) for n in range(4)]
    for process in processes:
        process.start()
    for process in processes:
        process.join()
        assert process.exitcode == 0

    assert found(EmbeddedIndex(tmp_path / "index")) == everything(200)


def test_a_rebuild_that_was_killed_leaves_the_index_in_use_and_is_swept_up(index):
    left = index._make()  # what a killed rebuild leaves: a half-filled generation and the pointer to it
    index._point("next", left)
    index.put([a_doc(10)])
    assert found(index) == everything(11)

    index.rebuild(a_doc(number) for number in range(5))
    assert found(index) == everything(5)
    assert len([*index.folder.glob("generation-*")]) == 1
    assert not (index.folder / "next").exists()
    assert not [*index.folder.glob("retired-*")]


def test_only_one_rebuild_runs_at_a_time(index):
    def records():
        with pytest.raises(RebuildInterrupted):
            EmbeddedIndex(index.folder).rebuild([])
        yield a_doc(1)

    index.rebuild(records())
    assert found(index) == {"ebay:00001"}


def test_a_rebuild_frees_the_slots_of_what_was_removed(index):
    index.remove(f"ebay:{number:05}" for number in range(9))
    assert file_of(index, "codes").stat().st_size == 10 * HASH_BYTES
    index.rebuild([a_doc(9)])
    assert file_of(index, "codes").stat().st_size == HASH_BYTES


def test_a_later_look_that_found_the_same_takes_no_new_slots(index):
    later = attrs.evolve(a_doc(3), observed_at=NOON + timedelta(days=1))
    index.put([later])
    assert file_of(index, "codes").stat().st_size == 10 * HASH_BYTES

    index.put([a_doc(3, "Garden hose")])  # of the earlier look
    assert list(index.differing([later])) == []


def test_more_codes_than_one_block_are_all_compared(tmp_path, monkeypatch):
    monkeypatch.setattr(nearest, "BLOCK", 16)
    index = EmbeddedIndex(tmp_path / "index")
    index.put(a_doc(number) for number in range(100))
    assert found(index) == everything(100)
    assert found(index, limit=3) == {"ebay:00000", "ebay:00001", "ebay:00002"}


def test_a_broken_database_is_said_in_plain_words(index):
    database = index.folder / (index.folder / "current").read_text() / "index.sqlite3"
    database.write_bytes(b"this is no database" * 100)
    with pytest.raises(SearchUnavailable, match="not a database"):
        index.count()


def test_an_index_of_another_format_is_said_to_be_one_and_made_anew_by_a_rebuild(index):
    with closing(sqlite3.connect(file_of(index, "index.sqlite3"))) as db:
        db.execute(f"PRAGMA user_version = {FORMAT - 1}")
    for ask in (index.count, lambda: index.put([a_doc(1)])):
        with pytest.raises(SearchUnavailable, match="jikimi index rebuild"):
            ask()

    index.rebuild([a_doc(1)])
    assert found(index) == {"ebay:00001"}


def test_an_embedding_is_as_long_as_the_network_makes_it():
    assert EMBEDDING_BYTES == DIMENSIONS


def test_another_folding_is_used_for_both_sides(tmp_path):
    index = EmbeddedIndex(tmp_path / "index", lambda text: text.casefold().replace("0", "o").replace("1", "l"))
    index.put([a_doc(1, title="s0omin g1ow")])
    assert [hit.key for hit in index.search_text(["Soomin Glow"], organisation=1, limit=5)] == ["ebay:00001"]


def test_the_settings_choose_the_implementation(settings, tmp_path):
    settings.INDEX_DIR = tmp_path / "index"
    settings.SEARCH_URL = "embedded"
    assert isinstance(open_index(), EmbeddedIndex)

    settings.SEARCH_URL = "http://monitor:secret@127.0.0.1:9"
    settings.SEARCH_PREFIX = "firm"
    remote = open_index()
    assert isinstance(remote, ElasticIndex)
    assert remote.alias == "firm-listings"
    with pytest.raises(SearchUnavailable) as refused:
        remote.count()
    assert "secret" not in str(refused.value)
    remote.client.close()

    settings.SEARCH_URL = "ftp://user:secret@elsewhere"
    with pytest.raises(BadInput, match="JIKIMI_SEARCH_URL") as wrong:
        open_index()
    assert "secret" not in str(wrong.value)


def test_an_api_key_is_sent_as_one(settings):
    remote = ElasticIndex("https://127.0.0.1:9", api_key="c2VjcmV0")
    assert remote.client._headers["Authorization"] == "ApiKey c2VjcmV0"
    remote.client.close()


def test_searches_go_on_while_generations_change(index):
    stop = time.monotonic() + 1.0
    context = multiprocessing.get_context("spawn")
    rebuilder = context.Process(target=rebuild_often, args=(index.folder,))
    rebuilder.start()
    while rebuilder.is_alive() or time.monotonic() < stop:
        assert found(index) == everything(10)
        assert index.count() == 10
        index.put([a_doc(3)])
    rebuilder.join()
    assert rebuilder.exitcode == 0
