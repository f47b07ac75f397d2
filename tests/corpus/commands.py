#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Every command ends well on every file: 0, 1 or 3, and 1 for what is no hive at all.

Files that are not in agreement.tsv are logs and fragments of hives; all must be refused.
"""

import json

import corpus

MAX_VALUES = 3


def some_values(program, hive):
    """Paths and names of a few values, those with the most data."""
    found = []
    for line in program.run("list", "--no-logs", hive)[1].splitlines():
        key = json.loads(line)
        found += [(value["size"], key["path"], value["name"]) for value in key["values"]]
    # A NUL or half a character cannot be given on a command line.
    found = [item for item in found if "\0" not in item[1] + item[2] and item[1:] == tuple(
        text.encode("utf-8", "replace").decode() for text in item[1:])]
    return [(path, name) for _, path, name in sorted(found, reverse=True)[:MAX_VALUES]]


def commands(program, hive):
    yield ["info", hive]
    yield ["info", "--json", "--verbose", hive]
    yield ["query", hive, "-s"]
    yield ["query", hive, "-s", "--json"]
    yield ["tree", hive]
    yield ["stat", hive]
    yield ["stat", hive, "--json"]
    yield ["get", hive, ""]
    for path, name in some_values(program, hive):
        yield ["get", hive, path, name]
        yield ["get", hive, "--raw", path, name]
        yield ["stat", hive, path, "-v", name]


def why_wrong(program, path, is_hive):
    for command in commands(program, path):
        code, output, errors = program.run(*command)
        shown = " ".join(str(word) for word in command if word is not path)
        why = program.why_died(code)
        if not why and code not in ((0, 1, 3) if is_hive else (1,)):
            why = f"exit {code}"
        if not why and code == 1 and not errors:
            why = "exit 1 without a word"
        if not why and not is_hive and output:
            why = "refused, but something was written"
        if why:
            return f"{shown}: {why}\n{errors.decode('utf-8', 'replace')[-300:]}"
    return None


def main():
    args = corpus.arguments(__doc__)
    places = corpus.open_corpus(args.corpus)
    program, tap = corpus.Program(args.winhive), corpus.Tap()
    hives = {row["hive"] for row in places.rows("agreement.tsv")}
    for path in places.files():
        name = path.relative_to(places.folder).as_posix()
        tap.result(f"{name}{'' if name in hives else ': no hive'}",
                   why_wrong(program, path, name in hives))
    tap.finish()


if __name__ == "__main__":
    main()
