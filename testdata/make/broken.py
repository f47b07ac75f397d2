# SPDX-License-Identifier: MIT
"""Hives that break one rule each, and what must be reported of them: by reading them, by
looking through them before the first change, and by checking them.

Each generator yields the cases of one kind of thing, in the order of
lib/disk/rules.h.  A sound hive is built, then named places in it are patched.
"""

from dataclasses import dataclass

import good
import logs
import security
from regf import (COMP_NAME, DWORD, HIVE_ENTRY, LINK, NIL, PAGE, PREDEF_HANDLE, SEGMENT,
                  SUPERSEDE_TREE, SYM_LINK, SZ, TOMBSTONE, VALUE_COMP_NAME, Base, BaseBlock, Bin,
                  Key, List, Nk, Sk, Value, Vk, binary, build, dword, link, name_hash, name_hint,
                  set_checksum, sz)

WHOLE, PARTS, NOTHING = 0, 3, 1     # what the program exits with


# Nobody looks at these before the first change.
OPENING = ("not-a-hive", "base-", "hive-", "root-", "bin-", "cell-size-", "cell-past-",
           "cell-unaligned")

# The hive can be changed all the same; of one that is dirty something else decides that.
HARMLESS = {"hive-dirty", "key-name-odd", "key-name-backslash", "key-predefined", "list-hash",
            "list-hint", "value-name-odd", "value-not-big-data"}

# Nobody but a check looks at these.
CHECKED = {"base-flags", "base-guids", "base-remnants", "base-time", "bin-behind",
           "cell-free-neighbours", "cell-unowned", "key-cell-large", "key-flags", "key-layer",
           "key-link", "key-longest-high", "key-longest-low", "key-name-long", "key-name-wide",
           "key-time", "key-volatile", "list-empty", "list-kind", "root-flags",
           "security-descriptor", "security-twice", "security-unused", "value-large",
           "value-no-name", "value-tombstone", "value-twice"}


@dataclass
class Case:
    name: str                   # RULE or RULE.VARIANT
    data: bytes
    exit: int
    note: str
    also: tuple = ()            # rules that cannot but be broken with it
    reading: bool = True        # reading all of it finds this
    looking: tuple = None       # what looking through it finds; None: the same
    besides: tuple = ()         # what a check finds because of it, also cells that are unowned
    unowned: bool = True        # there are any

    @property
    def broken(self):
        return {self.name.partition(".")[0], *self.also}

    @property
    def rules(self):
        return sorted(self.broken - CHECKED if self.reading else [])

    @property
    def found(self):
        """What looking through the hive finds."""
        if self.exit == NOTHING:
            return []
        return sorted(rule for rule in (self.broken if self.looking is None else self.looking)
                      if not rule.startswith(OPENING) and rule not in CHECKED)

    @property
    def checked(self):
        """What a check finds; of what cannot be opened, what opening says."""
        if self.exit == NOTHING:
            return self.rules
        opening = {rule for rule in self.broken if rule.startswith(OPENING)}
        unowned = {"cell-unowned"} if self.unowned else set()
        rest = self.broken if self.looking is None else set(self.looking)
        return sorted(opening | rest | unowned | set(self.besides))

    @property
    def sound(self):
        if self.exit == NOTHING:
            return "-"
        return "yes" if HARMLESS.issuperset({*self.broken, *self.found} - CHECKED) else "no"


# Cases in which each cell that is found has an owner.
ALL_OWNED = {
    "bin-offset", "bin-signature", "bin-size.small", "cell-past-bin", "cell-past-bin.minimum",
    "cell-shared.data", "cell-shared.lists", "cell-shared.values", "cell-size-zero",
    "cell-unaligned", "cell-unaligned.1-1", "hive-length.truncated", "hive-length.truncated-page",
    "key-name-backslash", "key-name-empty", "key-name-odd", "list-order.duplicate",
    "list-order.latin-1", "list-order.leaves", "list-past-cell.ri", "list-total.high",
    "list-total.low", "value-big-data.list-small", "value-name-odd", "value-not-big-data"}

# What else is wrong with what is wrong.
CONSEQUENCES = {
    "cell-shared.data": ["key-longest-low"],
    "key-security": ["security-unused"],
    "value-empty-data": ["key-longest-high"],
}


def case(name, hive, exit, note, also=(), **more):
    more.setdefault("unowned", name not in ALL_OWNED)
    more.setdefault("besides", CONSEQUENCES.get(name, CONSEQUENCES.get(name.partition(".")[0], ())))
    return Case(name, bytes(getattr(hive, "bytes", hive)), exit, note, also, **more)


# ------------------------------------------------------------- hives to be broken


def small(minor=5):
    """Some of everything in one bin."""
    return build(Key("ROOT", subkeys=[
        Key("Alpha", class_name="Class", values=[
            sz("", "default"), dword("Number", 7), sz("Text", "some text")]),
        Key("Beta", orphan=bytes(28), subkeys=[
            Key("One"), Key("Three", subkeys=[Key("Inner")]), Key("Two")]),
        Key("Gamma", security=security.GUARDED, values=[binary("Data", good.pattern(64))]),
    ]), BaseBlock(minor=minor))


def leafy():
    """A list of lists, in a hive that is small all the same."""
    return build(Key("ROOT", subkeys=[
        Key("Leaves", leaves=[2, 2, 2, 2], subkeys=[Key(f"{i}") for i in range(8)])]))


def three_bins():
    """Nothing is lost with the second bin; in the third one are the data of a value."""
    return build(Key("ROOT", orphan=bytes(PAGE - 36), subkeys=[Key("Key")],
                     values=[binary("Behind", good.pattern(4000))]))


def big(size=SEGMENT + 1):
    return build(Key("ROOT", values=[binary("Big", good.pattern(size)), dword("After", 1)]))


def references(hive):
    """Variant -> (a reference to no cell in use, what it is)."""
    inside = hive.key().nk.index + 16
    return {
        "nil": (NIL, "is NIL"),
        "free": (hive.free[0].index, "is a free cell"),
        "past-end": (hive.u32(Base.LENGTH) + 0x10020, "is past the hive bins"),
        "inside": (inside, "is in the middle of a cell"),
        "volatile": (0x80000020, "has bit 31 set"),
    }


def bad_references(rule, make, place, exit, what, rest,
                   only=("nil", "free", "past-end", "inside")):
    """Cases in which the reference at place(hive) leads nowhere."""
    joint = "-" if "." in rule else "."
    for variant, (index, how) in references(make()).items():
        if variant in only:
            hive = make()
            hive.set_u32(place(hive), index)
            yield case(f"{rule}{joint}{variant}", hive, exit, f"{what} {how}; {rest}")


def entry(cell, i):
    """Where entry i of an lf or lh list is."""
    return cell.data + List.ENTRIES + 8 * i


def leaf_entry(cell, i):
    """Where entry i of an ri or li list is."""
    return cell.data + List.ENTRIES + 4 * i


def set_entry(hive, cell, i, index, name):
    """Let entry i of an lh list lead to a key of that name."""
    hive.set_u32(entry(cell, i), index)
    hive.set_u32(entry(cell, i) + 4, name_hash(name))


# --------------------------------------------------------------------- base block


def not_hives():
    yield case("not-a-hive.empty", b"", NOTHING, "the file has no bytes")
    yield case("not-a-hive.short", small().bytes[:100], NOTHING, "the first 100 bytes of a hive")
    yield case("not-a-hive.base-block", small().bytes[:PAGE], NOTHING,
               "the file ends after the base block")
    yield case("not-a-hive.text", b"Windows Registry Editor Version 5.00\r\n" * 300, NOTHING,
               "a text file")
    yield case("not-a-hive.zeros", bytes(2 * PAGE), NOTHING, "8192 zero bytes")
    hive = small().bytes
    entry = logs.change(1, small(minor=3).bytes, hive)
    yield case("not-a-hive.log", logs.new_log(hive, [entry]), NOTHING,
               "a transaction log in place of a hive")


def base_block():
    hive = small()
    hive.set_bytes(Base.SIGNATURE, b"xxxx")
    set_checksum(hive.bytes)
    yield case("base-signature", hive, PARTS, "the signature is xxxx, so nothing in the base block "
               "is believed and the hive counts as dirty; all can be read; hive-dirty is not "
               "reported when logs are not wanted", also=["hive-dirty"])
    for rule, at, number, exit in (
            ("base-major", Base.MAJOR, 2, NOTHING), ("base-minor.0", Base.MINOR, 0, NOTHING),
            ("base-minor.7", Base.MINOR, 7, NOTHING), ("base-type.1", Base.TYPE, 1, WHOLE),
            ("base-type.6", Base.TYPE, 6, WHOLE), ("base-format", Base.FORMAT, 2, WHOLE),
            ("base-cluster.0", Base.CLUSTER, 0, WHOLE), ("base-cluster.8", Base.CLUSTER, 8, WHOLE)):
        hive = small()
        hive.set_base(at, number)
        rest = "all can be read" if exit == WHOLE else "nothing is read"
        yield case(rule, hive, exit, f"the number at {at} is {number}; {rest}")
    hive = small()
    hive.set_u32(Base.CHECKSUM, hive.u32(Base.CHECKSUM) ^ 0x01000000)
    yield case("base-checksum", hive, PARTS, "the checksum is wrong, so the hive counts as dirty; "
               "all can be read; hive-dirty is not reported when logs are not wanted",
               also=["hive-dirty"])


def hive_lengths():
    hive = small()
    hive.set_base(Base.LENGTH, PAGE + 4)
    yield case("hive-length.unaligned", hive, PARTS, "the length is 4100; all can be read")
    hive = small()
    hive.set_base(Base.LENGTH, 0x7FFFF000)
    yield case("hive-length.huge", hive, PARTS, "the length is 0x7ffff000; all can be read")
    hive = small()
    hive.set_base(Base.LENGTH, 0)
    yield case("hive-length.zero", hive, PARTS,
               "the length is 0; all can be read, as the bins tell where they end")
    hive = build(Key("ROOT", subkeys=[Key("Key")]), free_bins=1)
    yield case("hive-length.truncated", hive.bytes[:-PAGE], PARTS,
               "the last bin, a free one, is not in the file; all can be read")
    yield case("hive-length.truncated-page", hive.bytes[:-PAGE // 2], PARTS,
               "half of the last bin and its free cell are not in the file; all can be read",
               also=["cell-past-bin"])
    yield case("hive-length.truncated-data", three_bins().bytes[:-PAGE], PARTS,
               "the last bin with the data of the value is not in the file; the rest can be read",
               also=["value-data-cell"])


def root_cells():
    rest = "all can be read, as the root is marked as one"
    for variant, (index, how) in references(small()).items():
        hive = small()
        hive.set_base(Base.ROOT_CELL, index)
        yield case(f"root-cell.{variant}", hive, PARTS, f"the root cell {how}; {rest}")
    hive = small()
    hive.set_base(Base.ROOT_CELL, hive.key("Alpha").values[0].vk.index)
    yield case("root-cell.value", hive, PARTS, f"the root cell is a value; {rest}")
    hive = good.offreg()
    hive.set_base(Base.ROOT_CELL, NIL)
    yield case("root-cell.unmarked", hive, NOTHING,
               "the root cell is NIL, and no key is marked as the root")
    hive = small()
    hive.set_bytes(hive.key().nk.data, b"xx")
    yield case("root-cell.signature", hive, NOTHING, "the root cell has the signature xx")


# ------------------------------------------------------------------ bins and cells


def bins():
    for rule, at, number in (("bin-signature", Bin.SIGNATURE, 0x78787878),
                             ("bin-offset", Bin.OFFSET, 0x3000)):
        hive = three_bins()
        hive.set_u32(hive.bins[1] + at, number)
        yield case(rule, hive, PARTS, "in the second bin, in which nothing is; all can be read")
        hive = three_bins()
        hive.set_u32(hive.bins[2] + at, number)
        yield case(f"{rule}.data", hive, PARTS, "in the third bin, where the data of the value "
                   "are; the rest can be read", also=["value-data-cell"])
    hive = three_bins()
    hive.set_u32(hive.bins[0] + Bin.SIGNATURE, 0)
    yield case("bin-signature.first", hive, NOTHING, "in the first bin, where the root is",
               also=["root-cell"])


def bin_sizes():
    for variant, number in (("zero", 0), ("unaligned", 0x1010), ("past-end", 0x10000),
                            ("negative", 0xFFFFF000)):
        hive = three_bins()
        hive.set_u32(hive.bins[1] + Bin.SIZE, number)
        yield case(f"bin-size.{variant}", hive, PARTS,
                   f"the size of the second bin is {number:#x}; all can be read")
    hive = three_bins()
    hive.set_u32(hive.bins[0] + Bin.SIZE, 0)
    yield case("bin-size.first", hive, PARTS, "the size of the first bin is 0; all can be read")
    hive = three_bins()
    hive.set_u32(hive.bins[2] + Bin.SIZE, 2 * PAGE)
    yield case("bin-size.last", hive, PARTS,
               "the last bin is said to be larger than it is; all can be read")
    hive = three_bins()
    hive.set_u32(hive.bins[1] + Bin.SIZE, 2 * PAGE)
    yield case("bin-size.overlap", hive, PARTS,
               "the second bin is said to go on over the third one; all can be read")
    hive = build(Key("ROOT", values=[binary("Large", good.pattern(5000))]), free_bins=1)
    hive.set_u32(hive.bins[1] + Bin.SIZE, PAGE)
    yield case("bin-size.small", hive, PARTS, "the second bin of 8192 bytes is said to have 4096, "
               "but its first cell is larger; all can be read")


def cells():
    for name, size in (("cell-size-zero", 0), ("cell-past-bin", -0x2000),
                       ("cell-past-bin.minimum", -0x80000000), ("cell-unaligned", -36)):
        hive = small()
        hive.set_u32(hive.key("Beta").orphan.at, size & 0xFFFFFFFF)
        yield case(name, hive, PARTS, f"the size of a cell is {size}; nothing refers to it, and "
                   "the cells behind it are found again; all can be read")
    hive = small(minor=1)
    hive.set_u32(hive.key("Beta").orphan.at, -40 & 0xFFFFFFFF)
    yield case("cell-unaligned.1-1", hive, PARTS,
               "the size of a cell in version 1.1 is 40, no multiple of 16; all can be read")
    hive = small()
    hive.set_u32(hive.key("Beta\\Two").nk.at, 0)
    yield case("cell-size-zero.key", hive, PARTS, "the size of the cell of Beta\\Two is 0; "
               "all else can be read", also=["key-cell"])
    hive = small()
    hive.set_u32(hive.free[0].at, 2 * PAGE)
    yield case("cell-past-bin.free", hive, PARTS,
               "the free cell at the end is too large; all can be read")


def shared_paths():
    levels = 40
    key = Key("a")
    for _ in range(levels):
        key = Key("a", subkeys=[key, Key("b")])
    hive = build(Key("ROOT", subkeys=[key]))
    for level in range(1, levels + 1):
        path = "\\".join("a" * level)
        set_entry(hive, hive.key(path).subkey_list, 1, hive.key(path + "\\a").nk.index, "a")
    yield case("cell-shared.paths", hive, PARTS, "40 lists of two entries, both to the same key: "
               "2 to the power of 40 paths", also=["list-order"], looking=["cell-shared"])


def shared_lists():
    levels = 40
    key = Key("a")
    for _ in range(levels):
        key = Key("a", subkeys=[key, Key("b")])
    hive = build(Key("ROOT", subkeys=[key, Key("b")]))
    for level in range(1, levels + 1):
        first = hive.key("\\".join("a" * level))
        second = hive.key("\\".join("a" * (level - 1) + "b"))
        hive.set_u32(second.nk.data + Nk.SUBKEY_COUNT, 2)
        hive.set_u32(second.nk.data + Nk.SUBKEY_LIST, first.subkey_list.index)
    yield case("cell-shared.lists", hive, PARTS, "40 times two keys with the same list of subkeys: "
               "2 to the power of 40 paths", also=["key-parent"], looking=["cell-shared"])


def shared_leaf():
    entries, keys = 8000, 100
    hive = build(Key("ROOT", subkeys=[Key(f"{i:02}") for i in range(keys)],
                     orphan=bytes(List.ENTRIES + 4 * entries)))
    root = hive.key()
    hive.set_bytes(root.orphan.data, b"ri" + entries.to_bytes(2, "little")
                   + root.subkey_list.index.to_bytes(4, "little") * entries)
    hive.set_u32(root.nk.data + Nk.SUBKEY_LIST, root.orphan.index)
    hive.set_u32(root.nk.data + Nk.SUBKEY_COUNT, entries * keys)
    yield case("cell-shared.leaf", hive, PARTS,
               "an ri of 8000 entries that are all the same leaf of 100 keys", also=["list-order"],
               looking=["cell-shared"])


def shared_values():
    count = 3000
    keys = [Key(f"{i:03}") for i in range(300)]
    hive = build(Key("ROOT", subkeys=keys, orphan=bytes(4 * count),
                     values=[binary("Shared", good.pattern(10000))]))
    values = hive.key().orphan
    hive.set_bytes(values.data, hive.key().values[0].vk.index.to_bytes(4, "little") * count)
    for key in keys:
        places = hive.key(key.name)
        hive.set_u32(places.nk.data + Nk.VALUE_COUNT, count)
        hive.set_u32(places.nk.data + Nk.VALUE_LIST, values.index)
    yield case("cell-shared.values", hive, PARTS, "300 keys with the same list of 3000 values that "
               "are all the same value of 10000 bytes")


def shared_data():
    size = 10000
    hive = build(Key("ROOT", orphan=good.pattern(size),
                     values=[binary(f"{i:04}", bytes(4)) for i in range(1000)]))
    root = hive.key()
    for value in root.values:
        hive.set_u32(value.vk.data + Vk.DATA_LENGTH, size)
        hive.set_u32(value.vk.data + Vk.DATA, root.orphan.index)
    yield case("cell-shared.data", hive, PARTS, "1000 values with the same 10000 bytes")


def shared_segments():
    count = 1000
    hive = build(Key("ROOT", orphan=bytes(4 * count), values=[binary("Big", bytes(2 * SEGMENT))]))
    value = hive.key().values[0]
    segments = hive.key().orphan
    hive.set_bytes(segments.data, value.segments[0].index.to_bytes(4, "little") * count)
    hive.set_u16(value.db.data + List.COUNT, count)
    hive.set_u32(value.db.data + List.ENTRIES, segments.index)
    hive.set_u32(value.vk.data + Vk.DATA_LENGTH, count * SEGMENT)
    yield case("cell-shared.segments", hive, PARTS,
               "a value of 16 MB in 1000 segments that are all the same")


# --------------------------------------------------------------------------- keys


def key_cells():
    yield from bad_references("key-cell", small,
                              lambda hive: entry(hive.key("Beta").subkey_list, 2), PARTS,
                              "the reference to Beta\\Two", "all else can be read",
                              only=["nil", "free", "past-end", "inside", "volatile"])
    hive = small()
    hive.set_u32(entry(hive.key("Beta").subkey_list, 2), hive.key("Alpha").value_list.index)
    yield case("key-cell.small", hive, PARTS, "the reference to Beta\\Two is a cell of 16 bytes; "
               "all else can be read")
    yield _key_in_data()


def _key_in_data():
    """What looks like a cell with a key is in the middle of the data of a value."""
    hive = small()
    two = hive.key("Beta\\Two").nk
    image = bytes(hive.bytes[two.at:two.at + two.size])
    hive = build(Key("ROOT", values=[binary("Data", bytes(12) + image)], subkeys=[Key("Two")]))
    inside = hive.key().values[0].data.index + 16
    hive.set_u32(entry(hive.key().subkey_list, 0), inside)
    return case("key-cell.in-data", hive, PARTS, "the reference to Two is in the middle of the "
                "data of a value, where there is what looks like a key; all else can be read")


def key_names():
    yield case("key-name-empty", build(Key("ROOT", subkeys=[Key("", values=[dword("In", 1)]),
                                                            Key("Key")])), WHOLE,
               "a key has a name of no letters; all can be read")
    hive = small()
    hive.set_u16(hive.key("Beta\\Two").nk.data + Nk.NAME_LENGTH, 0x400)
    yield case("key-name-past-cell", hive, PARTS, "the name of Beta\\Two has 1024 bytes; "
               "all else can be read")
    name = "\u0416\u0423"
    hive = build(Key("ROOT", subkeys=[Key("Key"), Key(name)]))
    hive.set_u16(hive.key(name).nk.data + Nk.NAME_LENGTH, 3)
    set_entry(hive, hive.key().subkey_list, 1, hive.key(name).nk.index, name[:1])
    yield case("key-name-odd", hive, WHOLE, "a name in UTF-16 has 3 bytes: it is the letter U+0416")
    yield case("key-name-backslash", build(Key("ROOT", subkeys=[Key("a\\b"), Key("c")])), WHOLE,
               "a key is named a\\b; all can be read")


def key_parents():
    for variant, parent in (("other", "Gamma"), ("nil", None)):
        hive = small()
        index = hive.key(parent).nk.index if parent else NIL
        hive.set_u32(hive.key("Beta\\Two").nk.data + Nk.PARENT, index)
        yield case(f"key-parent.{variant}", hive, WHOLE,
                   f"Beta\\Two is said to be below {parent or 'no key'}; all can be read")


def key_signatures():
    hive = small()
    hive.set_bytes(hive.key("Beta\\Two").nk.data, b"xx")
    yield case("key-signature", hive, PARTS, "Beta\\Two has the signature xx; "
               "all else can be read")
    hive = small()
    hive.set_u32(entry(hive.key("Beta").subkey_list, 2), hive.key("Gamma").sk.index)
    yield case("key-signature.security", hive, PARTS,
               "the reference to Beta\\Two is a security cell; all else can be read")


def key_classes():
    place = Nk.CLASS
    rest = "all else can be read"
    yield from bad_references("key-class-cell", small,
                              lambda hive: hive.key("Alpha").nk.data + place, PARTS,
                              "the class name of Alpha", rest, only=["free", "past-end", "inside"])
    hive = small()
    hive.set_u32(hive.key("Alpha").nk.data + place, NIL)
    yield case("key-class-missing", hive, PARTS, f"the class name of Alpha has no cell; {rest}")
    for variant, length in (("past-cell", 1000), ("odd", 9)):
        hive = small()
        hive.set_u16(hive.key("Alpha").nk.data + Nk.CLASS_LENGTH, length)
        yield case(f"key-class-length.{variant}", hive, PARTS,
                   f"the class name of Alpha, Class, has {length} bytes; {rest}")


def key_predefined():
    hive = small()
    key = hive.key("Beta\\Two").nk.data
    hive.set_u16(key + Nk.FLAGS, COMP_NAME | PREDEF_HANDLE)
    hive.set_u32(key + Nk.VALUE_COUNT, 0x80000002)
    yield case("key-predefined", hive, WHOLE,
               "Beta\\Two stands for HKEY_LOCAL_MACHINE; it has no values; all can be read")


def key_depths():
    yield case("key-depth.513", good.deep(513), PARTS, "the last key is one too deep; "
               "the key named 512 is the last one shown")
    yield case("key-depth.600", good.deep(600), PARTS,
               "600 levels; the key named 512 is the last one shown")


def key_cycles():
    hive = small()
    beta = hive.key("Beta")
    set_entry(hive, beta.subkey_list, 0, beta.nk.index, "Beta")
    yield case("key-cycle.self", hive, PARTS, "Beta is in its own list in place of One; "
               "all else can be read")
    hive = small()
    three = hive.key("Beta\\Three")
    set_entry(hive, three.subkey_list, 0, hive.key("Beta").nk.index, "Beta")
    yield case("key-cycle.ancestor", hive, PARTS, "Beta is below Beta\\Three in place of Inner; "
               "all else can be read")
    hive = small()
    three = hive.key("Beta\\Three")
    set_entry(hive, three.subkey_list, 0, hive.key().nk.index, "ROOT")
    hive.set_u32(hive.key().nk.data + Nk.PARENT, three.nk.index)
    yield case("key-cycle.root", hive, PARTS, "the root is below Beta\\Three in place of Inner, "
               "and says so itself; all else can be read")


# ------------------------------------------------------------------- subkey lists


def list_cells():
    yield from bad_references("list-cell", small,
                              lambda hive: hive.key("Beta").nk.data + Nk.SUBKEY_LIST, PARTS,
                              "the subkey list of Beta", "Beta has no subkeys")
    hive = small()
    hive.set_bytes(hive.key("Beta").subkey_list.data, b"xx")
    yield case("list-signature", hive, PARTS, "the subkey list of Beta has the signature xx")
    hive = small()
    hive.set_u32(hive.key("Beta").nk.data + Nk.SUBKEY_LIST, hive.key("Alpha").nk.index)
    yield case("list-signature.key", hive, PARTS, "the subkey list of Beta is the key Alpha")


def list_counts():
    for variant, count in (("high", 8), ("low", 2)):
        hive = small()
        hive.set_u32(hive.key("Beta").nk.data + Nk.SUBKEY_COUNT, count)
        yield case(f"list-count.{variant}", hive, WHOLE,
                   f"Beta is said to have {count} subkeys; it has 3, and they can be read")
    for variant, count in (("high", 20), ("low", 3)):
        hive = leafy()
        hive.set_u32(hive.key("Leaves").nk.data + Nk.SUBKEY_COUNT, count)
        yield case(f"list-total.{variant}", hive, WHOLE,
                   f"Leaves is said to have {count} subkeys; it has 8, and they can be read")
    hive = small()
    hive.set_u32(hive.key("Beta").nk.data + Nk.SUBKEY_COUNT, 0)
    yield case("list-hidden", hive, PARTS, "Beta is said to have no subkeys, but has a list of 3; "
               "they are not shown")


def leafy_but_two():
    """Its key counts the subkeys that are left when two of them are lost."""
    hive = leafy()
    hive.set_u32(hive.key("Leaves").nk.data + Nk.SUBKEY_COUNT, 6)
    return hive


def list_leaves():
    rest = "0, 1 and 4 to 7 can be read; the key counts 6 subkeys"
    yield from bad_references("list-leaf-cell", leafy_but_two,
                              lambda hive: leaf_entry(hive.key("Leaves").subkey_list, 1), PARTS,
                              "the second leaf", rest)
    hive = leafy_but_two()
    hive.set_bytes(hive.key("Leaves").leaves[1].data, b"xx")
    yield case("list-leaf-signature", hive, PARTS, f"the second leaf has the signature xx; {rest}")
    hive = leafy_but_two()
    lists = hive.key("Leaves").subkey_list
    hive.set_u32(leaf_entry(lists, 1), lists.index)
    yield case("list-leaf-signature.self", hive, PARTS, f"the second leaf is the ri itself; {rest}")
    yield _nested_ri()


def _nested_ri():
    """The leaf with the keys 2 and 3 becomes an ri that leads to that of 4 and 5."""
    hive = leafy()
    key = hive.key("Leaves")
    hive.set_bytes(key.leaves[1].data, b"ri\1\0" + key.leaves[2].index.to_bytes(4, "little"))
    hive.set_u32(leaf_entry(key.subkey_list, 2), key.leaves[3].index)
    hive.set_u16(key.subkey_list.data + List.COUNT, 3)
    hive.set_u32(key.nk.data + Nk.SUBKEY_COUNT, 4)
    return case("list-leaf-signature.nested-ri", hive, PARTS, "the second of three leaves is an ri "
                "with the leaf of 4 and 5; 0, 1, 6 and 7 can be read; the key counts 4 subkeys")


def list_ends():
    hive = small()
    hive.set_u16(hive.key("Beta").subkey_list.data + List.COUNT, 0x1000)
    yield case("list-past-cell", hive, PARTS, "the list of Beta counts 4096 subkeys; there is room "
               "for 3, as many as Beta counts, and they can be read")
    hive = leafy()
    hive.set_u16(hive.key("Leaves").subkey_list.data + List.COUNT, 0xFFFF)
    yield case("list-past-cell.ri", hive, PARTS,
               "an ri counts 65535 leaves; there is room for 4, and they can be read")


def list_orders():
    hive = small()
    first = entry(hive.key("Beta").subkey_list, 0)
    entries = hive.bytes[first:first + 24]
    hive.set_bytes(first, entries[8:16] + entries[0:8] + entries[16:])
    yield case("list-order.swapped", hive, WHOLE, "the subkeys of Beta are Three, One, Two")
    hive = build(Key("ROOT", subkeys=[Key("Before"), Key("Same"), Key("SAME"), Key("Then")]))
    yield case("list-order.duplicate", hive, WHOLE, "there are two subkeys, Same and SAME")
    hive = leafy()
    key = hive.key("Leaves")
    hive.set_u32(leaf_entry(key.subkey_list, 1), key.leaves[2].index)
    hive.set_u32(leaf_entry(key.subkey_list, 2), key.leaves[1].index)
    yield case("list-order.leaves", hive, WHOLE, "the second leaf and the third are exchanged")
    hive = build(Key("ROOT", subkeys=[Key("y"), Key("\xff"), Key("\u0100")]))
    lists = hive.key().subkey_list
    for i, name in enumerate(("y", "\xff", "\u0100")):
        set_entry(hive, lists, i, hive.key(name).nk.index, name)
    yield case("list-order.latin-1", hive, WHOLE,
               "the subkeys are y, U+00FF, U+0100; the upper case of U+00FF is U+0178")


def list_hashes():
    for rule, kind, minor, right in (("hash", "lh", 5, name_hash), ("hint", "lf", 3, name_hint)):
        hive = small(minor)
        hive.set_u32(entry(hive.key("Beta").subkey_list, 1) + 4, right("Three") ^ 0x20)
        yield case(f"list-{rule}", hive, WHOLE,
                   f"the {rule} of Beta\\Three in an {kind} list is wrong; all can be read")


# ------------------------------------------------------------------------- values


def value_lists():
    yield from bad_references("values-cell", small,
                              lambda hive: hive.key("Alpha").nk.data + Nk.VALUE_LIST, PARTS,
                              "the value list of Alpha", "Alpha has no values")
    for variant, count in (("", 1000), (".huge", 0xFFFFFFFF)):
        hive = small()
        hive.set_u32(hive.key("Alpha").nk.data + Nk.VALUE_COUNT, count)
        yield case(f"values-past-cell{variant}", hive, PARTS,
                   f"Alpha counts {count} values; there is room for 3, and they can be read")
    hive = small()
    hive.set_u32(hive.key("Alpha").value_list.data + 4, NIL)
    yield case("value-nil", hive, PARTS, "the second value of Alpha is NIL; the others can be read")
    yield from bad_references("value-cell", small,
                              lambda hive: hive.key("Alpha").value_list.data + 4, PARTS,
                              "the second value of Alpha", "the others can be read",
                              only=["free", "past-end", "inside", "volatile"])
    hive = small()
    hive.set_u32(hive.key("Alpha").value_list.data + 4, hive.key("Alpha").value_list.index)
    yield case("value-cell.small", hive, PARTS,
               "the second value of Alpha is a cell of 16 bytes; the others can be read")


def value_records():
    hive = small()
    hive.set_u16(hive.key("Alpha").values[1].vk.data + Vk.NAME_LENGTH, 0x400)
    yield case("value-name-past-cell", hive, PARTS,
               "the name of the second value of Alpha has 1024 bytes; the others can be read")
    hive = small()
    hive.set_bytes(hive.key("Alpha").values[1].vk.data, b"xx")
    yield case("value-signature", hive, PARTS,
               "the second value of Alpha has the signature xx; the others can be read")
    hive = small()
    hive.set_u32(hive.key("Alpha").value_list.data + 4, hive.key("Beta\\Two").nk.index)
    yield case("value-signature.key", hive, PARTS,
               "the second value of Alpha is the key Beta\\Two; the others can be read")
    name = "\u0416\u0423"
    hive = build(Key("ROOT", values=[dword(name, 1), dword("After", 2)]))
    hive.set_u16(hive.key().values[0].vk.data + Vk.NAME_LENGTH, 3)
    yield case("value-name-odd", hive, WHOLE,
               "a name in UTF-16 has 3 bytes: it is the letter U+0416")


def value_data():
    yield from bad_references("value-data-cell", small,
                              lambda hive: hive.key("Gamma").values[0].vk.data + Vk.DATA, PARTS,
                              "the cell with the data of Gamma\\Data", "all else can be read")
    hive = small()
    hive.set_u32(hive.key("Gamma").values[0].vk.data + Vk.DATA_LENGTH, 0)
    yield case("value-empty-data", hive, WHOLE, "Gamma\\Data has no data, but a cell for them")
    for variant, minor, length in ((".1-5", 5, 10000), (".1-3", 3, 100000)):
        hive = small(minor)
        hive.set_u32(hive.key("Gamma").values[0].vk.data + Vk.DATA_LENGTH, length)
        yield case(f"value-data-past-cell{variant}", hive, PARTS,
                   f"Gamma\\Data has {length} bytes in a cell for 68, and they can be read")
    for variant, length in (("5", 5), ("maximum", 0x7FFFFFFF)):
        hive = small()
        hive.set_u32(hive.key("Alpha").values[1].vk.data + Vk.DATA_LENGTH, 0x80000000 | length)
        yield case(f"value-inline-length.{variant}", hive, PARTS, "the second value of Alpha has "
                   f"{length} bytes in itself; 4 can be read")


def value_big_data():
    value = Value("Plain", 3, good.pattern(SEGMENT + 1), plain=True)
    hive = build(Key("ROOT", values=[value, dword("After", 1)]))
    yield case("value-not-big-data", hive, WHOLE,
               "16345 bytes in one cell in version 1.5; all can be read")
    hive = big()
    hive.set_bytes(hive.key().values[0].db.data, b"xx")
    yield case("value-big-data.signature", hive, PARTS, "the db has the signature xx; "
               "all other values can be read")
    yield from bad_references("value-big-data.list", big,
                              lambda hive: hive.key().values[0].db.data + List.ENTRIES, PARTS,
                              "the segment list", "all other values can be read",
                              only=["nil", "past-end"])
    yield from bad_references("value-big-data.segment", big,
                              lambda hive: hive.key().values[0].segment_list.data + 4, PARTS,
                              "the second segment", "the first 16344 bytes can be read",
                              only=["free", "past-end"])
    yield from _short_big_data()


def _short_big_data():
    hive = big()
    value = hive.key().values[0]
    hive.set_u32(value.segment_list.data + 4, value.db.index)
    hive.set_u32(value.vk.data + Vk.DATA_LENGTH, SEGMENT + 100)
    yield case("value-big-data.segment-small", hive, PARTS, "the second segment, of 100 bytes, is "
               "in a cell for 12, that of the db; at least the first 16344 bytes can be read",
               looking=["cell-shared", "value-big-data"])
    hive = big()
    hive.set_u16(hive.key().values[0].db.data + List.COUNT, 1)
    yield case("value-big-data.count", hive, PARTS,
               "there is one segment for 16345 bytes; the first 16344 bytes can be read")
    hive = big()
    value = hive.key().values[0]
    hive.set_u16(value.db.data + List.COUNT, 4)
    hive.set_u32(value.vk.data + Vk.DATA_LENGTH, 3 * SEGMENT + 1)
    yield case("value-big-data.list-small", hive, PARTS,
               "there are 4 segments in a list with room for 3; the first two can be read")


# ----------------------------------------------------------------------- security


def security_cells():
    rest = "all can be read but the descriptor"
    yield from bad_references("key-security", small,
                              lambda hive: hive.key("Gamma").nk.data + Nk.SECURITY, WHOLE,
                              "the security cell of Gamma", rest)
    hive = small()
    hive.set_bytes(hive.key("Gamma").sk.data, b"xx")
    yield case("key-security.signature", hive, WHOLE,
               f"the security cell of Gamma has the signature xx; {rest}",
               looking=["key-security", "security-ring"], besides=())
    hive = small()
    hive.set_u32(hive.key("Gamma").sk.data + Sk.LENGTH, 0x1000)
    yield case("security-length", hive, WHOLE,
               f"the descriptor of Gamma has 4096 bytes in a smaller cell; {rest}")


def security_rings():
    rest = "all can be read"
    for variant, place, how in (("next", Sk.NEXT, "is followed by"),
                                ("previous", Sk.PREVIOUS, "is behind")):
        for what, index in (("nothing", NIL), ("itself", None)):
            hive = small()
            cell = hive.key("Gamma").sk
            hive.set_u32(cell.data + place, cell.index if index is None else index)
            yield case(f"security-ring.{variant}-{what}", hive, WHOLE, "of two security cells the "
                       f"second {how} {what}; {rest}", reading=False)
    hive = small()
    for cell in (hive.key().sk, hive.key("Gamma").sk):
        hive.set_u32(cell.data + Sk.NEXT, cell.index)
        hive.set_u32(cell.data + Sk.PREVIOUS, cell.index)
    yield case("security-ring.two", hive, WHOLE,
               f"each of two security cells is a ring of its own; {rest}", reading=False)


def security_counts():
    for variant, count in (("low", 6), ("zero", 0), ("huge", 0xFFFFFFFF)):
        hive = small()
        cell = hive.key().sk
        hive.set_u32(cell.data + Sk.REFERENCES, count)
        yield case(f"security-count.{variant}", hive, WHOLE,
                   f"a security cell counts {count} keys, but 7 refer to it; all can be read",
                   reading=False)


# ------------------------------------------------------- what only a check looks at


def plain(name, hive, note, also=(), besides=(), unowned=False, exit=WHOLE):
    return case(name, hive, exit, f"{note}; all can be read", also, besides=besides,
                unowned=unowned)


def tidy(minor=5, **more):
    """As small(), but each cell has an owner."""
    return build(Key("ROOT", subkeys=[
        Key("Alpha", class_name="Class", values=[
            sz("", "default"), dword("Number", 7), sz("Text", "some text")]),
        Key("Beta", subkeys=[Key("One"), Key("Three"), Key("Two")]),
        Key("Gamma", security=security.GUARDED, values=[binary("Data", good.pattern(64))]),
    ]), BaseBlock(minor=minor, **more))


def base_fields():
    guids = (bytes(range(16)),) * 3
    yield plain("base-flags", tidy(guids=guids, flags=4), "the flags are 4")
    hive = tidy(guids=guids)
    hive.set_base(Base.GUID_SIGNATURE, 0)
    yield plain("base-guids", hive, "there are GUIDs without rmtm")
    hive = tidy()
    hive.set_base(Base.TIMESTAMP, 1)
    yield plain("base-time", hive, "the time is not that of the first bin")
    for variant, at, what in (
            ("name", Base.FILE_NAME + 60, "the file name has no NUL at its end"),
            ("reserved", 200, "there is something at 200"), ("rest", 600, "and at 600")):
        hive = tidy()
        hive.set_base(at, 0x00410042)
        yield plain(f"base-remnants.{variant}", hive, what)
    hive = build(Key("ROOT"), free_bins=1)
    hive.set_base(Base.LENGTH, PAGE)
    yield plain("bin-behind", hive, "the second bin, a free one, is behind the length")


def lonely_cells():
    hive = tidy()
    free = hive.free[0]
    hive.set_u32(free.at, 16)
    hive.set_u32(free.at + 16, free.size - 16)
    yield plain("cell-free-neighbours", hive, "the free cell at the end is two")
    yield plain("cell-unowned.one", build(Key("ROOT", orphan=bytes(28))),
                "nothing refers to one cell", unowned=True)
    keys = [Key(f"{i:02}", orphan=bytes(28)) for i in range(20)]
    yield plain("cell-unowned.many", build(Key("ROOT", subkeys=keys)),
                "nothing refers to 20 cells", unowned=True)


def odd_keys():
    yield plain("key-cell-large", build(Key("ROOT", subkeys=[Key("n" * 1050)])),
                "a key in a cell of more than 1116 bytes, for its name", also=["key-name-long"])
    yield plain("key-name-long", build(Key("ROOT", subkeys=[Key("n" * 257)])),
                "a name of 257 units")
    yield plain("key-name-wide", build(Key("ROOT", subkeys=[Key("abc", compress=False)])),
                "abc is stored in UTF-16")
    hive = tidy()
    hive.set_u32(hive.key("Beta").nk.data + Nk.VOLATILE_COUNT, 3)
    yield plain("key-volatile", hive, "Beta counts 3 volatile subkeys")
    for variant, flag in (("volatile", 1), ("mount", 2), ("root", HIVE_ENTRY)):
        hive = tidy()
        hive.set_u16(hive.key("Beta").nk.data + Nk.FLAGS, COMP_NAME | flag)
        yield plain(f"key-flags.{variant}", hive, f"Beta has the flag {flag}")
    hive = tidy()
    hive.set_u16(hive.key().nk.data + Nk.FLAGS, COMP_NAME)
    yield plain("root-flags", hive, "the root is not marked as one")
    for variant, time in (("early", 1), ("late", 2 ** 63)):
        yield plain(f"key-time.{variant}", build(Key("ROOT", subkeys=[Key("Key", time=time)])),
                    f"a key was written at {time}")


def longest_fields():
    places = (("name", "", 52, "the longest name of a subkey"),
              ("class", "", 56, "the longest class of a subkey"),
              ("value-name", "Alpha", 60, "the longest name of a value"),
              ("value-data", "Alpha", 64, "the longest data of a value"))
    for rule, change in (("low", -2), ("high", 2)):
        for variant, key, at, what in places:
            hive = tidy()
            place = hive.key(key).nk.data + at
            hive.set_u16(place, hive.u16(place) + change)
            yield plain(f"key-longest-{rule}.{variant}", hive,
                        f"{what} is said to be 2 bytes {'more' if change > 0 else 'less'}")
    hive = tidy()
    hive.set_u16(hive.key("Gamma").nk.data + 52, 8)
    yield plain("key-longest-high.no-subkeys", hive,
                "Gamma, without subkeys, is said to have one with a name of 8 bytes")


def links():
    target = r"\Registry\Machine\Key"
    for variant, values in (
            ("no-value", []), ("two-values", [link(target), dword("Other", 1)]),
            ("name", [sz("Other", target, LINK, end="")]),
            ("type", [sz("SymbolicLinkValue", target, SZ, end="")]),
            ("odd", [Value("SymbolicLinkValue", LINK, target.encode("utf-16-le") + b"x")]),
            ("relative", [link(target[1:])])):
        hive = build(Key("ROOT", subkeys=[Key("Link", flags=SYM_LINK, values=values)]))
        yield plain(f"key-link.{variant}", hive, "a symbolic link that leads nowhere")


def layers():
    hive = tidy()
    hive.bytes[hive.key("Beta").nk.data + Nk.LAYER] = TOMBSTONE
    yield plain("key-layer.version", hive, "Beta is a tombstone in version 1.5")
    for variant, key, what in (
            ("tombstone", Key("Key", layer=TOMBSTONE, values=[dword("Number", 1)]),
             "a tombstone has a value"),
            ("below", Key("Key", layer=SUPERSEDE_TREE, subkeys=[Key("Below")]),
             "a key is merged below one that replaces all")):
        hive = build(Key("ROOT", subkeys=[key]), BaseBlock(minor=6))
        yield plain(f"key-layer.{variant}", hive, what)


def odd_lists():
    hive = tidy()
    lists = hive.key("Beta").subkey_list
    hive.set_bytes(lists.data, b"lf")
    for i, name in enumerate(("One", "Three", "Two")):
        hive.set_u32(entry(lists, i) + 4, name_hint(name))
    yield plain("list-kind", hive, "an lf in version 1.5")
    hive = build(Key("ROOT", leaves=[2, 0, 2], subkeys=[Key(f"{i}") for i in range(4)]))
    yield plain("list-empty", hive, "the second of three leaves is empty")


def odd_values():
    few = [dword("Same", 1), dword("Other", 2), dword("SAME", 3)]
    many = [dword(f"{i}", i) for i in range(30)] + [dword("Same", 1), dword("sAME", 2)]
    for variant, values in (("few", few), ("many", many)):
        yield plain(f"value-twice.{variant}", build(Key("ROOT", values=values)),
                    f"of {len(values)} values two have the same name")
    yield plain("value-tombstone.version", build(
        Key("ROOT", values=[Value("Hidden", 0, tombstone=True)])), "a tombstone in version 1.5")
    yield plain("value-tombstone.type", build(
        Key("ROOT", values=[Value("Hidden", DWORD, tombstone=True)]), BaseBlock(minor=6)),
        "a tombstone of type 4")
    hive = tidy(minor=3)
    hive.set_u32(hive.key("Gamma").values[0].vk.data + Vk.DATA_LENGTH, (1 << 20) + 1)
    yield case("value-large", hive, PARTS, "Gamma\\Data is said to have more than 1 MiB",
               also=["value-data-past-cell"], unowned=False)
    hive = tidy()
    hive.set_u16(hive.key("Alpha").values[0].vk.data + Vk.FLAGS, VALUE_COMP_NAME)
    yield plain("value-no-name", hive, "the default value has a name of one byte a unit")


def descriptors():
    for variant, at, byte in (("revision", Sk.DESCRIPTOR, 2), ("short", Sk.LENGTH, 10),
                              ("owner", Sk.DESCRIPTOR + 5, 0x7F)):
        hive = tidy()
        hive.bytes[hive.key("Gamma").sk.data + at] = byte
        yield plain(f"security-descriptor.{variant}", hive,
                    "the security descriptor of Gamma is not well formed")
    other = security.GUARDED[:-1] + b"\x01"
    hive = build(Key("ROOT", subkeys=[Key("A", security=security.GUARDED),
                                      Key("B", security=other)]))
    hive.set_bytes(hive.key("B").sk.data + Sk.DESCRIPTOR, security.GUARDED)
    yield plain("security-twice", hive, "A and B have a security cell each, with the same bytes")
    hive = tidy()
    hive.set_u32(hive.key("Gamma").sk.data + Sk.REFERENCES, 2)
    yield plain("security-unused.high", hive, "a security cell counts 2 keys, 1 refers to it")
    hive = tidy()
    first = hive.key().sk
    hive.set_u32(hive.key("Gamma").nk.data + Nk.SECURITY, first.index)
    hive.set_u32(first.data + Sk.REFERENCES, hive.u32(first.data + Sk.REFERENCES) + 1)
    hive.set_u32(hive.key("Gamma").sk.data + Sk.REFERENCES, 0)
    yield plain("security-unused.nobody", hive, "no key refers to a security cell, as it says")


def cases():
    for kind in (not_hives, base_block, hive_lengths, root_cells, bins, bin_sizes, cells,
                 shared_paths, shared_lists, shared_leaf, shared_values, shared_data,
                 shared_segments, key_cells, key_names, key_parents, key_signatures, key_classes,
                 key_predefined, key_depths, key_cycles, list_cells, list_counts, list_leaves,
                 list_ends, list_orders, list_hashes, value_lists, value_records, value_data,
                 value_big_data, security_cells, security_rings, security_counts, base_fields,
                 lonely_cells, odd_keys, longest_fields, links, layers, odd_lists, odd_values,
                 descriptors):
        yield from kind()
