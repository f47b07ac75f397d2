#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Measure winhive beside the other libraries and programs that read hives.

usage: bench.py --exe BENCH --edit-exe BENCH --winhive PROGRAM --testdata DIR [--corpus DIR]
                [--python PROGRAM --python-path DIR [--only-python]]
                [--scratch DIR] [--repeat N] [--json]

Hives of the corpus (WINHIVE_CORPUS, or --corpus) if there is one, else those of testdata.
Every task runs N times, the libraries taking turns, each time in a process of its own.
Times are the median and the minimum; "x" says how many times as long as winhive it took, by the
one and by the other, as what else a machine does makes times longer only; peak is the memory of
the whole process, the program and its libraries too.
What a library took is measured on a core that it has for itself (share.h), where that can be
had; of which measurements it could not be is said.
Libraries that write also say how many bytes they gave to the system to be written.
"""

import argparse
import json
import os
import shutil
import statistics
import subprocess
import sys
import time
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
QUERIES = 100_000
CORPUS_VALUES = [  # a value, of a key at the top and one further down
    ("regipy/SYSTEM_WIN_10_1709", "Select", "Current"),
    ("regipy/SYSTEM_WIN_10_1709", r"ControlSet001\Services\Tcpip\Parameters", "DataBasePath")]
OWN_VALUES = [("good/sample.hive", "Select", "Current")]
OWN_HIVES = [("good/lists-1.5.hive", "0508"), ("good/values-1.5.hive", None)]
CREATED = [  # keys, and how many of them have the same parent
    (10_000, 1_000), (100_000, 1_000), (1_000_000, 1_000), (100_000, 100_000)]
VALUES_SET = 3_000, 100_000
TOO_SLOW = 100_000, 1_000, 3_000  # for more keys, more to a parent, or more values, another
                                  # library needs minutes
OWN_LOGS = [("logs/new-two-logs", "SYSTEM")]


class Bench:
    def __init__(self, exe, edit_exe, repeat):
        self.exe, self.edit_exe, self.repeat = exe, edit_exe, repeat
        self.rows = []

    def edit(self, title, repeat, *args, only=None):
        """The same for libraries that write."""
        command = [self.edit_exe, str(repeat), *map(str, args)] + ([only] if only else [])
        output = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout
        runs = {}
        for line in output.splitlines():
            name, *fields = line.split("\t")
            runs.setdefault(name, []).append(fields)
        for name, measures in runs.items():
            self.rows.append(edit_row(title, args[1], name, measures))

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
    keys, values, data, total, lookups = map(int, measures[0][4:9])
    if task.startswith(("walk", "check")):  # of an open hive
        totals = works
    if lookups and task.startswith(("siblings", "query", "names")):  # of one
        totals = [float(fields[1]) / int(fields[8]) for fields in measures]
    return row | {"median": statistics.median(totals), "min": min(totals),
                  "peak_kib": max(int(fields[3]) for fields in measures),
                  "shared": sum(fields[9:] == ["0"] for fields in measures),
                  "keys": keys, "values": values, "data": data, "sum": total}


def edit_row(task, hive, name, measures):
    row = {"task": task, "hive": Path(hive).name, "name": name}
    if any(fields == ["failed"] for fields in measures):
        return row | {"bytes": 0, "failed": True}
    times = [float(fields[0]) for fields in measures]
    return row | {"bytes": int(measures[0][3]), "median": statistics.median(times),
                  "min": min(times), "peak_kib": max(int(fields[1]) for fields in measures),
                  "written": max(int(fields[2]) for fields in measures)}


# Who can walk a hive from Python, and the module that it takes.
MODULES = {"winhive": "winhive", "python3-hivex": "hivex", "yarp": "yarp.Registry",
           "python-registry": "Registry.Registry", "regipy": "regipy.registry"}
ONCE = {"yarp", "python-registry", "regipy"}  # all in Python: they need seconds, or minutes
# Tasks in Python, and who does each: its name, and which of read_python.py it is.
IN_PYTHON = {
    "walk, in Python, nothing asked for": {"winhive": "walk", "python3-hivex": "hivex-bare"},
    "walk, in Python, all as objects": {"winhive": "scan", "python3-hivex": "hivex"},
    "walk, in Python, each asked for": {"winhive": "loop", "python3-hivex": "hivex-loop"} |
                                       {name: name for name in ONCE},
}


def walk_in_python(bench, hive, python, path):
    """From Python, with the package in 'path', each time in a process of its own."""
    script = Path(__file__).with_name("read_python.py")
    paths = filter(None, [path, os.environ.get("PYTHONPATH")])
    env = os.environ | {"PYTHONPATH": os.pathsep.join(paths)}

    def run(*args):
        return subprocess.run([python, "-B", *args], check=False, text=True, env=env,
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE)

    there = [name for name in MODULES if not run("-c", f"import {MODULES[name]}").returncode]
    for title, readers in IN_PYTHON.items():
        runs = {name: [] for name in there if name in readers}
        for turn in range(bench.repeat):
            for name, measures in runs.items():
                if turn == 0 or name not in ONCE:
                    line = run(script, readers[name], hive)
                    measures.append(["failed"] if line.returncode else line.stdout.split("\t"))
        for name, measures in runs.items():
            bench.rows.append(row_of(title, hive, name, measures))


def set_by_program(bench, title, hive, key, scratch, winhive):
    """Set one value through programs; the data differ each time, or nothing would be written."""
    copy = scratch / f"set-{hive.name}"
    script = scratch / "set.hivexsh"
    names = ["winhive"] + (["hivexsh"] if shutil.which("hivexsh") else [])
    runs = {name: [] for name in names}
    for index in range(bench.repeat):
        for name in names:
            shutil.copyfile(hive, copy)
            script.write_text(f"cd {key}\nsetval 1\nwinhive\ndword:{index}\ncommit\n")
            command = {"winhive": [winhive, "add", copy, key, "-v", "winhive", "-t", "REG_DWORD",
                                   "-d", str(index), "-f", "--take-dirty"],
                       "hivexsh": ["hivexsh", "-w", "-f", script, copy]}[name]
            begin = time.monotonic()
            subprocess.run(list(map(str, command)), check=True, stdout=subprocess.DEVNULL)
            runs[name].append(time.monotonic() - begin)
    for name, times in runs.items():
        bench.rows.append({"task": title, "hive": hive.name, "bytes": hive.stat().st_size,
                           "name": name, "median": statistics.median(times), "min": min(times),
                           "peak_kib": 0})
    copy.unlink()
    script.unlink()


def compact_by_program(bench, title, hive, scratch, winhive):
    """The program, beside what reading and writing as many bytes costs."""
    out = scratch / f"compacted-{hive.name}"
    commands = {"winhive": [winhive, "compact", hive, "-o", out, "-f", "--take-dirty"],
                "cp": ["cp", hive, out]}
    runs = {name: [] for name in commands}
    for _ in range(bench.repeat):
        for name, command in commands.items():
            begin = time.monotonic()
            subprocess.run(list(map(str, command)), stdout=subprocess.DEVNULL,
                           stderr=subprocess.DEVNULL, check=False)
            runs[name].append(time.monotonic() - begin)
    for name, times in runs.items():
        bench.rows.append({"task": title, "hive": hive.name, "bytes": hive.stat().st_size,
                           "name": name, "median": statistics.median(times), "min": min(times),
                           "peak_kib": 0})
    out.unlink()


def add_ratios(rows):
    ours = {(row["task"], row["hive"]): row for row in rows
            if row["name"].split()[0].endswith("winhive") and "median" in row}
    for row in rows:
        base = ours.get((row["task"], row["hive"]))
        if base and "median" in row:
            row["ratio"] = row["median"] / base["median"]
            row["ratio_of_minima"] = row["min"] / base["min"]


def seconds(value):
    for unit, factor in (("s ", 1), ("ms", 1e3), ("us", 1e6)):
        if value * factor >= 1:
            break
    return f"{value * factor:8.3f} {unit}"


def found(row):
    if "written" in row:
        return f"{row['written']:,} bytes written"
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
        ratio = (f"{row['ratio']:7.2f} x{row['ratio_of_minima']:8.2f} x" if "ratio" in row
                 else " " * 19)
        peak = f"{row['peak_kib'] / 1024:7.1f} MiB"
        shared = f"  (core shared in {row['shared']})" if row.get("shared") else ""
        print(f"  {row['name']:<28}{seconds(row['median'])}  {seconds(row['min'])} {ratio} "
              f"{peak}  {found(row)}{shared}".rstrip())


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


def measure_edits(bench, args, hive, key):
    empty, out = args.testdata / "good/minimal.hive", args.scratch / "created.hive"
    for count, per_parent in CREATED:
        bench.edit(f"create {count:,} keys with 5 values, {per_parent:,} to a parent",
                   min(bench.repeat, 3), "create", empty, out, count, per_parent,
                   only=None if count <= TOO_SLOW[0] and per_parent <= TOO_SLOW[1] else "winhive")
    for count in VALUES_SET:
        bench.edit(f"set {count:,} values of one key, one by one", min(bench.repeat, 3), "values",
                   empty, out, count, 1, only=None if count <= TOO_SLOW[2] else "winhive")
    for count in (1, 1_000):
        bench.edit(f"{count:,} edits and commit", bench.repeat, "edit", hive, out, count)
    if key:
        set_by_program(bench, "set one value, the program", hive, key, args.scratch, args.winhive)
    compact_by_program(bench, "compact, the program", hive, args.scratch, args.winhive)


def measure(args):
    bench = Bench(args.exe, args.edit_exe, args.repeat)
    plain, logged = hives(find_corpus(args.corpus), args.testdata)
    if args.only_python:
        walk_in_python(bench, plain[0][0], args.python, args.python_path)
        return bench.rows
    programs = [f"{args.winhive} list --no-logs %"]
    programs += [f"{name} %" for name in ("hivexml", "regfexport") if shutil.which(name)]
    for hive, key in plain:
        bench.run("open", hive)
        if key:
            bench.run("lookup", hive, key, title="open and one lookup")
        bench.run("walk", hive, title="walk, data")
        bench.run("walk-names", hive, title="walk, names and data")
        bench.run("open-walk", hive, title="open and walk, names and data")
        bench.run("check", hive, title="check, to be compared with the walk")
        bench.run("programs", hive, *programs, title="program, to a pipe")
    corpus = find_corpus(args.corpus)
    for name, key, value in CORPUS_VALUES if corpus else OWN_VALUES:
        bench.run("query", (corpus or args.testdata) / name, key, value, QUERIES,
                  title=f"query: open, read {value}, close")
    bench.run("names", wide_hive(args.testdata, args.scratch), title="names of subkeys, each")
    if args.python:
        walk_in_python(bench, plain[0][0], args.python, args.python_path)
    bench.run("siblings", wide_hive(args.testdata, args.scratch), SIBLINGS)
    for hive, logs in logged:
        bench.run("replay", hive, *logs, title="open and replay")
    measure_edits(bench, args, *plain[0])
    return bench.rows


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--exe", required=True, help="bench-winhive")
    parser.add_argument("--edit-exe", required=True, help="bench-edit")
    parser.add_argument("--winhive", required=True, help="the program")
    parser.add_argument("--python", help="a Python to measure the package in")
    parser.add_argument("--python-path", help="the folder that the package winhive is in")
    parser.add_argument("--only-python", action="store_true", help="nothing else")
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
        print(f"{'':30}{'median':>11}  {'minimum':>11}{'ratios of both':>20} "
              f"{'peak':>12}", end="")
        print_table(rows)
    return 0


if __name__ == "__main__":
    sys.exit(main())
