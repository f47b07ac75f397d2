# SPDX-License-Identifier: MIT
"""Seeds for the harnesses that do not take a hive as it is: see fuzz/fuzz_logs.c, fuzz_names.c."""

NOTHING, EVERYTHING = 0, 7  # of what fuzz_logs can put right

CASES = ["new-one-log", "new-two-logs-reversed", "new-growth", "new-bad-bin", "old-one-log",
         "old-two-logs"]

NAMES = {
    "latin-1": (0, ["abc", "ABC", "abd"]),
    "mixed": (5, ["Name", "Name", "NAMEN"]),
    "upcase": (7, ["\u00ff\u00df", "\u0178\u1e9e", "\u03c3\u03c2"]),
    "surrogates": (7, ["\ud801\udc10", "\ud801", "\uff21"]),
    "nul": (2, ["a\0b", "a\0b", ""]),
}


def pack_logs(fix, hive, logs):
    lengths = len(hive).to_bytes(3, "little") + len(logs[0]).to_bytes(3, "little")
    return bytes([fix]) + lengths + hive + logs[0] + logs[1]


def pack_names(wide, names):
    parts = [name.encode("utf-16-le", "surrogatepass") if wide >> i & 1 else
             name.encode("latin-1") for i, name in enumerate(names)]
    return bytes([wide, len(parts[0]), len(parts[1])]) + b"".join(parts)


def seeds(log_files):
    """Name and bytes of each seed; log_files(case) gives the hive and its two logs."""
    for case in CASES:
        hive, *logs = log_files(case)
        yield f"logs/{case}", pack_logs(NOTHING, hive, logs)
        yield f"logs/{case}.fixed", pack_logs(EVERYTHING, hive, logs)
    for name, (wide, names) in NAMES.items():
        yield f"names/{name}", pack_names(wide, names)
