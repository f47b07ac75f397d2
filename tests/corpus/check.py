#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""wh_hive_check() finds nothing above a note in a hive of the corpus, but in those of checked.tsv
the rules that it gives.

--winhive is the program of look.c, which also sees to it that all that reading reports is found.
"""

import csv
from pathlib import Path

import corpus


def known():
    with (Path(__file__).parent / "checked.tsv").open(encoding="utf-8", newline="") as f:
        return {(row["hive"], row["how"]): row["rules"]
                for row in csv.DictReader(f, delimiter="\t")}


def why_wrong(program, paths, rules):
    code, output, said = program.run("--check", *paths)
    if code not in (0, 1, 3):
        return program.why_died(code) or f"exit {code}"
    if code == 1:
        if b"cannot be opened" not in said:
            return "something that was reported is not found"
        return "cannot be opened" if rules else None
    found = output.decode().rstrip("\n").split("\t")[1]
    return None if found == (rules or "") else f"breaks {found}\nexpected {rules or 'nothing'}"


def main():
    args = corpus.arguments(__doc__)
    places = corpus.open_corpus(args.corpus)
    program, tap = corpus.Program(args.winhive), corpus.Tap()
    rules = known()
    for hive, how, logs in places.cases():
        why = why_wrong(program, [places.folder / name for name in (hive, *logs)],
                        rules.pop((hive, how), None))
        tap.result(f"{hive}, {how}", why)
    tap.result("checked.tsv names hives of the corpus", "\n".join(map(str, rules)))
    tap.finish()


if __name__ == "__main__":
    main()
