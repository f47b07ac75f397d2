#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Does docs/errors.md say what the source says?

    check_errors.py SOURCE-FOLDER

Rules: ids, names, grades, incomplete, texts and their order are those of
lib/disk/rules.h.  Statuses: names and numbers are those of lib/winhive.h, texts those of
lib/base/status.c.  Exit codes: those of tools/cli.h.  Rules of docs/format.md section 13:
each id of rules.h is in it.  Each rule has a file in testdata/broken or a case in
testdata/logs.
"""

import os
import re
import sys

from tap import Tap

STRING = re.compile(r'"([^"]*)"')


def read(*parts):
    with open(os.path.join(sys.argv[1], *parts), encoding="utf-8") as file:
        return file.read()


def rules_of_source():
    text = read("lib", "disk", "rules.h").replace("\\\n", "\n")
    found = re.findall(r'RULE\(\w+, "(\w+)", "([\w-]+)", WH_(\w+), ([01]),\s*((?:"[^"]*"\s*)+)\)',
                       text)
    return [(id, name, grade.lower(), "yes" if incomplete == "1" else "no",
             "".join(STRING.findall(what)))
            for id, name, grade, incomplete, what in found]


def rows(text, heading, columns):
    """The rows of all tables in the section of that heading, cut to their first columns."""
    section = text.split(f"\n## {heading}\n", 1)[1].split("\n## ")[0]
    table = []
    for line in section.splitlines():
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        if line.startswith("|") and not line.startswith("|---"):
            table.append(tuple(cells))
    names = table[0]
    return [row[:columns] for row in table if row != names], [row for row in table if row != names]


def statuses_of_source():
    header = read("lib", "winhive.h")
    body = header[header.index("enum wh_status {"):]
    texts = dict(re.findall(r'\{ (WH_\w+), "\w+", "([^"]+)" \}', read("lib", "base", "status.c")))
    return [(name, number, texts.get(name, ""))
            for name, number in re.findall(r"(WH_\w+) = (\d+)", body[:body.index("};")])]


def exits_of_source():
    body = read("tools", "cli.h")
    body = body[body.index("enum {"):]
    return sorted(re.findall(r"EXIT_\w+ = (\d+)", body[:body.index("};")]))


def differences(theirs, ours):
    said = [f"not in docs/errors.md: {row}" for row in theirs if row not in ours]
    said += [f"not in the source: {row}" for row in ours if row not in theirs]
    return said or (["in another order"] if theirs != ours else [])


def main():
    tap = Tap()
    errors = read("docs", "errors.md")
    rules = rules_of_source()
    ours, whole = rows(errors, "Departures from the format", 5)
    tap.ok(len(rules) > 50, "the rules were found in the source", len(rules))
    said = differences(rules, ours)
    tap.ok(not said, "rules", *said)
    short = [row[0] for row in whole if len(row) != 6 or not row[5]]
    tap.ok(not short, "each rule says what happens otherwise", *short)

    statuses = statuses_of_source()
    said = differences(statuses, rows(errors, "Statuses", 3)[0])
    tap.ok(statuses and not said, "statuses", *said)
    codes = [row[0] for row in rows(errors, "Exit codes of the program", 1)[0]]
    tap.ok(codes == exits_of_source(), "exit codes", codes, exits_of_source())

    section = read("docs", "format.md").split("\n## 13")[1].split("\n## ")[0]
    missing = [id for id, *_ in rules if not re.search(rf"^\| {id} \|", section, re.M)]
    tap.ok(not missing, "each rule is in docs/format.md section 13", *missing)

    broken = os.listdir(os.path.join(sys.argv[1], "testdata", "broken"))
    tested = {name.split(".")[0] for name in broken}
    for line in read("testdata", "logs", "expected.tsv").splitlines():
        tested |= {rule for rules in line.split("\t")[3:5] for rule in rules.split(",")}
    tested |= {"file-unread", "file-filled"}  # no file is it: tests/unit/test_blank.c
    missing = [name for _, name, *_ in rules if name not in tested]
    tap.ok(not missing, "each rule is broken by test data", *missing)
    tap.finish()


if __name__ == "__main__":
    main()
