# SPDX-License-Identifier: MIT
"""A generated file is what its generator makes today."""
import subprocess
import sys

from common import ROOT, finish, name

GENERATED = {'lib/base/upcase_table.c': 'lib/base/make_upcase_table.py'}

problems = []
for made, generator in GENERATED.items():
    now = subprocess.run([sys.executable, '-B', ROOT / generator], check=True, capture_output=True)
    if now.stdout != (ROOT / made).read_bytes():
        problems.append(f'{name(ROOT / made)} is not what {generator} prints')
finish(problems)
