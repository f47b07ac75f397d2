#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""A hive with its logs replayed is, byte for byte, what Windows made of the same files."""

import tempfile
from pathlib import Path

import corpus

# Hive, what Windows wrote, and where the two may differ: first and last offset, and why.
CASES = [
    ("yarp/NewDirtyHive1/NewDirtyHive", "yarp/NewDirtyHive1/RecoveredHive_Windows10", []),
    ("yarp/OldDirtyHive/OldDirtyHive", "yarp/OldDirtyHive/RecoveredHive_Windows7", [
        (4, 11, "sequence numbers: Windows went on to use the hive"),
        (12, 19, "time of the last write"),
        (48, 111, "file name: it was loaded from another place"),
        (508, 511, "checksum of the above"),
        (4096 + 20, 4096 + 27, "time in the first bin"),
        # 24 in the file, but the name is "V": Windows counts anew when it touches the key.
        (0x6bdc8, 0x6bdc8, "longest name of a value of key 4500"),
    ]),
]


def strays(got, expected, allowed):
    """Offsets that differ and may not, and allowed places that do not differ."""
    differ = {i for i, (a, b) in enumerate(zip(got, expected)) if a != b}
    places = {i for first, last, _ in allowed for i in range(first, last + 1)}
    unused = [f"0x{first:x}" for first, last, _ in allowed
              if differ.isdisjoint(range(first, last + 1))]
    return sorted(differ - places), unused


def why_wrong(program, hive, expected, allowed, folder):
    output = folder / "recovered"
    code, _, errors = program.run("replay", hive, "-o", output)
    if code != 0:
        return f"exit {code}: {errors.decode('utf-8', 'replace')}"
    got, want = output.read_bytes(), expected.read_bytes()
    if len(got) != len(want):
        return f"{len(got)} bytes, Windows has {len(want)}"
    differ, unused = strays(got, want, allowed)
    if differ:
        return "differs at " + " ".join(f"0x{i:x}" for i in differ[:20])
    if unused:
        return "does not differ, against the table of this test: " + " ".join(unused)
    return None


def main():
    args = corpus.arguments(__doc__)
    places = corpus.open_corpus(args.corpus)
    program, tap = corpus.Program(args.winhive), corpus.Tap()
    for hive, expected, allowed in CASES:
        with tempfile.TemporaryDirectory() as folder:
            why = why_wrong(program, places.folder / hive, places.folder / expected, allowed,
                            Path(folder))
        tap.result(f"{hive}: as {Path(expected).name}", why)
    tap.finish()


if __name__ == "__main__":
    main()
