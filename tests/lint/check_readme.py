# SPDX-License-Identifier: MIT
"""The example in README.md compiles without a warning.  Arguments: the compiler."""
import re
import subprocess
import sys

from common import ROOT, finish

example = re.search(r'```c\n(.*?)```', (ROOT / 'README.md').read_text(), re.S)[1]
command = [*sys.argv[1:], '-std=c11', '-Wall', '-Wextra', '-Werror', '-fsyntax-only', '-I',
           ROOT / 'lib', '-xc', '-']
done = subprocess.run(command, input=example, text=True, capture_output=True)
finish([done.stderr] if done.returncode else [])
