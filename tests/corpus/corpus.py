# SPDX-License-Identifier: MIT
"""What the tests of real hives share: where the hives are, what is known of them, TAP.

The hives are no part of this project.  They are looked for in WINHIVE_CORPUS or in the
folder given with --corpus; what independent readers see in them is in WINHIVE_EXPECTED or
in the folder "expected" beside them:

    agreement.tsv       a row for each hive: verdict, digest of its listing, and why
    recovered.tsv       hives with logs, and which of them can be replayed
    listings/           NAME.jsonl.gz, and NAME.recovered.jsonl.gz after replay

Programs are prefixed with WINHIVE_WRAPPER, so that all can be run under valgrind.
"""

import argparse
import csv
import os
import shlex
import subprocess
import sys
from pathlib import Path


class Tap:
    """Results as the Test Anything Protocol has them."""

    def __init__(self):
        self.count = self.failed = 0

    def result(self, name, why=None):
        """One test; it failed if there is a reason why."""
        self.count += 1
        print(f"{'not ok' if why else 'ok'} {self.count} - {name}", flush=True)
        if why:
            self.failed += 1
            for line in str(why).splitlines():
                print(f"# {line}".encode("utf-8", "backslashreplace").decode(), flush=True)

    def skip(self, name, why):
        self.count += 1
        print(f"ok {self.count} - {name} # SKIP {why}", flush=True)

    def finish(self):
        print(f"1..{self.count}")
        sys.exit(1 if self.failed else 0)


def skip_all(why):
    print(f"1..0 # SKIP {why}")
    sys.exit(0)


class Corpus:
    def __init__(self, folder):
        self.folder = Path(os.environ.get("WINHIVE_CORPUS") or folder or "nowhere")
        self.expected = Path(os.environ.get("WINHIVE_EXPECTED") or self.folder / ".." / "expected")
        if not (self.expected / "agreement.tsv").is_file() or not self.folder.is_dir():
            self.folder = None

    def rows(self, table):
        with (self.expected / table).open(encoding="utf-8", newline="") as f:
            return list(csv.DictReader(f, delimiter="\t", quoting=csv.QUOTE_NONE))

    def cases(self):
        """A hive, how it is looked at, and the logs for that: each as it is, some recovered."""
        for row in self.rows("agreement.tsv"):
            yield row["hive"], "as it is", []
        for row in self.rows("recovered.tsv"):
            logs = [row[log] for log in ("log1", "log2") if row[log]]
            yield row["primary"], "recovered", logs

    def files(self):
        return sorted(path for path in self.folder.rglob("*") if path.is_file())


def open_corpus(folder):
    """The corpus, or the end of the test."""
    corpus = Corpus(folder)
    if not corpus.folder:
        skip_all(f"no corpus at {os.environ.get('WINHIVE_CORPUS') or folder}")
    return corpus


def arguments(description):
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("--winhive", required=True, help="the program")
    parser.add_argument("--corpus", help="the folder with the hives")
    return parser.parse_args()


class Program:
    """The program under test."""

    def __init__(self, path):
        wrapper = shlex.split(os.environ.get("WINHIVE_WRAPPER", ""))
        self.command = [*wrapper, path]
        self.limit = 3600 if wrapper else 60

    def run(self, *args):
        """Exit code (None: no answer in time), standard output, standard error."""
        try:
            p = subprocess.run([*self.command, *map(str, args)], stdin=subprocess.DEVNULL,
                               capture_output=True, timeout=self.limit)
        except subprocess.TimeoutExpired:
            return None, b"", b""
        return p.returncode, p.stdout, p.stderr

    def why_died(self, code):
        """A reason, unless it is an exit code that a program gives of its own will."""
        if code is None:
            return f"no answer in {self.limit} s"
        if code < 0 or code > 127:
            return f"died: exit status {code}"
        return None
