# SPDX-License-Identifier: MIT
"""Seeds for the harnesses that do not take a hive as it is: see fuzz/fuzz_logs.c, fuzz_names.c."""

NOTHING, EVERYTHING = 0, 7  # of what fuzz_logs can put right

CASES = ["new-one-log", "new-two-logs-reversed", "new-growth", "new-bad-bin", "old-one-log",
         "old-two-logs"]

SOUND, DAMAGED = 2, 3  # how fuzz_edit opens the hive

EDITED = {"sound-1.3": "good/version-1.3.hive", "sound-1.5": "good/names.hive",
          "order": "broken/list-order.swapped.hive", "shared": "broken/cell-shared.values.hive",
          "ring": "broken/security-ring.two.hive"}  # small ones: each seed holds its hive

CHANGES = {  # see change() in fuzz_edit.c: levels and places of a key, the change, what it takes
    "create": bytes([0, 0, 0, 0, 1, 2, 1, 0, 0, 3, 1, 1, 0, 1, 4, 0, 2, 5]),
    "values": bytes([0, 14, 0, 8, 1, 3, 1, 0, 14, 3, 6, 7, 1, 0, 10, 0, 3, 0, 9, 3]),
    "move": bytes([1, 0, 6, 3, 1, 1, 7, 0, 2, 1, 0, 8, 0, 5, 3, 1, 0, 4, 0, 5]),
    "class": bytes([0, 2, 7, 1, 0, 12, 3, 1, 0, 11, 0, 0, 13, 0, 1, 0, 3]),
}

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


def pack_edit(flags, changes, hive):
    return bytes([flags]) + len(changes).to_bytes(2, "little") + changes + hive


def choices(seed, count=600):
    """Numbers below 256 that follow from the seed."""
    for _ in range(count):
        seed = seed * 1103515245 + 12345 & 0x7fffffff
        yield seed >> 16 & 0xff


def seeds(log_files, hive):
    """
    Name and bytes of each seed; log_files(case) gives the hive and its two logs, hive(path) one
    below testdata.
    """
    for minor in range(2, 7):
        yield f"model/1.{minor}", bytes([minor - 2]) + bytes(choices(minor))
    for number in range(1, 5):
        yield f"registry/{number}", bytes(choices(10 + number, 1200))
    changes = b"".join(CHANGES.values())
    for name, path in EDITED.items():
        flags = SOUND if name.startswith("sound") else DAMAGED
        yield f"edit/{name}", pack_edit(flags, changes, hive(path))
    for case in CASES:
        hive, *logs = log_files(case)
        yield f"logs/{case}", pack_logs(NOTHING, hive, logs)
        yield f"logs/{case}.fixed", pack_logs(EVERYTHING, hive, logs)
    for name, (wide, names) in NAMES.items():
        yield f"names/{name}", pack_names(wide, names)
