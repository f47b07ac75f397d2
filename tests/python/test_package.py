# SPDX-License-Identifier: MIT
"""The package as pip builds and installs it, from a copy of the tree; and the type stubs."""
import ast
import inspect
import os
import pathlib
import shutil
import subprocess
import sys
import tarfile
import tempfile
import unittest
import zipfile

import winhive
from support import TOP
from winhive import _views, winreg

PACKAGE = TOP / 'lib/python/winhive'
EXAMPLE = r'''
import sys, winhive
from winhive import Hive, winreg
assert 'site-packages' in winhive.__file__, winhive.__file__
with Hive.new() as hive:
    hive.root.create(r'A\B').values['v'] = 1
    print(len(list(hive.walk())), winreg.EnumKey(winreg.HKEY_LOCAL_MACHINE, 0))
'''


class Stubs(unittest.TestCase):
    """Each public name has a stub, each stub is of something, and signatures agree."""

    def stubs(self, name):
        tree = ast.parse((PACKAGE / name).read_text(encoding='utf-8'))
        found = {}
        for node in tree.body:
            if isinstance(node, ast.ClassDef):
                found[node.name] = {item.name: item for item in node.body
                                    if isinstance(item, ast.FunctionDef)}
                found[node.name] |= {item.target.id: item for item in node.body
                                     if isinstance(item, ast.AnnAssign)}
            elif isinstance(node, ast.FunctionDef):
                found[node.name] = node
            elif isinstance(node, ast.AnnAssign):
                found[node.target.id] = node
            elif isinstance(node, ast.Assign):
                found[node.targets[0].id] = node
        return found

    def parameters(self, node):
        if not isinstance(node, ast.FunctionDef):
            return None
        spec = node.args
        names = [arg.arg for arg in spec.posonlyargs + spec.args]
        return [n for n in names if n not in ('self', 'cls')], [a.arg for a in spec.kwonlyargs]

    def compare(self, thing, node, where):
        try:
            signature = inspect.signature(thing)
        except (TypeError, ValueError):
            return
        there = [p for p in signature.parameters.values() if p.name != 'self']
        wanted = self.parameters(node)
        if not wanted or any(p.kind == p.VAR_POSITIONAL for p in there):
            return
        self.assertEqual([p.name for p in there if p.kind != p.KEYWORD_ONLY], wanted[0], where)
        self.assertEqual([p.name for p in there if p.kind == p.KEYWORD_ONLY], wanted[1], where)

    def test_winreg(self):
        stubs = self.stubs('winreg.pyi')
        public = {name for name in dir(winreg) if not name.startswith('_')}
        self.assertEqual({name for name in stubs if not name.startswith('_')}, public)
        for name in public:
            if inspect.isbuiltin(getattr(winreg, name)):
                there = inspect.signature(getattr(winreg, name)).parameters
                self.assertEqual(list(there), self.parameters(stubs[name])[0], name)
        methods = {n for n in dir(winreg.HKEYType) if not n.startswith('_')}
        self.assertLessEqual(methods, set(stubs['HKEYType']))

    def test_package(self):
        stubs = self.stubs('__init__.pyi')
        self.assertLessEqual(set(winhive.__all__) - {'winreg'}, set(stubs))
        for name in ('Hive', 'Key', 'Value', 'Registry'):
            kind = getattr(winhive, name)
            public = {n for n in vars(kind) if not n.startswith('_')}
            self.assertEqual({n for n in stubs[name] if not n.startswith('_')}, public, name)
            for method in public:
                if callable(getattr(kind, method)):
                    self.compare(getattr(kind, method), stubs[name][method], f'{name}.{method}')
        self.compare(winhive.Hive, stubs['Hive']['__new__'], 'Hive')
        self.compare(winhive.Registry, stubs['Registry']['__new__'], 'Registry')

    def test_views(self):
        for name, methods in self.stubs('_views.pyi').items():
            for method in methods:
                self.assertTrue(hasattr(getattr(_views, name), method), f'{name}.{method}')

    def test_type_checker(self):
        """mypy reads the stubs without a complaint, where there is one."""
        if not shutil.which('mypy'):
            self.skipTest('no mypy')
        done = subprocess.run(['mypy', '--strict', '--python-version=3.11',
                               str(PACKAGE / 'winreg.pyi'), str(PACKAGE / '__init__.pyi')],
                              text=True, stdout=subprocess.PIPE, cwd=tempfile.gettempdir(),
                              env={**os.environ, 'MYPYPATH': str(PACKAGE.parent)}, check=False)
        self.assertEqual(done.returncode, 0, done.stdout)


class Pip(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        for module in ('pip', 'venv', 'ensurepip'):
            if subprocess.run([sys.executable, '-c', f'import {module}'], check=False,
                              stderr=subprocess.DEVNULL).returncode != 0:
                raise unittest.SkipTest(f'no {module}')
        cls.folder = pathlib.Path(tempfile.mkdtemp())
        cls.addClassCleanup(shutil.rmtree, cls.folder)
        cls.tree = cls.folder / 'source'
        shutil.copytree(TOP, cls.tree,
                        ignore=shutil.ignore_patterns('.git', 'build', 'build-*', '__pycache__'))
        cls.env = {name: value for name, value in os.environ.items()
                   if name not in ('PYTHONPATH', 'LD_PRELOAD', 'PYTHONMALLOC')}
        cls.env['PIP_DISABLE_PIP_VERSION_CHECK'] = '1'
        subprocess.run([sys.executable, '-m', 'venv', cls.folder / 'venv'], check=True,
                       env=cls.env)
        cls.python = cls.folder / 'venv/bin/python'

    def run_it(self, *args, cwd=None, code=0):
        done = subprocess.run([str(arg) for arg in args], text=True, stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, cwd=cwd or self.folder, env=self.env,
                              check=False)
        self.assertEqual(done.returncode, code, done.stdout)
        return done.stdout

    def pip(self, *args):
        """Nothing comes from the network."""
        return self.run_it(self.python, '-m', 'pip', *args, cwd=self.tree)

    def test_install(self):
        self.pip('install', '--no-index', '.')
        self.assertEqual(self.run_it(self.python, '-c', EXAMPLE), '3 HARDWARE\n')
        self.run_it(self.python, '-m', 'winhive', '--version')
        self.run_it(self.python, '-m', 'pip', 'check')
        self.assertIn('winhive', self.pip('list'))
        self.pip('uninstall', '-y', 'winhive')
        self.run_it(self.python, '-c', 'import winhive', code=1)
        self.assertEqual(list((self.folder / 'venv').rglob('*winhive*')), [])

    def test_wheel_of_source_distribution(self):
        backend = 'import sys; sys.path.insert(0, "lib/python"); import build_backend as b; '
        self.run_it(sys.executable, '-B', '-c', backend + f'b.build_sdist({str(self.folder)!r})',
                    cwd=self.tree)
        archive, = self.folder.glob('winhive-*.tar.gz')
        with tarfile.open(archive) as tar:
            names = tar.getnames()
        base = archive.name[:-7]
        for name in ('PKG-INFO', 'pyproject.toml', 'meson.build', 'lib/winhive.h', 'LICENSE',
                     'lib/python/winhive/__init__.py', 'lib/python/winhive/py.typed'):
            self.assertIn(f'{base}/{name}', names)
        self.assertFalse([name for name in names if '.git/' in name or '__pycache__' in name])
        self.run_it(self.python, '-m', 'pip', 'wheel', '--no-index', '--no-deps', archive)
        wheel, = self.folder.glob('winhive-*.whl')
        self.assertRegex(wheel.name, r'^winhive-[\d.]+-cp311-abi3-linux_\w+\.whl$')
        with zipfile.ZipFile(wheel) as packed:
            self.assertIsNone(packed.testzip())
            names = packed.namelist()
        for name in ('__init__.py', '__main__.py', '_winhive.abi3.so', 'py.typed', 'winreg.pyi',
                     '__init__.pyi'):
            self.assertIn(f'winhive/{name}', names)
        self.assertNotIn('winreg.py', names)  # never a module of the top level
        self.pip('install', '--no-index', wheel)
        self.assertEqual(self.run_it(self.python, '-c', EXAMPLE), '3 HARDWARE\n')
        self.pip('uninstall', '-y', 'winhive')
