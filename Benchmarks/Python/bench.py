"""Measures Keratin beside its peers and prints a table.

usage: bench.py --binaries FOLDER --cases FOLDER [--quick] [--json FILE] [--into FILE] [NAME...]

Names choose what is measured: a case, or whole, growth, threads, allocations. Figures are ratios within
rounds in which the contestants take turns: their median, and the least and the greatest. A ratio says how
many times Keratin's time (or memory) the fastest peer's is.
"""

import argparse
import json
import sys
import time

import contests
import growth
import wholes
from processes import Failure
from rows import Row, table
from setting import Setting, description, share_cores

BEGIN, END = "<!-- bench -->", "<!-- /bench -->"


def sections(setting):
    """What is measured, by name: each gives rows."""
    found = {case: lambda c=case: contests.run(setting, c) for case in contests.CONTESTS}
    return found | {
        "whole": lambda: wholes.run_all(setting),
        "growth": lambda: growth.run_all(setting),
        "threads": lambda: growth.threads(setting),
        "allocations": lambda: wholes.counted_allocations(setting),
    }


def measured(name, section):
    """The rows of a section, with one that says so where it breaks off."""
    rows = []
    try:
        for row in section():
            print(f"  {' | '.join(row.cells())}", file=sys.stderr, flush=True)
            rows.append(row)
    except Failure as failure:
        rows.append(Row(name, "the rest", problem=f"failed: {str(failure)[:200]}"))
    return rows


def insert(text, path):
    """Puts the table between the marks of a file."""
    with open(path) as file:
        before, _, rest = file.read().partition(BEGIN)
    _, found, after = rest.partition(END)
    if not found:
        sys.exit(f"{path} has no {BEGIN} … {END}")
    with open(path, "w") as file:
        file.write(f"{before}{BEGIN}\n{text}\n{END}{after}")


def main():
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--binaries", required=True)
    parser.add_argument("--cases", required=True)
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--json")
    parser.add_argument("--into")
    parser.add_argument("names", nargs="*")
    options = parser.parse_args()
    setting = Setting(options.binaries, options.cases, options.quick)
    known = sections(setting)
    wrong = [name for name in options.names if name not in known]
    if wrong:
        sys.exit(f"{', '.join(wrong)}: not among {', '.join(known)}")

    share_cores()
    start = time.monotonic()
    about = description()
    rows = [
        row
        for name, section in known.items()
        if not options.names or name in options.names
        for row in measured(name, section)
    ]
    versions = ", ".join(f"{name} {value}" for name, value in about.items() if name != "machine")
    minutes = (time.monotonic() - start) / 60
    text = f"{about['machine']}. {versions}. {minutes:.0f} minutes.\n\n{table(rows)}"
    print(text)
    if options.json:
        with open(options.json, "w") as file:
            json.dump({"about": about, "rows": [row.json() for row in rows]}, file, indent=1)
    if options.into:
        insert(text, options.into)


main()
