#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Every undamaged hive of the corpus is changed in ten places, committed, and still whole.

--winhive is the program of edit.c, which holds the outcome against a model.  A dirty hive has
its logs beside it, and afterwards neither holds anything that could be replayed; without logs
that can be replayed it is left alone until that is asked for.  What comes out is read by other
libraries too, where there are any (--peer NAME=PROGRAM).
"""

import argparse
import shutil
import sys
import tempfile
from pathlib import Path

import corpus

sys.path.insert(0, str(Path(__file__).parent.parent / "differential"))
import differential  # noqa: E402

DIRTY, CORRUPT = 4, 5  # exit codes
DAMAGED = {  # what readers do not mind, but who changes a list of subkeys
    "hivekit/corrupted/corrupt_subkey_list_bad_sig": "a wrong hash in the list of the root",
}


def read_by_peers(peers, hive):
    for name, exe in peers:
        wrong, _ = differential.compare(exe, name, hive)
        if wrong:
            return f"{name}: " + "\n".join(wrong[:5])
    return None


def why_unclean(folder, logs):
    """What is beside the hive: logs that were there before, now empty, and no others."""
    for path in folder.iterdir():
        if ".log" in path.name.lower() and path.stat().st_size != 0:
            return f"{path.name} has {path.stat().st_size} bytes"
    missing = [log.name for log in logs if not (folder / log.name).exists()]
    return f"{', '.join(missing)} gone" if missing else None


def why_wrong(program, peers, hive, logs, folder):
    """A reason, or None; and what was done."""
    copy = folder / hive.name
    for path in (hive, *logs):
        shutil.copyfile(path, folder / path.name)
    before = copy.read_bytes()
    code, output, _ = program.run(copy)
    done = output.decode("utf-8", "replace").strip()
    if code in (DIRTY, CORRUPT) and copy.read_bytes() != before:
        return "was refused, but the file was changed", ""
    if code == DIRTY:
        code, output, _ = program.run("--take-dirty", copy)
        done = "refused, then taken dirty: " + output.decode("utf-8", "replace").strip()
    why = next((why for name, why in DAMAGED.items() if hive.match(name)), None)
    if code != (CORRUPT if why else 0):
        return program.why_died(code) or f"exit {code}: {done}", ""
    if why:
        return None, f"refused: {why}"
    return why_unclean(folder, logs) or read_by_peers(peers, copy), done


def hives(places):
    """Undamaged hives, each with the logs that belong to it."""
    logs = {row["primary"]: [row["log1"], row["log2"]] for row in places.rows("recovered.tsv")}
    for row in places.rows("agreement.tsv"):
        known = [places.folder / log for log in logs.get(row["hive"], []) if log]
        if row["verdict"] in ("consensus", "judged") or known:
            yield row["hive"], known


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--winhive", required=True, help="the program of edit.c")
    parser.add_argument("--corpus", help="the folder with the hives")
    parser.add_argument("--peer", action="append", default=[], metavar="NAME=PROGRAM")
    args = parser.parse_args()
    places = corpus.open_corpus(args.corpus)
    program, tap = corpus.Program(args.winhive), corpus.Tap()
    peers = [tuple(peer.split("=", 1)) for peer in args.peer]
    for name, logs in hives(places):
        with tempfile.TemporaryDirectory() as folder:
            why, done = why_wrong(program, peers, places.folder / name, logs, Path(folder))
        tap.result(f"{name}: {done}", why)
    tap.finish()


if __name__ == "__main__":
    main()
