"""WARC files: written once, read back, survived."""

import gzip
import hashlib
import io
import os
import signal
import subprocess
import sys
from datetime import UTC, datetime

import pytest
from click.testing import CliRunner
from hypothesis import given, settings
from hypothesis import strategies as st
from warcio.archiveiterator import ArchiveIterator

from evidence.store import Store
from evidence.verify import verify
from evidence.warc import Answer, NoSuchRecord, TornWarc, WarcFile, members, read_record, records, warc_name
from jikimi.commands.verify_evidence import command

WHEN = datetime(2026, 3, 4, 5, 6, 7, 890000, tzinfo=UTC)


def answer(body=b"<html>Haneulbit</html>", **changes):
    values = {
        "url": "https://shop.example/item/1?q=하늘",
        "observed_at": WHEN,
        "status": 200,
        "headers": [
            ("Content-Type", "text/html"),
            ("Content-Encoding", "gzip"),
            ("Set-Cookie", "a=1"),
            ("Set-Cookie", "b=2"),
        ],
        "body": body,
        "vantage": "Seoul",
    }
    return Answer(**{**values, **changes})


def test_a_record_comes_back_as_it_went_in(tmp_path):
    path = tmp_path / "warc" / "a.warc.gz"
    with WarcFile(path, {"job": "7"}) as warc:
        first = warc.write(answer())
        second = warc.write(answer(b"", status=404, headers=[]))
    record = read_record(path, first)
    assert record.body == b"<html>Haneulbit</html>"
    assert record.sha256 == hashlib.sha256(record.body).hexdigest()
    assert record.digest_ok
    assert (record.status, record.kind, record.date) == (200, "response", "2026-03-04T05:06:07.890000Z")
    assert ("Set-Cookie", "a=1") in record.headers
    assert ("Set-Cookie", "b=2") in record.headers
    assert ("X-Archive-Orig-Content-Encoding", "gzip") in record.headers
    assert read_record(path, second).status == 404
    with pytest.raises(NoSuchRecord):
        read_record(path, "urn:uuid:00000000-0000-0000-0000-000000000000")
    with pytest.raises(NoSuchRecord):
        read_record(tmp_path / "none.warc.gz", first)


def test_another_tool_reads_it_and_finds_the_software_the_note_and_the_vantage(tmp_path):
    path = tmp_path / "a.warc.gz"
    with WarcFile(path, {"job": "7"}) as warc:
        warc.write(answer())
    with path.open("rb") as file:
        found = [(r.rec_type, dict(r.rec_headers.headers), r.raw_stream.read()) for r in ArchiveIterator(file)]
    assert [kind for kind, _, _ in found] == ["warcinfo", "response"]
    assert b"software: jikimi " in found[0][2]
    assert b"job: 7" in found[0][2]
    assert found[1][1]["Jikimi-Vantage"] == "Seoul"
    assert "reconstruction" in found[1][1]["Jikimi-Note"]
    assert found[1][1]["WARC-Payload-Digest"].startswith("sha1:")


def test_headers_cannot_forge_a_record(tmp_path):
    path = tmp_path / "a.warc.gz"
    evil = "x\r\n\r\nWARC/1.1\r\nWARC-Type: response"
    with WarcFile(path) as warc:
        warc.write(answer(headers=[("A", evil)], vantage=evil))
    assert len(list(records(path))) == 2


def test_a_torn_end_is_cut_off_and_nothing_before_it_is_lost(tmp_path):
    path = tmp_path / "a.warc.gz"
    with WarcFile(path) as warc:
        ids = [warc.write(answer(bytes([65 + n]) * 5000)) for n in range(3)]
        whole = path.stat().st_size
        warc.write(answer(os.urandom(5000)))
    for cut in (1, 9, 200, 4000):
        data = path.read_bytes()
        torn = tmp_path / f"torn{cut}.warc.gz"
        torn.write_bytes(data[: whole + cut])
        assert len(list(records(torn))) == 4
        with WarcFile(torn) as warc:
            assert warc.cut_bytes == cut
            after = warc.write(answer(b"after"))
        assert [read_record(torn, i).body[:1] for i in ids] == [b"A", b"B", b"C"]
        assert read_record(torn, after).body == b"after"


@settings(max_examples=25, deadline=None)
@given(share=st.floats(0, 1))
def test_wherever_it_is_torn_whole_records_stay(tmp_path_factory, share):
    path = tmp_path_factory.mktemp("warc") / "a.warc.gz"
    with WarcFile(path) as warc:
        sizes = [path.stat().st_size]
        for n in range(3):
            warc.write(answer(b"x" * (n * 100)))
            sizes.append(path.stat().st_size)
    cut = int(share * sizes[-1])
    os.truncate(path, cut)
    assert len(list(records(path))) == sum(1 for size in sizes if size <= cut)


def test_zeros_at_the_end_are_a_torn_end(tmp_path):
    path = tmp_path / "a.warc.gz"
    with WarcFile(path) as warc:
        warc.write(answer())
    with path.open("ab") as file:
        file.write(b"\0" * 4096)
    with WarcFile(path) as warc:
        assert warc.cut_bytes == 4096


def test_damage_inside_is_never_repaired(tmp_path):
    path = tmp_path / "a.warc.gz"
    with WarcFile(path) as warc:
        warc.write(answer(os.urandom(3000)))
        before = path.stat().st_size
        warc.write(answer())
    data = bytearray(path.read_bytes())
    data[before - 200] ^= 0xFF
    path.write_bytes(data)
    with pytest.raises(TornWarc, match="left as it is"):
        WarcFile(path)
    assert path.read_bytes() == data
    with pytest.raises(TornWarc):
        list(records(path))


def test_two_writers_never_share_a_file(tmp_path):
    path = tmp_path / "a.warc.gz"
    with WarcFile(path), pytest.raises(TornWarc, match="another process"):
        WarcFile(path)
    WarcFile(path).close()


def test_a_job_name_cannot_leave_the_folder():
    assert warc_name("../../etc/x y") == "warc/.._.._etc_x_y.warc.gz"


WRITER = """
import os, sys
from datetime import UTC, datetime
from pathlib import Path
from evidence.warc import Answer, WarcFile
warc = WarcFile(Path(sys.argv[1]))
while True:
    body = os.urandom(20000)
    print(warc.write(Answer(url="https://shop.example/", observed_at=datetime.now(UTC), status=200, headers=[], body=body)), flush=True)
"""


def test_kill_minus_nine_loses_nothing_that_was_announced(tmp_path):
    path = tmp_path / "a.warc.gz"
    writer = subprocess.Popen([sys.executable, "-c", WRITER, str(path)], stdout=subprocess.PIPE, text=True)
    ids = [writer.stdout.readline().strip() for _ in range(40)]
    writer.send_signal(signal.SIGKILL)
    ids += [line.strip() for line in writer.stdout if line.endswith("\n")]
    writer.wait()
    writer.stdout.close()
    with WarcFile(path) as warc:
        warc.write(answer(b"after"))
    found = [record.record_id for record in records(path)]
    assert [i for i in ids if i not in found] == []


# Verifying


@pytest.fixture
def evidence(tmp_path):
    store = Store(tmp_path)
    store.put(b"one")
    store.put(b"two")
    with WarcFile(tmp_path / warc_name("7")) as warc:
        warc.write(answer())
    return tmp_path


def test_sound_evidence_verifies(evidence):
    report = verify(evidence)
    assert (report.contents, report.warc_files, report.records, report.problems, report.torn) == (2, 1, 2, (), ())
    shown = CliRunner().invoke(command, [str(evidence)])
    assert shown.exit_code == 0
    assert "all as written" in shown.output


def test_changed_content_is_found(evidence):
    store = Store(evidence)
    path = store.path(hashlib.sha256(b"one").hexdigest())
    path.chmod(0o640)
    path.write_bytes(b"0ne")
    (path.parent / "note.txt").write_bytes(b"left here")
    report = verify(evidence)
    assert len(report.problems) == 2
    assert "now hashes to" in " ".join(problem.what for problem in report.problems)
    shown = CliRunner().invoke(command, [str(evidence)])
    assert shown.exit_code == 1
    assert "DAMAGED" in shown.output


def test_a_changed_record_is_found_even_when_packed_again(evidence):
    path = evidence / warc_name("7")
    path.write_bytes(gzip.compress(gzip.decompress(path.read_bytes()).split(b"WARC/1.1\r\n")[0]))
    forged = io.BytesIO()
    with WarcFile(evidence / "warc" / "new.warc.gz") as warc:
        warc.write(answer())
    new = evidence / "warc" / "new.warc.gz"
    for member in members(new):
        forged.write(gzip.compress(member.data.replace(b"Haneulbit", b"Haneulbyt")))
    new.write_bytes(forged.getvalue())
    problems = verify(evidence).problems
    assert [problem.where for problem in problems] == ["warc/new.warc.gz"]
    assert "SHA-256" in problems[0].what


def test_a_torn_end_is_told_but_is_no_damage(evidence):
    path = evidence / warc_name("7")
    os.truncate(path, path.stat().st_size - 5)
    report = verify(evidence)
    assert report.sound
    assert report.torn == (warc_name("7"),)
    shown = CliRunner().invoke(command, [str(evidence)])
    assert shown.exit_code == 0
    assert "torn" in shown.output
