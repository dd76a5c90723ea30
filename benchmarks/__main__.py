"""``python -m benchmarks``: lists the benches; with a name runs that one, or else every one that begins with it.

A bench is a file ``benchmarks/<name>_<part>.py`` whose docstring's first line says what it measures and which has
``run(report: Report) -> None``. Exit status 1 when a goal was missed, 2 for an unknown name.
"""

from __future__ import annotations

import ast
import importlib
import sys
from pathlib import Path

from benchmarks.report import Report

HERE = Path(__file__).parent
NOT_BENCHES = {"__init__", "__main__", "report", "ranking"}


def benches() -> dict[str, str]:
    """Return each bench's name and the first line of its docstring, without importing it."""
    found = {}
    for path in sorted(HERE.glob("*.py")):
        if path.stem not in NOT_BENCHES:
            docstring = ast.get_docstring(ast.parse(path.read_text(encoding="utf-8"))) or ""
            found[path.stem] = docstring.partition("\n")[0]
    return found


def main(arguments: list[str]) -> int:
    """List or run benches; return the exit status."""
    known = benches()
    if not arguments:
        print("python -m benchmarks NAME (make bench NAME=...) runs NAME, or every bench whose name begins with it:")
        for name, about in known.items():
            print(f"  {name:24} {about}")
        return 0
    wanted = {argument.replace("-", "_") for argument in arguments}
    chosen = [name for name in known if name in wanted or name.startswith(tuple(wanted - known.keys()))]
    if not chosen:
        print(f"no bench begins with {' or '.join(arguments)}; there are: {', '.join(known)}", file=sys.stderr)
        return 2
    report = Report()
    for name in chosen:
        print(f"{name}: {known[name]}", flush=True)
        importlib.import_module(f"benchmarks.{name}").run(report)
    print(report.summary())
    return int(any(figure.missed for figure in report.figures))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
