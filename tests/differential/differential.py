#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Walk hives with winhive and with another library at once (TAP, a line for each hive).

usage: differential.py --peer NAME --exe PROGRAM --testdata DIR [--corpus DIR]

The hives are those of testdata/good and, of the corpus (WINHIVE_CORPUS, or --corpus), those
that are sound: consensus and judged in agreement.tsv.  Where the peer is known to go astray,
LIMITS and REFUSED say how and why; any other difference fails.
"""

import argparse
import collections
import csv
import os
import subprocess
import sys
from pathlib import Path

TIMEOUT = 120
PEER_REFUSES = 3  # exit code
SZ, EXPAND_SZ, LINK = 1, 2, 6
Difference = collections.namedtuple("Difference", "what where name ours theirs type")


# ------------------------------------------------------------ what is known of the peers


def unpaired(name):
    """Does WTF-8 have an unpaired surrogate in it?"""
    return any(a == 0xED and b >= 0xA0 for a, b in zip(name, name[1:]))


def own_name(difference):
    if difference.name is not None:
        return difference.name
    return difference.where.rpartition(b"\\")[2]


def surrogate(difference):
    return unpaired(own_name(difference))


def cut_at_nul(difference):
    return b"\0" in difference.ours and difference.theirs == difference.ours.split(b"\0")[0]


def code_page(difference):
    """Bytes 0x80 to 0x9f of a name, which stand for themselves, read as Windows-1252."""
    try:
        stored = difference.ours.decode().encode("latin-1")
        return difference.theirs == stored.decode("cp1252").encode()
    except UnicodeError:
        return False


def byte_order_mark(difference):
    return difference.theirs == difference.ours.removeprefix("\ufeff".encode())


def from_the_end(difference):
    """Of the four bytes in the value it takes the last ones; the data are the first ones."""
    size = len(difference.ours)
    if size > 3:
        return False
    known = difference.ours[4 - size:]
    return difference.theirs[:len(known)] == known


def string_end(difference):
    """It looks for the NUL itself: before the end of the data, or in the slack behind them."""
    if difference.type not in (SZ, EXPAND_SZ, LINK):
        return False
    ours, theirs = difference.ours, difference.theirs
    return ours.startswith(theirs) or theirs.startswith(ours)


def string_in_value(difference):
    return len(difference.ours) < 4 and difference.type in (SZ, EXPAND_SZ, LINK)


def always(_):
    return True


LIMITS = {  # what differs, how to know it, why it is no fault of ours
    "hivex": [
        ("tombstone-unreadable", always, "hivex takes the data of a tombstone for a bad reference"),
        ("key-unreadable", surrogate, "hivex cannot convert an unpaired surrogate"),
        ("value-unreadable", surrogate, "hivex cannot convert an unpaired surrogate"),
    ],
    "regf": [
        ("key-name", cut_at_nul, "libregf ends a name at its first NUL"),
        ("value-name", cut_at_nul, "libregf ends a name at its first NUL"),
        ("key-name", code_page, "libregf reads compressed names as Windows-1252"),
        ("value-name", code_page, "libregf reads compressed names as Windows-1252"),
        ("key-name", byte_order_mark, "libregf takes U+FEFF for a byte order mark"),
        ("value-name", byte_order_mark, "libregf takes U+FEFF for a byte order mark"),
        ("key-unreadable", surrogate, "libregf cannot convert an unpaired surrogate"),
        ("value-unreadable", surrogate, "libregf cannot convert an unpaired surrogate"),
        ("inline-data", from_the_end, "libregf takes short data from the wrong end of the field"),
        ("inline-data", string_in_value, "libregf makes two bytes of a string of one"),
        ("data", string_end, "libregf ends strings at a NUL, not where the data end"),
    ],
}

REFUSED = {  # hives that the peer does not open, or cannot read a part of
    "hivex": {
        "checksum-0.hive": "hivex does not know that a checksum of 0 is stored as 1",
        "checksum-ffffffff.hive": "hivex does not know that a checksum of -1 is stored as -2",
        "version-1.1.hive": "hivex does not know the cells of version 1.1",
    },
    "regf": {
        "checksum-0.hive": "libregf does not know that a checksum of 0 is stored as 1",
        "checksum-ffffffff.hive": "libregf does not know that a checksum of -1 is stored as -2",
        "version-1.1.hive": "libregf does not know the cells of version 1.1",
    },
}

SPECIAL = {  # peer, end of the name of the hive, what: a limit that shows in these alone
    ("regf", "1.4.hive", "big-data"): "libregf looks for big data from version 1.5 on",
}


def why_known(peer, hive, difference):
    for (name, ending, what), reason in SPECIAL.items():
        if (name, what) == (peer, difference.what) and hive.name.endswith(ending):
            return reason
    for what, holds, reason in LIMITS[peer]:
        if what == difference.what and holds(difference):
            return reason
    return None


# ------------------------------------------------------------------------------- the test


def parse(line):
    what, where, ours, theirs, number = line.split("\t")
    key, _, name = where.partition(":")
    if not what.endswith(("name", "data")):
        return Difference(what, bytes.fromhex(key), bytes.fromhex(name) if ":" in where else None,
                          ours, theirs, int(number))
    return Difference(what, bytes.fromhex(key), bytes.fromhex(name) if ":" in where else None,
                      bytes.fromhex(ours), bytes.fromhex(theirs), int(number))


def show(difference):
    def text(value):
        value = value.hex() if isinstance(value, bytes) and difference.what.endswith("data") \
            else str(value)
        return value if len(value) < 80 else value[:80] + "..."
    where = difference.where.decode("utf-8", "backslashreplace")
    if difference.name is not None:
        where += " value " + difference.name.decode("utf-8", "backslashreplace")
    return (f"{difference.what} at {where!r}: winhive {text(difference.ours)}, "
            f"peer {text(difference.theirs)}, type {difference.type}")


def compare(exe, peer, hive):
    """Reasons to fail, and remarks on what is known."""
    # libregf leaks when it cannot convert a name; our own leaks are looked for elsewhere.
    environ = os.environ | {"ASAN_OPTIONS": "detect_leaks=0"}
    try:
        run = subprocess.run([exe, hive], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
                             text=True, timeout=TIMEOUT, env=environ)
    except subprocess.TimeoutExpired:
        return [f"no end after {TIMEOUT} s"], []
    reason = REFUSED[peer].get(hive.name)
    if run.returncode == PEER_REFUSES:
        return ([], [f"refused: {reason}"]) if reason else (["the peer refuses it"], [])
    if run.returncode != 0:
        return [f"exit status {run.returncode}"], []
    if reason:
        return [f"the peer opens it, against the table of this test ({reason})"], []
    *lines, last = run.stdout.splitlines()
    if not last.startswith("walked\t"):
        return ["the walk did not end"], []
    wrong, known = [], collections.Counter()
    for difference in map(parse, lines):
        why = why_known(peer, hive, difference)
        if why:
            known[why] += 1
        else:
            wrong.append(show(difference))
    _, keys, values = last.split("\t")
    return wrong, [f"{keys} keys, {values} values"] + [
        f"{count} x {why}" for why, count in sorted(known.items())]


def find_hives(testdata, given):
    """Pairs of a name to show and a file."""
    for path in sorted((testdata / "good").glob("*.hive")):
        yield path.name, path
    corpus = Path(os.environ.get("WINHIVE_CORPUS") or given or "nowhere")
    expected = Path(os.environ.get("WINHIVE_EXPECTED") or corpus / ".." / "expected")
    if not (expected / "agreement.tsv").is_file():
        return
    with (expected / "agreement.tsv").open(encoding="utf-8", newline="") as f:
        for row in csv.DictReader(f, delimiter="\t", quoting=csv.QUOTE_NONE):
            if row["verdict"] in ("consensus", "judged"):
                yield row["hive"], corpus / row["hive"]


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--peer", required=True, choices=sorted(LIMITS))
    parser.add_argument("--exe", help="compare-hivex or compare-regf; without it the test skips")
    parser.add_argument("--testdata", type=Path)
    parser.add_argument("--corpus")
    args = parser.parse_args()
    if not args.exe:
        print(f"1..0 # SKIP no library {args.peer} here")
        return 0
    count = failed = 0
    for name, hive in find_hives(args.testdata, args.corpus):
        wrong, remarks = compare(args.exe, args.peer, hive)
        count += 1
        failed += bool(wrong)
        print(f"{'not ok' if wrong else 'ok'} {count} - {name}: {'; '.join(remarks)}")
        for line in wrong[:10]:
            print(f"# {line}")
        if len(wrong) > 10:
            print(f"# and {len(wrong) - 10} more")
    print(f"1..{count}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
