from concurrent.futures import ThreadPoolExecutor

import pytest

from evidence.keeping import keep


def test_what_is_kept_takes_the_place_of_what_was(tmp_path):
    path = tmp_path / "new" / "folder" / "kept.json"
    for data in (b"first", b"second"):
        keep(path, data)
        assert path.read_bytes() == data
    assert list(path.parent.iterdir()) == [path]


def test_threads_that_keep_one_file_at_once_leave_it_whole(tmp_path):
    path = tmp_path / "kept"
    answers = [bytes([number]) * 50_000 for number in range(16)]
    with ThreadPoolExecutor(16) as threads:
        list(threads.map(lambda data: keep(path, data), answers * 20))
    assert path.read_bytes() in answers
    assert list(tmp_path.iterdir()) == [path]


def test_what_cannot_be_kept_leaves_no_draft(tmp_path):
    taken = tmp_path / "taken"
    (taken / "by a folder").mkdir(parents=True)
    with pytest.raises(OSError, match="taken"):
        keep(taken, b"data")
    assert list(tmp_path.iterdir()) == [taken]
