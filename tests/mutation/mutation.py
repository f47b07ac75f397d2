#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Read hives and logs that were damaged at random, and print a test result (TAP).

usage: mutation.py --exe MUTATE --testdata DIR [--corpus DIR] [--count N] [--seed N] [--timeout S]
                   [--only RUN | --save RUN]

The hives are those of testdata/good, the hives of testdata/logs with their logs, and, if it
is there, all of the corpus (WINHIVE_CORPUS, or --corpus).  --only makes one run again, and
--save writes its files to ./mutated, ./mutated.LOG1 and so on before that.
"""

import argparse
import os
import subprocess
import sys
from pathlib import Path

CORPUS_LOGS = [
    ["yarp/NewDirtyHive1/NewDirtyHive", "yarp/NewDirtyHive1/NewDirtyHive.LOG1",
     "yarp/NewDirtyHive1/NewDirtyHive.LOG2"],
    ["yarp/OldDirtyHive/OldDirtyHive", "yarp/OldDirtyHive/OldDirtyHive.LOG1"],
    ["yarp/BadBaseBlockHive/BadBaseBlockHive", "yarp/BadBaseBlockHive/BadBaseBlockHive.LOG1"],
    ["yarp/BadLogHive3/BadLogHive", "yarp/BadLogHive3/BadLogHive.LOG1",
     "yarp/BadLogHive3/BadLogHive.LOG2"],
    ["regipy/transactions_NTUSER.DAT", "regipy/transactions_ntuser.dat.log1",
     "regipy/transactions_ntuser.dat.log2"],
    ["regipy/UsrClass.dat", "regipy/UsrClass.dat.LOG1", "regipy/UsrClass.dat.LOG2"],
]


def is_hive(path):
    """By its name it is no log; and it starts as a hive does."""
    if not path.is_file() or ".log" in path.name.lower():
        return False
    with path.open("rb") as f:
        return f.read(4) == b"regf"


def pairs(folder):
    """Hives of one folder with the logs beside them."""
    for hive in sorted(folder.iterdir()):
        if is_hive(hive) and hive.name != "expected.hive":
            logs = sorted(p for p in folder.iterdir()
                          if p.name.lower().startswith(hive.name.lower() + ".log"))
            if 0 < len(logs) <= 2:
                yield ",".join(map(str, [hive, *logs]))


def find_samples(testdata, corpus):
    samples = [str(path) for path in sorted((testdata / "good").glob("*.hive"))]
    for folder in sorted((testdata / "logs").iterdir()):
        if folder.is_dir():
            samples += pairs(folder)
    if corpus:
        samples += [str(path) for path in sorted(corpus.rglob("*")) if is_hive(path)]
        for names in CORPUS_LOGS:
            files = [corpus / name for name in names]
            if all(path.exists() for path in files):
                samples.append(",".join(map(str, files)))
    return samples


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--exe", required=True)
    parser.add_argument("--testdata", required=True, type=Path)
    parser.add_argument("--corpus")
    parser.add_argument("--count", type=int, default=4000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--timeout", type=float)
    parser.add_argument("--only", type=int)
    parser.add_argument("--save", type=int)
    args = parser.parse_args()
    corpus = Path(os.environ.get("WINHIVE_CORPUS") or args.corpus or "nowhere")
    samples = find_samples(args.testdata, corpus if corpus.is_dir() else None)
    environ = {"UBSAN_OPTIONS": "halt_on_error=1:print_stacktrace=1", **os.environ}
    what = [str(args.count)]
    if args.only is not None:
        what = ["--only", str(args.only)]
    if args.save is not None:
        what = ["--save", str(args.save)]
    command = [args.exe, *what, str(args.seed), *samples]
    try:
        run = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                             text=True, errors="replace", env=environ, timeout=args.timeout)
        output, fine = run.stdout, run.returncode == 0
    except subprocess.TimeoutExpired:
        output, fine = f"no end after {args.timeout} s", False
    for line in output.splitlines():
        print(f"# {line}")
    if not fine:
        print(f"# to repeat: add --seed {args.seed} --save RUN to the arguments of mutation.py")
    print(f"{'ok' if fine else 'not ok'} 1 - {args.count} damaged hives\n1..1")
    return 0 if fine else 1


if __name__ == "__main__":
    sys.exit(main())
