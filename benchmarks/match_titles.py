"""Marks in titles: speed against RapidFuzz's WRatio over every spelling, and how well marks are found.

Real titles and marks from ``JIKIMI_BENCH_DATA``/titles where that is set, else made from a seed. WRatio gets the same
folded, lower-cased texts and does nothing else, which flatters it.
"""

from __future__ import annotations

import csv
import os
import random
from collections.abc import Sequence
from pathlib import Path

from rapidfuzz import fuzz, process

from benchmarks.ranking import ranking
from benchmarks.report import Report, seconds
from contracts.match import Mark, Spelling
from matchers.folding import fold
from matchers.tables import read_marks, read_titles
from matchers.text import MarkIndex

SEED = 20261123
TITLES_TIMED = 1000
TITLES_TIMED_BASELINE = 40
SYLLABLES = [a + b for a in "bcdghjklmnprstvyz" for b in ("a", "e", "i", "o", "u", "eo", "an", "il", "oo")]
GOODS = ("cream", "serum", "bag", "case", "headphones", "cable", "shirt", "toner", "pack", "black", "white", "new",
         "30ml", "2x", "usb", "leather", "mini", "set", "kit", "power", "adapter", "light")  # fmt: skip


def run(report: Report) -> None:
    """Measure 1,000 and 20,000 marks, then quality where real data is at hand."""
    randomness = random.Random(SEED)  # noqa: S311 (not for secrets)
    folder = Path(os.environ.get("JIKIMI_BENCH_DATA") or "/nonexistent") / "titles"
    if folder.is_dir():
        marks, rows = read_marks(folder / "marks.csv"), read_titles(folder / "titles.csv")
    else:
        report.note("JIKIMI_BENCH_DATA is not set: marks and titles are made from a seed, quality is not measured")
        marks, rows = made_marks(randomness, 1000), []
        rows = made_titles(randomness, marks, 2 * TITLES_TIMED)
    titles = [title for _, title in randomness.sample(rows, min(2 * TITLES_TIMED, len(rows)))]
    _speed(report, marks, titles, goal=3.0)
    many = [*marks, *made_marks(randomness, 20_000 - len(marks))]
    _speed(report, many, titles, goal=20.0)
    if folder.is_dir():
        _quality(report, marks, rows, folder / "truth.csv")


def made_marks(randomness: random.Random, count: int) -> list[Mark]:
    """Return ``count`` invented marks of two to four syllables, a fifth of them of two words."""
    names: set[str] = set()
    while len(names) < count:
        name = "".join(randomness.choices(SYLLABLES, k=randomness.randint(2, 4)))
        names.add(name if randomness.random() < 0.8 else f"{name} {randomness.choice(SYLLABLES)}na")  # noqa: PLR2004
    return [Mark(mark_id=f"made-{n}", spellings=(Spelling(text=name),)) for n, name in enumerate(sorted(names))]


def made_titles(randomness: random.Random, marks: Sequence[Mark], count: int) -> list[tuple[str, str]]:
    """Return invented titles, a third of which carry a mark."""
    rows = []
    for number in range(count):
        words = randomness.choices(GOODS, k=randomness.randint(5, 14))
        if number % 3 == 0:
            words.insert(randomness.randrange(len(words)), randomness.choice(marks).spellings[0].text)
        rows.append((str(number), " ".join(words)))
    return rows


def _speed(report: Report, marks: Sequence[Mark], titles: Sequence[str], goal: float) -> None:
    index = MarkIndex(marks)
    for title in titles[TITLES_TIMED:]:
        index.search(title)  # words of other titles are known by then, as in a crawl
    timed = titles[:TITLES_TIMED]
    ours = seconds(lambda: [index.search(title) for title in timed], times=1) / len(timed)
    choices = [fold(spelling.text).text for mark in marks for spelling in mark.spellings]
    few = [fold(title).text for title in timed[:TITLES_TIMED_BASELINE]]
    baseline = seconds(
        lambda: [process.extract(title, choices, scorer=fuzz.WRatio, limit=10, score_cutoff=60) for title in few]
    ) / len(few)
    name = f"a title against {len(marks):,} marks"
    report.faster(name, ours=ours, baseline=baseline, against="RapidFuzz WRatio", goal=goal)


def _quality(report: Report, marks: Sequence[Mark], rows: Sequence[tuple[str, str]], truth_file: Path) -> None:
    with truth_file.open(newline="", encoding="utf-8") as lines:
        truth = {row["title_id"]: row["mark_id"] for row in csv.DictReader(lines)}
    index = MarkIndex(marks)
    pairs = [
        (found.score, found.mark_id == truth[title_id])
        for title_id, title in rows
        for found in index.search(title)
    ]  # fmt: skip
    positives = sum(bool(meant) for meant in truth.values())
    average, recall = ranking(pairs, positives, precision=0.99)
    report.reaches("micro average precision", average, goal=0.96)
    report.reaches("recall at precision 0.99", recall, goal=0.90)
