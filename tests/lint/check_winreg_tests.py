# SPDX-License-Identifier: MIT
"""check_winreg_tests.py: docs/winreg-tests.md names tests that exist, one for each row; and what
tests cite of Windows has a row there."""
import re

from common import ROOT, finish

DOC = ROOT / 'docs/winreg-tests.md'
LAST = 'What cannot be tested offline'


def c_tests():
    for path in (ROOT / 'tests/unit').glob('test_*.c'):
        for suite, test in re.findall(r'^Test\((\w+),\s*(\w+)', path.read_text(), re.M):
            yield f'{suite}::{test}'


def python_tests():
    for path in (ROOT / 'tests/python').glob('test_*.py'):
        kind = ''
        for line in path.read_text().splitlines():
            if found := re.match(r'class (\w+)', line):
                kind = found[1]
            elif found := re.match(r'    def (test_\w+)', line):
                yield f'{path.name}::{kind}::{found[1]}'


def marks(text):
    """'[W:2840, W:2846-2849]', '[N:538][W:3]': the letters and first lines."""
    return set(re.findall(r'(?<![\w.])([WN]:\d+)', text))


problems = []
text = DOC.read_text()
there = {*c_tests(), *python_tests()}
# A suite is more than the tests that are named, and a test may be named twice.
for name in sorted(set(re.findall(r'`([\w.]+(?:::\w+)+)`', text)) - there):
    problems.append(f'docs/winreg-tests.md: there is no test {name}')
rows, _, rest = text.partition(f'## {LAST}')
for line in rows.split('\n## 1.1', 1)[1].splitlines():
    if line.startswith('| ') and line != '| row | test |' and '::' not in line:
        problems.append(f'docs/winreg-tests.md: no test in: {line}')
if not rest:
    problems.append(f'docs/winreg-tests.md has no section "{LAST}..."')
known = marks(text)
for path in sorted((ROOT / 'tests/unit').glob('test_reg_*.c')):
    for mark in sorted(marks(path.read_text()) - known):
        problems.append(f'{path.name} cites {mark}, which docs/winreg-tests.md has not')
finish(problems)
