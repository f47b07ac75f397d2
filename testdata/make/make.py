#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Write all test hives: make.py [FOLDER], or the folder above this one."""

import sys
from pathlib import Path

import broken
import good
import logcases
import seeds
import windows


class Folder:
    """A folder that knows what was written to it."""

    def __init__(self, path):
        self.path = path
        self.written = set()

    def write(self, name, data):
        path = self.path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
        self.written.add(path)

    def write_table(self, name, rows):
        self.write(name, "".join("\t".join(row) + "\n" for row in rows).encode())

    def strangers(self):
        """Files that were there already and are not made any more."""
        return sorted(path for path in self.path.rglob("*")
                      if path.is_file() and path not in self.written)


def write_good(folder):
    for name, hive in good.hives():
        folder.write(f"{name}.hive", hive.bytes)


def write_broken(folder):
    cases = sorted(broken.cases(), key=lambda case: case.name)
    for case in cases:
        folder.write(f"{case.name}.hive", case.data)
    folder.write_table("expected.tsv", [
        ("file", "rules", "exit", "sound", "found", "checked", "note")] + [
        (f"{case.name}.hive", ",".join(case.rules), str(case.exit), case.sound,
         ",".join(case.found), ",".join(case.checked), case.note) for case in cases])


def write_logs(folder):
    cases = sorted(logcases.cases(), key=lambda case: case.name)
    for case in cases:
        for name, data in case.files.items():
            folder.write(f"{case.name}/{name}", data)
        if case.expected:
            folder.write(f"{case.name}/expected.hive", case.expected)
    folder.write_table("expected.tsv", [
        ("case", "hive", "state", "rules", "checked", "note")] + [
        (case.name, case.hive, case.state, ",".join(case.rules), ",".join(case.checked),
         case.note) for case in cases])


def write_windows(folder):
    for volume, files in windows.volumes():
        for name, data in files.items():
            folder.write(f"{volume}/{name}", data)


def write_seeds(folder):
    cases = {case.name: case for case in logcases.cases()}

    def log_files(name):
        case = cases[name]
        logs = [case.files.get(case.hive + suffix, b"") for suffix in (".LOG1", ".LOG2")]
        return [case.files[case.hive], *logs]

    def hive(path):
        made, name = path.split("/")
        return (folder.path.parent / made / name).read_bytes()

    for name, data in seeds.seeds(log_files, hive):
        folder.write(f"{name}.seed", data)


def main(top):
    status = 0
    for name, write in (("good", write_good), ("broken", write_broken), ("logs", write_logs),
                        ("windows", write_windows)):
        folder = Folder(top / name)
        write(folder)
        for path in folder.strangers():
            print(f"make.py: {path}: not made by this program, remove it", file=sys.stderr)
            status = 1
    # Beside what the fuzzers found, which nobody makes; some are made of the hives above.
    write_seeds(Folder(top / "fuzz"))
    return status


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).resolve().parents[1]))
