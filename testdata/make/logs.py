# SPDX-License-Identifier: MIT
"""Write transaction logs: the pages in which one image of a hive differs from the next.

An image is the bytes of a hive file.  Offsets of pages count from its hive bins.
"""

import struct
from dataclasses import dataclass

from regf import BASE_BLOCK, PAGE, Base, round_up, set_checksum

SECTOR = 512
OLD, OLDEST, NEW = 1, 2, 6      # types in the base block of a log
ENTRY_HEADER = 40
MASK = 0xFFFFFFFF


class Entry:
    """Offsets in an entry of the new format."""

    SIGNATURE, SIZE, FLAGS, SEQUENCE, LENGTH, PAGES, HASH1, HASH2 = 0, 4, 8, 12, 16, 20, 24, 32
    REFERENCES = ENTRY_HEADER


@dataclass
class Change:
    """What one entry of the new format carries."""

    sequence: int
    length: int                 # of the hive bins, afterwards
    runs: list                  # (offset, bytes)
    flags: int = 0


def marvin32(data):
    """The hash of the entries: Marvin32 with the seed that Windows uses."""
    low, high = 0x7A4E55C5, 0x82EF4D88
    end = data[len(data) // 4 * 4:] + b"\x80"
    padded = data[:len(data) // 4 * 4] + end.ljust(4, b"\0") + bytes(4)
    for word in struct.unpack(f"<{len(padded) // 4}I", padded):
        low = (low + word) & MASK
        high ^= low
        low = (_rotate(low, 20) + high) & MASK
        high = _rotate(high, 9) ^ low
        low = (_rotate(low, 27) + high) & MASK
        high = _rotate(high, 19)
    return struct.pack("<II", low, high)


def _rotate(word, bits):
    return (word << bits | word >> (32 - bits)) & MASK


# ----------------------------------------------------------------- what changed


def changed_pages(before, after, step=PAGE):
    """Offsets of the pages of 'after' that 'before' does not have."""
    return [at - BASE_BLOCK for at in range(BASE_BLOCK, len(after), step)
            if before[at:at + step] != after[at:at + step]]


def changed_runs(before, after):
    """The same, with pages that follow each other taken together."""
    runs = []
    for offset in changed_pages(before, after):
        page = bytes(after[BASE_BLOCK + offset:BASE_BLOCK + offset + PAGE])
        if runs and runs[-1][0] + len(runs[-1][1]) == offset:
            runs[-1] = (runs[-1][0], runs[-1][1] + page)
        else:
            runs.append((offset, page))
    return runs


def change(sequence, before, after, flags=0):
    return Change(sequence, len(after) - BASE_BLOCK, changed_runs(before, after), flags)


# -------------------------------------------------------------------- new format


def pack_entry(entry, at):
    """The entry, made long enough to end at a page of the log if it starts at 'at'."""
    references = b"".join(struct.pack("<II", offset, len(data)) for offset, data in entry.runs)
    body = references + b"".join(data for _, data in entry.runs)
    size = round_up(at + ENTRY_HEADER + len(body), PAGE) - at
    body = body.ljust(size - ENTRY_HEADER, b"\0")
    header = struct.pack("<4s5I", b"HvLE", size, entry.flags, entry.sequence, entry.length,
                         len(entry.runs)) + marvin32(body)
    return header + marvin32(header) + body


def new_log(hive, entries, old_entries=()):
    """A log with these entries; others that were there before follow behind them."""
    log = bytearray(log_base_block(hive, NEW, entries[0].sequence))
    struct.pack_into("<I", log, Base.LENGTH, entries[0].length)
    set_checksum(log)
    for entry in (*entries, *old_entries):
        log += pack_entry(entry, len(log))
    return log


def entry_places(log):
    """Where each entry of a sound log starts."""
    at, places = SECTOR, []
    while log[at:at + 4] == b"HvLE":
        places.append(at)
        at += struct.unpack_from("<I", log, at + Entry.SIZE)[0]
    return places


# -------------------------------------------------------------------- old format


def old_log(before, after, sequence, timestamp, type=OLD):
    """A log with a dirty vector, which has a bit for each sector of the hive."""
    length = len(after) - BASE_BLOCK
    log = bytearray(log_base_block(before, type, sequence))
    struct.pack_into("<Q", log, Base.TIMESTAMP, timestamp)
    struct.pack_into("<I", log, Base.LENGTH, length)
    set_checksum(log)
    bitmap = bytearray(length // SECTOR // 8)
    pages = changed_pages(before, after)
    for offset in pages:
        bitmap[offset // PAGE] = 0xFF
    log += b"DIRT" + bitmap
    log += bytes(round_up(len(log), SECTOR) - len(log))
    for offset in pages:
        log += after[BASE_BLOCK + offset:BASE_BLOCK + offset + PAGE]
    return log


def log_base_block(hive, type, sequence):
    """The first sector of the hive as it is at the start of its log."""
    block = bytearray(hive[:SECTOR])
    struct.pack_into("<II", block, Base.SEQUENCE1, sequence, sequence)
    struct.pack_into("<I", block, Base.TYPE, type)
    set_checksum(block)
    return block
