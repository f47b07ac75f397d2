# SPDX-License-Identifier: MIT
"""What the checks share: the C files of the project, and how a check ends."""
import pathlib
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
FOLDERS = ['lib', 'tools', 'fuzz', 'tests', 'docs']


def files(*suffixes, folders=FOLDERS):
    """Not from git: the checks must also work where a release was unpacked."""
    return [p for folder in folders for p in sorted((ROOT / folder).rglob('*'))
            if p.suffix in suffixes]


def name(path):
    return path.relative_to(ROOT).as_posix()


def finish(problems):
    for problem in problems:
        print(problem)
    sys.exit(1 if problems else 0)
