"""Reads a brand folder: ``brand.toml``, the pictures and the papers it names. Touches no database.

Everything wrong with a folder is found in one reading, so that its owner corrects it once.
"""

from __future__ import annotations

import hashlib
import unicodedata
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import attrs
from pydantic import ValidationError

from contracts.config import problems_of, read_toml
from contracts.errors import BadInput, ManyBadInputs
from evidence import pictures
from registry.brandfile import BrandFile

FILE_NAME = "brand.toml"
# Where a file is named: table, key.
_PICTURES = (("images", "file"),)
_PAPERS = (("rights", "certificate"), ("powers_of_attorney", "file"))
# What tells one entry of a table from another.
_IDENTITY = {
    "marks": ("text",),
    "products": ("code",),
    "images": ("file",),
    "powers_of_attorney": ("file",),
    "authorised_sellers": ("market", "shop_id"),
}
# Where an entry names another: table, key, the table and key it names.
_REFERENCES = (("images", "product", "products", "code"), ("rights", "mark", "marks", "text"))


@attrs.frozen(kw_only=True)
class BrandFolder:
    """A folder that fits: what ``brand.toml`` says and the bytes of every file it names, by that name."""

    path: Path
    brand: BrandFile
    files: dict[str, bytes] = attrs.field(repr=False)


def brand_folders(path: Path) -> list[Path]:
    """Return ``path`` if it is a brand folder, else the folders in it by name, hidden ones left out.

    Raises:
        BadInput: not a folder, or nothing in it.
    """
    if not path.is_dir():
        raise BadInput(str(path), "(folder)", "a folder", "nothing there" if not path.exists() else "a file")
    if (path / FILE_NAME).is_file():
        return [path]
    found = sorted(child for child in path.iterdir() if child.is_dir() and not child.name.startswith("."))
    if not found:
        raise BadInput(str(path), "(folder)", f"{FILE_NAME}, or folders that have one", "neither")
    return found


def read(folder: Path) -> BrandFolder:
    """Read one brand folder.

    Raises:
        BadInput: no ``brand.toml``, or not TOML: nothing further could be looked at.
        ManyBadInputs: everything that does not fit, in the order of the file's tables.
    """
    where = str(folder / FILE_NAME)
    data = read_toml(folder / FILE_NAME)
    problems: list[BadInput] = []
    brand = None
    try:
        brand = BrandFile.model_validate(data)
    except ValidationError as error:
        problems += problems_of(where, error)
    files: dict[str, bytes] = {}
    problems += _read_files(where, folder, data, files)
    problems += _duplicates(where, data)
    problems += _same_content(where, data, files)
    problems += _dangling(where, data)
    if problems or brand is None:
        raise ManyBadInputs(problems)
    return BrandFolder(path=folder, brand=brand, files=files)


def _entries(data: dict[str, Any], table: str) -> Iterator[tuple[int, dict[str, Any]]]:
    """Yield the entries of a table that are tables; the schema complains of the others."""
    rows = data.get(table)
    for position, row in enumerate(rows if isinstance(rows, list) else []):
        if isinstance(row, dict):
            yield position, row


def _read_files(where: str, folder: Path, data: dict[str, Any], files: dict[str, bytes]) -> Iterator[BadInput]:
    for table, key in (*_PICTURES, *_PAPERS):
        for position, row in _entries(data, table):
            name = row.get(key)
            if not isinstance(name, str) or not name.strip():
                continue  # absent, or the schema complains
            field = f"{table}.{position}.{key}"
            try:
                content = _content(where, field, folder, name.strip())
                if (table, key) in _PICTURES:
                    pictures.decode(content)
                else:
                    _check_paper(where, field, name, content)
            except BadInput as problem:
                yield problem
            except pictures.BadPicture as problem:
                yield BadInput(where, field, f"a picture ({problem})", name)
            else:
                files[unicodedata.normalize("NFC", name.strip())] = content


def _content(where: str, field: str, folder: Path, name: str) -> bytes:
    """Return the bytes of a file that truly lies in ``folder``."""
    path = Path(name)
    if path.is_absolute() or ".." in path.parts or "\x00" in name or "\\" in name:
        raise BadInput(where, field, "a path inside the brand's folder, with '/'", name)
    root = folder.resolve()
    # A Mac may have written the file's name in pieces of Hangul, and the TOML in whole syllables, or the other way.
    forms = [folder / unicodedata.normalize(form, name) for form in ("NFC", "NFD")]
    found = next((form for form in [folder / name, *forms] if form.is_file()), None)
    if found is None:
        raise BadInput(where, field, "a file in the brand's folder", name)
    if not found.resolve().is_relative_to(root):
        raise BadInput(where, field, "a file inside the brand's folder, not a link out of it", name)
    if found.stat().st_size > pictures.MAX_BYTES:
        raise BadInput(
            where, field, f"a file of at most {pictures.MAX_BYTES:,} bytes", f"{found.stat().st_size:,} bytes"
        )
    try:
        return found.read_bytes()
    except OSError as error:
        raise BadInput(where, field, "a readable file", f"{name}: {error.strerror}") from None


def _check_paper(where: str, field: str, name: str, content: bytes) -> None:
    """Refuse what is neither a PDF nor a picture."""
    if content.startswith(b"%PDF-"):
        return
    try:
        pictures.inspect(content)
    except pictures.BadPicture as problem:
        raise BadInput(where, field, f"a PDF or a picture ({problem})", name) from None


def right_identity(row: Any) -> tuple[str, ...]:
    """Return what tells a right from another: its number in the register, or the work where there is none."""
    get = row.get if isinstance(row, dict) else lambda key, default: getattr(row, key, default)
    number = str(get("number", "") or "")
    return (str(get("type", "")), str(get("office", "")), number, "" if number else str(get("goods", "")))


def _duplicates(where: str, data: dict[str, Any]) -> Iterator[BadInput]:
    for table in (*_IDENTITY, "rights"):
        first: dict[tuple[str, ...], int] = {}
        for position, row in _entries(data, table):
            keys = _IDENTITY.get(table, ("type", "office", "number"))
            identity = right_identity(row) if table == "rights" else tuple(_composed(row.get(key)) for key in keys)
            earlier = first.setdefault(identity, position)
            if earlier != position:
                field = f"{table}.{position}.{keys[-1]}"
                yield BadInput(where, field, f"another than {table}.{earlier} has", row.get(keys[-1]))
    for position, row in _entries(data, "marks"):
        yield from _twice_spelled(where, position, row.get("spellings"))


def _twice_spelled(where: str, mark: int, spellings: Any) -> Iterator[BadInput]:
    seen: set[str] = set()
    for position, entry in enumerate(spellings if isinstance(spellings, list) else []):
        text = _composed(entry.get("text") if isinstance(entry, dict) else entry)
        if text in seen:
            yield BadInput(where, f"marks.{mark}.spellings.{position}", "a spelling not given before", text)
        seen.add(text)


def _same_content(where: str, data: dict[str, Any], files: dict[str, bytes]) -> Iterator[BadInput]:
    for table in ("images", "powers_of_attorney"):
        first: dict[str, str] = {}
        for position, row in _entries(data, table):
            name = _composed(row.get("file"))
            if name not in files:
                continue
            earlier = first.setdefault(hashlib.sha256(files[name]).hexdigest(), name)
            if earlier != name:
                yield BadInput(where, f"{table}.{position}.file", f"other content than {earlier!r} has", name)


def _dangling(where: str, data: dict[str, Any]) -> Iterator[BadInput]:
    for table, key, target, target_key in _REFERENCES:
        known = {_composed(row.get(target_key)) for _, row in _entries(data, target)}
        for position, row in _entries(data, table):
            if key in row and isinstance(row[key], str) and _composed(row[key]) not in known:
                yield BadInput(where, f"{table}.{position}.{key}", f"a {target_key} of [[{target}]]", row[key])


def _composed(value: Any) -> str:
    return unicodedata.normalize("NFC", value.strip()) if isinstance(value, str) else repr(value)
