# SPDX-License-Identifier: MIT
"""Recipes for winreg as people write them, run as they stand over an offline Windows of real hives.

The recipes are not part of the project: they are lines of a page whose indentation was lost.
Below is the depth of each line, from the line where a piece of code begins.
"""
import ctypes
import json
import shutil
import types

import winhive
from support import CORPUS, HKCU, HKLM, HKU, SEEDS, Case, need
from winhive import Hive, winreg

PAGE = '002_d3d7c2d334a8dd19.txt'
DEPTHS = {
    8: '000000' '11122122122123' '0112323323' '0112322',
    47: '01123433334555453333455545' '334412',
    80: '0112343455452212',
    139: '00011211011211',
    154: '00111223321',
    167: '011222' '011122233342222232',
}
USER = 'S-1-5-21-1-2-3-1001'


def recipes(lines):
    """The functions of the page, in a module of their own."""
    text = []
    for first, depths in DEPTHS.items():
        code = lines[first - 1:first - 1 + len(depths)]
        text += ['    ' * int(depth) + line for depth, line in zip(depths, code)]
    module = types.ModuleType('recipes')
    exec(compile('\n'.join(text), PAGE, 'exec'), module.__dict__)
    return module


class Recipes(Case):
    def setUp(self):
        super().setUp()
        page = need(SEEDS / PAGE, 'page of recipes')
        self.system = need(CORPUS / 'regipy/SYSTEM', 'real hive')
        self.user = need(CORPUS / 'regipy/NTUSER.DAT', 'real hive')
        winhive.alias()
        self.recipes = recipes(page.read_text(encoding='utf-8').splitlines())
        self.disk = self.folder / 'disk'
        self.offline_tree()
        self.registry = winhive.connect(self.disk, 'tester', write=True)

    def offline_tree(self):
        config, profile = self.disk / 'Windows/System32/config', self.disk / 'Users/tester'
        config.mkdir(parents=True)
        profile.mkdir(parents=True)
        shutil.copyfile(self.system, config / 'SYSTEM')
        shutil.copyfile(CORPUS / 'regipy/SAM', config / 'SAM')
        shutil.copyfile(CORPUS / 'regipy/SECURITY', config / 'SECURITY')
        shutil.copyfile(self.user, profile / 'NTUSER.DAT')
        with Hive.new() as software:  # of this one only the list of profiles is wanted
            key = software.root.create(
                rf'Microsoft\Windows NT\CurrentVersion\ProfileList\{USER}')
            key.values['ProfileImagePath'] = r'C:\Users\tester', winreg.REG_EXPAND_SZ
            software.save_as(config / 'SOFTWARE')

    def test_safe_read(self):
        read = self.recipes.safe_read
        path = r'SYSTEM\CurrentControlSet\Control\ComputerName\ComputerName'
        with Hive(self.system) as hive:
            current = hive['Select'].values['Current'].value
            name = hive[rf'ControlSet{current:03}\Control\ComputerName\ComputerName'].values[
                'ComputerName'].value
        self.assertEqual(read(HKLM, path, 'ComputerName'), name)
        self.assertEqual(read(HKLM, path, 'None', 'fallback'), 'fallback')
        self.assertIsNone(read(HKLM, r'SYSTEM\None', 'None'))

    def test_safe_write(self):
        winreg.CreateKey(HKCU, r'Software\Recipes').Close()
        self.recipes.safe_write(HKCU, r'Software\Recipes', 'Name', 'text')
        self.assertEqual(self.recipes.safe_read(HKCU, r'Software\Recipes', 'Name'), 'text')
        with self.assertRaises(PermissionError):
            self.recipes.safe_write(HKCU, r'Software\None', 'Name', 'text')

    def test_walk(self):
        path = r'SYSTEM\ControlSet001\services'
        walked = list(self.recipes.walk_registry(HKLM, path))
        with Hive(self.system) as hive:
            there = [(key.path, [(v.name, v.value, v.type) for v in values])
                     for key, values in hive[r'ControlSet001\Services'].walk()]
        self.assertGreater(len(walked), 1000)
        self.assertEqual([(p.removeprefix('SYSTEM\\'), values) for p, _, values in walked],
                         [(p.removeprefix('SYSTEM\\'), values) for p, values in there])

    def test_walk_from_nothing(self):
        r"""Of "" the paths below begin with a backslash, which is no path: as on Windows."""
        walked = list(self.recipes.walk_registry(HKCU, ''))
        self.assertEqual([path for path, _, _ in walked], [''])
        self.assertGreater(len(walked[0][1]), 5)

    def test_delete(self):
        winreg.CreateKey(HKCU, r'Software\Recipes\A\B').Close()
        winreg.CreateKey(HKCU, r'Software\Recipes\C').Close()
        self.recipes.delete_key_recursive(HKCU, r'Software\Recipes')
        self.assertWinError(2, winreg.OpenKey, HKCU, r'Software\Recipes')
        self.recipes.delete_key_recursive(HKCU, r'Software\Recipes')
        # A whole branch of the real hive, and it is gone from the file too.
        self.recipes.delete_key_recursive(HKCU, r'Software\Microsoft\Windows')
        self.registry.commit()
        with Hive(self.disk / 'Users/tester/NTUSER.DAT') as hive:
            self.assertNotIn(r'Software\Microsoft\Windows', hive)
            self.assertIn(r'Software\Microsoft', hive)
            self.assertEqual(hive.check()['dangerous'], 0)

    def test_backup(self):
        path = r'Software\Microsoft\Windows\CurrentVersion\Explorer'
        self.recipes.export_key(HKCU, path, str(self.folder / 'backup'))
        self.recipes.import_key(HKU, '', str(self.folder / 'backup'))
        theirs = [values for _, _, values in self.recipes.walk_registry(HKCU, path)]
        again = [values for _, _, values in self.recipes.walk_registry(HKU, 'TempRestore')]
        self.assertEqual(again, theirs)
        with self.assertRaises(FileExistsError):
            self.recipes.export_key(HKCU, path, str(self.folder / 'backup'))

    def test_json(self):
        path = r'Software\Microsoft\Windows\CurrentVersion\Explorer'
        exported = json.loads(self.recipes.export_to_json(HKCU, path))
        with Hive(self.user) as hive:
            for key, values in hive[path].walk():
                self.assertEqual(exported[key.path[len(path):] or '\\'],
                                 {v.name: {'data': repr(v.value), 'type': v.type}
                                  for v in values})

    def test_path(self):
        sent = []
        user32 = types.SimpleNamespace(SendMessageW=lambda *args: sent.append(args))
        ctypes.windll = types.SimpleNamespace(user32=user32)  # which only Windows has
        self.addCleanup(delattr, ctypes, 'windll')
        with winreg.CreateKey(HKCU, 'Environment') as key:
            winreg.SetValueEx(key, 'Path', 0, winreg.REG_EXPAND_SZ, r'%USERPROFILE%\bin')
        self.assertEqual(self.recipes.get_user_path(), [r'%USERPROFILE%\bin'])
        for _ in range(2):
            self.recipes.add_to_user_path(r'C:\Tools')
        self.assertEqual(self.recipes.get_user_path(), [r'%USERPROFILE%\bin', r'C:\Tools'])
        self.assertEqual(sent, [(0xffff, 0x1a, 0, 'Environment')])
        self.registry.commit()
        with Hive(self.disk / 'Users/tester/NTUSER.DAT') as hive:
            self.assertEqual(hive['Environment'].values['Path'].value,
                             r'%USERPROFILE%\bin;C:\Tools')
