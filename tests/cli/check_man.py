#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Is the manual page about the program that there is?

    check_man.py PROGRAM PAGE

Every command and option that 'winhive --help' and 'winhive COMMAND --help' print is in
the manual page, and the page names no others; so is every member of the JSON that the cases
of run.py print.  mandoc, where it is installed, has
nothing to say about the page.
"""

import json
import os
import pathlib
import re
import shlex
import shutil
import subprocess
import sys

from tap import Tap

# Options on the command line: -v, -ve, --no-logs, and /v as reg.exe has them.
OPTION = re.compile(r"(?<![\w/.*-])"
                    r"(--[a-z][a-z0-9-]*|-[a-z]{1,2}|--(?= )|/(?:\?|reg:\d\d|[a-z]{1,2}))"
                    r"(?![\w/.-])")
# An option of the program itself, which is known by everybody and not in its help.
UNLISTED = {"--version"}
# Of other programs, in examples.
FOREIGN = re.compile(r"\| .*")


def ask(program, *args):
    command = shlex.split(os.environ.get("WINHIVE_WRAPPER", "")) + [program, *args]
    return subprocess.run(command, stdout=subprocess.PIPE, check=True).stdout.decode()


def commands_of_help(text):
    """The list after the usage line: two spaces, a name, what it does."""
    head = text.split("\n\n")[1]
    return re.findall(r"^  ([a-z]+) ", head, re.M)


def options_of_help(text):
    text = "\n".join(FOREIGN.sub("", line) for line in text.splitlines())
    return set(OPTION.findall(text))


def words_of_page(source):
    """The options and commands that the macros Fl and Cm name."""
    options, commands = set(), set()
    for line in source.splitlines():
        if not line.startswith(".") or line.startswith('.\\"'):
            continue
        words = line[1:].split()
        for macro, word in zip(words, words[1:]):
            if macro == "Fl":
                options.add("-" + word)
            elif macro == "Cm":
                (options if word.startswith("/") else commands).add(word)
        if line.startswith(".Dl $ winhive"):
            options |= options_of_help(line[len(".Dl $ "):])
    return options, commands


def lint(tap, page):
    if not shutil.which("mandoc"):
        tap.skip("mandoc has nothing to say", "mandoc is not installed")
        return
    said = subprocess.run(["mandoc", "-T", "lint", page], stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, check=False).stdout.decode()
    tap.ok(said == "", "mandoc has nothing to say", said)


def members(item):
    """The names of all members of an object, and of those in it."""
    if isinstance(item, list):
        return set().union(*map(members, item))
    if isinstance(item, dict):
        return set(item).union(*map(members, item.values()))
    return set()


def members_printed():
    """Those of all JSON that the cases of run.py print."""
    found = set()
    for path in pathlib.Path(__file__).with_name("cases").glob("*.out"):
        for line in path.read_text(encoding="utf-8", errors="replace").splitlines():
            try:
                found |= members(json.loads(line))
            except ValueError:
                pass
    return found


def main():
    program, page = sys.argv[1:]
    tap = Tap()
    with open(page, encoding="utf-8") as file:
        page_options, page_commands = words_of_page(file.read())
    top = ask(program, "--help")
    commands = commands_of_help(top)
    options = options_of_help(top)

    tap.ok(commands, "the help lists commands", top)
    for command in commands:
        text = ask(program, command, "--help")
        missing = sorted(options_of_help(text) - page_options)
        options |= options_of_help(text)
        tap.ok(command in page_commands, f"{command} is in the page")
        tap.ok(not missing, f"all options of {command} are in the page", *missing)
    missing = sorted(options_of_help(top) - page_options)
    tap.ok(not missing, "all options of the first help are in the page", *missing)
    strange = sorted(page_commands - set(commands))
    tap.ok(not strange, "the page has no other commands", *strange)
    strange = sorted(page_options - options - UNLISTED)
    tap.ok(not strange, "the page has no other options", *strange)
    # In the order of the help, so that a reader finds both alike.
    with open(page, encoding="utf-8") as file:
        source = file.read()
    order = re.findall(r"^\.It Cm ([a-z]+)", source, re.M)
    order = list(dict.fromkeys(order))
    tap.ok(order == commands, "commands are in the same order", order, commands)
    missing = sorted(members_printed() - set(re.findall(r"\w+", source)))
    tap.ok(not missing, "all members of JSON are in the page", *missing)
    lint(tap, page)
    tap.finish()


if __name__ == "__main__":
    main()
