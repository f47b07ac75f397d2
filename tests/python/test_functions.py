# SPDX-License-Identifier: MIT
"""What CPython's own test does not reach: keys as files, links, views, rights, audit events."""
import inspect
import os
import re
import signal
import sys
import threading
import unittest

import winhive
from support import HKCU, HKLM, HKU, SEEDS, Case, need
from winhive import winreg
from winhive.winreg import (KEY_ALL_ACCESS, KEY_READ, KEY_SET_VALUE, KEY_WOW64_32KEY,
                            KEY_WOW64_64KEY, KEY_WRITE, REG_DWORD, REG_LINK, REG_SZ)


class Files(Case):
    def test_save_and_load(self):
        path = str(self.folder / 'saved')
        with winreg.CreateKey(HKCU, 'Saved\\Sub') as key:
            winreg.SetValueEx(key, 'v', 0, REG_DWORD, 7)
        with winreg.OpenKey(HKCU, 'Saved') as key:
            winreg.SaveKey(key, path)
            self.assertEqual(self.assertWinError(183, winreg.SaveKey, key, path).errno, 17)
            self.assertWinError(87, winreg.SaveKey, key, '')
        with winhive.Hive(path) as hive:
            self.assertEqual(hive['Sub'].values['v'].value, 7)
            self.assertEqual(hive.base_block()['now']['minor'], 3)
        winreg.LoadKey(HKLM, 'Loaded', path)
        with winreg.OpenKey(HKLM, 'Loaded\\Sub', 0, KEY_ALL_ACCESS) as key:
            self.assertEqual(winreg.QueryValueEx(key, 'v'), (7, REG_DWORD))
            winreg.SetValueEx(key, 'v', 0, REG_DWORD, 8)
            self.assertWinError(5, winreg.FlushKey, key)  # it is not mounted for writing
        self.assertWinError(5, winreg.LoadKey, HKLM, 'Loaded', path)
        self.assertWinError(5, winreg.LoadKey, HKCU, 'Loaded', path)
        self.assertWinError(2, winreg.LoadKey, HKU, 'Missing', path + '-')
        self.registry.unload(HKLM, 'Loaded')
        with winhive.Hive(path) as hive:
            self.assertEqual(hive['Sub'].values['v'].value, 7)

    def test_save_roots(self):
        self.assertWinError(5, winreg.SaveKey, HKLM, str(self.folder / 'no'))
        self.assertEqual(os.listdir(self.folder), [])

    def test_what_is_no_hive(self):
        (self.folder / 'text').write_text('no hive' * 1000)
        self.assertWinError(1017, winreg.LoadKey, HKU, 'Text', str(self.folder / 'text'))

    def test_flush(self):
        path = self.hive_file('flushed')
        self.registry.mount(HKU, 'Flush', path, write=True)
        with winreg.OpenKey(HKU, 'Flush\\Key', 0, KEY_ALL_ACCESS) as key:
            winreg.SetValueEx(key, 'Value', 0, REG_DWORD, 2)
            with winhive.Hive(path) as hive:
                self.assertEqual(hive['Key'].values['Value'].value, 1)
            self.assertTrue(self.mount_of('Flush')['changed'])
            winreg.FlushKey(key)
            with winhive.Hive(path) as hive:
                self.assertEqual(hive['Key'].values['Value'].value, 2)
            self.assertFalse(self.mount_of('Flush')['changed'])
            self.assertWinError(5, self.registry.unload, HKU, 'Flush')
        self.registry.unload(HKU, 'Flush')
        winreg.FlushKey(HKCU)  # in memory

    def mount_of(self, name):
        return next(m for m in self.registry.mounts() if m['place'].endswith('\\' + name))

    def test_commit(self):
        path = self.hive_file('committed')
        self.registry.mount(HKU, 'Commit', path, write=True)
        with winreg.OpenKey(HKU, 'Commit\\Key', 0, KEY_WRITE) as key:
            winreg.SetValueEx(key, 'Value', 0, REG_DWORD, 2)
        self.registry.commit(backup_suffix='.bak')
        for name, number in [('committed', 2), ('committed.bak', 1)]:
            with winhive.Hive(self.folder / name) as hive:
                self.assertEqual(hive['Key'].values['Value'].value, number)

    def test_read_only_is_not_written(self):
        path = self.hive_file('evidence')
        before = path.read_bytes()
        self.registry.mount(HKU, 'Evidence', path)
        with winreg.OpenKey(HKU, 'Evidence\\Key', 0, KEY_WRITE) as key:
            winreg.SetValueEx(key, 'Value', 0, REG_DWORD, 2)
        self.registry.commit()  # of those that are mounted for writing
        self.registry.unload(HKU, 'Evidence')
        self.assertEqual(path.read_bytes(), before)


class Keys(Case):
    def test_links(self):
        with winreg.OpenKey(HKLM, 'SYSTEM\\CurrentControlSet') as key:
            names = [winreg.EnumKey(key, i) for i in range(winreg.QueryInfoKey(key)[0])]
        with winreg.OpenKey(HKLM, 'SYSTEM\\ControlSet001') as key:
            self.assertEqual(names, [winreg.EnumKey(key, i)
                                     for i in range(winreg.QueryInfoKey(key)[0])])
        with winreg.OpenKey(HKLM, 'SYSTEM\\CurrentControlSet', winreg.REG_OPTION_OPEN_LINK) as key:
            data, kind = winreg.QueryValueEx(key, 'SymbolicLinkValue')
            self.assertEqual(kind, REG_LINK)
            self.assertEqual(data.decode('utf-16-le').lower(),
                             '\\registry\\machine\\system\\controlset001')

    def test_create_takes_no_options(self):
        self.assertWinError(87, winreg.CreateKeyEx, HKCU, 'Reserved', 8, KEY_ALL_ACCESS)
        self.assertWinError(87, winreg.DeleteKeyEx, HKCU, 'Reserved', KEY_WOW64_64KEY, 1)

    def test_views(self):
        with winreg.CreateKeyEx(HKLM, 'SOFTWARE\\Vendor', 0, KEY_WRITE | KEY_WOW64_32KEY) as key:
            winreg.SetValueEx(key, 'bits', 0, REG_DWORD, 32)
        self.assertWinError(2, winreg.OpenKey, HKLM, 'SOFTWARE\\Vendor')
        with winreg.CreateKeyEx(HKLM, 'SOFTWARE\\Vendor', 0, KEY_WRITE | KEY_WOW64_64KEY) as key:
            winreg.SetValueEx(key, 'bits', 0, REG_DWORD, 64)
        for path, view, bits in [('Vendor', KEY_WOW64_32KEY, 32), ('Vendor', KEY_WOW64_64KEY, 64),
                                 ('Vendor', 0, 64), ('Wow6432Node\\Vendor', 0, 32)]:
            with winreg.OpenKey(HKLM, 'SOFTWARE\\' + path, 0, KEY_READ | view) as key:
                self.assertEqual(winreg.QueryValueEx(key, 'bits')[0], bits)
        winreg.DeleteKeyEx(HKLM, 'SOFTWARE\\Vendor', KEY_WOW64_32KEY)
        self.assertWinError(2, winreg.OpenKey, HKLM, 'SOFTWARE\\Wow6432Node\\Vendor')
        winreg.DeleteKeyEx(HKLM, 'SOFTWARE\\Vendor')

    def test_rights(self):
        winreg.CreateKey(HKCU, 'Rights\\Sub').Close()
        with winreg.OpenKey(HKCU, 'Rights') as key:  # KEY_READ
            self.assertWinError(5, winreg.SetValueEx, key, 'v', 0, REG_SZ, '')
            self.assertWinError(5, winreg.DeleteValue, key, 'v')
        with winreg.OpenKey(HKCU, 'Rights', 0, KEY_SET_VALUE) as key:
            winreg.SetValueEx(key, 'v', 0, REG_SZ, '')
            self.assertWinError(5, winreg.QueryValueEx, key, 'v')
            self.assertWinError(5, winreg.EnumKey, key, 0)
            self.assertWinError(5, winreg.QueryInfoKey, key)
        with winreg.CreateKeyEx(HKCU, 'Rights') as key:  # KEY_WRITE
            self.assertWinError(5, winreg.EnumValue, key, 0)
        self.assertWinError(5, winreg.OpenKey, HKCU, 'Rights', 0, 0)
        winhive.use(winhive.Registry(rights='none'))
        with winreg.CreateKeyEx(HKCU, 'Rights') as key:
            winreg.QueryInfoKey(key)
        with self.assertRaises(ValueError):
            winhive.Registry(rights='all')

    def test_performance_data(self):
        self.assertWinError(5, winreg.EnumValue, winreg.HKEY_PERFORMANCE_DATA, 0)
        self.assertWinError(6, winreg.QueryValue, winreg.HKEY_PERFORMANCE_DATA, 'a')
        self.assertWinError(6, winreg.SetValue, winreg.HKEY_PERFORMANCE_DATA, 'a', REG_SZ, '')

    def test_set_value(self):
        winreg.SetValue(HKCU, 'Set\\Value', REG_SZ, 'text')
        self.assertEqual(winreg.QueryValue(HKCU, 'Set\\Value'), 'text')
        self.assertWinError(2, winreg.QueryValue, HKCU, 'Set\\None')
        with self.assertRaisesRegex(TypeError, 'type must be winreg.REG_SZ'):
            winreg.SetValue(HKCU, 'Set', REG_DWORD, '1')
        with self.assertRaises(TypeError):
            winreg.SetValue(HKCU, 'Set', REG_SZ, 1)

    def test_time(self):
        winhive.use(winhive.Registry(time=132000000000000000))
        with winreg.CreateKey(HKCU, 'Time') as key:
            self.assertEqual(winreg.QueryInfoKey(key), (0, 0, 132000000000000000))

    def test_expand(self):
        os.environ['WinHive Test'] = 'found'
        self.addCleanup(os.environ.pop, 'WinHive Test')
        self.assertEqual(winreg.ExpandEnvironmentStrings('%winhive test% %none% 50%'),
                         'found %none% 50%')
        os.environ['WinHive Test'] = 'x' * 5000
        self.assertEqual(winreg.ExpandEnvironmentStrings('%WinHive Test%'), 'x' * 5000)

    def test_wait(self):
        with winreg.CreateKey(HKCU, 'Wait') as key:
            self.assertIs(self.registry.wait(key, timeout=0), False)
            winreg.SetValueEx(key, 'v', 0, REG_DWORD, 1)
            self.assertIs(self.registry.wait(key, timeout=10), True)
            with self.assertRaises(ValueError):
                self.registry.wait(key, timeout=-1)
            winreg.CreateKey(key, 'Sub').Close()
            threading.Timer(0.3, winreg.DeleteKey, (HKCU, 'Wait\\Sub')).start()
            self.assertIs(self.registry.wait(key), True)  # the key that was made
            self.assertIs(self.registry.wait(key, timeout=30), True)

    def test_wait_is_interrupted(self):
        """By a signal, whose handler raises."""
        def alarm(number, frame):
            raise TimeoutError

        self.addCleanup(signal.signal, signal.SIGALRM, signal.signal(signal.SIGALRM, alarm))
        with winreg.CreateKey(HKCU, 'Wait') as key:
            signal.setitimer(signal.ITIMER_REAL, 0.1)
            with self.assertRaises(TimeoutError):
                self.registry.wait(key)

    def test_other_windows(self):
        config = self.folder / 'Windows/System32/config'
        config.mkdir(parents=True)
        os.rename(self.hive_file('x'), config / 'SOFTWARE')
        with winreg.ConnectRegistry(str(self.folder), HKLM) as other:
            with winreg.OpenKey(other, 'SOFTWARE\\Key') as key:
                self.assertEqual(winreg.QueryValueEx(key, 'Value'), (1, REG_DWORD))
        self.assertWinError(2, winreg.OpenKey, HKLM, 'SOFTWARE\\Key')


class Audit(Case):
    """The events that winreg tells of, in the order of its documentation."""
    seen = None

    @classmethod
    def setUpClass(cls):
        def hook(event, args):
            if cls.seen is not None and event.startswith('winreg.'):
                cls.seen.append((event[7:], *args))
                if cls.refused == event:
                    raise RuntimeError('refused')
        cls.refused = None
        sys.addaudithook(hook)  # for good: there is no way to remove one

    def tearDown(self):
        Audit.seen = Audit.refused = None

    def events(self, function, *args, **names):
        Audit.seen = []
        try:
            return function(*args, **names)
        except OSError:
            return None
        finally:
            self.heard, Audit.seen = Audit.seen, None

    def test_events(self):
        signed = HKCU - (1 << 64)
        key = self.events(winreg.CreateKey, HKCU, 'Audit')
        number = int(key)
        self.assertEqual(self.heard, [('CreateKey', signed, 'Audit', KEY_WRITE),
                                      ('OpenKey/result', number)])
        path = str(self.folder / 'file')
        for function, args, heard in [
                (winreg.CreateKeyEx, (key, 'a', 0, 5), ('CreateKey', number, 'a', 5)),
                (winreg.OpenKey, (key, 'none', 0, 1), ('OpenKey', number, 'none', 1)),
                (winreg.DeleteKey, (key, 'none'), ('DeleteKey', number, 'none', 0)),
                (winreg.DeleteKeyEx, (key, 'none'), ('DeleteKey', number, 'none', 256)),
                (winreg.DeleteValue, (key, 'v'), ('DeleteValue', number, 'v')),
                (winreg.EnumKey, (key, -1), ('EnumKey', number, -1)),
                (winreg.EnumValue, (key, 3), ('EnumValue', number, 3)),
                (winreg.ExpandEnvironmentStrings, ('%a%',), ('ExpandEnvironmentStrings', '%a%')),
                (winreg.LoadKey, (key, 'a', path), ('LoadKey', number, 'a', path)),
                (winreg.QueryInfoKey, (key,), ('QueryInfoKey', number)),
                (winreg.QueryValue, (key, 'a'), ('QueryValue', number, 'a', None)),
                (winreg.QueryValueEx, (key, None), ('QueryValue', number, None, None)),
                (winreg.QueryValueEx, (key, 'v'), ('QueryValue', number, None, 'v')),
                (winreg.SaveKey, (key, path), ('SaveKey', number, path)),
                (winreg.SetValue, (key, 'a', 1, 'x'), ('SetValue', number, 'a', 1, 'x')),
                (winreg.SetValueEx, (key, 'v', 0, 4, 5), ('SetValue', number, 'v', 4, 5)),
                (winreg.DisableReflectionKey, (key,), ('DisableReflectionKey', number)),
                (winreg.EnableReflectionKey, (key,), ('EnableReflectionKey', number)),
                (winreg.QueryReflectionKey, (key,), ('QueryReflectionKey', number)),
                (winreg.ConnectRegistry, (None, HKCU), ('ConnectRegistry', None, signed)),
                (key.Detach, (), ('PyHKEY.Detach', number))]:
            with self.subTest(event=heard[0]):
                self.events(function, *args)
                self.assertEqual(self.heard[0], heard)
        for function in (winreg.FlushKey, winreg.CloseKey):
            self.events(function, number)
            self.assertEqual(self.heard, [])

    def test_refusal(self):
        """A hook that raises: nothing is done, and no handle is left open."""
        Audit.refused = 'winreg.CreateKey'
        with self.assertRaisesRegex(RuntimeError, 'refused'):
            Audit.seen = []
            winreg.CreateKey(HKCU, 'Refused')
        self.assertWinError(2, winreg.OpenKey, HKCU, 'Refused')
        Audit.refused = 'winreg.OpenKey/result'
        with self.assertRaisesRegex(RuntimeError, 'refused'):
            winreg.CreateKey(HKCU, 'Refused')
        number = Audit.seen[-1][1]
        Audit.refused = None
        self.assertWinError(6, winreg.QueryInfoKey, number)
        key = winreg.OpenKey(HKCU, 'Refused')
        Audit.refused = 'winreg.PyHKEY.Detach'
        with self.assertRaisesRegex(RuntimeError, 'refused'):
            key.Detach()
        self.assertTrue(key)


FUNCTIONS = {  # as inspect sees those of CPython 3.11
    'CloseKey': '(hkey, /)', 'ConnectRegistry': '(computer_name, key, /)',
    'CreateKey': '(key, sub_key, /)',
    'CreateKeyEx': '(key, sub_key, reserved=0, access=131078)',
    'DeleteKey': '(key, sub_key, /)',
    'DeleteKeyEx': '(key, sub_key, access=256, reserved=0)',
    'DeleteValue': '(key, value, /)', 'DisableReflectionKey': '(key, /)',
    'EnableReflectionKey': '(key, /)', 'EnumKey': '(key, index, /)',
    'EnumValue': '(key, index, /)', 'ExpandEnvironmentStrings': '(string, /)',
    'FlushKey': '(key, /)', 'LoadKey': '(key, sub_key, file_name, /)',
    'OpenKey': '(key, sub_key, reserved=0, access=131097)',
    'OpenKeyEx': '(key, sub_key, reserved=0, access=131097)',
    'QueryInfoKey': '(key, /)', 'QueryReflectionKey': '(key, /)',
    'QueryValue': '(key, sub_key, /)', 'QueryValueEx': '(key, name, /)',
    'SaveKey': '(key, file_name, /)', 'SetValue': '(key, sub_key, type, value, /)',
    'SetValueEx': '(key, value_name, reserved, type, value, /)',
}
CONSTANTS = {  # of the headers of Windows
    'KEY_QUERY_VALUE': 1, 'KEY_SET_VALUE': 2, 'KEY_CREATE_SUB_KEY': 4,
    'KEY_ENUMERATE_SUB_KEYS': 8, 'KEY_NOTIFY': 0x10, 'KEY_CREATE_LINK': 0x20,
    'KEY_READ': 0x20019, 'KEY_WRITE': 0x20006, 'KEY_EXECUTE': 0x20019,
    'KEY_ALL_ACCESS': 0xf003f, 'KEY_WOW64_64KEY': 0x100, 'KEY_WOW64_32KEY': 0x200,
    'REG_OPTION_RESERVED': 0, 'REG_OPTION_NON_VOLATILE': 0, 'REG_OPTION_VOLATILE': 1,
    'REG_OPTION_CREATE_LINK': 2, 'REG_OPTION_BACKUP_RESTORE': 4, 'REG_OPTION_OPEN_LINK': 8,
    'REG_LEGAL_OPTION': 0x1f, 'REG_CREATED_NEW_KEY': 1, 'REG_OPENED_EXISTING_KEY': 2,
    'REG_WHOLE_HIVE_VOLATILE': 1, 'REG_REFRESH_HIVE': 2, 'REG_NO_LAZY_FLUSH': 4,
    'REG_NOTIFY_CHANGE_NAME': 1, 'REG_NOTIFY_CHANGE_ATTRIBUTES': 2,
    'REG_NOTIFY_CHANGE_LAST_SET': 4, 'REG_NOTIFY_CHANGE_SECURITY': 8,
    'REG_LEGAL_CHANGE_FILTER': 0x1000000f, 'REG_NONE': 0, 'REG_SZ': 1, 'REG_EXPAND_SZ': 2,
    'REG_BINARY': 3, 'REG_DWORD': 4, 'REG_DWORD_LITTLE_ENDIAN': 4, 'REG_DWORD_BIG_ENDIAN': 5,
    'REG_LINK': 6, 'REG_MULTI_SZ': 7, 'REG_RESOURCE_LIST': 8,
    'REG_FULL_RESOURCE_DESCRIPTOR': 9, 'REG_RESOURCE_REQUIREMENTS_LIST': 10, 'REG_QWORD': 11,
    'REG_QWORD_LITTLE_ENDIAN': 11,
    'HKEY_CLASSES_ROOT': 0x80000000, 'HKEY_CURRENT_USER': 0x80000001,
    'HKEY_LOCAL_MACHINE': 0x80000002, 'HKEY_USERS': 0x80000003,
    'HKEY_PERFORMANCE_DATA': 0x80000004, 'HKEY_CURRENT_CONFIG': 0x80000005,
    'HKEY_DYN_DATA': 0x80000006,
}


class Parity(unittest.TestCase):
    def test_signatures(self):
        for name, signature in FUNCTIONS.items():
            with self.subTest(name=name):
                function = getattr(winreg, name)
                self.assertEqual(str(inspect.signature(function)), signature)
                self.assertTrue(function.__doc__)

    def test_constants(self):
        for name, number in CONSTANTS.items():
            with self.subTest(name=name):
                if name.startswith('HKEY'):
                    number += 0xffffffff00000000
                self.assertEqual(getattr(winreg, name), number)

    def test_there_is_no_more(self):
        public = {name for name in dir(winreg) if not name.startswith('_')}
        self.assertEqual(public, {*FUNCTIONS, *CONSTANTS, 'HKEYType', 'error'})

    def test_keywords(self):
        for name, signature in FUNCTIONS.items():
            if signature.endswith('/)'):
                with self.subTest(name=name), self.assertRaisesRegex(TypeError, 'keyword'):
                    getattr(winreg, name)(key=HKCU)

    def test_documentation(self):
        """Each name that CPython's page documents is there; the page is not part of the project."""
        pages = sorted(SEEDS.glob('00*.txt')) if SEEDS.is_dir() else []
        pages = [page.read_text(encoding='utf-8') for page in pages]
        pages = [page for page in pages if 'Windows registry access' in page]
        if not pages:
            need(SEEDS / 'winreg page', 'documentation of winreg')
        names = {name for page in pages for name in
                 re.findall(r'^winreg\.([A-Za-z]\w+)', page.replace('\\_', '_'), re.M)}
        names -= {'PyHKEY'}
        self.assertTrue(names)
        self.assertEqual({name for name in names if not hasattr(winreg, name)}, set())

    def test_no_top_level_module(self):
        """Programs look for it to find out where they run: mimetypes, platform, and others."""
        import importlib.util
        self.assertTrue('winreg' in sys.modules or importlib.util.find_spec('winreg') is None)
        self.assertIs(sys.modules['winhive.winreg'], winreg)
