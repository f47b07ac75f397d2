#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Every hive of the corpus is repaired: clean afterwards, or refused for a reason that is known.

--repair is the program of repair.c, which checks what comes out.  Of a hive with which nothing is
wrong but notes, by checked.tsv, nothing is lost: the listing that --winhive prints is the same
before and after, and other libraries, where there are any (--peer NAME=PROGRAM), see the same in
the repaired hive as winhive does, whatever it was repaired from.
"""

import argparse
import csv
import sys
import tempfile
from pathlib import Path

import corpus

sys.path.insert(0, str(Path(__file__).parent.parent / "differential"))
import differential  # noqa: E402

DROPPED, REFUSED = 3, 4  # exit codes

REFUSALS = {
    "libregf/file_header.1": "WH_E_NOT_HIVE",  # it ends after 512 bytes
}


def known_damaged():
    with (Path(__file__).parent / "checked.tsv").open(encoding="utf-8", newline="") as f:
        return {(row["hive"], row["how"]) for row in csv.DictReader(f, delimiter="\t")}


def list_before(winhive, hive, logs):
    """The listing; None if the hive cannot be opened."""
    options = [word for log in logs for word in ("--log", log)] or ["--no-logs"]
    code, listing, _ = winhive.run("list", hive, *options)
    return None if code == 1 else listing


def why_different(winhive, before, out):
    code, after, errors = winhive.run("list", out)
    if code != 0:
        return f"list: exit {code}: {errors.decode('utf-8', 'replace')}"
    return None if before == after else "the listing differs"


def read_by_peers(peers, hive):
    for name, exe in peers:
        wrong, _ = differential.compare(exe, name, hive)
        if wrong:
            return f"{name}: " + "\n".join(wrong[:5])
    return None


def why_wrong(programs, peers, hive, logs, damaged, folder):
    """A reason, or None; what was done; and if it was refused, the status."""
    repair, winhive = programs
    out = folder / hive.name
    code, output, _ = repair.run(hive, out, *logs)
    done = output.decode("utf-8", "replace").strip()
    if code == REFUSED:
        return None, "refused", done
    if code not in (0, DROPPED):
        return repair.why_died(code) or f"exit {code}: {done}", "", None
    before = list_before(winhive, hive, logs)
    damaged |= before is None
    if code == DROPPED and not damaged:
        return f"something is lost: {done}", done, None
    why = None if damaged else why_different(winhive, before, out)
    return why or read_by_peers(peers, out), done, None


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--repair", required=True, help="the program of repair.c")
    parser.add_argument("--winhive", required=True, help="the program winhive")
    parser.add_argument("--corpus", help="the folder with the hives")
    parser.add_argument("--peer", action="append", default=[], metavar="NAME=PROGRAM")
    args = parser.parse_args()
    places = corpus.open_corpus(args.corpus)
    programs = corpus.Program(args.repair), corpus.Program(args.winhive)
    tap, damaged = corpus.Tap(), known_damaged()
    peers = [tuple(peer.split("=", 1)) for peer in args.peer]
    for name, how, logs in places.cases():
        with tempfile.TemporaryDirectory() as folder:
            why, done, status = why_wrong(programs, peers, places.folder / name,
                                          [places.folder / log for log in logs],
                                          (name, how) in damaged, Path(folder))
        if status != REFUSALS.get(name):
            why = f"refused with {status}, should be {REFUSALS.get(name)}"
        tap.result(f"{name}, {how}: {done}{f' ({status})' if status else ''}", why)
    tap.finish()


if __name__ == "__main__":
    main()
