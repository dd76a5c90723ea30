"""Fits `matchers.text_weights`: how sure each way of finding a mark in a title is.

``JIKIMI_BENCH_DATA=... .venv/bin/python -m scripts.fit.titles [--write]``. One half of the real marks (by checksum) and
of the public brand names and seeds 2 to 5 of the invented ones are fitted on; the other halves and seed 1 are reported
on, before and after, with a 95 % bootstrap interval over marks. Without ``--write`` nothing is changed.
"""

from __future__ import annotations

import csv
import json
import os
import sys
import zlib
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from pathlib import Path
from random import Random

import attrs
import numpy as np
from numpy.typing import NDArray

from benchmarks.ranking import ranking
from contracts.match import Mark, Spelling
from matchers import text_model
from matchers.folding import fold
from matchers.spellings import Kind
from matchers.tables import read_marks, read_titles
from matchers.text import MarkIndex
from matchers.text_weights import WEIGHTS
from matchers.words import EVERYDAY, ORDINARY, ranked
from samples.titles import LANGUAGES, abroad, in_every_way, made

FIT_SEEDS = (2, 3, 4, 5)
REPORT_SEED = 1
INVENTED = 0.25  # what an invented title weighs against a real one
OTHER_NAMES = 0.5  # what a title with another name written into it weighs
WORDS_AS_NAMES = 300
RIDGE = 1.0
AS_IT_IS = frozenset({"exact"})  # a title may name two marks and the truth names one of them: it cannot be learnt here
# What the titles at hand cannot teach, or teach wrongly: the value a weight is drawn to, and how strongly.
PRIORS = {
    ("derived", "length"): (3.0, 50.0),  # few invented titles mean none by such a form; a short one may
    ("derived", "ordinary"): (-3.0, 50.0),
    ("lookalike", "ordinary letters"): (-4.0, 50.0),  # a word drawn like a name is that word
    ("own script", "common"): (-2.5, 50.0),
    ("own script", "two and edited"): (-2.5, 1000.0),  # a slip makes two syllables another word
    ("own script", "two characters"): (-0.8, 50.0),
    ("own script", "two inside a word"): (-0.6, 50.0),
    ("own script", "edited inside a word"): (-0.4, 50.0),
    ("own script", "apart"): (-0.3, 50.0),
    ("own script", "apart inside words"): (-0.5, 50.0),
}
ROUNDS = 40
CLOSE_ENOUGH = 1e-6
SURE = 0.5
RESAMPLES = 200
TARGET = Path(text_model.__file__).with_name("text_weights.py")
NOT_BY_CHANCE = frozenset({Kind.EXACT, Kind.SPLIT, Kind.MASKED})


@attrs.frozen
class Task:
    """Titles to search for marks. ``truth`` names the mark of each title ("" for none)."""

    name: str
    marks: tuple[Mark, ...]
    titles: tuple[tuple[str, str], ...]
    weight: float = 1.0
    only_by_chance: bool = False  # nobody knows what is meant; finds that are not letter by letter hardly ever are


def half(name: str) -> int:
    """Return 0 for the half that is fitted on, 1 for the half that is reported on."""
    return zlib.crc32(name.encode()) % 2


def tasks(data: Path, part: int) -> Iterator[Task]:
    """Yield the tasks of one half: real titles, titles of a feed, invented titles."""
    marks = tuple(m for m in read_marks(data / "titles" / "marks.csv") if half(m.mark_id) == part)
    with (data / "titles" / "truth.csv").open(newline="", encoding="utf-8") as lines:
        truth = {row["title_id"]: row["mark_id"] for row in csv.DictReader(lines)}
    ours = {mark.mark_id for mark in marks}
    rows = read_titles(data / "titles" / "titles.csv")
    real = tuple(
        (title, truth[key]) for key, title in rows if truth[key] in ours or (not truth[key] and half(key) == part)
    )
    yield Task("real titles", marks, real)
    names = [
        name for name in (data / "feeds" / "brand-names.txt").read_text("utf-8").splitlines() if half(name) == part
    ]
    brands = tuple(Mark(mark_id=name, spellings=(Spelling(text=name),)) for name in names if name.strip())
    feeds = (*_feed_titles(data / "feeds"), *_page_titles(data / "pages"))
    innocent = tuple((title, "") for title in feeds if half(title) == part)
    yield Task("feeds and pages", brands, innocent, only_by_chance=True)
    others = (*brands, *_words_as_names(part))
    none = [title for title, meant in real if not meant]
    yield Task("other names", others, _written_into(others, none, part), weight=OTHER_NAMES, only_by_chance=True)
    for seed in (REPORT_SEED,) if part else FIT_SEEDS:
        invented, titles = made(seed)
        yield Task("invented in feeds", tuple(invented), innocent)
        for code in LANGUAGES:
            own = tuple(mark for mark in invented if mark.mark_id.startswith(code))
            here = tuple((title.text, title.mark_id) for title in titles if title.language == code)
            yield Task(f"invented {code}", own, here, weight=INVENTED)
            if code in {"ko", "zh", "ja", "th"}:  # real Latin names in titles that mean none of them
                yield Task(f"real names in {code}", marks, tuple((text, "") for text, _ in here[::4]), weight=INVENTED)
        latin, heard = abroad(seed)
        yield Task("by ear", tuple(latin), tuple((title.text, title.mark_id) for title in heard), weight=INVENTED)


def _words_as_names(part: int) -> Iterator[Mark]:
    """Yield ordinary English words as marks."""
    words = [word for word in islice(ranked(), EVERYDAY, ORDINARY) if len(word) > 3 and half(word) == part]  # noqa: PLR2004 (shorter ones are names of nothing)
    for word in Random(f"words {part}").sample(words, WORDS_AS_NAMES):  # noqa: S311 (not for secrets)
        yield Mark(mark_id=f"word {word}", spellings=(Spelling(text=word),))


def _written_into(marks: Sequence[Mark], titles: Sequence[str], part: int) -> tuple[tuple[str, str], ...]:
    """Return the titles as they are, and each with one of the marks put in somehow."""
    chance = Random(f"other names {part}")  # noqa: S311 (not for secrets)
    found = [(title, "") for title in titles]
    for title in titles:
        mark = chance.choice(marks)
        forms = list(in_every_way(mark.spellings[0].text, chance))
        words = title.split(" ")
        words.insert(chance.randrange(len(words) + 1), chance.choice(forms)[1])
        found.append((" ".join(words), mark.mark_id))
    return tuple(found)


def _feed_titles(folder: Path) -> Iterator[str]:
    csv.field_size_limit(10**8)
    for path in sorted(folder.glob("*.csv")):
        with path.open(newline="", encoding="utf-8") as lines:
            yield from (row["title"] for row in csv.DictReader(lines))


def _page_titles(folder: Path) -> Iterator[str]:
    for path in sorted((folder / "expected").glob("*.json")):
        items = json.loads(path.read_text(encoding="utf-8")).get("items", [])
        yield from (item["title"] for item in items if item.get("title"))


def examples(work: Iterable[Task]) -> dict[str, tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]]:
    """Return per model the features, whether the mark was meant, and the weights of everything found."""
    rows: dict[str, list[tuple[tuple[float, ...], float, float]]] = defaultdict(list)
    for task in work:
        index = MarkIndex(task.marks)
        for title, meant in task.titles:
            for found, _, _ in index.candidates(fold(title)):
                right = index.marks[index.spellings.entries[found.entry].mark].mark_id == meant
                if task.only_by_chance and found.kind in NOT_BY_CHANCE and not right:
                    continue
                if found.model:
                    rows[found.model].append((found.features, float(right), task.weight))
    return {
        name: (np.array([r[0] for r in found]), np.array([r[1] for r in found]), np.array([r[2] for r in found]))
        for name, found in rows.items()
    }


def fitted(
    model: str, features: NDArray[np.float64], right: NDArray[np.float64], weight: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Return logistic weights with a ridge on all but the bias, by Newton's method."""
    priors = [PRIORS.get((model, name), (0.0, RIDGE)) for name in WEIGHTS[model]]
    centre = np.array([value for value, _ in priors])
    ridge = np.array([strength for _, strength in priors])
    ridge[0] = CLOSE_ENOUGH
    found = centre.copy()
    for _ in range(ROUNDS):
        chance = 1.0 / (1.0 + np.exp(-np.clip(features @ found, -30, 30)))
        slope = features.T @ (weight * (chance - right)) + ridge * (found - centre)
        curve = (features.T * (weight * chance * (1.0 - chance) + 1e-9)) @ features + np.diag(ridge)
        step = np.linalg.solve(curve, slope)
        found -= step
        if np.abs(step).max() < CLOSE_ENOUGH:
            break
    return found


def report(work: Sequence[Task]) -> None:
    """Print average precision and recall per task, with intervals over marks."""
    for task in work:
        index = MarkIndex(task.marks)
        found = [
            (meant, match.mark_id, match.score, match.kind)
            for title, meant in task.titles
            for match in index.search(title)
        ]
        if not any(meant for _, meant in task.titles):
            sure = sum(score >= SURE and kind not in NOT_BY_CHANCE for _, _, score, kind in found)
            print(f"{task.name:22} finds not letter by letter of 0.5 or more: {sure} in {len(task.titles)} titles")  # noqa: T201
            continue
        by_mark: dict[str, list[tuple[float, bool]]] = defaultdict(list)
        positives: dict[str, int] = defaultdict(int)
        for meant, mark_id, score, kind in found:
            if task.only_by_chance and kind in NOT_BY_CHANCE and mark_id != meant:
                continue
            by_mark[meant or f"none {mark_id}"].append((score, mark_id == meant))
        for _, meant in task.titles:
            positives[meant] += bool(meant)
        groups = sorted({*by_mark, *filter(None, positives)})
        shown = []
        for precision in (0.99, 0.90):
            measured = [_ranked(groups, by_mark, positives, precision)]
            chance = np.random.default_rng(0)
            measured += [
                _ranked(list(chance.choice(groups, len(groups))), by_mark, positives, precision)
                for _ in range(RESAMPLES)
            ]
            low, high = np.percentile(np.array(measured[1:]), [2.5, 97.5], axis=0)
            shown.append((measured[0], low, high))
        (average, strict), low, high = shown[0]
        (_, loose), low90, high90 = shown[1]
        print(  # noqa: T201
            f"{task.name:22} AP {average:.3f} [{low[0]:.3f} {high[0]:.3f}]"
            f"  R@P.99 {strict:.3f} [{low[1]:.3f} {high[1]:.3f}]"
            f"  R@P.90 {loose:.3f} [{low90[1]:.3f} {high90[1]:.3f}]"
        )


def _ranked(
    groups: Sequence[str], by_mark: dict[str, list[tuple[float, bool]]], positives: dict[str, int], precision: float
) -> tuple[float, float]:
    pairs = [pair for group in groups for pair in by_mark.get(group, ())]
    return ranking(pairs, max(1, sum(positives.get(group, 0) for group in groups)), precision=precision)


def written(weights: dict[str, dict[str, float]]) -> str:
    """Return the text of the weights' file."""
    lines = [TARGET.read_text(encoding="utf-8").splitlines()[0], "", "WEIGHTS: dict[str, dict[str, float]] = {"]
    for kind, named in weights.items():
        lines.append(f'    "{kind}": {{')
        lines += [f'        "{name}": {value:.2f},' for name, value in named.items()]
        lines.append("    },")
    return "\n".join([*lines, "}", ""])


def main() -> None:
    """Fit, report before and after, and write with ``--write``."""
    data = Path(os.environ["JIKIMI_BENCH_DATA"])
    kept_back = list(tasks(data, 1))
    print("before, on what is not fitted on:")  # noqa: T201
    report(kept_back)
    weights = dict(WEIGHTS)
    for kind, (features, right, weight) in examples(tasks(data, 0)).items():
        if kind in AS_IT_IS:
            continue
        values = fitted(kind, features, right, weight)
        weights[kind] = dict(zip(WEIGHTS[kind], (float(value) for value in values), strict=True))
        print(kind, len(right), int(right.sum()), {name: round(value, 2) for name, value in weights[kind].items()})  # noqa: T201
        text_model.TABLE[kind] = tuple(weights[kind].values())
    print("after:")  # noqa: T201
    report(kept_back)
    if "--write" in sys.argv[1:]:
        TARGET.write_text(written(weights), encoding="utf-8")


if __name__ == "__main__":
    main()
