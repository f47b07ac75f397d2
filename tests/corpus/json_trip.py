#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Every sound hive of the corpus goes out as JSON and comes back the same.

--winhive is the program of json_trip.c, which compares what comes back. A hive of which not all can
be read is refused, and only such a one.
"""

import corpus

REFUSED = 5  # exit code


def why_wrong(program, hive, sound):
    """A reason, or None; and what was done."""
    code, output, _ = program.run(hive)
    done = output.decode("utf-8", "replace").strip()
    if code == REFUSED and not sound:
        return None, "refused"
    if code != 0:
        return program.why_died(code) or f"exit {code}: {done}", ""
    return None, done


def main():
    args = corpus.arguments(__doc__)
    places = corpus.open_corpus(args.corpus)
    program, tap = corpus.Program(args.winhive), corpus.Tap()
    for row in places.rows("agreement.tsv"):
        if row["verdict"] in ("consensus", "judged"):
            why, done = why_wrong(program, places.folder / row["hive"],
                                  row["verdict"] == "consensus")
            tap.result(f"{row['hive']}: {done}", why)
    tap.finish()


if __name__ == "__main__":
    main()
