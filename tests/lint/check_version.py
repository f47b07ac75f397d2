# SPDX-License-Identifier: MIT
"""check_version.py VERSION: the version in winhive.h is that of the project."""
import re
import sys

from common import ROOT, finish

found = re.search(r'^#define WH_VERSION "(.*)"$', (ROOT / 'lib/winhive.h').read_text(), re.M)
problems = []
if not found:
    problems.append('winhive.h has no WH_VERSION')
elif found[1] != sys.argv[1]:
    problems.append(f'winhive.h says {found[1]}, meson.build {sys.argv[1]}')
finish(problems)
