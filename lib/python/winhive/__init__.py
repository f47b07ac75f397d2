# SPDX-License-Identifier: MIT
"""Windows registry hives, and Python's winreg, where there is no Windows.

Hive opens one hive file: its keys and values, changes, commit.  The module winhive.winreg is
Python's winreg over a Registry; connect() points it at an offline Windows.

>>> from winhive import winreg
>>> with winreg.OpenKey(winreg.HKEY_LOCAL_MACHINE, 'SYSTEM') as key:
...     winreg.EnumKey(key, 0)
'ControlSet001'

There is no top-level module winreg, since programs look whether there is one to find out where
they run.  python3 -m winhive SCRIPT runs a script that imports it, and so does alias() before the
import.
"""

import collections.abc
import contextlib
import sys

from winhive._winhive import (Hive, Key, Registry, Value, ValueList, __version__, use,
                              winreg)

__all__ = ['Hive', 'Key', 'Registry', 'Value', 'ValueList', 'alias', 'connect', 'transaction',
           'use', 'winreg']

sys.modules[__name__ + '.winreg'] = winreg
collections.abc.Sequence.register(ValueList)


def alias():
    """Make `import winreg` mean winhive.winreg, in this process, from now on."""
    sys.modules['winreg'] = winreg


def connect(root, user=None, *, write=False):
    """Let winreg work on an offline Windows, or on a hive file; return the Registry.

    root is the root of a volume, its folder Windows, a folder with hives, or one hive.  With
    write=True changes come to the files by winreg.FlushKey() or Registry.commit(), else never.
    """
    from winhive._start import registry_of
    registry = registry_of(root, user, write=write)
    use(registry)
    return registry


@contextlib.contextmanager
def transaction(hive):
    """A with block whose changes to the hive are kept together, or undone on an exception.

    >>> hive = Hive.new()
    >>> try:
    ...     with transaction(hive):
    ...         key = hive.root.create('Half done')
    ...         raise ValueError
    ... except ValueError:
    ...     'Half done' in hive
    False
    """
    hive.begin()
    try:
        yield hive
    except BaseException:
        hive.undo()
        raise
    hive.end()
