#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Every hive of the corpus is sound but those of unsound.tsv, which break the rules it gives.

--winhive is the program of look.c.  Hives that cannot be opened are no matter of this test.
"""

import csv
from pathlib import Path

import corpus


def known_unsound():
    with (Path(__file__).parent / "unsound.tsv").open(encoding="utf-8", newline="") as f:
        return {(row["hive"], row["how"]): row["rules"]
                for row in csv.DictReader(f, delimiter="\t")}


def why_wrong(program, paths, rules):
    code, output, _ = program.run(*paths)
    if code not in (0, 1, 3):
        return program.why_died(code) or f"exit {code}"
    if code == 1:
        return "cannot be opened" if rules else None
    verdict, found = output.decode().rstrip("\n").split("\t")
    if verdict != ("unsound" if rules else "sound"):
        return f"{verdict}: {found}"
    if rules and found != rules:
        return f"breaks {found}\nexpected {rules}"
    return None


def main():
    args = corpus.arguments(__doc__)
    places = corpus.open_corpus(args.corpus)
    program, tap = corpus.Program(args.winhive), corpus.Tap()
    unsound = known_unsound()
    for hive, how, logs in places.cases():
        why = why_wrong(program, [places.folder / name for name in (hive, *logs)],
                        unsound.pop((hive, how), None))
        tap.result(f"{hive}, {how}", why)
    tap.result("unsound.tsv names hives of the corpus", "\n".join(map(str, unsound)))
    tap.finish()


if __name__ == "__main__":
    main()
