# SPDX-License-Identifier: MIT
"""python3 -m winhive: scripts that import winreg, over files and in memory."""
import os
import subprocess
import sys

import winhive
from support import HKLM, Case
from winhive import Hive, winreg

READ = r'''
import sys, winreg
with winreg.OpenKey(winreg.HKEY_LOCAL_MACHINE, r'SOFTWARE\Key') as key:
    print(*winreg.QueryValueEx(key, 'Value'), *sys.argv[1:])
'''
WRITE = r'''
import winreg
with winreg.OpenKey(winreg.HKEY_LOCAL_MACHINE, r'SOFTWARE\Key', 0, winreg.KEY_ALL_ACCESS) as key:
    winreg.SetValueEx(key, 'Value', 0, winreg.REG_DWORD, 2)
    FLUSH
END
'''


class Program(Case):
    def setUp(self):
        super().setUp()
        self.config = self.folder / 'disk/Windows/System32/config'
        self.config.mkdir(parents=True)
        os.rename(self.hive_file('x'), self.config / 'SOFTWARE')
        self.disk = self.folder / 'disk'

    def script(self, text):
        path = self.folder / 'script.py'
        path.write_text(text, encoding='utf-8')
        return path

    def run_it(self, *args, code=0, **environment):
        env = {**os.environ, **environment}
        done = subprocess.run([sys.executable, '-B', '-m', 'winhive', *map(str, args)], text=True,
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE, check=False, env=env)
        self.assertEqual(done.returncode, code, done.stderr)
        self.err = done.stderr
        return done.stdout

    def value(self):
        with Hive(self.config / 'SOFTWARE') as hive:
            return hive['Key'].values['Value'].value

    def test_roots(self):
        script = self.script(READ)
        for root in (self.disk, self.disk / 'Windows', self.config):
            self.assertEqual(self.run_it('--root', root, script, 'an', '--argument'),
                             '1 4 an --argument\n')
        self.assertEqual(self.run_it(script, WINHIVE_ROOT=str(self.disk)), '1 4\n')
        self.assertEqual(self.run_it('--hive', f'HKLM\\SOFTWARE={self.config}/SOFTWARE', script),
                         '1 4\n')

    def test_in_memory(self):
        script = self.script(r'''
import winreg, sys
assert sys.argv == [__file__] and sys.path[0] == __file__.rpartition('/')[0], sys.path
assert __name__ == '__main__'
with winreg.CreateKey(winreg.HKEY_CURRENT_USER, r'Software\New') as key:
    winreg.SetValueEx(key, 'a', 0, winreg.REG_SZ, 'b')
    print(winreg.QueryValueEx(key, 'a'))
''')
        self.assertEqual(self.run_it(script), "('b', 1)\n")

    def test_write(self):
        before = (self.config / 'SOFTWARE').read_bytes()
        for flush, end, args, code, value in [
                ('', '', [], 0, 1),                            # not for writing
                ('', 'raise ValueError', ['--write'], 1, 1),   # it failed, and had not flushed
                ('winreg.FlushKey(key)', '', [], 1, 1),
                ('winreg.FlushKey(key)', 'raise ValueError', ['--write'], 1, 2),
                ('', '', ['--write'], 0, 2),                   # committed at its end
                ('', 'import sys; sys.exit(3)', ['--write'], 3, 2)]:
            with self.subTest(flush=flush, end=end, args=args):
                (self.config / 'SOFTWARE').write_bytes(before)
                script = self.script(WRITE.replace('FLUSH', flush or 'pass').replace('END', end))
                self.run_it('--root', self.disk, *args, script, code=code)
                self.assertEqual(self.value(), value)

    def test_mistakes(self):
        script = self.script('')
        for args in (['--root', self.folder / 'none', script],
                     ['--hive', 'HKLM\\A', script], ['--hive', 'X\\A=b', script],
                     ['--hive', f'HKLM\\A={script}', script], [], ['--none', script],
                     ['--root', script, script]):
            with self.subTest(args=args):
                self.run_it(*args, code=2)
                self.assertIn('winhive: ', self.err)
                self.assertNotIn('Traceback', self.err)

    def test_connect(self):
        winhive.connect(self.disk, write=True)
        with winreg.OpenKey(HKLM, 'SOFTWARE\\Key', 0, winreg.KEY_ALL_ACCESS) as key:
            winreg.SetValueEx(key, 'Value', 0, winreg.REG_DWORD, 9)
            winreg.FlushKey(key)
        self.assertEqual(self.value(), 9)

    def test_one_hive(self):
        def system(hive):
            hive.root.create('Select').values['Current'] = 1
            hive.root.create('ControlSet001\\Control')

        path = self.hive_file('SYSTEM', system)
        with Hive(path) as hive:
            self.assertEqual(hive.role, 'SYSTEM')
        winhive.connect(path)
        winreg.OpenKey(HKLM, 'SYSTEM\\ControlSet001\\Control').Close()
        with self.assertRaisesRegex(ValueError, 'say where'):
            winhive.connect(self.hive_file('unknown'))

    def test_user_hive(self):
        path = self.hive_file('NTUSER.DAT', lambda hive: hive.root.create('Software\\Mine'))
        script = self.script('import winreg; print(winreg.EnumKey('
                             'winreg.OpenKey(winreg.HKEY_CURRENT_USER, "Software"), 0))')
        self.assertEqual(self.run_it('--hive', f'HKCU={path}', script), 'Mine\n')

    def test_alias(self):
        code = ('import importlib.util, winhive; assert importlib.util.find_spec("winreg") is None;'
                'winhive.alias(); import winreg; assert winreg is winhive.winreg')
        subprocess.run([sys.executable, '-B', '-c', code], check=True)

    def test_environment(self):
        code = ('from winhive import winreg;'
                'print(winreg.QueryValueEx(winreg.OpenKey(winreg.HKEY_LOCAL_MACHINE,'
                ' r"SOFTWARE\\Key"), "Value")[0])')
        env = {**os.environ, 'WINHIVE_ROOT': str(self.disk)}
        done = subprocess.run([sys.executable, '-B', '-c', code], env=env, text=True, check=True,
                              stdout=subprocess.PIPE)
        self.assertEqual(done.stdout, '1\n')
