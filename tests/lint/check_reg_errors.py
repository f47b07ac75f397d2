# SPDX-License-Identifier: MIT
"""check_reg_errors.py: every function of the registry API has rows in tests/unit/test_reg_errors*,
and every status that its comment in winhive-winreg.h names is in one of them."""
import re

from common import ROOT, finish

# Statuses without a row, and where they are tested instead.
ELSEWHERE = {
    'WH_E_MEMORY': 'each module lets its memory run out: registry_starve()',
    'WH_E_NOT_SUPPORTED of wh_reg_import_json': 'only where jansson is not built in',
}
# Nothing comes back from these.
SILENT = {'wh_reg_free', 'wh_reg_free_text'}


def groups(header):
    """The comments at the left margin, each with the functions up to the next one."""
    found = []
    for part in re.split(r'^(?=/\*)', header, flags=re.M):
        comment, _, rest = part.partition('*/')
        functions = re.findall(r'^WH_API\b[^;(]*?(\w+)\(', rest, re.M)
        if functions:
            found.append((re.findall(r'\bWH_E_\w+', comment), functions))
    return found


header = (ROOT / 'lib/winhive-winreg.h').read_text()
rows = set()
named = set()
for path in sorted((ROOT / 'tests/unit').glob('*reg_*.[c]')):
    if not re.match(r'test_reg_errors|reg_calls', path.name):
        continue
    text = path.read_text()
    rows |= set(re.findall(r'\bROW\(\s*(wh_reg_\w+),\s*(WH_\w+)', text))
    named |= set(re.findall(r'\bCALL\(\s*(wh_reg_\w+)', text))
    for macro in 'PATHS', 'NAMES', 'BUFFERS':
        for function, statuses in re.findall(rf'\b{macro}\(\s*(wh_reg_\w+),([^()]*)\)', text):
            rows |= {(function, status) for status in re.findall(r'\bWH_\w+', statuses)}
# What get_value() is asked through a shorthand.
text = (ROOT / 'tests/unit/test_reg_errors_own.c').read_text()
rows |= {('wh_reg_get_value', due) for due in re.findall(r'\bGET\((WH_\w+)', text)}

problems = []
functions = set(re.findall(r'^WH_API\b[^;(]*?(\w+)\(', header, re.M))
with_rows = {function for function, _ in rows}
for function in sorted(functions - SILENT - {'wh_reg_new'} - named):
    problems.append(f'{function} is not in the table of tests/unit/reg_calls.c')
for function in sorted(functions - SILENT - named - with_rows):
    problems.append(f'{function} has no row in tests/unit/test_reg_errors*.c')
for odd in sorted((named | with_rows) - functions):
    problems.append(f'{odd} has rows, but is not in lib/winhive-winreg.h')
for statuses, of in groups(header):
    for status in sorted(set(statuses) - set(ELSEWHERE)):
        if any(f'{status} of {function}' in ELSEWHERE for function in of):
            continue
        if not any((function, status) in rows for function in of):
            problems.append(f'{", ".join(of)}: no row with {status}, which the comment promises')
finish(problems)
