"""Does the evidence still say what it said? Every stored content and every WARC record is hashed again."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from pathlib import Path

import attrs

from evidence.members import Damage, members
from evidence.store import DamagedContent, NoSuchContent, Store
from evidence.warc import NoSuchRecord, Record, TornWarc, parse, read_record

_NO_RECORD = (TornWarc, ValueError, KeyError, AttributeError)  # warcio's own errors are the last three


@attrs.frozen(kw_only=True)
class Problem:
    """Something that is not as it was written. ``where`` is a path below the evidence folder."""

    where: str
    what: str


@attrs.frozen(kw_only=True)
class Report:
    """What was looked at and what was found.

    ``torn`` names WARC files that end inside a record: the mark of a killed crawl, not of tampering; no listing
    refers to such a record, and the next run of the crawl cuts it off.
    """

    contents: int
    warc_files: int
    records: int
    problems: tuple[Problem, ...]
    torn: tuple[str, ...]

    @property
    def sound(self) -> bool:
        """Tell whether everything is as it was written."""
        return not self.problems


def verify(root: Path) -> Report:
    """Hash everything below an evidence folder again and compare."""
    problems: list[Problem] = []
    contents = sum(1 for _ in _contents(root, problems))
    torn: list[str] = []
    files = sorted((root / "warc").rglob("*.warc.gz")) if (root / "warc").is_dir() else []
    count = sum(_warc(root, path, problems, torn) for path in files)
    return Report(contents=contents, warc_files=len(files), records=count, problems=tuple(problems), torn=tuple(torn))


def check_content(store: Store, sha256: str) -> str:
    """Hash one stored content again; return what is wrong with it in words, an empty text when it is as written."""
    try:
        store.get(sha256)
    except NoSuchContent:
        return "nothing of this SHA-256 lies where it should"
    except DamagedContent as damage:
        return f"now hashes to {damage.found}"
    except OSError as error:
        return f"cannot be read: {error.strerror}"
    return ""


def check_record(path: Path, record_id: str, sha256: str) -> str:
    """Hash the body of one WARC record again and compare it with ``sha256``; return what is wrong, in words."""
    try:
        record = read_record(path, record_id)
    except (NoSuchRecord, *_NO_RECORD) as error:
        return str(error)
    except OSError as error:
        return f"cannot be read: {error.strerror}"
    return _wrong(record, sha256) or _wrong(record, record.sha256)


def _contents(root: Path, problems: list[Problem]) -> Iterator[Path]:
    store = Store(root)
    for path in sorted((root / "content").rglob("*")) if (root / "content").is_dir() else []:
        if path.is_dir() or path.name.startswith(".draft-"):
            continue
        where = str(path.relative_to(root))
        what = check_content(store, path.name)
        if not what and store.path(path.name) != path:
            what = "does not lie where its name says"
        if what:
            problems.append(Problem(where=where, what=what))
        yield path


def _warc(root: Path, path: Path, problems: list[Problem], torn: list[str]) -> int:
    where = str(path.relative_to(root))
    count = 0
    for found in members(path):
        if isinstance(found, Damage):
            if found.torn:
                torn.append(where)
            else:
                problems.append(Problem(where=where, what=f"damaged at byte {found.offset}"))
            continue
        count += 1
        try:
            record = parse(found.data)
        except _NO_RECORD as error:
            problems.append(Problem(where=where, what=f"no record at byte {found.offset}: {error}"))
            continue
        what = _wrong(record, record.sha256)
        if what:
            problems.append(Problem(where=where, what=f"{record.record_id}: {what}"))
    return count


def _wrong(record: Record, sha256: str | None) -> str:
    if sha256 and hashlib.sha256(record.body).hexdigest() != sha256:
        return "its body no longer has the SHA-256 it was written with"
    if not record.digest_ok:
        return "its block or payload digest does not match"
    return ""
