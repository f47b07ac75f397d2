# SPDX-License-Identifier: MIT
"""The upper-case table of Windows 10, by which the names in a hive are compared."""

import struct

# "first-last/step delta" or "unit delta": hexadecimal units, decimal deltas.
# What is not listed is its own upper case.
TABLE = """
61-7A/1 -32; E0-F6/1 -32; F8-FE/1 -32; FF +121; 101-12F/2 -1; 133-137/2 -1; 13A-148/2 -1;
14B-177/2 -1; 17A-17E/2 -1; 180 +195; 183-185/2 -1; 188 -1; 18C -1; 192 -1; 195 +97; 199 -1;
19A +163; 19E +130; 1A1-1A5/2 -1; 1A8 -1; 1AD -1; 1B0 -1; 1B4-1B6/2 -1; 1B9 -1; 1BD -1; 1BF +56;
1C6 -2; 1C9 -2; 1CC -2; 1CE-1DC/2 -1; 1DD -79; 1DF-1EF/2 -1; 1F3 -2; 1F5 -1; 1F9-21F/2 -1;
223-233/2 -1; 23C -1; 242 -1; 247-24F/2 -1; 250 +10783; 251 +10780; 253 -210; 254 -206;
256-257/1 -205; 259 -202; 25B -203; 260 -205; 263 -207; 268 -209; 269 -211; 26B +10743; 26F -211;
271 +10749; 272 -213; 275 -214; 27D +10727; 280 -218; 283 -218; 288 -218; 289 -69; 28A-28B/1 -217;
28C -71; 292 -219; 371-373/2 -1; 377 -1; 37B-37D/1 +130; 3AC -38; 3AD-3AF/1 -37; 3B1-3C1/1 -32;
3C3-3CB/1 -32; 3CC -64; 3CD-3CE/1 -63; 3D7 -8; 3D9-3EF/2 -1; 3F2 +7; 3F8 -1; 3FB -1;
430-44F/1 -32; 450-45F/1 -80; 461-481/2 -1; 48B-4BF/2 -1; 4C2-4CE/2 -1; 4CF -15; 4D1-523/2 -1;
561-586/1 -48; 1D79 +35332; 1D7D +3814; 1E01-1E95/2 -1; 1EA1-1EFF/2 -1; 1F00-1F07/1 +8;
1F10-1F15/1 +8; 1F20-1F27/1 +8; 1F30-1F37/1 +8; 1F40-1F45/1 +8; 1F51-1F57/2 +8; 1F60-1F67/1 +8;
1F70-1F71/1 +74; 1F72-1F75/1 +86; 1F76-1F77/1 +100; 1F78-1F79/1 +128; 1F7A-1F7B/1 +112;
1F7C-1F7D/1 +126; 1F80-1F87/1 +8; 1F90-1F97/1 +8; 1FA0-1FA7/1 +8; 1FB0-1FB1/1 +8; 1FB3 +9;
1FC3 +9; 1FD0-1FD1/1 +8; 1FE0-1FE1/1 +8; 1FE5 +7; 1FF3 +9; 214E -28; 2170-217F/1 -16; 2184 -1;
24D0-24E9/1 -26; 2C30-2C5E/1 -48; 2C61 -1; 2C65 -10795; 2C66 -10792; 2C68-2C6C/2 -1; 2C73 -1;
2C76 -1; 2C81-2CE3/2 -1; 2D00-2D25/1 -7264; A641-A65F/2 -1; A663-A66D/2 -1; A681-A697/2 -1;
A723-A72F/2 -1; A733-A76F/2 -1; A77A-A77C/2 -1; A77F-A787/2 -1; A78C -1; FF41-FF5A/1 -32
"""


def _units_of(span):
    """The code units that "first-last/step" or "unit" stands for."""
    ends, _, step = span.partition("/")
    first, _, last = ends.partition("-")
    return range(int(first, 16), int(last or first, 16) + 1, int(step or 1))


def _parse(table):
    upper = {}
    for rule in table.split(";"):
        span, delta = rule.split()
        for unit in _units_of(span):
            upper[unit] = unit + int(delta)
    return upper


UPPER = _parse(TABLE)


def utf16(name):
    """The name as it is stored without compression; unpaired surrogates are kept."""
    return name.encode("utf-16-le", "surrogatepass")


def units(name):
    """The 16-bit code units of the name."""
    data = utf16(name)
    return struct.unpack(f"<{len(data) // 2}H", data)


def upcase(name):
    """The upper-cased code units: names are ordered as these tuples are."""
    return tuple(UPPER.get(unit, unit) for unit in units(name))
