# SPDX-License-Identifier: MIT
"""Hives with transaction logs, and what they are after recovery.

image(n) is the hive after write number n; each write changes a few pages, and leaves n
in the value State\\Step.  The hive of most cases is dirty after write 10: its sequence
numbers are 11 and 10.
"""

import struct
from dataclasses import dataclass, field

import good
from logs import OLDEST, SECTOR, Entry, change, entry_places, marvin32, new_log, old_log
from regf import (EPOCH, PAGE, SECOND, Base, BaseBlock, Bin, Key, binary, build, dword,
                  set_checksum, sz)

CLEAN, RECOVERED, DIRTY = "clean", "recovered", "dirty"
LAST = 10                       # the write that the hives of most cases ended with
MASK = 0xFFFFFFFF


@dataclass
class Case:
    name: str
    hive: str                   # name of the hive; its logs are beside it
    files: dict
    state: str
    note: str
    rules: list = field(default_factory=list)
    expected: bytes = None      # the hive after recovery
    besides: tuple = ()         # what a check finds, but nobody else

    @property
    def checked(self):
        """What a check finds: the state after recovery, and what was said of the logs."""
        gone = {"base-checksum", "base-signature"} if self.expected else set()
        return sorted(set(self.rules) - gone | set(self.besides))


def case(name, hive, logs, state, note, rules=(), expected=None, stem="SYSTEM", besides=()):
    """The names of logs are what follows the name of the hive, or whole if they have a dot."""
    files = {stem: hive}
    for suffix, data in logs.items():
        files[suffix if "." in suffix.lstrip(".") else stem + suffix] = data
    return Case(name, stem, {name: bytes(data) for name, data in files.items()}, state, note,
                sorted(rules), expected, besides)


# ------------------------------------------------------------------------ images


def image(write, static=False, grown=False, spare=False):
    """The hive as it is after this write, clean.

    Each write changes the first bin, and every other one also the bin of Page.  Between
    them there may be a static one, and behind them a large value or a spare bin.
    """
    number = write & MASK
    page = struct.pack("<I", (write - write % 2) & MASK) + good.pattern(3900)
    values = [dword("Step", number), sz("Text", f"write {number:010}")]
    later = [Key("Zeta", values=[binary("Grown", good.pattern(9000))])] if grown else []
    root = Key("ROOT", orphan=bytes(PAGE - 36) if static else None, subkeys=[
        Key("Page", values=[binary("Page", page)]), Key("State", values=values)] + later)
    base = BaseBlock(sequence1=number, sequence2=number, file_name="SYSTEM")
    return bytes(build(root, base, free_bins=1 if spare else 0).bytes)


def with_base(hive, **numbers):
    """The hive with other numbers in its base block."""
    hive = bytearray(hive)
    for name, number in numbers.items():
        struct.pack_into("<I", hive, getattr(Base, name), number & MASK)
    set_checksum(hive)
    return bytes(hive)


def dirty(write=LAST, **more):
    return with_base(image(write, **more), SEQUENCE1=write + 1, SEQUENCE2=write)


def recovered(hive, last, **numbers):
    """What recovery leaves when 'last' was the last write it applied."""
    return with_base(hive, SEQUENCE1=last + 1, SEQUENCE2=last + 1, **numbers)


def changes(first, last, **more):
    """One entry for each of these writes."""
    return [change(write & MASK, image(write - 1, **more), image(write, **more))
            for write in range(first, last + 1)]


def log_of(first, last, old_entries=(), **more):
    return new_log(image(first - 1, **more), changes(first, last, **more), old_entries)


def spoil_base(hive):
    """A base block with another length and file name, and a checksum that is wrong."""
    hive = bytearray(hive)
    struct.pack_into("<I", hive, Base.LENGTH, 7 * PAGE)
    hive[Base.FILE_NAME:Base.FILE_NAME + 12] = "SPOILT".encode("utf-16-le")
    return hive


def spoil_checksum(log):
    log[Base.CHECKSUM] ^= 0xFF
    return log


def name_other(log):
    log[Base.FILE_NAME:Base.FILE_NAME + 12] = "OTHERS".encode("utf-16-le")
    set_checksum(log)
    return log


# -------------------------------------------------------------------- new format


def one_new_log():
    after = recovered(image(13, static=True), 13)
    log = log_of(11, 13, static=True)
    yield case("new-one-log", dirty(static=True), {".LOG1": log}, RECOVERED,
               "three entries, 11 to 13; 12 has two runs of pages", expected=after,
               besides=["cell-unowned"])
    yield case("new-dot-log", dirty(static=True), {".LOG": log}, RECOVERED,
               "the same in the single log of an application hive", expected=after,
               besides=["cell-unowned"])
    yield case("new-empty-log2", dirty(), {".LOG1": log_of(11, 12), ".LOG2": b""}, RECOVERED,
               "a LOG1 with entries 11 and 12, and a LOG2 of 0 bytes",
               expected=recovered(image(12), 12))
    yield case("new-later-start", with_base(image(20), SEQUENCE1=11, SEQUENCE2=10),
               {".LOG1": log_of(21, 22)}, RECOVERED, "entries 21 and 22; those before are "
               "in the hive already, as the base block cannot tell",
               expected=recovered(image(22), 22))
    yield case("new-remnant", dirty(20), {".LOG1": log_of(21, 22, changes(5, 7))}, RECOVERED,
               "entries 21 and 22, then sound ones from before, 5 to 7, that are not applied",
               expected=recovered(image(22), 22))
    yield _new_flags()
    yield _new_growth()
    yield _new_wrap()


def _new_flags():
    entries = changes(11, 12)
    entries[0].flags = 1
    entries[1].flags = 1
    return case("new-flags", dirty(), {".LOG1": new_log(image(10), entries)}, RECOVERED,
                "the entries set bit 0 of the flags in the base block",
                expected=recovered(image(12), 12, FLAGS=1))


def _new_growth():
    grown = image(12, grown=True)
    entries = changes(11, 11) + [change(12, image(11), grown)]
    return case("new-growth", dirty(), {".LOG1": new_log(image(10), entries)}, RECOVERED,
                "entry 12 makes the hive longer than its file", expected=recovered(grown, 12))


def _new_wrap():
    first = -2
    return case("new-wrap", dirty(first - 1),
                {".LOG1": log_of(first, -1), ".LOG2": log_of(0, 1)}, RECOVERED,
                "LOG1 has entries 0xfffffffe and 0xffffffff, LOG2 0 and 1",
                expected=recovered(image(1), 1))


def two_new_logs():
    yield case("new-two-logs", dirty(),
               {".LOG1": log_of(11, 12) + bytes(PAGE), ".LOG2": log_of(13, 14) + bytes(SECTOR)},
               RECOVERED, "LOG1 has entries 11 and 12, LOG2 13 and 14, and zeros behind them",
               expected=recovered(image(14), 14))
    yield case("new-two-logs-reversed", dirty(),
               {".LOG1": log_of(13, 14), ".LOG2": log_of(11, 12)}, RECOVERED,
               "LOG2 has entries 11 and 12, LOG1 13 and 14", expected=recovered(image(14), 14))
    yield case("new-stale-log2", dirty(20), {".LOG1": log_of(21, 22), ".LOG2": log_of(5, 7)},
               RECOVERED, "LOG2 has entries 5 to 7, which the hive has already: it is skipped",
               ["log-stale"], recovered(image(22), 22))
    yield case("new-gap", dirty(), {".LOG1": log_of(11, 12), ".LOG2": log_of(15, 16)}, RECOVERED,
               "LOG1 ends with entry 12, LOG2 starts with 15: only LOG1 is applied", ["log-gap"],
               recovered(image(12), 12))
    yield case("new-log2-broken", dirty(),
               {".LOG1": log_of(11, 12), ".LOG2": spoil_checksum(log_of(13, 14))}, RECOVERED,
               "the checksum of the base block of LOG2 is wrong: only LOG1 is applied",
               ["log-base-block", "log-unread"], recovered(image(12), 12))
    yield case("new-other-name", dirty(), {".LOG1": name_other(log_of(11, 12))}, RECOVERED,
               "the log has another file name: it is applied, and that is noted",
               ["log-other"], recovered(image(12), 12))


def broken_entries():
    log = log_of(11, 13)
    log[entry_places(log)[1] + 200] ^= 1
    yield case("new-hash-broken", dirty(), {".LOG1": log}, RECOVERED,
               "a byte in the pages of entry 12 of 11 to 13 is wrong: only 11 is applied",
               ["log-entry"], recovered(image(11), 11))
    log = log_of(11, 13)
    log[entry_places(log)[1] + Entry.LENGTH + 2] ^= 1
    yield case("new-header-broken", dirty(), {".LOG1": log}, RECOVERED,
               "a byte in the header of entry 12 is wrong: only 11 is applied",
               ["log-entry"], recovered(image(11), 11))
    log = log_of(11, 13)
    yield case("new-log-cut", dirty(), {".LOG1": log[:entry_places(log)[2] + PAGE // 2]},
               RECOVERED, "the log ends in the middle of entry 13: only 11 and 12 are applied",
               ["log-entry"], recovered(image(12), 12))
    log = log_of(11, 13)
    log[entry_places(log)[0] + 200] ^= 1
    yield case("new-first-entry-broken", dirty(), {".LOG1": log}, DIRTY,
               "a byte in the pages of the first entry is wrong: nothing is applied",
               ["hive-dirty", "log-entry"])
    yield _bad_page_reference()
    yield _bad_page_count()
    yield _bad_new_bin()
    yield _bad_size()


def _bad_page_reference():
    entries = changes(11, 13)
    entries[1].runs = [(entries[1].length, entries[1].runs[0][1])] + entries[1].runs[1:]
    return case("new-bad-page-reference", dirty(), {".LOG1": new_log(image(10), entries)},
                RECOVERED, "entry 12, whose hashes are right, has a page past the hive bins: "
                "only 11 is applied", ["log-entry"], recovered(image(11), 11))


def _bad_page_count():
    """More pages than the entry has room for, with hashes that are right."""
    log = log_of(11, 13)
    at, end = entry_places(log)[1:3]
    struct.pack_into("<I", log, at + Entry.PAGES, 0x20000001)
    log[at + Entry.HASH1:at + Entry.HASH2] = marvin32(bytes(log[at + Entry.REFERENCES:end]))
    log[at + Entry.HASH2:at + Entry.REFERENCES] = marvin32(bytes(log[at:at + Entry.HASH2]))
    return case("new-bad-page-count", dirty(), {".LOG1": log}, RECOVERED,
                "entry 12, whose hashes are right, counts 0x20000001 pages: only 11 is applied",
                ["log-entry"], recovered(image(11), 11))


def _without_last_signature(hive):
    """The same with a last bin, a free one, that does not start as a bin does."""
    hive = bytearray(hive)
    at = len(hive) - PAGE + Bin.SIGNATURE
    hive[at:at + 4] = b"xxxx"
    return bytes(hive)


def _bad_new_bin():
    after = image(12, spare=True)
    entries = changes(11, 11) + [change(12, image(11), _without_last_signature(after))]
    return case("new-bad-bin", dirty(), {".LOG1": new_log(image(10), entries)}, RECOVERED,
                "entry 12 adds a bin, a free one, with the signature xxxx: an empty bin takes "
                "its place", ["bin-in-log"], recovered(after, 12))


def _bad_size():
    """A bin whose header, which is in no log, is damaged goes on over pages that a log has."""
    tree = build(Key("ROOT", values=[binary("Blob", good.pattern(3 * PAGE))]),
                 BaseBlock(sequence1=10, sequence2=10, file_name="SYSTEM"))
    before, at = bytes(tree.bytes), tree.key().values[0].data.data + 2 * PAGE
    after = before[:at] + b"new!" + before[at + 4:]
    bin_at = max(at_bin for at_bin in tree.bins if at_bin < at)
    spoilt = before[:bin_at + Bin.SIZE] + b"\x34\x12" + before[bin_at + Bin.SIZE + 2:]
    log = new_log(before, [change(11, before, after)])
    due = bytearray(spoilt)
    due[at:at + 4] = b"new!"
    return case("new-bin-size", with_base(spoilt, SEQUENCE1=11, SEQUENCE2=10), {".LOG1": log},
                RECOVERED, "the size of a bin is 0x1234 in the hive; the log has a page of its "
                "middle, which is not taken for a bin", ["bin-size"], recovered(due, 11))


def new_base_blocks():
    yield case("new-base-broken", spoil_base(dirty()), {".LOG1": log_of(11, 13)}, RECOVERED,
               "length and file name of the hive are spoilt, and its checksum is wrong: the base "
               "block of the log takes the place of its own", ["base-checksum"],
               recovered(image(13), 13))
    yield case("new-base-broken-two-logs", spoil_base(dirty(12)),
               {".LOG1": log_of(11, 12), ".LOG2": log_of(13, 14)}, RECOVERED,
               "the same with two logs: only the later one, LOG2, is used", ["base-checksum"],
               recovered(image(14), 14))


# -------------------------------------------------------------------- old format


TIMESTAMP = EPOCH               # of the hives, in the base block and in the first bin


def old_log_of(write, timestamp=TIMESTAMP, **more):
    return old_log(image(LAST), image(write), write, timestamp, **more)


def old_logs():
    after = recovered(image(11), 11)
    yield case("old-one-log", dirty(), {".LOG1": old_log_of(11)}, RECOVERED,
               "a log as Windows Vista to 8 leave it", expected=after)
    yield case("old-dot-log", dirty(), {".LOG": old_log_of(11)}, RECOVERED,
               "a log as Windows XP leaves it", expected=after)
    yield case("old-type-2", dirty(), {".LOG": old_log_of(11, type=OLDEST)}, RECOVERED,
               "a log as Windows 2000 leaves it", expected=after)
    yield case("old-two-logs", dirty(),
               {".LOG1": old_log_of(11), ".LOG2": old_log_of(12, TIMESTAMP + 60 * SECOND)},
               RECOVERED, "both can be applied, and LOG2 is the later one; it is newer than the "
               "hive", ["log-stale"], recovered(image(12), 12))
    yield case("old-two-logs-older", dirty(),
               {".LOG1": old_log_of(9, TIMESTAMP - 60 * SECOND), ".LOG2": old_log_of(11)},
               RECOVERED, "LOG1 is older than the hive: LOG2 is applied", ["log-stale"], after)
    yield case("old-base-broken", spoil_base(dirty()), {".LOG1": old_log_of(11)}, RECOVERED,
               "the base block of the hive is spoilt: that of the log takes its place, as "
               "its time is that of the first bin", ["base-checksum"], after)


def old_times():
    yield case("old-timestamp-differs", dirty(),
               {".LOG1": old_log_of(11, TIMESTAMP - 60 * SECOND)}, DIRTY,
               "the log is older than the hive: it is refused", ["hive-dirty", "log-stale"])
    yield case("old-newer", dirty(), {".LOG1": old_log_of(11, TIMESTAMP + 60 * SECOND)},
               RECOVERED, "the log is newer than the hive: it is applied, and that is noted",
               ["log-stale"], recovered(image(11), 11))


def broken_old_logs():
    log = old_log_of(11)
    length = 64 << 20
    struct.pack_into("<I", log, Base.LENGTH, length)
    set_checksum(log)
    yield case("old-bitmap-longer-than-file", dirty(), {".LOG1": log}, DIRTY,
               "the dirty vector for a length of 64 MB does not end in the log",
               ["hive-dirty", "log-entry"])
    log = old_log_of(11)
    yield case("old-pages-missing", dirty(), {".LOG1": log[:-SECTOR]}, DIRTY,
               "the last sector of the last page is missing: nothing is applied",
               ["hive-dirty", "log-entry"])
    log = old_log_of(11)
    log[SECTOR:SECTOR + 4] = b"TRID"
    yield case("old-no-vector", dirty(), {".LOG1": log}, DIRTY,
               "the dirty vector has not its signature", ["hive-dirty", "log-entry"])
    log = old_log(image(10), image(10), 11, TIMESTAMP)
    yield case("old-no-pages", dirty(), {".LOG1": log}, DIRTY,
               "no bit of the dirty vector is set: there is nothing to apply", ["hive-dirty"])
    after = image(11, spare=True)
    log = old_log(image(10, spare=True), _without_last_signature(after), 11, TIMESTAMP)
    yield case("old-bad-bin", dirty(spare=True), {".LOG1": log}, RECOVERED,
               "the last bin in the log, a free one, has the signature xxxx: all before it is "
               "applied", ["bin-in-log"], recovered(after, 11))


# ------------------------------------------------------------------ both formats


def no_use():
    yield case("clean-with-newer-log", image(10), {".LOG1": log_of(11, 11)}, CLEAN,
               "the hive is clean: nobody looks at the log", besides=["log-newer"])
    yield case("dirty-no-logs", dirty(), {}, DIRTY, "there are no logs", ["hive-dirty"])
    yield case("dirty-empty-logs", dirty(), {".LOG1": b"", ".LOG2": b""}, DIRTY,
               "both logs have 0 bytes", ["hive-dirty"])
    yield case("log-size", dirty(), {".LOG1": log_of(11, 12)[:1000]}, DIRTY,
               "the log has 1000 bytes", ["hive-dirty", "log-size"])
    yield case("log-bad-checksum", dirty(), {".LOG1": spoil_checksum(log_of(11, 11))}, DIRTY,
               "the checksum of the base block of the log is wrong",
               ["hive-dirty", "log-base-block"])
    yield case("log-unequal-sequences", dirty(),
               {".LOG1": with_base(log_of(11, 11), SEQUENCE1=12)}, DIRTY,
               "the sequence numbers of the log are 12 and 11", ["hive-dirty", "log-base-block"])
    yield case("log-unknown-version", dirty(), {".LOG1": with_base(log_of(11, 11), MINOR=60)},
               DIRTY, "the log says version 1.60", ["hive-dirty", "log-base-block"])
    yield case("log-bad-signature", dirty(), {".LOG1": b"xxxx" + log_of(11, 11)[4:]}, DIRTY,
               "the log starts with xxxx", ["hive-dirty", "log-base-block"])


def mixed():
    yield case("mixed-types", dirty(), {".LOG1": log_of(11, 12), ".LOG2": old_log_of(11)},
               RECOVERED, "LOG1 is of the new format, LOG2 of the old one: only LOG1 is used",
               ["log-type"], recovered(image(12), 12))
    yield case("case-of-letters", dirty(), {"ntuser.dat.log1": log_of(11, 12)}, RECOVERED,
               "the log is named ntuser.dat.log1", expected=recovered(image(12), 12),
               stem="NTUSER.DAT")


def cases():
    for kind in (one_new_log, two_new_logs, broken_entries, new_base_blocks, old_logs, old_times,
                 broken_old_logs, no_use, mixed):
        yield from kind()
