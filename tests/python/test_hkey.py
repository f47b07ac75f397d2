# SPDX-License-Identifier: MIT
"""PyHKEY, and what functions take for a handle."""
import gc
import operator
import random
import sys
import threading

import winhive
from support import HKCU, HKLM, Case
from winhive import winreg


class Handle(Case):
    def test_life(self):
        key = winreg.CreateKey(HKCU, 'Life')
        number = int(key)
        self.assertIs(type(key), winreg.HKEYType)
        self.assertTrue(key)
        self.assertEqual(key.handle, number)
        self.assertEqual(str(key), f'<PyHKEY:0x{number:x}>')
        winreg.QueryInfoKey(number)
        key.Close()
        self.assertFalse(key)
        self.assertEqual((int(key), key.handle), (0, 0))
        self.assertIsNone(key.Close())
        self.assertWinError(6, winreg.QueryInfoKey, number)
        self.assertWinError(6, winreg.QueryInfoKey, key)

    def test_is_closed_when_it_goes(self):
        key = winreg.CreateKey(HKCU, 'Goes')
        number = int(key)
        del key
        self.assertWinError(6, winreg.QueryInfoKey, number)

    def test_with(self):
        with winreg.CreateKey(HKCU, 'With') as key:
            number = int(key)
        self.assertEqual(int(key), 0)
        with self.assertRaises(ZeroDivisionError), winreg.CreateKey(HKCU, 'With') as key:
            1 / 0
        self.assertEqual(int(key), 0)
        self.assertWinError(6, winreg.QueryInfoKey, number)

    def test_detach(self):
        key = winreg.CreateKey(HKCU, 'Detach')
        number = key.Detach()
        self.assertEqual(int(key), 0)
        self.assertEqual(key.Detach(), 0)
        del key
        winreg.QueryInfoKey(number)
        winreg.CloseKey(number)
        self.assertWinError(6, winreg.CloseKey, number)

    def test_predefined(self):
        with winreg.OpenKey(HKLM, '') as key:
            self.assertEqual(int(key), HKLM)
            self.assertEqual(key.handle, -0x7ffffffe)  # a C int
        winreg.CloseKey(HKLM)
        winreg.QueryInfoKey(HKLM)
        winreg.QueryInfoKey(0x80000002)  # without its sign
        winreg.QueryInfoKey(-0x7ffffffe)
        self.assertWinError(6, winreg.QueryInfoKey, 0x8000ffff)

    def test_type(self):
        kind = winreg.HKEYType
        self.assertEqual(f'{kind.__module__}.{kind.__qualname__}', 'winreg.PyHKEY')
        with self.assertRaisesRegex(TypeError, 'cannot create'):
            kind()
        with self.assertRaisesRegex(TypeError, 'immutable'):
            kind.foo = 1
        with self.assertRaises(TypeError):
            type('Sub', (kind,), {})
        key = winreg.OpenKey(HKCU, 'Software')
        self.assertTrue(gc.is_tracked(key))
        with self.assertRaises(AttributeError):
            key.handle = 1
        with self.assertRaises(AttributeError):
            key.other = 1

    def test_identity(self):
        one, two = winreg.OpenKey(HKCU, 'Software'), winreg.OpenKey(HKCU, 'Software')
        self.assertNotEqual(int(one), int(two))
        self.assertNotEqual(one, two)
        self.assertEqual(one, one)
        self.assertNotEqual(one, int(one))
        self.assertEqual(len({one, two, one}), 2)

    def test_arithmetic(self):
        key = winreg.OpenKey(HKCU, 'Software')
        for one in (operator.neg, operator.pos, abs, operator.invert, float):
            with self.assertRaisesRegex(TypeError, 'bad operand type'):
                one(key)
        for two in (operator.add, operator.sub, operator.mul, operator.mod, divmod, operator.and_,
                    operator.or_, operator.xor, operator.lshift, operator.rshift, pow):
            with self.assertRaisesRegex(TypeError, 'bad operand type'):
                two(key, 1)
            with self.assertRaisesRegex(TypeError, 'bad operand type'):
                two(1, key)

    def test_what_is_no_handle(self):
        for wrong in ('1', 1.0, b'', object(), [], winreg):
            with self.assertRaisesRegex(TypeError, 'The object is not a PyHKEY object'):
                winreg.QueryInfoKey(wrong)
        with self.assertRaisesRegex(TypeError, 'None is not a valid HKEY in this context'):
            winreg.QueryInfoKey(None)
        self.assertIsNone(winreg.CloseKey(None))
        with self.assertRaises(OverflowError):
            winreg.QueryInfoKey(1 << 70)
        for number in (0, -1, 1 << 40, 0x7fffffff):
            self.assertWinError(6, winreg.QueryInfoKey, number)

    def test_of_another_registry(self):
        key = winreg.CreateKey(HKCU, 'Only here')
        other = winhive.Registry()
        winhive.use(other)
        # The object knows where it came from; its number means nothing in the other one.
        self.assertEqual(winreg.QueryInfoKey(key)[0], 0)
        self.assertWinError(6, winreg.QueryInfoKey, int(key))
        self.assertWinError(2, winreg.OpenKey, HKCU, 'Only here')
        with self.assertRaises(ValueError):
            other.key_path(key)
        winhive.use(self.registry)
        self.assertEqual(self.registry.key_path(key)[-9:], 'Only here')

    def test_outlives_its_registry(self):
        key = winreg.CreateKey(HKCU, 'Key')
        self.registry = None
        winhive.use(winhive.Registry())
        gc.collect()
        winreg.SetValueEx(key, 'a', 0, winreg.REG_DWORD, 1)
        self.assertEqual(winreg.QueryValueEx(key, 'a'), (1, 4))


class Misuse(Case):
    """Functions with handles that are open, closed, detached, numbers, and no handles at all."""

    def calls(self, key):
        other = str(self.folder / 'misuse')
        return [
            lambda: winreg.CloseKey(key), lambda: winreg.QueryInfoKey(key),
            lambda: winreg.EnumKey(key, 0), lambda: winreg.EnumValue(key, -1),
            lambda: winreg.OpenKey(key, 'a'), lambda: winreg.CreateKey(key, 'a\\b'),
            lambda: winreg.CreateKeyEx(key, 'c', 0, winreg.KEY_ALL_ACCESS),
            lambda: winreg.DeleteKey(key, 'a\\b'), lambda: winreg.DeleteKeyEx(key, 'a'),
            lambda: winreg.SetValueEx(key, 'v', 0, winreg.REG_SZ, 'x'),
            lambda: winreg.SetValue(key, 'd', winreg.REG_SZ, 'x'),
            lambda: winreg.QueryValue(key, None), lambda: winreg.QueryValueEx(key, 'v'),
            lambda: winreg.DeleteValue(key, 'v'), lambda: winreg.FlushKey(key),
            lambda: winreg.SaveKey(key, other), lambda: winreg.LoadKey(key, 'n', other),
            lambda: winreg.QueryReflectionKey(key), lambda: winreg.ConnectRegistry(None, key),
            lambda: winreg.DisableReflectionKey(key), lambda: winreg.EnableReflectionKey(key),
            lambda: key.Close(), lambda: key.Detach(), lambda: int(key), lambda: hash(key),
        ]

    def some_handle(self, draw):
        kind = draw.randrange(9)
        if kind == 0:
            return HKCU
        if kind == 1:
            return draw.choice([0, -1, 1, 2, 5, 77, 1 << 31, 1 << 40, 1 << 64, 0x80000005])
        if kind == 2:
            return draw.choice([None, 'x', 1.5, [], winreg.HKEYType, True])
        key = winreg.CreateKey(HKCU, f'Fuzz\\{draw.randrange(8)}')
        if kind == 3:
            key.Close()
        elif kind == 4:
            winreg.CloseKey(key.Detach())
        elif kind == 5:
            winreg.CloseKey(int(key))  # behind its back
        elif kind == 6:
            return key.Detach()
        return key

    def one_by_one(self, seed, count, kept):
        draw = random.Random(seed)
        for _ in range(count):
            kept.append(self.some_handle(draw))
            key = draw.choice(kept)
            try:
                draw.choice(self.calls(key))()
            except (OSError, TypeError, OverflowError, AttributeError, ValueError):
                pass
            (self.folder / 'misuse').unlink(missing_ok=True)
            if len(kept) > 50:
                del kept[:25]

    def test_sequences(self):
        seed = random.SystemRandom().randrange(1 << 32)
        print(f'# seed {seed}')
        self.one_by_one(seed, 20000, [])
        self.still_works()

    def test_from_threads(self):
        """All have the same handles; at the end the registry still works."""
        kept, before = [], sys.getswitchinterval()
        self.addCleanup(sys.setswitchinterval, before)
        sys.setswitchinterval(1e-5)
        wrong = []

        def work(seed):
            try:
                self.quietly(seed, kept)
            except BaseException as error:
                wrong.append(error)

        threads = [threading.Thread(target=work, args=(seed,)) for seed in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self.assertEqual(wrong, [])
        self.still_works()

    def quietly(self, seed, kept):
        try:
            self.one_by_one(seed, 2000, kept)
        except IndexError:
            self.one_by_one(seed + 1000, 500, [])  # another thread emptied the list

    def still_works(self):
        with winreg.CreateKey(HKCU, 'After') as key:
            winreg.SetValueEx(key, 'v', 0, winreg.REG_SZ, 'x')
            self.assertEqual(winreg.QueryValueEx(key, 'v'), ('x', 1))
