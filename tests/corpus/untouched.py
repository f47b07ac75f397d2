#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""No command changes a hive, a log or their times, or leaves anything beside them."""

import hashlib
import shutil
import tempfile
from pathlib import Path

import corpus

SMALL = 1 << 20
COMMANDS = [
    ["info"], ["info", "--json"], ["query", "-s"], ["tree"], ["stat"], ["get"], ["list"],
    ["list", "--no-logs"],
]


def state(folder):
    """What is in a folder: names, contents, times."""
    return {path.name: (hashlib.sha256(path.read_bytes()).hexdigest(), path.stat().st_mtime_ns)
            for path in folder.iterdir()}


def logs_of(hive):
    return [path for path in hive.parent.iterdir()
            if path.name.lower().startswith(hive.name.lower() + ".log")]


def why_touched(program, hive, folder):
    here = folder / "here"
    here.mkdir()
    for path in (hive, *logs_of(hive)):
        shutil.copy2(path, here)
        (here / path.name).chmod(0o644)
    copy, before = here / hive.name, state(here)
    for command in [*COMMANDS, ["replay", "-o", folder / "output"]]:
        args = [command[0], copy, *([""] if command[0] == "get" else []), *command[1:]]
        died = program.why_died(program.run(*args)[0])
        if died:
            return f"{command[0]}: {died}"
        after = state(here)
        if after != before:
            changed = sorted(name for name in {*before, *after}
                             if before.get(name) != after.get(name))
            return f"{command[0]} changed {', '.join(changed)}"
    return None


def main():
    args = corpus.arguments(__doc__)
    places = corpus.open_corpus(args.corpus)
    program, tap = corpus.Program(args.winhive), corpus.Tap()
    for row in places.rows("agreement.tsv"):
        hive = places.folder / row["hive"]
        if hive.stat().st_size > SMALL:
            continue
        with tempfile.TemporaryDirectory() as folder:
            tap.result(row["hive"], why_touched(program, hive, Path(folder)))
    tap.finish()


if __name__ == "__main__":
    main()
