#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Random operations on hives, which other libraries read now and then (TAP).

usage: edit.py --exe PROGRAM [--peer NAME=PROGRAM]... [--operations N] [--first SEED]

The program is property_edit, which holds what it does against a model.  The hives that it
writes on the way are read by the programs of tests/differential, one for each peer: they see
in them what winhive sees, which is what the model says.
"""

import argparse
import subprocess
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent / "differential"))
import differential  # noqa: E402

SEEDS, PER_SEED = 10, 5000  # of one run of the program


def read_by_peers(peers, folder):
    """Reasons to fail, and how many hives were read."""
    wrong, count = [], 0
    for hive in sorted(folder.iterdir()):
        for name, exe in peers:
            count += 1
            found, _ = differential.compare(exe, name, hive)
            wrong += [f"{hive.name}, {name}: {line}" for line in found[:3]]
        if not wrong:
            hive.unlink()
    return wrong, count


def run(args, peers, first, seeds, operations):
    with tempfile.TemporaryDirectory() as folder:
        done = subprocess.run([args.exe, str(seeds), str(operations), str(first), folder],
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        lines = done.stdout.decode("utf-8", "replace").splitlines()
        wrong = [line for line in lines if not line.startswith(("ok ", "1.."))]
        remarks = [line[2:] for line in wrong if line.startswith("# ") and "hives saved" in line]
        read, count = read_by_peers(peers, Path(folder))
        if done.returncode == 0:
            wrong = []
    return wrong + read, f"{'; '.join(remarks)}; {count} comparisons"


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--exe", required=True)
    parser.add_argument("--peer", action="append", default=[], metavar="NAME=PROGRAM")
    parser.add_argument("--operations", type=int, default=10000)
    parser.add_argument("--first", type=int, default=1)
    args = parser.parse_args()
    peers = [tuple(peer.split("=", 1)) for peer in args.peer]
    per_seed = min(PER_SEED, max(args.operations // SEEDS, 1))
    left, first, count, failed = args.operations, args.first, 0, 0
    while left > 0:
        seeds = min(SEEDS, max(left // per_seed, 1))
        wrong, remark = run(args, peers, first, seeds, per_seed)
        count += 1
        failed += bool(wrong)
        print(f"{'not ok' if wrong else 'ok'} {count} - seeds {first} to {first + seeds - 1}, "
              f"{per_seed} operations each: {remark}", flush=True)
        for line in wrong[:10]:
            print(f"# {line}".encode("utf-8", "backslashreplace").decode(), flush=True)
        first += seeds
        left -= seeds * per_seed
    print(f"1..{count}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
