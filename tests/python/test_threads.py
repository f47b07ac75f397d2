# SPDX-License-Identifier: MIT
"""Threads: one hive and one registry, used by many at once; and long work lets others run."""
import sys
import threading
import time

import winhive
from support import CORPUS, HKCU, Case, need
from winhive import Hive, winreg


class Threads(Case):
    def setUp(self):
        super().setUp()
        self.addCleanup(sys.setswitchinterval, sys.getswitchinterval())
        sys.setswitchinterval(1e-5)

    def together(self, *functions):
        """Run each in a thread of its own; what one raises is raised here."""
        wrong = []

        def guard(function):
            try:
                function()
            except BaseException as error:
                wrong.append(error)

        threads = [threading.Thread(target=guard, args=(function,)) for function in functions]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(120)
            self.assertFalse(thread.is_alive(), 'a thread waits for ever')
        if wrong:
            raise wrong[0]

    def test_readers_and_writers(self):
        hive = Hive.new()
        for index in range(50):
            hive.root.create(f'Key {index}').set('v', index)
        stop = threading.Event()

        def gently(change, *args):
            while True:
                try:
                    return change(*args)
                except BufferError:  # somebody had a view
                    time.sleep(0.0001)

        def write(name):
            def work():
                for index in range(200):
                    key = gently(hive.root.create, f'{name}\\{index % 7}')
                    gently(key.set, 'v', 'x' * (index * 37 % 500))
                    if index % 5 == 0:
                        gently(key.delete)
                stop.set()
            return work

        def read():
            while not stop.is_set():
                try:
                    for key, values in hive.walk():
                        key.path, [value.data for value in values]
                except RuntimeError as error:
                    self.assertIn('changed', str(error))
                except OSError as error:
                    self.assertEqual(error.winerror, 1018)
                for index in range(50):
                    self.assertEqual(hive[f'Key {index}'].value('v').value, index)

        def check():
            while not stop.is_set():
                self.assertEqual(hive.check()['dangerous'], 0)

        def view():
            while not stop.is_set():
                with memoryview(hive.root['Key 7'].value('v')) as data:
                    self.assertEqual(data[0], 7)

        self.together(write('A'), write('B'), read, read, check, view)
        self.assertEqual(hive.check()['dangerous'], 0)

    def test_close_while_reading(self):
        for _ in range(50):
            hive = Hive.new()
            for index in range(100):
                hive.root.create(str(index))

            def read():
                try:
                    while True:
                        for key, _ in hive.walk():
                            key.name
                except ValueError as error:
                    self.assertIn('closed', str(error))
                except RuntimeError as error:
                    self.assertIn('closed', str(error))

            self.together(read, read, hive.close)

    def test_one_walk_by_two(self):
        hive = Hive.new()
        for index in range(3000):
            hive.root.create(f'{index:04}')
        seen, walk = [], hive.walk()

        def take():
            while True:
                try:
                    key, _ = next(walk)
                except StopIteration:
                    return
                except ValueError:
                    continue  # the other one is in it
                seen.append(key.path)

        self.together(take, take, take)
        self.assertEqual(sorted(seen), ['', *(f'{index:04}' for index in range(3000))])

    def test_copy_both_ways(self):
        one, two = Hive.new(), Hive.new()
        one.root.create('A').set('v', 1)
        two.root.create('A').set('v', 2)

        def copy(source, target):
            return lambda: [source['A'].copy(target.root, f'{i}') for i in range(100)]

        self.together(copy(one, two), copy(two, one))
        self.assertEqual(one['7'].value('v').value, 2)

    def test_registry(self):
        def work(name):
            def run():
                for index in range(300):
                    with winreg.CreateKey(HKCU, f'Threads\\{name}') as key:
                        winreg.SetValueEx(key, 'v', 0, winreg.REG_SZ, name * index)
                        self.assertEqual(winreg.QueryValueEx(key, 'v')[0], name * index)
                        self.registry.mounts()
                winreg.DeleteKey(HKCU, f'Threads\\{name}')
            return run

        self.together(*(work(name) for name in 'abcd'))

    def test_first_use(self):
        """All get the same registry, when none was chosen before."""
        winhive.use(None)
        barrier = threading.Barrier(8)

        def work():
            barrier.wait()
            winreg.CreateKey(HKCU, 'First use').Close()

        self.together(*[work] * 8)
        first = winhive.use(None)
        winhive.use(first)
        self.assertEqual(first, winhive.use(first))

    def test_others_run(self):
        """While a thread reads, walks, checks or compacts a large hive another one goes on."""
        path = need(CORPUS / 'regipy/SYSTEM_WIN_10_1709', 'real hive')
        data = path.read_bytes()

        def opened():  # as often as it is tried
            return iter([self.opened(data) for _ in range(20)])

        for name, work in [
                ('open', lambda: Hive.from_bytes(data, salvage=True)),
                # The rest of a hive is read when something needs all of it.
                ('view', lambda hives=opened(): memoryview(next(hives))),
                ('stats', lambda hives=opened(): next(hives).stats()),
                ('begin', lambda hives=opened(): next(hives).walk()),
                ('check', self.opened(data).check),
                ('compact', self.opened(data, take_dirty=True).compact),
                ('walk', lambda hive=self.opened(data): list(hive.scan()))]:
            with self.subTest(work=name):
                self.assertGreater(self.turns(work), 0)

    @staticmethod
    def opened(data, **how):
        return Hive.from_bytes(data, **how)

    def turns(self, work):
        """How often another thread came to run while 'work' was done in one call."""
        sys.setswitchinterval(100)  # the GIL changes hands only when it is let go
        state = {'working': False, 'turns': 0}
        stop = threading.Event()

        def count():
            while not stop.is_set():
                state['turns'] += state['working']
                time.sleep(0)  # lets the GIL go, and gets it again only if nobody keeps it

        thread = threading.Thread(target=count)
        thread.start()
        for _ in range(20):
            state['working'] = True
            work()
            state['working'] = False
            if state['turns']:
                break
        stop.set()
        thread.join()
        return state['turns']
