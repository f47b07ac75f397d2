# SPDX-License-Identifier: MIT
"""A folder of lib/ is a layer: its files include their own layer and lower ones only."""
import re

from common import ROOT, files, finish, name

LAYERS = ['base', 'disk', 'cell', 'hive', 'tree', 'check']
PUBLIC = ['winhive.h', 'winhive-winreg.h']
# These see the public headers, themselves, and what they are given here.
ABOVE = {'registry': ['base'], 'python': []}
LIB = ROOT / 'lib'
problems = []

for path in files('.c', '.h', folders=['lib']):
    inside = path.relative_to(LIB).parts
    for number, line in enumerate(path.read_text().splitlines(), 1):
        match = re.match(r'\s*#\s*include\s+"([^"]+)"', line)
        if not match or match[1] in PUBLIC:
            continue
        where, target = f'{name(path)}:{number}', match[1].split('/')
        if not (LIB / match[1]).is_file() or len(target) != 2 or \
                target[0] not in LAYERS + list(ABOVE):
            problems.append(f'{where}: "{match[1]}" is not written as layer/file.h')
        elif len(inside) == 1:
            problems.append(f'{where}: the public header includes "{match[1]}"')
        elif inside[0] in ABOVE:
            if target[0] not in ABOVE[inside[0]] + [inside[0]]:
                problems.append(f'{where}: {inside[0]} includes {target[0]}')
        elif target[0] in ABOVE or LAYERS.index(target[0]) > LAYERS.index(inside[0]):
            problems.append(f'{where}: {inside[0]} includes {target[0]}, which is above it')

for path in LIB.iterdir():
    if path.is_dir() and path.name not in LAYERS + list(ABOVE):
        problems.append(f'{name(path)}: a layer that {name(LIB)} is not known to have')
finish(problems)
