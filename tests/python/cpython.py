# SPDX-License-Identifier: MIT
"""CPython's own test_winreg.py, unmodified.

What it needs and only Windows has is put there: a module winreg, the version of Windows, the
variable windir, and the name of the machine.  Nothing of the tests is changed or skipped here.
The tests that skip themselves are named in docs/python.md, each with the reason; one more, or one
fewer, is a failure.
"""
import importlib.util
import os
import pathlib
import platform
import re
import sys
import unittest

DOC = pathlib.Path(__file__).resolve().parents[2] / 'docs/python.md'


def supply_windows():
    import winhive
    winhive.alias()
    os.environ['windir'] = r'C:\Windows'
    sys.getwindowsversion = lambda: (10, 0, 19045, 2, '')
    platform.machine = lambda: 'AMD64'


class Skips(unittest.TestCase):
    """Comes last, and looks at what the others did."""
    skipped = set()

    def test_skips_are_documented(self):
        rows = re.findall(r'^\| `(\w+\.test\w+)` \|', DOC.read_text(encoding='utf-8'), re.M)
        self.assertEqual(sorted(self.skipped), sorted(rows))


class Noting(unittest.TestSuite):
    def run(self, result, debug=False):
        super().run(result, debug)
        Skips.skipped |= {'.'.join(test.id().split('.')[-2:]) for test, _ in result.skipped}
        return result


class Missing(unittest.TestCase):
    @unittest.skip('Python has no test.test_winreg: see the package libpython3.11-testsuite')
    def test_winreg(self):
        pass


def load():
    try:
        there = importlib.util.find_spec('test.test_winreg')
    except ModuleNotFoundError:
        there = None
    loader = unittest.defaultTestLoader
    if there is None:
        return loader.loadTestsFromTestCase(Missing)
    supply_windows()
    from test import test_winreg
    return unittest.TestSuite([Noting(loader.loadTestsFromModule(test_winreg)),
                               loader.loadTestsFromTestCase(Skips)])
