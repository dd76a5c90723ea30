"""How a name is written so that people still read it and a plain search no longer finds it."""

from __future__ import annotations

from random import Random

LOOKALIKES = {
    "a": "а", "c": "с", "e": "е", "i": "і", "o": "о", "p": "р", "s": "ѕ", "x": "х", "y": "у", "h": "һ", "l": "ӏ",
    "b": "Ь", "n": "ո", "u": "ս",
}  # fmt: skip
DIGITS = {"o": "0", "i": "1", "l": "1", "e": "3", "a": "4", "s": "5", "t": "7", "b": "8", "g": "9"}
NEIGHBOURS = {
    "a": "e", "b": "p", "c": "k", "d": "t", "e": "a", "g": "k", "i": "y", "k": "c", "l": "r", "m": "n", "n": "m",
    "o": "u", "p": "b", "r": "l", "s": "z", "t": "d", "u": "o", "v": "b", "w": "v", "y": "i", "z": "s", "h": "",
}  # fmt: skip
EMOJI = {"o": "⭕", "a": "🅰️", "b": "🅱️", "i": "ℹ️", "x": "❌", "h": "♓", "m": "Ⓜ️", "p": "🅿️"}


def _letters(name: str, table: dict[str, str]) -> list[int]:
    """Places inside the name (not its first letter, where it can be avoided) that the table can change."""
    found = [place for place, letter in enumerate(name) if letter.lower() in table]
    return [place for place in found if place > 0] or found


def _swap(name: str, place: int, text: str) -> str:
    return name[:place] + text + name[place + 1 :]


def misspelled(name: str, chance: Random) -> str:
    """One slip of the finger: a letter doubled, left out, exchanged with its neighbour or heard differently."""
    inner = [place for place in range(1, len(name) - 1) if name[place].isalpha() and name[place + 1].isalpha()]
    if not inner:
        return name + name[-1:]
    way, place = chance.choice(["double", "drop", "exchange", "mishear"]), chance.choice(inner)
    if way == "double":
        return _swap(name, place, name[place] * 2)
    if way == "drop":
        return _swap(name, place, "")
    if way == "exchange" and name[place] != name[place + 1]:
        return name[:place] + name[place + 1] + name[place] + name[place + 2 :]
    heard = [spot for spot in inner if name[spot].lower() in NEIGHBOURS]
    if not heard:
        return _swap(name, place, name[place] * 2)
    place = chance.choice(heard)
    return _swap(name, place, NEIGHBOURS[name[place].lower()])


def spaced(name: str, chance: Random) -> str:
    """Spread the letters: "h a n", "h.a.n", "h-a-n"; or split the name in two."""
    between = chance.choice([" ", ".", "-", "_", " | "])
    if between == " | ":
        middle = max(1, len(name) // 2)
        return f"{name[:middle]} {name[middle:]}"
    return between.join(name.replace(" ", ""))


def digits(name: str, chance: Random) -> str:
    """Put digits for letters."""
    places = _letters(name, DIGITS)
    if not places:
        return spaced(name, chance)
    for place in chance.sample(places, min(2, len(places))):
        name = _swap(name, place, DIGITS[name[place].lower()])
    return name


def lookalike_letters(name: str, chance: Random) -> str:
    """Put letters of other alphabets that look the same."""
    places = _letters(name, LOOKALIKES)
    if not places:
        return spaced(name, chance)
    for place in chance.sample(places, min(2, len(places))):
        name = _swap(name, place, LOOKALIKES[name[place].lower()])
    return name


def masked(name: str, chance: Random) -> str:
    """Hide one or two letters: "H*neul"."""
    inner = [place for place in range(1, len(name)) if not name[place].isspace()] or [0]
    star = chance.choice("*＊#×")
    place = chance.choice(inner)
    width = 2 if len(name) > 6 and place < len(name) - 1 and chance.random() < 0.4 else 1  # noqa: PLR2004 (long names)
    return name[:place] + star * width + name[place + width :]


def emoji(name: str, chance: Random) -> str:
    """Put a pictogram for a letter, or one between the halves."""
    places = _letters(name, EMOJI)
    if places and chance.random() < 0.7:  # noqa: PLR2004 (mostly for a letter)
        place = chance.choice(places)
        return _swap(name, place, EMOJI[name[place].lower()])
    middle = max(1, len(name) // 2)
    return name[:middle] + chance.choice("✨🌸💧🍃") + name[middle:]


DISGUISES = {
    "misspelling": misspelled,
    "spacing": spaced,
    "digits": digits,
    "lookalike_letters": lookalike_letters,
    "masked_name": masked,
    "emoji": emoji,
}


def innocent(name: str, chance: Random) -> str:
    """A name that begins or ends alike and is another name all the same: whoever confuses them is wrong."""
    letters = "".join(letter for letter in name if letter.isascii() and letter.isalpha())
    if len(letters) < 4:  # noqa: PLR2004 (too short to be cut)
        first, last = ["Mira", "Sona", "Daru"], ["wood", "field", "lane"]
    elif chance.random() < 0.6:  # noqa: PLR2004 (most share the beginning)
        first = [letters[: max(2, (len(letters) + 1) // 2)].capitalize()]
        last = ["orama", "wick", "ford & Sons", "estra", "umi Works", "otto"]
    else:
        first = ["Cora", "Velt", "Amber", "Stor", "Quil", "Fjo"]
        last = [letters[len(letters) // 2 :].lower()]
    # An ending may happen to complete the very name: "Aa" of "Aaor" and "orama".
    others = [one + other for one in first for other in last if name.casefold() not in (one + other).casefold()]
    return chance.choice(others or ["Quillwick"])
