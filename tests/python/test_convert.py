# SPDX-License-Identifier: MIT
"""Objects and types: what SetValueEx takes, and what comes back, which need not be the same."""
import array
import errno

from support import HKCU, Case
from winhive import winreg
from winhive.winreg import (REG_BINARY, REG_DWORD, REG_DWORD_BIG_ENDIAN, REG_EXPAND_SZ, REG_LINK,
                            REG_MULTI_SZ, REG_NONE, REG_QWORD, REG_RESOURCE_LIST, REG_SZ)


class Convert(Case):
    def setUp(self):
        super().setUp()
        self.key = winreg.CreateKey(HKCU, 'Convert')
        self.addCleanup(self.key.Close)

    def set(self, kind, given):
        winreg.SetValueEx(self.key, 'v', 0, kind, given)
        return winreg.QueryValueEx(self.key, 'v')

    def raw(self, kind, data):
        """Bytes as they are: through a type without a form of its own, then retyped."""
        number = int(self.key)
        import winhive
        hive = winhive.Hive.new()
        hive.root.set('v', data, kind)
        hive.save_as(self.folder / 'raw')
        self.registry.mount(winreg.HKEY_USERS, 'Raw', self.folder / 'raw')
        try:
            with winreg.OpenKey(winreg.HKEY_USERS, 'Raw') as key:
                self.assertEqual(int(self.key), number)
                return winreg.QueryValueEx(key, 'v')[0]
        finally:
            self.registry.unload(winreg.HKEY_USERS, 'Raw')
            (self.folder / 'raw').unlink()

    def test_there_and_back(self):
        for kind, given in [
                (REG_DWORD, 0), (REG_DWORD, 1 << 31), (REG_DWORD, (1 << 32) - 1),
                (REG_QWORD, 0), (REG_QWORD, (1 << 64) - 1),
                (REG_SZ, ''), (REG_SZ, 'text'), (REG_SZ, '日本'), (REG_SZ, '\U0001f600'),
                (REG_SZ, '\ud800 alone'), (REG_SZ, '\udc00'), (REG_EXPAND_SZ, '%PATH%'),
                (REG_MULTI_SZ, []), (REG_MULTI_SZ, ['']), (REG_MULTI_SZ, ['', '', '', '']),
                (REG_MULTI_SZ, ['a', '', 'b']), (REG_MULTI_SZ, ['a', '']),
                (REG_BINARY, b'\0\1'), (REG_NONE, b'x'), (REG_DWORD_BIG_ENDIAN, b'abcd'),
                (REG_LINK, b'\\\0'), (REG_RESOURCE_LIST, b'r'), (77, b's'), (0xffff0012, b't')]:
            with self.subTest(kind=kind, given=given):
                self.assertEqual(self.set(kind, given), (given, kind))

    def test_none(self):
        for kind, back in [(REG_DWORD, 0), (REG_QWORD, 0), (REG_SZ, ''), (REG_EXPAND_SZ, ''),
                           (REG_MULTI_SZ, []), (REG_BINARY, None), (REG_NONE, None), (77, None)]:
            with self.subTest(kind=kind):
                self.assertEqual(self.set(kind, None), (back, kind))

    def test_not_the_same(self):
        self.assertEqual(self.set(REG_SZ, 'cut\0off'), ('cut', REG_SZ))
        self.assertEqual(self.set(REG_MULTI_SZ, ['a\0b']), (['a', 'b'], REG_MULTI_SZ))
        self.assertEqual(self.set(REG_BINARY, b''), (None, REG_BINARY))
        self.assertEqual(self.set(REG_DWORD, True), (1, REG_DWORD))
        self.assertEqual(self.set(REG_SZ, '\ud83d' + '\ude00'), ('\U0001f600', REG_SZ))

    def test_buffers(self):
        for given in (bytearray(b'abc'), memoryview(b'abc'), array.array('B', b'abc')):
            self.assertEqual(self.set(REG_BINARY, given), (b'abc', REG_BINARY))
        with self.assertRaises(BufferError):
            self.set(REG_BINARY, memoryview(b'abcd')[::2])

    def test_types_wrap(self):
        self.assertEqual(self.set((1 << 32) + REG_SZ, 'x'), ('x', REG_SZ))
        self.assertEqual(self.set(-1, b'x'), (b'x', 0xffffffff))
        with self.assertRaises(TypeError):
            self.set('1', 'x')

    def test_wrong(self):
        message = 'Could not convert the data to the specified type.'
        for kind, given in [(REG_DWORD, 'x'), (REG_DWORD, 1.0), (REG_QWORD, b''), (REG_SZ, 1),
                            (REG_SZ, b'x'), (REG_EXPAND_SZ, []), (REG_MULTI_SZ, ('a',)),
                            (REG_MULTI_SZ, 'a'), (REG_MULTI_SZ, ['a', 1])]:
            with self.subTest(kind=kind, given=given):
                with self.assertRaisesRegex(ValueError, message):
                    self.set(kind, given)
        for kind, given in [(REG_DWORD, -1), (REG_DWORD, 1 << 32), (REG_QWORD, -1),
                            (REG_QWORD, 1 << 64)]:
            with self.assertRaises(OverflowError):
                self.set(kind, given)
        for kind, given, name in [(REG_BINARY, 'x', 'str'), (REG_NONE, 1, 'int'), (99, [], 'list')]:
            with self.assertRaisesRegex(TypeError, f"Objects of type '{name}' can not be used as "
                                                   'binary registry values'):
                self.set(kind, given)
        self.assertWinError(2, winreg.QueryValueEx, self.key, 'v')  # nothing was set

    def test_odd_data(self):
        """What no SetValueEx makes, but hives hold."""
        for kind, data, back in [
                (REG_DWORD, b'', 0), (REG_DWORD, b'\1', 1), (REG_DWORD, b'\1\0\0\0\7', 1),
                (REG_QWORD, b'', 0), (REG_QWORD, b'\0\1', 256), (REG_QWORD, b'\1' + b'\0' * 9, 1),
                (REG_SZ, b'', ''), (REG_SZ, b'a', ''), (REG_SZ, b'a\0', 'a'),
                (REG_SZ, b'a\0b', 'a'), (REG_SZ, b'a\0\0\0b\0', 'a'), (REG_SZ, b'\0\xd8', '\ud800'),
                (REG_SZ, b'\xff\xfea\0', '\ufeffa'),
                (REG_MULTI_SZ, b'', []), (REG_MULTI_SZ, b'\0\0', []), (REG_MULTI_SZ, b'a\0', ['a']),
                (REG_MULTI_SZ, b'a\0\0\0', ['a']), (REG_MULTI_SZ, b'\0\0\0\0', ['']),
                (REG_MULTI_SZ, b'a\0\0\0b\0', ['a', 'b']),
                (REG_MULTI_SZ, b'a\0\0\0\0\0\0\0', ['a', '']),
                (REG_BINARY, b'', None)]:
            with self.subTest(kind=kind, data=data):
                self.assertEqual(self.raw(kind, data), back)


class Names(Case):
    def test_strings(self):
        key = winreg.CreateKey(HKCU, 'Names')
        for name in ('x', '日本', '\ud800', '\U0001f600', 'a/b', ' ', 'n' * 255):
            with self.subTest(name=name):
                winreg.SetValueEx(key, name, 0, REG_SZ, name)
                self.assertEqual(winreg.QueryValueEx(key, name), (name, REG_SZ))
                with winreg.CreateKey(key, name):
                    pass
                self.assertIn(name, [winreg.EnumKey(key, i)
                                     for i in range(winreg.QueryInfoKey(key)[0])])
                self.assertEqual(winreg.EnumValue(key, 0)[0], name)
                winreg.DeleteValue(key, name)
                winreg.DeleteKey(key, name)
        winreg.SetValueEx(key, 'back\\slash', 0, REG_SZ, '')
        self.assertEqual(winreg.EnumValue(key, 0)[0], 'back\\slash')
        winreg.SetValueEx(key, '\ud83d' + '\ude00', 0, REG_SZ, 'pair')
        self.assertEqual(winreg.QueryValueEx(key, '\U0001f600')[0], 'pair')

    def test_long(self):
        key = winreg.CreateKey(HKCU, 'Names')
        winreg.SetValueEx(key, '語' * 16383, 0, REG_BINARY, b'x' * 100000)
        self.assertEqual(winreg.EnumValue(key, 0), ('語' * 16383, b'x' * 100000, REG_BINARY))
        self.assertWinError(87, winreg.SetValueEx, key, 'n' * 16384, 0, REG_SZ, '')
        self.assertWinError(2, winreg.QueryValueEx, key, 'n' * 16384)
        self.assertWinError(2, winreg.DeleteValue, key, 'n' * 16384)
        self.assertWinError(87, winreg.CreateKey, key, 'n' * 257)
        with winreg.CreateKey(key, '語' * 256):
            self.assertEqual(winreg.EnumKey(key, 0), '語' * 256)

    def test_nul(self):
        for call in (lambda n: winreg.OpenKey(HKCU, n), lambda n: winreg.CreateKey(HKCU, n),
                     lambda n: winreg.DeleteKey(HKCU, n), lambda n: winreg.DeleteValue(HKCU, n),
                     lambda n: winreg.QueryValue(HKCU, n), lambda n: winreg.QueryValueEx(HKCU, n),
                     lambda n: winreg.SetValue(HKCU, n, REG_SZ, ''),
                     lambda n: winreg.SetValue(HKCU, '', REG_SZ, n),
                     lambda n: winreg.SetValueEx(HKCU, n, 0, REG_SZ, ''),
                     lambda n: winreg.SaveKey(HKCU, n), lambda n: winreg.LoadKey(HKCU, 'a', n),
                     lambda n: winreg.LoadKey(HKCU, n, 'a'),
                     lambda n: winreg.ConnectRegistry(n, HKCU),
                     winreg.ExpandEnvironmentStrings):
            with self.assertRaisesRegex(ValueError, 'embedded null character'):
                call('a\0b')

    def test_none(self):
        key = winreg.CreateKey(HKCU, 'Names')
        for nothing in (None, ''):
            winreg.SetValueEx(key, nothing, 0, REG_SZ, 'default')
            self.assertEqual(winreg.QueryValueEx(key, nothing), ('default', REG_SZ))
            self.assertEqual(winreg.QueryValue(key, nothing), 'default')
            self.assertEqual(winreg.EnumValue(key, 0), ('', 'default', REG_SZ))
            winreg.DeleteValue(key, nothing)
            self.assertEqual(winreg.QueryValue(key, nothing), '')
            winreg.CreateKey(key, nothing).Close()
            winreg.OpenKey(key, nothing).Close()
        message = r'DeleteKey\(\) argument 2 must be str, not None'
        with self.assertRaisesRegex(TypeError, message):
            winreg.DeleteKey(key, None)
        with self.assertRaisesRegex(TypeError, r'OpenKey\(\) argument 2 must be str or None, not'):
            winreg.OpenKey(key, 1)
        with self.assertRaises(TypeError):
            winreg.ExpandEnvironmentStrings(None)


class Errors(Case):
    def test_classes(self):
        key = winreg.CreateKey(HKCU, 'Errors')
        winreg.CreateKey(key, 'Sub').Close()
        winreg.SetValueEx(key, '', 0, REG_DWORD, 1)
        for number, name, kind, call in [
                (2, 'ENOENT', FileNotFoundError, lambda: winreg.OpenKey(key, 'none')),
                (2, 'ENOENT', FileNotFoundError, lambda: winreg.QueryValueEx(key, 'none')),
                (5, 'EACCES', PermissionError, lambda: winreg.DeleteKey(HKCU, 'Errors')),
                (6, 'EBADF', OSError, lambda: winreg.QueryInfoKey(12345678)),
                (13, 'EINVAL', OSError, lambda: winreg.QueryValue(key, None)),
                (53, 'ENOENT', FileNotFoundError,
                 lambda: winreg.ConnectRegistry('nowhere', HKCU)),
                (87, 'EINVAL', OSError, lambda: winreg.OpenKey(key, 'Sub', 0, 0x301)),
                (161, 'ENOENT', FileNotFoundError, lambda: winreg.OpenKey(key, '\\Sub')),
                (259, 'EINVAL', OSError, lambda: winreg.EnumKey(key, 1))]:
            with self.subTest(number=number):
                error = self.assertWinError(number, call)
                self.assertIs(type(error), kind)
                self.assertEqual(errno.errorcode[error.errno], name)
                self.assertTrue(error.strerror)
        self.assertIs(winreg.error, OSError)

    def test_deleted(self):
        key = winreg.CreateKey(HKCU, 'Gone')
        winreg.DeleteKey(HKCU, 'Gone')
        for call in (lambda: winreg.QueryInfoKey(key), lambda: winreg.EnumKey(key, 0),
                     lambda: winreg.SetValueEx(key, 'a', 0, REG_SZ, ''),
                     lambda: winreg.FlushKey(key), lambda: winreg.CreateKey(key, 'a')):
            self.assertWinError(1018, call)
        key.Close()
