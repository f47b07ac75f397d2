#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Golden tests of the program.

    run.py PROGRAM TESTDATA [CASE ...]
    run.py --rebase PROGRAM TESTDATA [CASE ...]

cases/NAME.cmd is run by sh in TESTDATA/good.  It finds the program in $WINHIVE, which it
must not quote (a wrapper may stand before it), and an empty folder of its own in $TMP.

    NAME.out    what it prints; "$TMP" stands for the folder
    NAME.err    what it says on standard error
    NAME.exit   its exit code

A file that is not there means nothing printed, nothing said, 0.

--rebase writes these files anew: look at the difference before it is committed.
WINHIVE_WRAPPER, if set, is put before the program, so that it can run under another one.
"""

import difflib
import os
import signal
import subprocess
import sys
import tempfile

from tap import Tap

CASES = os.path.join(os.path.dirname(os.path.abspath(__file__)), "cases")
TIMEOUT = 300


def path_of(name, kind):
    return os.path.join(CASES, f"{name}.{kind}")


def read(name, kind, default=b""):
    try:
        with open(path_of(name, kind), "rb") as file:
            return file.read()
    except FileNotFoundError:
        return default


def write(name, kind, content):
    if content:
        with open(path_of(name, kind), "wb") as file:
            file.write(content)
    elif os.path.exists(path_of(name, kind)):
        os.remove(path_of(name, kind))


def run(name, program, testdata):
    """What the case prints, says and returns."""
    with tempfile.TemporaryDirectory(prefix="winhive-") as folder:
        wrapper = os.environ.get("WINHIVE_WRAPPER", "")
        env = {"WINHIVE": f"{wrapper} {program}".strip(), "TMP": folder, "LC_ALL": "C",
               "PATH": os.environ["PATH"]}
        done = subprocess.run(["sh", path_of(name, "cmd")], cwd=os.path.join(testdata, "good"),
                              env=env, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                              stderr=subprocess.PIPE, timeout=TIMEOUT, check=False,
                              preexec_fn=lambda: signal.signal(signal.SIGPIPE, signal.SIG_DFL))
        mask = folder.encode()
        return (done.stdout.replace(mask, b"$TMP"), done.stderr.replace(mask, b"$TMP"),
                b"%d\n" % done.returncode if done.returncode else b"")


def difference(kind, due, got):
    lines = [text.decode("utf-8", "backslashreplace").splitlines() for text in (due, got)]
    return "\n".join(difflib.unified_diff(*lines, f"{kind} as it should be", f"{kind} as it is",
                                          lineterm="", n=1))


def snapshot(testdata):
    """Name, size and time of all test hives: the program must not touch them."""
    found = {}
    for top in ("good", "broken", "logs", "windows"):
        for folder, _, names in os.walk(os.path.join(testdata, top)):
            for name in names:
                st = os.stat(os.path.join(folder, name))
                found[os.path.join(folder, name)] = (st.st_size, st.st_mtime_ns)
    return found


def names_of_cases():
    return sorted(name[:-4] for name in os.listdir(CASES) if name.endswith(".cmd"))


def main():
    args = sys.argv[1:]
    rebase = "--rebase" in args
    args = [arg for arg in args if arg != "--rebase"]
    program, testdata = os.path.abspath(args[0]), os.path.abspath(args[1])
    names = args[2:] or names_of_cases()
    if rebase:
        for name in names:
            for kind, content in zip(("out", "err", "exit"), run(name, program, testdata)):
                write(name, kind, content)
        return
    tap = Tap(len(names) + 2)
    before = snapshot(testdata)
    for name in names:
        remarks = []
        for kind, got in zip(("out", "err", "exit"), run(name, program, testdata)):
            due = read(name, kind)
            if due != got:
                remarks.append(difference(kind, due, got))
        tap.ok(not remarks, name, *remarks)
    tap.ok(snapshot(testdata) == before, "no test hive has changed")
    stray = [name for name in os.listdir(CASES) if name.rpartition(".")[0] not in names_of_cases()]
    tap.ok(not stray, "each file belongs to a case", *stray)
    tap.finish()


if __name__ == "__main__":
    main()
