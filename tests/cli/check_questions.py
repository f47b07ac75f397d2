#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""What the program asks on a terminal, and a file that it may not write (TAP).

    check_questions.py PROGRAM TESTDATA

Standard input and standard error are a terminal of ours; answers are given one by one.
"""

import os
import pty
import shlex
import shutil
import subprocess
import sys
import tempfile

from tap import Tap

NOBODY = 65534
WRAPPER = shlex.split(os.environ.get("WINHIVE_WRAPPER", ""))


def ask(command, answers):
    """Exit code, what is printed, and what is said; the terminal echoes the answers."""
    ours, theirs = pty.openpty()
    with subprocess.Popen(command, stdin=theirs, stderr=theirs,
                          stdout=subprocess.PIPE) as process:
        os.close(theirs)
        os.write(ours, "".join(answer + "\n" for answer in answers).encode())
        said = b""
        try:
            while part := os.read(ours, 4096):
                said += part
        except OSError:  # the other side is closed
            pass
        printed = process.stdout.read().decode()
    os.close(ours)
    return process.returncode, printed, said.decode()


class Case:
    def __init__(self, tap, program, testdata):
        self.tap, self.program = tap, program
        self.sample = os.path.join(testdata, "good", "sample.hive")

    def check(self, name, words, answers, code, *printed, asked=None, changed=True):
        """The hive is a copy of the sample; HIVE in 'words' is its path."""
        with tempfile.TemporaryDirectory(prefix="winhive-") as folder:
            hive = os.path.join(folder, "hive")
            shutil.copyfile(self.sample, hive)
            words = [word.replace("HIVE", hive) for word in words]
            got, out, said = ask([*WRAPPER, self.program, *words], answers)
            wrong = []
            if got != code:
                wrong.append(f"exit code {got}")
            wrong += [f"not printed: {text}" for text in printed if text not in out]
            if asked is not None and said.count("? (") != asked:
                wrong.append(f"asked {said.count('? (')} times, not {asked}")
            with open(hive, "rb") as a, open(self.sample, "rb") as b:
                if (a.read() != b.read()) != changed:
                    wrong.append("the hive has changed" if not changed else "no change")
            self.tap.ok(not wrong, name, *wrong, out, said)


def questions(case):
    current = ["add", "HIVE", "Select", "-v", "Current", "-t", "DWORD", "-d", "7"]
    case.check("overwrite: yes", current, ["y"], 0, "0x7 (was 0x1)", asked=1)
    case.check("overwrite: no", current, ["No"], 1, asked=1, changed=False)
    case.check("overwrite: neither, then yes", current, ["maybe", "", "YES"], 0, asked=3)
    case.check("overwrite: all is no answer here", current, ["all", "n"], 1, asked=2,
               changed=False)
    case.check("overwrite: end of input", current, ["\x04"], 1, asked=1, changed=False)
    case.check("overwrite: -f", [*current, "-f"], [], 0, asked=0)
    case.check("delete one key", ["delete", "HIVE", "Select"], [], 0, asked=0)
    case.check("delete many: yes", ["delete", "HIVE", "ControlSet002"], ["yes"], 0, "4 keys",
               asked=1)
    case.check("delete many: no", ["delete", "HIVE", "ControlSet002"], ["n"], 1, asked=1,
               changed=False)
    copy = ["copy", "HIVE", "Types", "Types", "-s", "--from", case.sample]
    case.check("copy: all", copy, ["a"], 0, "of them replaced", asked=1)
    copy = ["copy", "HIVE", "Setup", "Setup", "--from", case.sample]
    case.check("copy: no, yes, then all", copy, ["n", "y", "a"], 0,
               "(1 key, 4 values, 4 of them replaced)", asked=3)
    case.check("copy: dry run", [*copy, "--dry-run"], ["a"], 0, asked=1, changed=False)
    case.check("a script is not asked about", ["edit", "HIVE"],
               ["add Select -v Current -d 1", "\x04"], 1, asked=0, changed=False)


def kept(case):
    """Values for which the answer was no stay as they are, below the key too."""
    with tempfile.TemporaryDirectory(prefix="winhive-") as folder:
        hive = os.path.join(folder, "hive")
        shutil.copyfile(case.sample, hive)
        run = [*WRAPPER, case.program]
        for key in ("To", "To\\ComputerName", "To\\ComputerName\\ComputerName"):
            for name in ("ComputerName", "CurrentUser"):
                subprocess.run([*run, "add", hive, key, "-v", name, "-d", "mine"],
                               stdout=subprocess.DEVNULL, check=True)
        ask([*run, "copy", hive, "ControlSet001\\Control", "To", "-s"], ["n", "n", "n"])
        got = [subprocess.run([*run, "get", hive, key, name], stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, check=False).stdout
               for key, name in (("To", "CurrentUser"),
                                 ("To\\ComputerName\\ComputerName", "ComputerName"),
                                 ("To", "BootDriverFlags"))]
        case.tap.ok(got == [b"mine\n", b"mine\n", b"20\n"], "what is not to be overwritten", got)


def read_only(case):
    name = "a file that may not be written"
    with tempfile.TemporaryDirectory(prefix="winhive-") as folder:
        hive = os.path.join(folder, "hive")
        shutil.copyfile(case.sample, hive)
        os.chmod(hive, 0o444)
        os.chmod(folder, 0o755)
        user = {"user": NOBODY, "extra_groups": []} if os.geteuid() == 0 else {}
        try:
            done = subprocess.run([*WRAPPER, case.program, "add", hive, "New", "-k"],
                                  capture_output=True, check=False, **user)
        except PermissionError:
            case.tap.skip(name, "nobody may run the program here")
            return
        case.tap.ok(done.returncode == 1 and b"may not be written" in done.stderr, name,
                    done.returncode, done.stderr)


def main():
    program, testdata = map(os.path.abspath, sys.argv[1:])
    tap = Tap()
    case = Case(tap, program, testdata)
    try:
        for terminal in pty.openpty():
            os.close(terminal)
    except OSError as error:
        tap.skip("questions", f"no terminal can be had here: {error}")
    else:
        questions(case)
        kept(case)
    read_only(case)
    tap.finish()


if __name__ == "__main__":
    main()
