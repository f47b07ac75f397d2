#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Every sound hive of the corpus is compacted, and nothing of it is lost.

--compact is the program of compact.c, which compares all fields; the listing that --winhive
prints is the same before and after, and other libraries, where there are any (--peer
NAME=PROGRAM), read what comes out.  A dirty hive without logs that can be replayed is refused
until it is asked for; one that unsound.tsv has is refused in any case.
"""

import argparse
import csv
import sys
import tempfile
from pathlib import Path

import corpus

sys.path.insert(0, str(Path(__file__).parent.parent / "differential"))
import differential  # noqa: E402

DIRTY, CORRUPT = 4, 5  # exit codes


def known_unsound():
    with (Path(__file__).parent / "unsound.tsv").open(encoding="utf-8", newline="") as f:
        return {(row["hive"], row["how"] == "recovered")
                for row in csv.DictReader(f, delimiter="\t")}


def why_different(winhive, hive, logs, out):
    options = [word for log in logs for word in ("--log", log)] or ["--no-logs"]
    # What is missing from a dirty hive is said by the exit code.
    code, before, _ = winhive.run("list", hive, *options)
    code_after, after, errors = winhive.run("list", out)
    if code not in (0, 3) or code_after != 0:
        return f"list: exit {code}, then {code_after}: {errors.decode('utf-8', 'replace')}"
    return None if before == after else "the listing differs"


def read_by_peers(peers, hive):
    for name, exe in peers:
        wrong, _ = differential.compare(exe, name, hive)
        if wrong:
            return f"{name}: " + "\n".join(wrong[:5])
    return None


def why_wrong(programs, peers, hive, logs, unsound, folder):
    """A reason, or None; and what was done."""
    compact, winhive = programs
    out = folder / hive.name
    code, output, _ = compact.run(hive, out, *logs)
    done = output.decode("utf-8", "replace").strip()
    if code == DIRTY:
        code, output, _ = compact.run("--take-dirty", hive, out)
        done = "refused, then taken dirty: " + output.decode("utf-8", "replace").strip()
    if code == CORRUPT or unsound:
        return None if code == CORRUPT and unsound else f"exit {code}: {done}", "refused: unsound"
    if code != 0:
        return compact.why_died(code) or f"exit {code}: {done}", ""
    return why_different(winhive, hive, logs, out) or read_by_peers(peers, out), done


def hives(places):
    """Undamaged hives as they are, and those that have logs with them."""
    for row in places.rows("agreement.tsv"):
        if row["verdict"] in ("consensus", "judged"):
            yield row["hive"], []
    for row in places.rows("recovered.tsv"):
        if row["recoverable"] != "yes":
            continue
        yield row["primary"], [places.folder / row[log] for log in ("log1", "log2") if row[log]]


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--compact", required=True, help="the program of compact.c")
    parser.add_argument("--winhive", required=True, help="the program winhive")
    parser.add_argument("--corpus", help="the folder with the hives")
    parser.add_argument("--peer", action="append", default=[], metavar="NAME=PROGRAM")
    args = parser.parse_args()
    places = corpus.open_corpus(args.corpus)
    programs = corpus.Program(args.compact), corpus.Program(args.winhive)
    tap, unsound = corpus.Tap(), known_unsound()
    peers = [tuple(peer.split("=", 1)) for peer in args.peer]
    for name, logs in hives(places):
        with tempfile.TemporaryDirectory() as folder:
            why, done = why_wrong(programs, peers, places.folder / name, logs,
                                  (name, bool(logs)) in unsound, Path(folder))
        how = ", recovered" if logs else ""
        tap.result(f"{name}{how}: {done}", why)
    tap.finish()


if __name__ == "__main__":
    main()
