# SPDX-License-Identifier: MIT
"""The hives in which nothing is wrong."""

import security
from regf import (BASE_BLOCK, BINARY, COMP_NAME, DWORD, DWORD_BIG_ENDIAN, EPOCH, EXPAND_SZ,
                  FULL_RESOURCE_DESCRIPTOR, INHERIT_CLASS, LINK, MULTI_SZ, NONE, QWORD,
                  RESOURCE_LIST, RESOURCE_REQUIREMENTS_LIST, SECOND, SUPERSEDE_LOCAL,
                  SUPERSEDE_TREE, SYM_LINK, SZ, TOMBSTONE, Base, BaseBlock, Bin, Key, Nk, Sk, Value,
                  Vk, binary, build, checksum, dword, expand_sz, link, multi_sz, qword,
                  set_checksum, sz)
from upcase import utf16

GUIDS = (bytes.fromhex("3c8e5d10a7f2e84411b0525400c0ffee"),
         bytes.fromhex("3c8e5d10a7f2e84411b0525400c0ffee"),
         bytes.fromhex("3d8e5d10a7f2e84411b0525400c0ffee"))


def pattern(size):
    """Bytes that show where in a value they belong: no two blocks of 256 are the same."""
    return bytes((i * 7 + i // 256) & 0xFF for i in range(size))


def minimal():
    return build(Key("ROOT"))


# ----------------------------------------------------------------------- sample


def sample():
    """The hive that the documentation uses: a small SYSTEM."""
    root = Key("CMI-CreateHive{2A7FB991-7BBE-4F9D-B91E-7CB51D4737F5}", subkeys=[
        _control_set("ControlSet001", "WINHIVE-DEMO"),
        Key("ControlSet002", subkeys=[Key("Control", subkeys=[_computer_name("WIN-OLD")])]),
        _mounted_devices(),
        _names(),
        Key("Select", time=EPOCH + 60 * SECOND, values=[
            dword("Current", 1), dword("Default", 1), dword("Failed", 0),
            dword("LastKnownGood", 2)]),
        Key("Setup", time=EPOCH + 61 * SECOND, values=[
            sz("CmdLine", ""), dword("SetupType", 0), dword("SystemSetupInProgress", 0),
            multi_sz("CloneTag", "Wed Apr 17 18:40:00 2019"), sz("OsLoaderPath", "\\")]),
        _types(),
    ])
    base = BaseBlock(sequence1=152, sequence2=152, file_name="SYSTEM", guids=GUIDS,
                     timestamp=EPOCH + 3600 * SECOND, reorganized=EPOCH // 4 * 4 + 1)
    return build(root, base)


def _control_set(name, computer):
    return Key(name, subkeys=[
        Key("Control", time=EPOCH + 5 * SECOND, values=[
            sz("CurrentUser", "USERNAME"), dword("BootDriverFlags", 0x14),
            multi_sz("PreshutdownOrder", "DeviceInstall", "UsoSvc", "gpsvc"),
            sz("SystemStartOptions", " NOEXECUTE=OPTIN")], subkeys=[
            _computer_name(computer),
            Key("Lsa", security=security.GUARDED, subkeys=[
                Key("Data", class_name="8df2db5b"), Key("GBG", class_name="c0ffee11"),
                Key("JD", class_name="00112233"), Key("Skew1", class_name="decafbad")]),
            Key("TimeZoneInformation", access=2, values=[
                dword("Bias", 0xFFFFFFC4), dword("DaylightBias", 0xFFFFFFC4),
                binary("DaylightStart", bytes.fromhex("00000300050002000000000000000000")),
                sz("StandardName", "@tzres.dll,-322"),
                sz("TimeZoneKeyName", "W. Europe Standard Time")]),
        ]),
        Key("Services", time=EPOCH + 11 * SECOND, subkeys=[
            _service("Dhcp", 2, 0x20, r"%SystemRoot%\system32\svchost.exe -k LocalService -p",
                     "NSI", "Afd"),
            _service("Disk", 0, 1, r"System32\drivers\disk.sys"),
            _service("EventLog", 2, 0x20,
                     r"%SystemRoot%\System32\svchost.exe -k LocalServiceNetworkRestricted -p"),
            _service("LanmanServer", 2, 0x20, r"%SystemRoot%\system32\svchost.exe -k netsvcs -p",
                     "SamSS", "Srv2"),
            _service("Ntfs", 0, 2, r"System32\Drivers\Ntfs.sys"),
            _service("RpcSs", 2, 0x20, r"%SystemRoot%\system32\svchost.exe -k rpcss -p",
                     "RpcEptMapper", "DcomLaunch"),
            _service("Tcpip", 0, 1, r"System32\drivers\tcpip.sys", "NetIO", subkeys=[
                Key("Parameters", values=[
                    sz("Domain", ""), sz("Hostname", computer.lower()),
                    dword("DefaultTTL", 128)])]),
            _service("WinRM", 3, 0x20, r"%SystemRoot%\System32\svchost.exe -k NetworkService -p",
                     "RPCSS", "HTTP"),
        ]),
    ])


def _computer_name(name):
    return Key("ComputerName", subkeys=[
        Key("ComputerName", time=EPOCH + 7 * SECOND + 1234567, values=[
            sz("", "mnmsrvc"), sz("ComputerName", name)])])


def _service(name, start, type, path, *needs, subkeys=()):
    values = [dword("Start", start), dword("Type", type), dword("ErrorControl", 1),
              expand_sz("ImagePath", path), sz("DisplayName", f"@{name.lower()}.inf,%name%;{name}")]
    if needs:
        values.append(multi_sz("DependOnService", *needs))
    return Key(name, values=values, subkeys=list(subkeys), time=EPOCH + 13 * SECOND)


def _mounted_devices():
    disk = bytes.fromhex("41b4a3c2") + (1048576).to_bytes(8, "little")
    return Key("MountedDevices", values=[
        binary(r"\DosDevices\C:", disk),
        binary(r"\DosDevices\D:", utf16(r"\??\IDE#CdRomVBOX_CD-ROM#5&394b69d0&0&1.0.0#{cd}")),
        binary(r"\??\Volume{51f2d9a0-613e-11e9-8f9e-806e6f6e6963}", disk)])


def _names():
    return Key("Names", user_flags=0xA0, subkeys=[
        Key("Latin-1 \xe9\xdf\xff", values=[sz("\xdcber", "Gr\xf6\xdfe")]),
        Key("\u041a\u0438\u0440\u0438\u043b\u043b\u0438\u0446\u0430",
            values=[sz("\u0418\u043c\u044f", "\u041c\u043e\u0441\u043a\u0432\u0430")]),
        Key("\u65e5\u672c\u8a9e", values=[sz("\u540d\u524d", "\u6771\u4eac")]),
        Key("Emoji \U0001f600", values=[sz("\U0001f600", "\U0001f41d")]),
        Key("Unpaired \ud83d surrogate", values=[sz("\udc00", "low \udc00 surrogate")]),
        Key("Embedded\0NUL", values=[sz("a\0b", "found")]),
        Key("Forward/slash", values=[sz("a/b", "found"), sz("a\\b", "found too")]),
    ])


def _types():
    return Key("Types", security=security.AUDITED, values=[
        sz("", "the default value"),
        Value("None", NONE), Value("None with data", NONE, b"\1\2\3\4\5\6"),
        sz("String", "text"), Value("Empty string", SZ), sz("Only a NUL", ""),
        expand_sz("Expand", r"%SystemRoot%\System32"),
        binary("Binary", pattern(40)), binary("Empty binary", b""),
        dword("Dword", 0xCAFEF00D),
        Value("Dword big-endian", DWORD_BIG_ENDIAN, bytes.fromhex("cafef00d")),
        Value("Dword of one byte", DWORD, b"\x2a"),
        multi_sz("Multi", "one", "two", "three"), Value("Empty multi", MULTI_SZ, bytes(2)),
        qword("Qword", 0x0123456789ABCDEF),
        Value("Resources", RESOURCE_LIST, pattern(28)),
        Value("Descriptor", FULL_RESOURCE_DESCRIPTOR, pattern(20)),
        Value("Requirements", RESOURCE_REQUIREMENTS_LIST, pattern(32)),
        Value("Device property", 0xFFFF0012, utf16("a type without a name\0")),
    ], subkeys=[
        Key("Big", values=[binary("Big", pattern(16345))]),
        Key("Class", class_name="GenericClass"),
        Key("CurrentControlSet", flags=SYM_LINK,
            values=[link(r"\Registry\Machine\System\ControlSet001")]),
        Key("Empty"),
    ])


# --------------------------------------------------------------------- versions


def version(minor):
    """The same small content in each version, as far as the version has it."""
    root = Key("ROOT", subkeys=[
        Key("Class", class_name="GenericClass"),
        Key("Key names", subkeys=[
            Key("Latin-1 \xe4\xf6\xfc"), Key("\u0416\u0423\u041a"), Key("a"), Key("B")]),
        Key("Many", subkeys=[Key(f"{i:02}") for i in range(40)]),
        Key("Security", security=security.GUARDED),
        Key("Values", values=[
            sz("", "default"), sz("Version", f"1.{minor}"), dword("Dword", minor),
            Value("Empty", BINARY), binary("Plain", pattern(100)),
            sz("\u0416\u0423\u041a", "a name in UTF-16"),
        ] + _large(minor)),
    ] + (_layers() if minor == 6 else []))
    return build(root, BaseBlock(minor=minor, flags=2 if minor == 6 else 0))


def _large(minor):
    """In 1.1 a large cell with its own header, in 1.4 the first big data."""
    return [binary("17000 bytes", pattern(17000))] if minor in (1, 4) else []


def _layers():
    """What only a differencing hive has: keys and values that hide those of lower layers."""
    return [
        Key("Inherit class", layer=INHERIT_CLASS, values=[
            Value("Deleted", NONE, tombstone=True), sz("Kept", "upper layer")]),
        Key("Supersede local", layer=SUPERSEDE_LOCAL, values=[sz("Only", "this one")]),
        Key("Supersede tree", layer=SUPERSEDE_TREE, subkeys=[
            Key("Below", layer=SUPERSEDE_TREE, values=[sz("Only", "this one")])]),
        Key("Tombstone", layer=TOMBSTONE),
    ]


# ------------------------------------------------------------------------ sizes


def lists(minor):
    """Keys at each side of the limits where the kind of list changes."""
    root = Key("ROOT", subkeys=[
        Key(f"{count:04}", subkeys=[Key(f"{i:04}") for i in range(count)])
        for count in (1, 507, 508, 1013, 1014, 2500)])
    return build(root, BaseBlock(minor=minor))


def values(minor):
    """Data and names of every size at which something changes."""
    longest = 16383 if minor == 3 else 2000     # one such name makes the hive large enough
    root = Key("ROOT", subkeys=[
        Key("Many", values=[dword(f"{i:03}", i) for i in range(200)]),
        Key("Names", values=[
            sz("n" * 255, "255 units"), sz("\u0436" * 300, "300 units in UTF-16"),
            sz("N" * longest, f"{longest} units")]),
        Key("Sizes", values=[
            binary(f"{size}", pattern(size))
            for size in (0, 1, 2, 3, 4, 5, 16343, 16344, 16345, 16346, 32688, 32689, 50000)]),
        _strings(), _odd_types(),
    ])
    return build(root, BaseBlock(minor=minor))


def _strings():
    """Strings that are not as they should be; Windows keeps them as they are."""
    return Key("Strings", values=[
        sz("No NUL", "text", end=""), sz("NUL inside", "one\0two"), sz("Two NULs", "text\0"),
        Value("Odd length", SZ, utf16("text\0") + b"x"), Value("One byte", SZ, b"x"),
        Value("Unpaired", SZ, utf16("a\ud800b\0")), Value("Empty", SZ),
        Value("Expand, no NUL", EXPAND_SZ, utf16("%TEMP%")),
        Value("Multi, empty", MULTI_SZ), Value("Multi, one NUL", MULTI_SZ, bytes(2)),
        Value("Multi, no NUL", MULTI_SZ, utf16("one")),
        Value("Multi, one NUL at the end", MULTI_SZ, utf16("one\0two\0")),
        Value("Multi, empty string inside", MULTI_SZ, utf16("one\0\0three\0\0")),
        Value("Multi, only empty strings", MULTI_SZ, utf16("\0\0\0")),
        Value("Multi, odd length", MULTI_SZ, utf16("one\0two\0\0") + b"x"),
        Value("Link, with a NUL", LINK, utf16("\\Registry\\Machine\0")),
    ])


def _odd_types():
    """Any number is a type, and the length need not fit it."""
    numbers = (12, 0x82, 0x1F4, 0x20001, 0x80000000, 0xFFFF0012, 0xFFFF2012, 0xFFFFFFFF)
    return Key("Types", values=[Value(f"{number:08x}", number, b"data!") for number in numbers] + [
        Value("Dword of 0 bytes", DWORD), Value("Dword of 3 bytes", DWORD, b"\1\2\3"),
        Value("Dword of 8 bytes", DWORD, bytes(range(8))), Value("Qword of 0 bytes", QWORD),
        Value("Qword of 4 bytes", QWORD, b"\1\2\3\4"),
        Value("Big-endian of 8 bytes", DWORD_BIG_ENDIAN, bytes(range(8)))])


def deep(levels):
    """A chain of keys: the last one is so many levels below the root."""
    key = Key(f"{levels}", values=[dword("Depth", levels)])
    for level in range(levels - 1, 0, -1):
        key = Key(f"{level}", subkeys=[key])
    return build(Key("ROOT", subkeys=[key]))


# ------------------------------------------------------------------------ names

# Lower case, and what Windows makes of it.
MAPPED = {
    "a": "A", "z": "Z", "\xe0": "\xc0", "\xfe": "\xde", "\xff": "\u0178", "\u0101": "\u0100",
    "\u01c6": "\u01c4", "\u0250": "\u2c6f", "\u0282x": "\u0282X", "\u03b1": "\u0391",
    "\u03c3": "\u03a3", "\u03ac": "\u0386", "\u0430": "\u0410", "\u0451": "\u0401",
    "\u0561": "\u0531", "\u1d7d": "\u2c63", "\u1f80": "\u1f88", "\u1fb3": "\u1fbc",
    "\u2170": "\u2160", "\u24d0": "\u24b6", "\u2c30": "\u2c00", "\u2d00": "\u10a0",
    "\ua641": "\ua640", "\uff41": "\uff21",
}

# Other tables hold these to be the same letter in two cases; that of Windows does not.
DISTINCT = (
    ("\xb5", "\u039c"), ("\xdf", "\u1e9e"), ("\u0131", "I"), ("\u0149", "\u02bcN"),
    ("\u017f", "S"), ("\u01c5", "\u01c4"), ("\u01f2", "\u01f1"), ("\u0345", "\u0399"),
    ("\u03c2", "\u03a3"), ("\u03d0", "\u0392"), ("\u10d0", "\u1c90"), ("\uab70", "\u13a0"),
    ("\U00010428", "\U00010400"), ("\U0001e922", "\U0001e900"),
)

SPECIAL = (
    "\0", "\0\0", "\x01", "\b", "\t", "\n", "\r\n", "\x1b[31m", " ", " leading", "trailing ",
    '"quoted"', "'", "%TEMP%", "$(id)", "*?", ".", "..", "/", "a/b", "<a href=\"\">&amp;", "=", "@",
    "[x]", "`", "{0}", "|", "~", "\x7f", "\x80", "\xa0", "\xad", "e\u0301", "\u200b", "\u202e",
    "\u2028", "\ud800", "\udc00", "\udc00\ud800", "\ue000", "\ufeff", "\ufffd", "\uffff",
)


def names():
    distinct = sorted({name for pair in DISTINCT for name in pair})
    root = Key("ROOT", subkeys=[
        Key("Distinct", subkeys=[Key(name) for name in distinct],
            values=[sz(name, name) for name in distinct]),
        Key("Lengths", subkeys=[
            Key(letter * length) for letter in ("\xe4", "\u0436", "\U0001f600")
            for length in (1, 127, 254 // len(utf16(letter)) * 2)] + [
            Key("x" * 256), Key("\u0437" * 256)]),
        Key("Mapped", subkeys=[Key(low, values=[sz("Upper case", up)])
                               for low, up in MAPPED.items()],
            values=[sz(low, up) for low, up in MAPPED.items()]),
        Key("Order", subkeys=[Key(name) for name in (
            "a", "aa", "a\0", "a_", "aB", "AC", "a[", "a{", "a\xff", "a\u0178b", "a\u0177",
            "B", "_", "[", "\xe4", "\xff", "\u0177", "\u0179", "\u0436", "\ud83d\ude00",
            "\uff41", "\ue000")]),
        Key("Special", subkeys=[Key(name) for name in SPECIAL],
            values=[sz(name, name) for name in SPECIAL + ("\\", "a\\b")]),
        Key("Uncompressed", compress=False, subkeys=[Key("Plain", compress=False)],
            values=[Value("Also in UTF-16", DWORD, bytes(4), compress=False)]),
    ])
    return build(root)


# ------------------------------------------------------------- around the edges


def tail():
    """Behind the bins: an old bin that fits, bytes that mean nothing, no full page."""
    hive = build(Key("ROOT", subkeys=[Key("Kept")]))
    old = build(Key("OLD", subkeys=[Key("Not part of the hive")])).bytes[0x1000:]
    old[Bin.OFFSET:Bin.OFFSET + 4] = (len(hive.bytes) - 0x1000).to_bytes(4, "little")
    hive.bytes += old + pattern(1234)
    return hive


def old_remnants():
    """Memory that was not cleared wherever Windows NT to XP left it."""
    hive = build(Key("$$$PROTO.HIV", subkeys=[
        Key("Empty"), Key("Values", values=[sz("A", "first"), dword("B", 2), dword("C", 3)])]),
        BaseBlock(minor=3, sequence1=7, sequence2=7, file_name=r"\WINNT\system32\config\default"))
    remnant = hive.bytes[0x1020:0x1020 + 396]
    hive.set_bytes(Base.RM_ID, remnant)
    hive.set_bytes(Base.CHECKSUM + 4, pattern(BASE_BLOCK - Base.CHECKSUM - 4))
    hive.set_bytes(hive.bins[0] + Bin.RESERVED, pattern(8))
    _leave_remnants_in_cells(hive)
    set_checksum(hive.bytes)
    return hive


def _leave_remnants_in_cells(hive):
    key = hive.key("Values")
    hive.set_u16(key.sk.data + Sk.RESERVED, 0x4242)
    hive.set_u32(key.nk.data + Nk.VOLATILE_COUNT, 2)
    hive.set_u32(key.nk.data + Nk.VOLATILE_LIST, 0x80000118)
    hive.set_u32(key.nk.data + Nk.WORK_VAR, 0x00650074)
    hive.set_u32(hive.key().nk.data + Nk.PARENT, 0x000007C0)
    hive.set_u16(key.values[0].vk.data + Vk.SPARE, 0x6E6F)
    hive.set_u32(key.nk.data + Nk.VALUE_COUNT, 2)
    free = hive.free[0]
    hive.set_bytes(free.data, hive.bytes[key.nk.at:free.at])


def offreg():
    """As offreg.dll makes them: no time in the base block, a root that is not marked as one."""
    hive = build(Key("ROOT", subkeys=[Key("Key", values=[sz("Name", "value")])]),
                 BaseBlock(timestamp=0, offreg_time=EPOCH))
    hive.set_u16(hive.key().nk.data + Nk.FLAGS, COMP_NAME)
    return hive


def special_checksum(total):
    """A base block whose words come to 0 or to all ones, which stand for other sums."""
    hive = minimal()
    hive.set_u32(Base.TIMESTAMP, hive.u32(Base.TIMESTAMP) ^ checksum(hive.bytes) ^ total)
    hive.set_u32(hive.bins[0] + Bin.TIMESTAMP, hive.u32(Base.TIMESTAMP))
    set_checksum(hive.bytes)
    return hive


def bins():
    """Bins of several sizes, with free ones between and at the end."""
    hive = build(Key("ROOT", values=[binary("3000", pattern(3000)), binary("5000", pattern(5000)),
                                     binary("16000", pattern(16000))], orphan=bytes(4060)),
                 free_bins=2)
    orphan = hive.key().orphan
    hive.set_u32(orphan.at, orphan.size)
    return hive


def hives():
    """(name, hive) of each."""
    yield "minimal", minimal()
    yield "sample", sample()
    for minor in range(1, 7):
        yield f"version-1.{minor}", version(minor)
    for minor in (3, 5):
        yield f"lists-1.{minor}", lists(minor)
        yield f"values-1.{minor}", values(minor)
    yield "names", names()
    yield "deep", deep(511)
    yield "bins", bins()
    yield "tail", tail()
    yield "old-remnants", old_remnants()
    yield "offreg", offreg()
    yield "checksum-0", special_checksum(0)
    yield "checksum-ffffffff", special_checksum(0xFFFFFFFF)
