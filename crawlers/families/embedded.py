"""Finding the JSON state a page carries, in scripts or as the whole answer."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from decimal import Decimal
from functools import partial
from typing import Any

_LOADS = partial(json.loads, parse_float=Decimal)
_DECODER = json.JSONDecoder(parse_float=Decimal)
_LENIENT = json.JSONDecoder(parse_float=Decimal, strict=False)  # control characters inside texts
DEEPEST = 60
_FLIGHT = re.compile(r"__next_f\.push\(\s*\[\s*1\s*,\s*(?=\")")
_WRAPPED = re.compile(r"(?:/\*\*/)?\s*[\w$.]{1,80}\(\s*(?=[{\[])")
_ALONE = re.compile(
    r"(?:import\b[^\n]{0,200}\n\s*)*(?:export\s+default\s+|(?:export\s+)?(?:const|let|var)\s+)?"
    r"(?:[\w$.]{1,80}\s*=\s*)?(?:[\w$.]{1,40}\(\s*)?(?=[{\[])"
)
_BARE_KEY = re.compile(r"\{\s*([A-Za-z_]\w*)\s*:\s*(?=[{\[])")


def document(text: str) -> Any:
    """Return the JSON document ``text`` is, or None.

    Accepts a leading guard such as ``)]}'``, JSONP, a script that does nothing but name the document
    (``export const data = {...}``), and a document on each line: they become a list.
    """
    start = text.lstrip("\ufeff \t\r\n")
    if start.startswith(")]}'"):
        start = start.partition("\n")[2].lstrip()
    if start[:1] in {"{", "["}:
        return _of_lines(start) or _value(start, 0)
    if start[:1] == "<":
        return None
    wrapped = _WRAPPED.match(start)
    if wrapped:
        return _value(start, wrapped.end())
    named = _ALONE.match(start)
    if not named or not named.end():
        return None
    try:
        return _LENIENT.decode(start[named.end() :].rstrip(" \t\r\n;)"))
    except (ValueError, RecursionError):
        return _literal(start[named.end() :]) if start.startswith("export") else None


def _of_lines(text: str) -> list[Any] | None:
    """Return the documents of a text with one on each line; None for a text of another form."""
    first, _, rest = text.partition("\n")
    if first.rstrip()[-1:] not in {"}", "]"} or rest.lstrip()[:1] not in {"{", "["}:
        return None
    lines = [line for line in text.split("\n") if line.strip()]
    try:
        return [_LOADS(line) for line in lines]
    except (ValueError, RecursionError):
        return None


def _value(text: str, position: int) -> Any:
    """Return the JSON value that starts at ``position``; a JavaScript literal is read when it is not JSON."""
    for decoder in (_DECODER, _LENIENT):
        try:
            return decoder.raw_decode(text, position)[0]
        except (ValueError, RecursionError):
            continue
    # AliExpress writes `{ data: {...} }`: a bare key around megabytes of plain JSON.
    wrapped = _BARE_KEY.match(text, position)
    if wrapped:
        inner = _value(text, wrapped.end())
        return {wrapped.group(1): inner} if inner is not None else None
    return _literal(text[position : position + 3_000_000])


def _literal(text: str) -> Any:
    """Read a JavaScript object literal (bare keys, single quotes, trailing commas)."""
    import chompjs  # noqa: PLC0415 (most pages carry plain JSON)

    try:
        return json.loads(json.dumps(chompjs.parse_js_object(text)), parse_float=Decimal)
    except (ValueError, TypeError, RecursionError, MemoryError):
        return None


def assigned(text: str, name: str) -> Iterator[Any]:
    """Yield every object or array assigned to ``name``: ``window.name = {...}``, ``"name": {...}``, ``name: [...]``."""
    pattern = re.compile(re.escape(name) + r"""(?:["']?\s*\])?["']?\s*[=:]\s*(?=[{\[])""")
    for found in pattern.finditer(text):
        value = _value(text, found.end())
        if value not in (None, {}, []):
            yield value


def quoted(text: str, name: str) -> str | None:
    """Return the first text or number given to ``name`` in a script that is no JSON: ``name: 'text'``, ``name: 12``."""
    found = re.search(
        rf"""["']?\b{re.escape(name)}["']?\s*:\s*(?:"((?:[^"\\]|\\.)*)"|'((?:[^'\\]|\\.)*)'|(\d+)\b)""", text
    )
    if not found:
        return None
    inner = next(part for part in found.groups() if part is not None).replace("\\'", "'")
    try:
        return str(json.loads('"' + re.sub(r'(?<!\\)"', r'\\"', inner) + '"'))
    except ValueError:
        return inner


def packed(text: str, name: str) -> Iterator[Any]:
    """Yield every document assigned to ``name`` as a text: ``window.name = "{...}"``, ``JSON.parse("{...}")``."""
    pattern = re.compile(re.escape(name) + r"""["']?\s*[=:]\s*(?:JSON\.parse\(\s*)?(?=")""")
    for found in pattern.finditer(text):
        try:
            inner = _LENIENT.raw_decode(text, found.end())[0]
        except (ValueError, RecursionError):
            continue
        value = document(inner)
        if value not in (None, {}, []):
            yield value


def script_json(texts: list[str]) -> Iterator[Any]:
    """Yield the JSON of script elements, tolerating comments, stray commas and control characters."""
    for text in texts:
        bare = re.sub(
            r"^\s*(?:<!--|//\s*<!\[CDATA\[|/\*.*?\*/)\s*|\s*(?:-->|//\s*\]\]>)\s*$", "", text, flags=re.DOTALL
        )
        start = bare.lstrip("\ufeff \t\r\n;")
        if start[:1] in {"{", "["}:
            value = _value(start, 0)
            if value is not None:
                yield value


def flight(text: str) -> str:
    """Return what a Next.js page pushes into ``self.__next_f``, put together: lines of JSON with keys before them."""
    parts = []
    for found in _FLIGHT.finditer(text):
        try:
            parts.append(_DECODER.raw_decode(text, found.end())[0])
        except (ValueError, RecursionError):
            continue
    return "".join(part for part in parts if isinstance(part, str))


def at(value: Any, *path: str | int) -> Any:
    """Follow keys and indices into parsed JSON; None as soon as one is missing."""
    for step in path:
        if isinstance(step, int):
            value = value[step] if isinstance(value, list) and -len(value) <= step < len(value) else None
        else:
            value = value.get(step) if isinstance(value, dict) else None
        if value is None:
            return None
    return value


def rows(value: Any) -> list[dict[str, Any]]:
    """Return the objects in a list, or a lone object as one; nothing for anything else."""
    if isinstance(value, dict):
        return [value]
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []


def items(value: Any) -> list[Any]:
    """Return a list as it is; nothing for anything else."""
    return value if isinstance(value, list) else []


def objects(value: Any, depth: int = 0) -> Iterator[dict[str, Any]]:
    """Yield every object in parsed JSON, outermost first, to a depth of 60."""
    if depth > DEEPEST:
        return
    if isinstance(value, dict):
        yield value
        for item in value.values():
            yield from objects(item, depth + 1)
    elif isinstance(value, list):
        for item in value:
            yield from objects(item, depth + 1)


def having(value: Any, *keys: str) -> Iterator[dict[str, Any]]:
    """Yield every object in parsed JSON that has all ``keys``, outermost first."""
    for item in objects(value):
        if all(key in item for key in keys):
            yield item


def topmost(value: Any, *keys: str, depth: int = 0) -> Iterator[dict[str, Any]]:
    """Yield the objects that have all ``keys``, without looking inside those found (variants, related items)."""
    if depth > DEEPEST:
        return
    if isinstance(value, dict):
        if all(key in value for key in keys):
            yield value
            return
        value = list(value.values())
    for item in items(value):
        yield from topmost(item, *keys, depth=depth + 1)
