# SPDX-License-Identifier: MIT
"""check_exports.py NM SHARED STATIC: the library gives out what exports.txt lists, no more."""
import re
import subprocess
import sys

from common import ROOT, finish

nm, shared, static = sys.argv[1:]


def symbols(*args):
    out = subprocess.run([nm, '--defined-only', '-P', *args], check=True, text=True,
                         stdout=subprocess.PIPE).stdout
    names = {line.split()[0] for line in out.splitlines() if len(line.split()) > 2}
    # What starts with an underscore is the compiler's: sanitizers, coverage, the linker.
    return {n for n in names if not n.startswith('_')}


problems = []
exports = (ROOT / 'tests/lint/exports.txt').read_text().split()
header = ''.join((ROOT / 'lib' / name).read_text()
                 for name in ('winhive.h', 'winhive-winreg.h'))
declared = set(re.findall(r'^WH_API\b[^;(]*?(\w+)\(', header, re.M))
found = symbols('-D', shared)

if exports != sorted(exports):
    problems.append('exports.txt is not sorted')
for extra in sorted(found - set(exports)):
    problems.append(f'{extra} is exported, but not in exports.txt')
for missing in sorted(set(exports) - found):
    problems.append(f'{missing} is in exports.txt, but not exported')
for odd in sorted(declared ^ set(exports)):
    problems.append(f'{odd} is in only one of the headers and exports.txt')
for bad in sorted(n for n in found if not n.startswith('wh_')):
    problems.append(f'{bad} does not start with wh_')
for bad in sorted(n for n in symbols('-g', static) if not re.match('whi?_', n)):
    problems.append(f'{bad}, in the static library, starts with neither wh_ nor whi_')
finish(problems)
