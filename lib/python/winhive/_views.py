# SPDX-License-Identifier: MIT
"""The mappings of a key: its subkeys and its values by name."""

from collections.abc import Mapping, MutableMapping


class Subkeys(Mapping):
    """Names to subkeys; a name is one name, not a path, and its letters may be of any case.

    >>> from winhive import Hive
    >>> hive = Hive.new()
    >>> hive.root.create('Alpha').parent.subkeys
    Subkeys(['Alpha'])
    >>> hive.root.subkeys['ALPHA'].name
    'Alpha'
    """

    __slots__ = ('_key',)

    def __init__(self, key):
        self._key = key

    def __getitem__(self, name):
        if not name or '\\' in name:
            raise KeyError(name)
        return self._key[name]

    def __iter__(self):
        return (key.name for key in self._key.iter_subkeys())

    def __len__(self):
        return self._key.info()['subkey_count']

    def values(self):
        return list(self._key.iter_subkeys())

    def items(self):
        return [(key.name, key) for key in self._key.iter_subkeys()]

    def __repr__(self):
        return f'Subkeys({list(self)})'


class Values(MutableMapping):
    """Names to values, in order of creation; '' is the default value.

    What is set is an object, whose type follows from its own, or an object and a type, or a Value.

    >>> from winhive import Hive
    >>> values = Hive.new().root.values
    >>> values['Version'] = 5
    >>> values['Blob'] = b'abc', 0xff00
    >>> values
    Values({'Version': 5, 'Blob': b'abc'})
    >>> values['version'].type_name, values['blob'].type
    ('REG_DWORD', 65280)
    """

    __slots__ = ('_key',)

    def __init__(self, key):
        self._key = key

    def __getitem__(self, name):
        return self._key.value(name)

    def __setitem__(self, name, given):
        from winhive import Value
        if isinstance(given, tuple):
            self._key.set(name, *given)
        elif isinstance(given, Value):
            self._key.set(name, given.data, given.type)
        else:
            self._key.set(name, given)

    def __delitem__(self, name):
        self._key.delete_value(name)

    def __iter__(self):
        return (value.name for value in self._key.iter_values())

    def __len__(self):
        return self._key.info()['value_count']

    def values(self):
        return list(self._key.iter_values())

    def items(self):
        return [(value.name, value) for value in self._key.iter_values()]

    def __repr__(self):
        return f'Values({ {value.name: value.value for value in self._key.iter_values()} })'
