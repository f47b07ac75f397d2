# SPDX-License-Identifier: MIT
"""Which registry winreg works on: that of a path, of the environment, or one in memory."""

import os

from winhive import Hive, Registry, winreg

MACHINE, USERS, USER = (winreg.HKEY_LOCAL_MACHINE, winreg.HKEY_USERS, winreg.HKEY_CURRENT_USER)
PLACES = {'HKLM': MACHINE, 'HKEY_LOCAL_MACHINE': MACHINE, 'HKU': USERS, 'HKEY_USERS': USERS,
          'HKCU': USER, 'HKEY_CURRENT_USER': USER}
# Hives of a user, and the key of HKEY_USERS where one without a SID of its own is mounted.
USER_HIVES = {'NTUSER': 'User', 'NTUSER.DAT': 'User', 'DEFAULT': '.DEFAULT',
              'USRCLASS': 'User_Classes', 'USRCLASS.DAT': 'User_Classes'}


def mount_at(registry, place, path, *, write=False):
    """Mount a hive file at a place such as HKLM\\SYSTEM or HKCU."""
    from winhive import _winhive
    root, _, name = place.partition('\\')
    root = PLACES.get(root.upper())
    if root is None or '\\' in name or (not name and root != USER) or (name and root == USER):
        raise ValueError(f'{place!r} is not HKLM\\NAME, HKU\\NAME or HKCU')
    if root != USER:
        registry.mount(root, name, path, write=write)
        return
    registry.mount(USERS, 'User', path, write=write)
    before = _winhive.use(registry)
    try:
        with winreg.OpenKey(USERS, 'User', 0, winreg.KEY_ALL_ACCESS) as key:
            registry.override_predef_key(USER, key.Detach())
    finally:
        _winhive.use(before)


def place_of(path):
    """Where a hive belongs: told by what is in it."""
    with Hive(path) as hive:
        role = hive.role
    if role is None:
        raise ValueError(f'{os.fspath(path)!r} is a hive, but of what is not known: '
                         'say where it is to be mounted')
    name = role.upper()
    if name not in USER_HIVES:
        return f'HKLM\\{name}'
    if name.startswith('NTUSER'):
        return 'HKCU'
    return f'HKU\\{USER_HIVES[name]}'


def registry_of(root, user=None, *, write=False):
    """A registry with an offline Windows, or with one hive file."""
    registry = Registry(usual_roots=False)
    if os.path.isdir(root):
        registry.connect_windows(root, user, write=write)
    else:
        mount_at(registry, place_of(root), root, write=write)
    return registry


def default_registry():
    """For whoever uses winreg without having chosen a registry: never one for writing."""
    root = os.environ.get('WINHIVE_ROOT')
    if root:
        return registry_of(root, os.environ.get('WINHIVE_USER'))
    return Registry()
