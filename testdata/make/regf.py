# SPDX-License-Identifier: MIT
"""Build a registry hive, byte by byte, from a description of its keys.

    hive = build(Key("ROOT", subkeys=[Key("Colours", values=[dword("Red", 255)])]))
    hive.bytes                       the file
    hive.key("Colours").nk           where the key is, to be patched

The layout follows docs/format.md.  Nothing is checked: a description that makes no
sense gives a hive that makes none, which is how some of the broken hives are made.
"""

import struct
from dataclasses import dataclass, field, replace

import security
from upcase import units, upcase, utf16

NIL = 0xFFFFFFFF
PAGE = 4096
BASE_BLOCK = PAGE
BIN_HEADER = 32
BIG_CELL = 16384            # cells above this are rounded up to a power of two
SEGMENT = 16344             # bytes of big data in one segment
SEGMENT_CELL = SEGMENT + 4  # bytes a segment has room for
INLINE = 0x80000000         # in the length of a value: the data are in the value itself
FAST_LEAF = 507             # entries of an lf
LEAF = 1013                 # entries of an li or lh
SPLIT = 506                 # entries that stay in a full leaf when it is split

EPOCH = 132_000_000_000_000_000  # 2019-04-17T18:40:00Z as a FILETIME
SECOND = 10_000_000


class Base:
    """Offsets in the base block."""

    SIGNATURE, SEQUENCE1, SEQUENCE2, TIMESTAMP = 0, 4, 8, 12
    MAJOR, MINOR, TYPE, FORMAT, ROOT_CELL, LENGTH, CLUSTER = 20, 24, 28, 32, 36, 40, 44
    FILE_NAME, RM_ID, LOG_ID, FLAGS, TM_ID, GUID_SIGNATURE = 48, 112, 128, 144, 148, 164
    REORGANIZED, OFFREG_SIGNATURE, OFFREG_FLAGS, CHECKSUM, OFFREG_TIME = 168, 176, 180, 508, 512


class Bin:
    """Offsets in the header of a hive bin."""

    SIGNATURE, OFFSET, SIZE, RESERVED, TIMESTAMP = 0, 4, 8, 12, 20


class Nk:
    """Offsets in a key."""

    SIGNATURE, FLAGS, TIME, ACCESS, LAYER, PARENT, SUBKEY_COUNT = 0, 2, 4, 12, 13, 16, 20
    VOLATILE_COUNT, SUBKEY_LIST, VOLATILE_LIST = 24, 28, 32
    VALUE_COUNT, VALUE_LIST, SECURITY, CLASS = 36, 40, 44, 48
    WORK_VAR, NAME_LENGTH, CLASS_LENGTH, NAME = 68, 72, 74, 76


class Vk:
    """Offsets in a value."""

    SIGNATURE, NAME_LENGTH, DATA_LENGTH, DATA, TYPE = 0, 2, 4, 8, 12
    FLAGS, SPARE, NAME = 16, 18, 20


class Sk:
    """Offsets in a security cell."""

    SIGNATURE, RESERVED, NEXT, PREVIOUS, REFERENCES, LENGTH, DESCRIPTOR = 0, 2, 4, 8, 12, 16, 20


class List:
    """Offsets in a subkey list, and in a db."""

    SIGNATURE, COUNT, ENTRIES = 0, 2, 4


HIVE_ENTRY, NO_DELETE, SYM_LINK, COMP_NAME, PREDEF_HANDLE = 0x04, 0x08, 0x10, 0x20, 0x40
VALUE_COMP_NAME, VALUE_TOMBSTONE = 0x01, 0x02
TOMBSTONE, SUPERSEDE_LOCAL, SUPERSEDE_TREE, INHERIT_CLASS = 1, 2, 3, 0x80

NONE, SZ, EXPAND_SZ, BINARY, DWORD, DWORD_BIG_ENDIAN, LINK, MULTI_SZ = range(8)
RESOURCE_LIST, FULL_RESOURCE_DESCRIPTOR, RESOURCE_REQUIREMENTS_LIST, QWORD = range(8, 12)


# ------------------------------------------------------------------ description


@dataclass
class Value:
    name: str                   # "" is the default value
    type: int
    data: bytes = b""
    tombstone: bool = False     # 1.6: hides a value of a lower layer
    compress: bool = True       # store the name in one byte per unit, if it fits
    plain: bool = False         # never as big data


@dataclass
class Key:
    name: str
    values: list = field(default_factory=list)
    subkeys: list = field(default_factory=list)  # in any order
    time: int = EPOCH
    flags: int = 0              # besides those that follow from the rest
    class_name: str = ""
    security: bytes = None      # a descriptor; None: that of the key above
    layer: int = 0              # 1.6: the byte with layer semantics and INHERIT_CLASS
    access: int = 0
    user_flags: int = 0
    compress: bool = True
    leaves: list = None         # numbers of entries: an ri of such leaves, however few
    orphan: bytes = None        # content of a cell behind the key that nothing refers to


@dataclass
class BaseBlock:
    sequence1: int = 1
    sequence2: int = 1
    timestamp: int = EPOCH
    major: int = 1
    minor: int = 5
    type: int = 0
    format: int = 1
    root_cell: int = BIN_HEADER
    length: int = 0
    cluster: int = 1
    file_name: str = ""
    flags: int = 0
    guids: tuple = None         # of the resource manager, its log, the transaction manager
    reorganized: int = 0
    offreg_time: int = None     # not None: made by offreg.dll

    def pack(self):
        block = bytearray(BASE_BLOCK)
        struct.pack_into("<4sIIQ7I", block, 0, b"regf", self.sequence1, self.sequence2,
                         self.timestamp, self.major, self.minor, self.type, self.format,
                         self.root_cell, self.length, self.cluster)
        name = utf16(self.file_name)[-62:]
        block[Base.FILE_NAME:Base.FILE_NAME + len(name)] = name
        struct.pack_into("<I", block, Base.FLAGS, self.flags)
        struct.pack_into("<Q", block, Base.REORGANIZED, self.reorganized)
        self._pack_guids(block)
        self._pack_offreg(block)
        set_checksum(block)
        return block

    def _pack_guids(self, block):
        if self.guids:
            places = (Base.RM_ID, Base.LOG_ID, Base.TM_ID)
            for at, guid in zip(places, self.guids):
                block[at:at + 16] = guid
            block[Base.GUID_SIGNATURE:Base.GUID_SIGNATURE + 4] = b"rmtm"

    def _pack_offreg(self, block):
        if self.offreg_time is not None:
            struct.pack_into("<4sI", block, Base.OFFREG_SIGNATURE, b"OfRg", 1)
            struct.pack_into("<Q", block, Base.OFFREG_TIME, self.offreg_time)


def sz(name, text, type=SZ, end="\0"):
    return Value(name, type, utf16(text + end))


def expand_sz(name, text):
    return sz(name, text, EXPAND_SZ)


def multi_sz(name, *texts):
    return sz(name, "".join(text + "\0" for text in texts), MULTI_SZ)


def dword(name, number):
    return Value(name, DWORD, struct.pack("<I", number))


def qword(name, number):
    return Value(name, QWORD, struct.pack("<Q", number))


def binary(name, data):
    return Value(name, BINARY, data)


def link(target):
    return sz("SymbolicLinkValue", target, LINK, end="")


# ----------------------------------------------------------------------- places


@dataclass(frozen=True)
class Cell:
    index: int                  # as references in the hive have it
    at: int                     # offset in the file of its size word
    data: int                   # offset in the file of its content
    size: int                   # bytes, all told


@dataclass
class ValuePlaces:
    vk: Cell
    data: Cell = None           # data that are neither in the value nor big
    db: Cell = None
    segment_list: Cell = None
    segments: list = field(default_factory=list)


@dataclass
class KeyPlaces:
    nk: Cell
    sk: Cell = None
    class_name: Cell = None
    subkey_list: Cell = None    # the ri, or the only leaf
    leaves: list = field(default_factory=list)  # below the ri
    value_list: Cell = None
    values: list = field(default_factory=list)
    orphan: Cell = None


@dataclass
class Hive:
    bytes: bytearray
    keys: dict                  # path -> KeyPlaces, the first of that path; "" is the root
    bins: list                  # offsets in the file
    free: list                  # the free cell at the end of each bin that has one

    def key(self, path=""):
        return self.keys[path]

    def u16(self, at):
        return struct.unpack_from("<H", self.bytes, at)[0]

    def u32(self, at):
        return struct.unpack_from("<I", self.bytes, at)[0]

    def set_u16(self, at, number):
        struct.pack_into("<H", self.bytes, at, number)

    def set_u32(self, at, number):
        struct.pack_into("<I", self.bytes, at, number)

    def set_bytes(self, at, data):
        self.bytes[at:at + len(data)] = data

    def set_base(self, at, number):
        """Change a number of the base block and make the checksum right again."""
        self.set_u32(at, number)
        set_checksum(self.bytes)


# ---------------------------------------------------------------- small sums


def round_up(number, step):
    return (number + step - 1) // step * step


def checksum(block):
    total = 0
    for word in struct.unpack_from("<127I", block):
        total ^= word
    return {0: 1, NIL: NIL - 1}.get(total, total)


def set_checksum(block):
    struct.pack_into("<I", block, Base.CHECKSUM, checksum(block))


def name_hash(name):
    """The hash of an lh list."""
    total = 0
    for unit in upcase(name):
        total = (total * 37 + unit) & 0xFFFFFFFF
    return total


def name_hint(name):
    """The hint of an lf list: up to four low bytes, the last ones first."""
    first = units(name)[:4]
    hint = bytearray(4)
    for i in reversed(range(len(first))):
        if first[i] > 0xFF:
            break
        hint[i] = first[i]
    return int.from_bytes(hint, "little")


def wide_length(name):
    return len(utf16(name))


def leaf_kind(minor, count):
    """The signature of the leaves of a list of so many subkeys."""
    if minor <= 2:
        return b"li"
    if minor <= 4:
        return b"lf" if count <= FAST_LEAF else b"li"
    return b"lh"


def leaf_sizes(count):
    """The entries of each leaf when subkeys came in ascending order."""
    sizes = []
    while count > LEAF:
        sizes.append(SPLIT)
        count -= SPLIT
    return sizes + [count]


# ------------------------------------------------------------------------ cells


@dataclass
class _OpenBin:
    start: int                  # in the bins
    size: int
    used: int = BIN_HEADER
    last: int = NIL             # 1.1: where in the bin its last cell starts


class _Bins:
    """Hive bins that grow as cells are put into them."""

    def __init__(self, minor, timestamp):
        self.bytes = bytearray()
        self.open = []
        self.timestamp = timestamp
        self.back_pointers = minor <= 1
        self.header, self.align = (8, 16) if self.back_pointers else (4, 8)

    def reserve(self, length):
        """A cell for so many bytes, all zero."""
        size = round_up(self.header + length, self.align)
        if size > BIG_CELL:
            size = 1 << (size - 1).bit_length()
        return self._cell(self._bin_with(size), size, used=True)

    def put(self, content):
        cell = self.reserve(len(content))
        self.set(cell, content)
        return cell

    def set(self, cell, content, at=0):
        start = cell.data - BASE_BLOCK + at
        self.bytes[start:start + len(content)] = content

    def add_bin(self, size=PAGE):
        bin = _OpenBin(len(self.bytes), size)
        timestamp = 0 if self.open else self.timestamp
        header = struct.pack("<4sII8xQI", b"hbin", bin.start, size, timestamp, 0)
        self.bytes += header.ljust(size, b"\0")
        self.open.append(bin)
        return bin

    def close(self):
        """Make a free cell of what is left of each bin."""
        rests = [(bin, bin.size - bin.used) for bin in self.open]
        return [self._cell(bin, rest, used=False) for bin, rest in rests if rest]

    def _bin_with(self, size):
        for bin in self.open:
            if bin.size - bin.used >= size:
                return bin
        return self.add_bin(round_up(BIN_HEADER + size, PAGE))

    def _cell(self, bin, size, used):
        index = bin.start + bin.used
        struct.pack_into("<i", self.bytes, index, -size if used else size)
        if self.back_pointers:
            struct.pack_into("<I", self.bytes, index + 4, bin.last)
        bin.last = bin.used
        bin.used += size
        at = BASE_BLOCK + index
        return Cell(index, at, at + self.header, size)


# ----------------------------------------------------------------------- writer


class _Writer:
    def __init__(self, minor, timestamp):
        self.minor = minor
        self.bins = _Bins(minor, timestamp)
        self.root = None
        self.keys = {}
        self.descriptors = {}       # descriptor -> cell
        self.users = {}             # descriptor -> number of keys

    def write(self, root):
        """Keys before their subkeys, each with what belongs to it."""
        root = replace(root, flags=root.flags | HIVE_ENTRY | NO_DELETE,
                       security=root.security or security.DEFAULT)
        self.root = KeyPlaces(self._reserve_key(root))
        self.keys[""] = self.root
        waiting = [("", root, self.root, NIL)]
        while waiting:
            path, key, places, parent = waiting.pop()
            below = self._write_key(path, key, places, parent)
            waiting.extend(reversed(below))
        self._link_security()

    def _reserve_key(self, key):
        return self.bins.reserve(Nk.NAME + len(self._name(key)))

    def _write_key(self, path, key, places, parent):
        """Returns what is needed to write the subkeys."""
        subkeys = sorted(key.subkeys, key=lambda subkey: upcase(subkey.name))
        places.sk = self._security_cell(key.security)
        if key.orphan is not None:
            places.orphan = self.bins.put(key.orphan)
        if key.class_name:
            places.class_name = self.bins.put(utf16(key.class_name))
        self._write_values(key.values, places)
        below = [(f"{path}\\{subkey.name}" if path else subkey.name,
                  replace(subkey, security=subkey.security or key.security),
                  KeyPlaces(self._reserve_key(subkey)), places.nk.index) for subkey in subkeys]
        for subpath, _, subplaces, _ in below:
            self.keys.setdefault(subpath, subplaces)
        self._write_lists(key, places, [(subkey, entry[2].nk) for subkey, entry
                                        in zip(subkeys, below)])
        self.bins.set(places.nk, self._pack_key(key, places, parent))
        return below

    def _pack_key(self, key, places, parent):
        name = self._name(key)
        flags = key.flags | (COMP_NAME if self._is_compressed(key) else 0)
        longest_name = max((wide_length(subkey.name) for subkey in key.subkeys), default=0)
        longest_class = max((wide_length(subkey.class_name) for subkey in key.subkeys), default=0)
        longest_value_name = max((wide_length(value.name) for value in key.values), default=0)
        longest_data = max((len(value.data) for value in key.values), default=0)
        return struct.pack(
            "<2sHQBBH9IHBB4IHH", b"nk", flags, key.time, key.access, key.layer, 0, parent,
            len(key.subkeys), 0, _index(places.subkey_list), NIL,
            len(key.values), _index(places.value_list), places.sk.index,
            _index(places.class_name), longest_name, key.user_flags, 0, longest_class,
            longest_value_name, longest_data, 0, len(name), wide_length(key.class_name)) + name

    # Names of keys and values.

    def _is_compressed(self, item):
        return (self.minor > 1 and item.compress and item.name != ""
                and max(units(item.name)) < 256)

    def _name(self, item):
        return item.name.encode("latin-1") if self._is_compressed(item) else utf16(item.name)

    # Subkey lists.

    def _write_lists(self, key, places, subkeys):
        if not subkeys:
            return
        kind = leaf_kind(self.minor, len(subkeys))
        sizes = key.leaves or leaf_sizes(len(subkeys))
        leaves = []
        for size in sizes:
            leaves.append(self.bins.put(_pack_leaf(kind, subkeys[:size])))
            subkeys = subkeys[size:]
        if key.leaves or len(leaves) > 1:
            places.leaves = leaves
            places.subkey_list = self.bins.put(_pack_ri(leaves))
        else:
            places.subkey_list = leaves[0]

    # Values and their data.

    def _write_values(self, values, places):
        if not values:
            return
        places.value_list = self.bins.reserve(4 * len(values))
        places.values = [self._write_value(value) for value in values]
        indexes = [value.vk.index for value in places.values]
        self.bins.set(places.value_list, struct.pack(f"<{len(indexes)}I", *indexes))

    def _write_value(self, value):
        name = self._name(value)
        places = ValuePlaces(self.bins.reserve(Vk.NAME + len(name)))
        length, data = self._write_data(value, places)
        flags = VALUE_COMP_NAME if self._is_compressed(value) else 0
        flags |= VALUE_TOMBSTONE if value.tombstone else 0
        self.bins.set(places.vk, struct.pack("<2sHIIIHH", b"vk", len(name), length, data,
                                             value.type, flags, 0) + name)
        return places

    def _write_data(self, value, places):
        """Returns the two fields of the value that say where its data are."""
        length = len(value.data)
        if value.tombstone:
            return 0, NIL
        if length <= 4:
            return INLINE | length, int.from_bytes(value.data, "little")
        if length > SEGMENT and self.minor >= 4 and not value.plain:
            self._write_big_data(value.data, places)
            return length, places.db.index
        places.data = self.bins.put(value.data)
        return length, places.data.index

    def _write_big_data(self, data, places):
        pieces = [data[i:i + SEGMENT] for i in range(0, len(data), SEGMENT)]
        places.db = self.bins.reserve(12)
        places.segment_list = self.bins.reserve(4 * len(pieces))
        places.segments = [self.bins.put(piece.ljust(SEGMENT_CELL, b"\0")) for piece in pieces]
        indexes = [segment.index for segment in places.segments]
        self.bins.set(places.db, struct.pack("<2sHI", b"db", len(pieces),
                                             places.segment_list.index))
        self.bins.set(places.segment_list, struct.pack(f"<{len(indexes)}I", *indexes))

    # Security cells: one for each different descriptor, in a ring.

    def _security_cell(self, descriptor):
        if descriptor not in self.descriptors:
            self.descriptors[descriptor] = self.bins.reserve(Sk.DESCRIPTOR + len(descriptor))
        self.users[descriptor] = self.users.get(descriptor, 0) + 1
        return self.descriptors[descriptor]

    def _link_security(self):
        cells = list(self.descriptors.values())
        after = cells[1:] + cells[:1]
        before = cells[-1:] + cells[:-1]
        for (descriptor, cell), next, previous in zip(self.descriptors.items(), after, before):
            self.bins.set(cell, struct.pack("<2s2xIIII", b"sk", next.index, previous.index,
                                            self.users[descriptor], len(descriptor)) + descriptor)


def _index(cell):
    return cell.index if cell else NIL


def _pack_leaf(kind, subkeys):
    leaf = struct.pack("<2sH", kind, len(subkeys))
    mark = {b"lf": name_hint, b"lh": name_hash}.get(kind)
    for subkey, cell in subkeys:
        leaf += struct.pack("<I", cell.index)
        if mark:
            leaf += struct.pack("<I", mark(subkey.name))
    return leaf


def _pack_ri(leaves):
    return struct.pack(f"<2sH{len(leaves)}I", b"ri", len(leaves), *(leaf.index for leaf in leaves))


def build(root, base=None, free_bins=0, tail=b""):
    """The hive with this root key; free_bins empty bins and a tail follow its own bins."""
    base = base or BaseBlock()
    writer = _Writer(base.minor, base.timestamp)
    writer.write(root)
    for _ in range(free_bins):
        writer.bins.add_bin()
    free = writer.bins.close()
    base = replace(base, root_cell=writer.root.nk.index, length=len(writer.bins.bytes))
    return Hive(base.pack() + writer.bins.bytes + tail, writer.keys,
                [BASE_BLOCK + bin.start for bin in writer.bins.open], free)
