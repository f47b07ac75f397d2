#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Measure winhive beside the other libraries and programs that read hives.

usage: bench.py --exe BENCH --winhive PROGRAM --testdata DIR [--corpus DIR] [--scratch DIR]
                [--repeat N] [--json]

Hives of the corpus (WINHIVE_CORPUS, or --corpus) if there is one, else those of testdata.
Every task runs N times, the libraries taking turns, each time in a process of its own.
Times are the median and the minimum; "x" says how many times as long as winhive it took
(by medians); peak is the memory of the whole process, the program and its libraries too.
"""

import argparse
import json
import os
import shutil
import statistics
import subprocess
import sys
from pathlib import Path

SIBLINGS = 10_000
CORPUS_HIVES = [  # and a key of each, some levels down
    ("regipy/SYSTEM_WIN_10_1709", r"ControlSet001\Services\Tcpip\Parameters\Interfaces"),
    ("regipy/SYSTEM", r"ControlSet001\Services\Tcpip\Parameters\Interfaces"),
    ("regipy/NTUSER.DAT", r"Software\Microsoft\Windows\CurrentVersion\Explorer\Advanced"),
]
CORPUS_LOGS = [
    ("regipy/transactions_NTUSER.DAT",
     ["regipy/transactions_ntuser.dat.log1", "regipy/transactions_ntuser.dat.log2"]),
    ("regipy/UsrClass.dat", ["regipy/UsrClass.dat.LOG1", "regipy/UsrClass.dat.LOG2"]),
]
OWN_HIVES = [("good/lists-1.5.hive", "0508"), ("good/values-1.5.hive", None)]
OWN_LOGS = [("logs/new-two-logs", "SYSTEM")]


class Bench:
    def __init__(self, exe, repeat):
        self.exe, self.repeat = exe, repeat
        self.rows = []

    def run(self, task, hive, *args, title=None):
        """Measure and keep a row for each reader or program."""
        command = [self.exe, str(self.repeat), task, str(hive), *map(str, args)]
        output = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout
        runs = {}
        for line in output.splitlines():
            name, *fields = line.split("\t")
            runs.setdefault(name, []).append(fields)
        for name, measures in runs.items():
            self.rows.append(row_of(title or task, hive, name, measures))


def row_of(task, hive, name, measures):
    if "%" in name:  # a command: without its folder, and the hive goes without saying
        program, *options = name.split()
        name = " ".join([Path(program).name, *options[:-1]])
    row = {"task": task, "hive": hive.name, "bytes": hive.stat().st_size, "name": name}
    if any(fields == ["failed"] for fields in measures):
        return row | {"failed": True}
    opens, works, closes = zip(*(map(float, fields[:3]) for fields in measures))
    totals = [sum(times) for times in zip(opens, works, closes)]
    keys, values, data, total, lookups = map(int, measures[0][4:])
    if task.startswith("walk"):  # of an open hive
        totals = works
    if lookups and task == "siblings":
        totals = [float(fields[1]) / int(fields[8]) for fields in measures]
    return row | {"median": statistics.median(totals), "min": min(totals),
                  "peak_kib": max(int(fields[3]) for fields in measures),
                  "keys": keys, "values": values, "data": data, "sum": total}


def add_ratios(rows):
    ours = {(row["task"], row["hive"]): row["median"] for row in rows
            if row["name"].split()[0].endswith("winhive") and "median" in row}
    for row in rows:
        base = ours.get((row["task"], row["hive"]))
        if base and "median" in row:
            row["ratio"] = row["median"] / base


def seconds(value):
    for unit, factor in (("s ", 1), ("ms", 1e3), ("us", 1e6)):
        if value * factor >= 1:
            break
    return f"{value * factor:8.3f} {unit}"


def found(row):
    if row["name"] == "floor" or not row.get("keys"):
        return ""
    return f"{row['keys']} keys, {row['values']} values, sum {row['sum']}"


def print_table(rows):
    last = None
    for row in rows:
        head = (row["task"], row["hive"])
        if head != last:
            print(f"\n{row['task']}: {row['hive']} ({row['bytes'] / 1e6:.2f} MB)")
            last = head
        if "failed" in row:
            print(f"  {row['name']:<28} failed")
            continue
        ratio = f"{row['ratio']:7.2f} x" if "ratio" in row else " " * 9
        peak = f"{row['peak_kib'] / 1024:7.1f} MiB"
        print(f"  {row['name']:<28}{seconds(row['median'])}  {seconds(row['min'])} {ratio} "
              f"{peak}  {found(row)}".rstrip())


def wide_hive(testdata, scratch):
    """A hive whose root has many subkeys, made anew when its maker has changed."""
    maker = testdata / "make" / "regf.py"
    path = scratch / f"siblings-{SIBLINGS}.hive"
    if not path.exists() or path.stat().st_mtime < maker.stat().st_mtime:
        sys.dont_write_bytecode = True
        sys.path.insert(0, str(maker.parent))
        import regf
        keys = [regf.Key(f"key {i:05}") for i in range(SIBLINGS)]
        path.write_bytes(regf.build(regf.Key("ROOT", subkeys=keys)).bytes)
    return path


def hives(corpus, testdata):
    """Hives with a path in each, and hives with their logs."""
    if corpus:
        return ([(corpus / name, key) for name, key in CORPUS_HIVES],
                [(corpus / name, [corpus / log for log in logs]) for name, logs in CORPUS_LOGS])
    return ([(testdata / name, key) for name, key in OWN_HIVES],
            [(testdata / folder / name, sorted((testdata / folder).glob(name + ".LOG*")))
             for folder, name in OWN_LOGS])


def find_corpus(given):
    corpus = Path(os.environ.get("WINHIVE_CORPUS") or given or "")
    return corpus if (corpus / CORPUS_HIVES[0][0]).exists() else None


def measure(args):
    bench = Bench(args.exe, args.repeat)
    plain, logged = hives(find_corpus(args.corpus), args.testdata)
    programs = [f"{args.winhive} list --no-logs %"]
    programs += [f"{name} %" for name in ("hivexml", "regfexport") if shutil.which(name)]
    for hive, key in plain:
        bench.run("open", hive)
        if key:
            bench.run("lookup", hive, key, title="open and one lookup")
        bench.run("walk", hive, title="walk, data")
        bench.run("walk-names", hive, title="walk, names and data")
        bench.run("programs", hive, *programs, title="program, to a pipe")
    bench.run("siblings", wide_hive(args.testdata, args.scratch), SIBLINGS)
    for hive, logs in logged:
        bench.run("replay", hive, *logs, title="open and replay")
    return bench.rows


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--exe", required=True, help="bench-winhive")
    parser.add_argument("--winhive", required=True, help="the program")
    parser.add_argument("--testdata", required=True, type=Path)
    parser.add_argument("--corpus")
    parser.add_argument("--scratch", type=Path, default=Path("."))
    parser.add_argument("--repeat", type=int, default=9)
    parser.add_argument("--json", action="store_true")
    args = parser.parse_args()
    rows = measure(args)
    add_ratios(rows)
    if args.json or os.environ.get("WINHIVE_BENCH_JSON"):
        json.dump(rows, sys.stdout, indent=1)
        print()
    else:
        print(f"{'':30}{'median':>11}  {'minimum':>11}{'ratio':>9} {'peak':>12}", end="")
        print_table(rows)
    return 0


if __name__ == "__main__":
    sys.exit(main())
