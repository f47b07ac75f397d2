# SPDX-License-Identifier: MIT
"""What is done again and again leaves nothing behind: no objects, no memory, no descriptors."""
import gc
import os
import sys
import tracemalloc
import weakref

import winhive
from support import HKCU, HKU, TESTDATA, Case
from winhive import Hive, Key, Value, winreg


def resident():
    """Bytes of the process that are in memory."""
    with open('/proc/self/statm', encoding='ascii') as file:
        return int(file.read().split()[1]) * os.sysconf('SC_PAGE_SIZE')


# Things that much refers to.  From 3.12 on the first ones are immortal, and not counted.
COUNTED = [winreg, Hive, Key, Value, winreg.HKEYType, winhive.Registry]
if sys.version_info < (3, 12):
    COUNTED += [None, '', b'', ()]


class Leaks(Case):
    def repeat(self, work, count=200):
        """
        What leaks does so each time: one round of three without growth is proof that it does not.
        Memory of Python is counted to the byte, that of C by what the process has.
        """
        for _ in range(count // 2):
            work()
        grown = min((self.grown(work, count) for _ in range(3)), key=sum)
        self.assertLess(grown[0], count // 2, 'objects are left')
        self.assertLess(grown[1], count // 2, 'references are left')
        # An object has 32 bytes or more; lists of free objects fill up.
        self.assertLess(grown[2], 3000 + 10 * count, 'bytes of Python are left')
        if 'asan' in os.environ.get('LD_PRELOAD', ''):
            return  # it keeps what was freed for a while, and finds leaks itself
        before = resident()
        for _ in range(10):  # 1 KiB each time would be 2,000 KiB; what is in fragments settles
            for _ in range(count):
                work()
            if resident() - before < 1 << 20:
                return
            before, last = resident(), before
        self.assertLess(resident() - last, 1 << 20, 'memory of C is left')

    @staticmethod
    def grown(work, count):
        """How many objects, references to some that are often used, and bytes there are more."""
        def now():
            gc.collect()
            return (len(gc.get_objects()),
                    sum(sys.getrefcount(thing) for thing in COUNTED),
                    tracemalloc.get_traced_memory()[0])

        tracemalloc.start()
        work()
        before = now()
        for _ in range(count):
            work()
        after = now()
        tracemalloc.stop()
        return [new - old for old, new in zip(before, after)]

    def test_winreg(self):
        def work():
            with winreg.CreateKey(HKCU, 'Leaks\\Sub') as key:
                for kind, given in [(1, 'x' * 3000), (7, ['a', 'b'] * 9), (4, 5), (3, b'x' * 5000)]:
                    winreg.SetValueEx(key, 'v', 0, kind, given)
                    winreg.QueryValueEx(key, 'v')
                    winreg.EnumValue(key, 0)
                winreg.QueryInfoKey(key)
                winreg.QueryValue(key, None)
                winreg.ExpandEnvironmentStrings('%PATH%' * 100)
                winreg.CloseKey(winreg.OpenKey(key, '').Detach())
                winreg.DeleteValue(key, 'v')
            winreg.DeleteKey(HKCU, 'Leaks\\Sub')
            self.registry.mounts()
            self.registry.key_path(HKCU)

        self.repeat(work)

    def test_winreg_errors(self):
        def fails(call, *args):
            try:
                call(*args)
            except (OSError, TypeError, ValueError, OverflowError):
                return
            self.fail('it was to fail')

        def work():
            key = winreg.CreateKey(HKCU, 'Errors')
            fails(winreg.OpenKey, key, 'none')
            fails(winreg.OpenKey, key, '\ud800\0')
            fails(winreg.QueryValueEx, key, '\ud800')
            fails(winreg.SetValueEx, key, 'v', 0, 7, ['a', 1])
            fails(winreg.SetValueEx, key, 'v', 0, 1, 1)
            fails(winreg.SetValueEx, key, 'v', 0, 3, 'x')
            fails(winreg.SetValueEx, key, 'v', 0, 4, -1)
            fails(winreg.SetValue, key, 'v', 4, 'x')
            fails(winreg.LoadKey, key, 'v', 'none')
            fails(winreg.ConnectRegistry, 'none', HKCU)
            fails(winreg.QueryInfoKey, 'x')
            fails(winreg.CreateKey, key, 1)
            fails(self.registry.mount, HKU, 'x', 'none')
            fails(winhive.Registry, 'x')
            fails(Hive, 'none')
            fails(Hive.from_bytes, b'')

        self.repeat(work)

    def test_registries(self):
        def work():
            registry = winhive.Registry()
            before = winhive.use(registry)
            winreg.CreateKey(HKCU, 'Key')
            winhive.use(before)

        self.repeat(work)

    def test_hives(self):
        data = (TESTDATA / 'good/sample.hive').read_bytes()
        path = TESTDATA / 'logs/new-two-logs/SYSTEM'

        def work():
            with Hive.from_bytes(data) as hive:
                for key, values in hive.walk():
                    key.path, key.name, key.info(), key.last_written, list(key.subkeys)
                    for value in values:
                        value.value, value.info(), memoryview(value), repr(value)
                list(hive.scan())
                list(hive.root), list(hive.root.values.items())
                hive.check(), hive.stats(), hive.base_block(), hive.issues
            with Hive(path) as hive:
                hive.logs()

        self.repeat(work)

    def test_edits(self):
        def work():
            hive = Hive.new()
            with winhive.transaction(hive):
                key = hive.root.create('A\\B', class_name='c')
                key.values.update(a=1, b='x', c=['y'], d=b'z')
                key.copy(hive.root).rename('C')
                key.security, key.class_name
            hive.compact()
            walk = hive.walk()
            next(walk)
            hive.root.get('none')
            iter(hive.root)

        self.repeat(work)

    def test_descriptors(self):
        path = self.hive_file('hive')
        before = os.listdir('/proc/self/fd')
        for _ in range(20):
            hive = Hive(path, write=True)
            hive.root.set('a', 1)
            hive.commit()
            del hive  # the file is locked as long as it is open
        self.assertEqual(os.listdir('/proc/self/fd'), before)

    def test_cycles(self):
        """A hive of a class with attributes can be in a cycle, which the collector finds."""
        class Mine(Hive):
            pass

        hive = Mine.new()
        hive.me, gone = hive, weakref.ref(hive)
        del hive
        gc.collect()
        self.assertIsNone(gone())
