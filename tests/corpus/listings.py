#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Every hive of the corpus is listed as independent readers list it, as its verdict asks:

consensus, judged   must be listed, exit 0, equal to the listing that is known
either              may be refused; what is listed (exit 0 or 3) must be equal
reject              must be refused, or listed with exit 3
contested           anything but dying or running out of time
"""

import gzip
import hashlib
import json

import corpus


def describe(line):
    try:
        key = json.loads(line)
        return f"{key['path']!r} with {len(key['values'])} values"
    except (ValueError, KeyError):
        return repr(line[:100])


def first_difference(expected, got):
    want, have = expected.splitlines(), got.splitlines()
    for number, (a, b) in enumerate(zip(want, have), 1):
        if a != b:
            at = next((i for i, (x, y) in enumerate(zip(a, b)) if x != y), min(len(a), len(b)))
            return (f"line {number}: expected {describe(a)}, got {describe(b)}\n"
                    f"expected ...{a[max(at - 30, 0):at + 60]!r}\n"
                    f"got      ...{b[max(at - 30, 0):at + 60]!r}")
    return f"{len(want)} keys expected, {len(have)} got"


def why_wrong(program, verdict, expected, result):
    """A reason, or None.  'expected' has the listing; it is not asked for when not needed."""
    code, got, errors = result
    died = program.why_died(code)
    if died or verdict == "contested":
        return died
    listed = code in (0, 3)
    if verdict == "reject":
        return "listed as whole, must be refused" if code == 0 else None
    if verdict in ("consensus", "judged") and code != 0:
        tail = errors.decode("utf-8", "replace").strip()[-300:]
        return f"not listed whole (exit {code}): {tail}"
    if listed and got != expected():
        return first_difference(expected(), got)
    return None


def check_as_it_is(tap, program, places, row):
    hive = places.folder / row["hive"]
    code, got, errors = program.run("list", "--no-logs", hive)
    if code == 0 and hashlib.sha256(got).hexdigest() == row["ordered_sha256"]:
        why = "listed as whole, must be refused" if row["verdict"] == "reject" else None
    else:
        path = places.expected / "listings" / (row["hive"] + ".jsonl.gz")
        why = why_wrong(program, row["verdict"], lambda: gzip.decompress(path.read_bytes()),
                        (code, got, errors))
    tap.result(f"{row['hive']}: {row['verdict']}, exit {code}", why)


def check_recovered(tap, program, places, row, given):
    """With its logs: those beside it, or those 'given'."""
    logs = [places.folder / row[log] for log in ("log1", "log2") if row[log]]
    options = [word for log in logs for word in ("--log", log)] if given else []
    result = program.run("list", *options, places.folder / row["primary"])
    verdict = "consensus" if row["recoverable"] == "yes" else "contested"
    path = places.expected / "listings" / (row["primary"] + ".recovered.jsonl.gz")
    why = why_wrong(program, verdict, lambda: gzip.decompress(path.read_bytes()), result)
    how = "logs given" if given else "logs found"
    tap.result(f"{row['primary']}, {how}: recoverable {row['recoverable']}, exit {result[0]}", why)


def beside(row):
    """Logs whose names are that of the hive with an ending are found without being given."""
    hive = row["primary"].lower()
    return all(not row[log] or row[log].lower().startswith(hive + ".log")
               for log in ("log1", "log2"))


def main():
    args = corpus.arguments(__doc__)
    places = corpus.open_corpus(args.corpus)
    program, tap = corpus.Program(args.winhive), corpus.Tap()
    for row in places.rows("agreement.tsv"):
        check_as_it_is(tap, program, places, row)
    for row in places.rows("recovered.tsv"):
        if beside(row):
            check_recovered(tap, program, places, row, False)
        check_recovered(tap, program, places, row, True)
    tap.finish()


if __name__ == "__main__":
    main()
