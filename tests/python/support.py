# SPDX-License-Identifier: MIT
"""What the tests of the Python module share."""
import os
import pathlib
import shutil
import tempfile
import unittest

import winhive
from winhive import winreg

TOP = pathlib.Path(__file__).resolve().parents[2]
TESTDATA = pathlib.Path(os.environ.get('WINHIVE_TESTDATA', TOP / 'testdata'))
CORPUS = pathlib.Path(os.environ.get('WINHIVE_CORPUS', TOP.parent / 'shared/hives'))
SEEDS = pathlib.Path(os.environ.get('WINHIVE_SEEDS', TOP.parent / 'shared/seeds'))

HKCU, HKLM, HKU = winreg.HKEY_CURRENT_USER, winreg.HKEY_LOCAL_MACHINE, winreg.HKEY_USERS


def need(path, what):
    """A real hive, or another file that is not part of the project."""
    if not path.exists():
        raise unittest.SkipTest(f'no {what}: {path.name}')
    return path


class Case(unittest.TestCase):
    """A test with a folder of its own, and a registry of its own that winreg works on."""

    def setUp(self):
        self.folder = pathlib.Path(tempfile.mkdtemp())
        self.addCleanup(shutil.rmtree, self.folder)
        self.registry = winhive.Registry()
        winhive.use(self.registry)
        self.addCleanup(winhive.use, None)

    def assertWinError(self, number, function, *args, **names):
        """An OSError with that number; returns it."""
        with self.assertRaises(OSError) as caught:
            function(*args, **names)
        self.assertEqual(caught.exception.winerror, number)
        return caught.exception

    def hive_file(self, name, fill=None, **how):
        """A new hive file with a key 'Key' and a value."""
        path = self.folder / name
        with winhive.Hive.new(**how) as hive:
            key = hive.root.create('Key')
            key.values['Value'] = 1
            if fill:
                fill(hive)
            hive.save_as(path)
        return path
