# SPDX-License-Identifier: MIT
"""check_headers.py COMPILER...: each header of lib/ compiles alone."""
import pathlib
import subprocess
import sys
import sysconfig

from common import ROOT, files, finish, name

compiler = sys.argv[1:]
flags = ['-std=c11', '-Wall', '-Wextra', '-Werror', '-fsyntax-only', '-x', 'c']
problems = []
# Those of the Python module include Python's, which need not be here.
python = pathlib.Path(sysconfig.get_path('include'))

for path in files('.h', folders=['lib']):
    if 'python' in path.parts and not (python / 'Python.h').is_file():
        continue
    # Through an #include, as a header is used; a header as main file draws other warnings.
    done = subprocess.run([*compiler, *flags, f'-I{ROOT / "lib"}', f'-isystem{python}', '-'],
                          text=True, input=f'#include "{path.relative_to(ROOT / "lib")}"\n',
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    if done.returncode != 0:
        problems.append(f'{name(path)} does not compile alone:\n{done.stdout}')
finish(problems)
