# SPDX-License-Identifier: MIT
"""Hive, Key and Value."""
import datetime
import doctest
import gc
import os
import pathlib
import struct

import winhive
from support import CORPUS, TESTDATA, TOP, Case, need
from winhive import Hive, Key, Value

UTC = datetime.timezone.utc


class Opening(Case):
    def test_file(self):
        path = TESTDATA / 'good/sample.hive'
        for given in (path, str(path), bytes(path)):
            with Hive(given) as hive:
                self.assertEqual((hive.path, hive.state, hive.closed), (given, 'clean', False))
                self.assertEqual(memoryview(hive), path.read_bytes())
        self.assertTrue(hive.closed)
        self.assertEqual(repr(hive), f'<winhive.Hive {given!r}, closed>')

    def test_bytes(self):
        data = (TESTDATA / 'good/sample.hive').read_bytes()
        with Hive(TESTDATA / 'good/sample.hive') as hive:
            keys = [key.path for key, _ in hive.walk()]
        for given in (data, bytearray(data), memoryview(data)):
            with Hive.from_bytes(given) as hive:
                self.assertEqual([key.path for key, _ in hive.walk()], keys)
                self.assertIsNone(hive.path)
        with Hive.from_bytes(data) as hive:
            hive.root.values['Changed'] = 1
        self.assertEqual(data, (TESTDATA / 'good/sample.hive').read_bytes())

    def test_logs(self):
        folder = TESTDATA / 'logs/new-two-logs'
        logs = sorted(folder.glob('SYSTEM.LOG?'))
        found = Hive(folder / 'SYSTEM')
        self.assertEqual(found.state, 'recovered')
        self.assertEqual([pathlib.Path(log['name']).name for log in found.logs()],
                         [log.name for log in logs])
        self.assertIn('applied', [log['verdict'] for log in found.logs()])
        given = Hive(folder / 'SYSTEM', logs=logs)
        memory = Hive.from_bytes((folder / 'SYSTEM').read_bytes(),
                                 logs=[log.read_bytes() for log in logs])
        self.assertEqual(bytes(given), bytes(found))
        self.assertEqual(bytes(memory), bytes(found))
        for bare in (Hive(folder / 'SYSTEM', use_logs=False), Hive(folder / 'SYSTEM', logs=[])):
            self.assertEqual((bare.state, bare.logs()), ('dirty', []))
            self.assertEqual(bytes(bare), (folder / 'SYSTEM').read_bytes())
        with self.assertRaises(TypeError):
            Hive(folder / 'SYSTEM', logs=str(logs[0]))
        with self.assertRaises(TypeError):
            Hive.from_bytes(bytes(bare), logs=['no buffer'])

    def test_failures(self):
        (self.folder / 'text').write_bytes(b'text' * 2000)
        for path, kind, number in [(self.folder / 'none', FileNotFoundError, 2),
                                   (self.folder / 'text', OSError, 1017)]:
            error = self.assertWinError(number, Hive, path)
            self.assertIs(type(error), kind)
            self.assertEqual(error.filename, path)
        self.assertEqual([issue['rule'] for issue in error.issues], [error.issues[0]['rule']])
        self.assertIn('base block', error.issues[0]['text'])
        self.assertWinError(1017, Hive.from_bytes, b'')
        for wrong in (1, None, 1.5):
            with self.assertRaises(TypeError):
                Hive(wrong)
        with self.assertRaises(TypeError):
            Hive('a', 'b')
        with self.assertRaises(TypeError):
            Hive.from_bytes('text')

    def test_issues(self):
        broken = sorted((TESTDATA / 'broken').glob('*'))
        self.assertTrue(broken)
        told = 0
        for path in broken:
            try:
                with Hive(path) as hive:
                    for _ in hive.walk():
                        pass
                    told += len(hive.issues)
                    self.assertEqual(hive.issues_dropped, 0)
                    for issue in hive.issues:
                        self.assertEqual(set(issue), {
                            'id', 'rule', 'grade', 'incomplete', 'log', 'offset', 'cell', 'path',
                            'text'})
            except OSError as error:
                self.assertTrue(error.issues, path)
        self.assertGreater(told, 10)

    def test_what_a_walk_leaves_out(self):
        """A walk says little of what it gives, but of what it does not it says so."""
        for read in (Hive.walk, Hive.scan):
            with Hive(TESTDATA / 'broken/list-hidden.hive', use_logs=False) as hive:
                self.assertEqual(hive.issues, [])
                self.assertEqual(len(list(read(hive))), 4)
                self.assertEqual([issue['rule'] for issue in hive.issues], ['list-hidden'])

    def test_closed(self):
        hive = Hive(TESTDATA / 'good/sample.hive')
        key, walk = hive.root, hive.walk()
        value = next(value for _, values in hive.walk() for value in values)
        other = next(value for _, values in hive.scan() for value in values)
        keys, values = iter(key), key.iter_values()
        next(walk)
        hive.close()
        hive.close()
        for use in (lambda: hive.root, lambda: hive['a'], hive.check, hive.stats, hive.begin,
                    hive.__enter__, lambda: memoryview(hive), lambda: key.name, lambda: key.path,
                    lambda: value.name, lambda: value.data, lambda: memoryview(value), key.walk,
                    lambda: next(keys), lambda: next(values), lambda: key.set('a', 1),
                    lambda: hive.save_as(self.folder / 'x'), hive.commit, hive.compact):
            with self.assertRaises(ValueError):
                use()
        with self.assertRaisesRegex(RuntimeError, 'closed'):
            next(walk)
        self.assertTrue(repr(key) and repr(value) and other)

    def test_subclass(self):
        class Mine(Hive):
            extra = None
        with Mine(TESTDATA / 'good/sample.hive') as hive:
            hive.extra = hive
            self.assertIsInstance(Mine.new(), Mine)
            self.assertTrue(list(hive.walk()))
        del hive
        gc.collect()
        with self.assertRaises(TypeError):
            Key()
        with self.assertRaises(TypeError):
            Value()
        with self.assertRaises(TypeError):
            Hive.foo = 1


class Reading(Case):
    def setUp(self):
        super().setUp()
        self.hive = Hive.new(root_name='Root', time=132000000000000000)
        self.key = self.hive.root.create('One\\Two', class_name='Class')
        self.hive.root.create('Other')
        for name, given in [('', 'default'), ('Number', 5), ('List', ['a', 'b']), ('Bin', b'\1')]:
            self.key.values[name] = given

    def test_keys(self):
        hive, key = self.hive, self.key
        self.assertEqual((hive.root.name, hive.root.path, hive.root.parent), ('Root', '', None))
        self.assertEqual((key.name, key.path, key.class_name), ('Two', 'One\\Two', 'Class'))
        self.assertEqual(key.parent.path, 'One')
        self.assertIs(key.hive, hive)
        self.assertEqual(hive['ONE\\two'], key)
        self.assertEqual(hash(hive['One']['Two']), hash(key))
        self.assertNotEqual(key, hive['One'])
        self.assertNotEqual(key, 1)
        self.assertIn('One\\Two', hive)
        self.assertNotIn('Two', hive)
        self.assertIsNone(hive.get('Two'))
        self.assertEqual(hive['One'].get('Two'), key)
        self.assertEqual(hive.get('Two', default=3), 3)
        with self.assertRaises(KeyError) as caught:
            hive['One\\None']
        self.assertEqual(caught.exception.args, ('One\\None',))
        self.assertWinError(161, lambda: hive['\\One'])
        with self.assertRaises(TypeError):
            hive[1]
        self.assertEqual([k.name for k in hive.root], ['One', 'Other'])
        self.assertEqual(repr(key), "<winhive.Key 'One\\\\Two'>")
        self.assertEqual(dict(hive.root.subkeys), {'One': hive['One'], 'Other': hive['Other']})
        self.assertEqual(len(hive.root.subkeys), 2)
        self.assertNotIn('One\\Two', hive.root.subkeys)
        self.assertTrue(hive['Other'])

    def test_times(self):
        self.assertEqual(self.key.filetime, 132000000000000000)
        self.assertEqual(self.key.last_written,
                         datetime.datetime(2019, 4, 17, 18, 40, tzinfo=UTC))
        when = datetime.datetime(2001, 2, 3, 4, 5, 6, 789012, UTC)
        self.key.last_written = when
        self.assertEqual((self.key.last_written, self.key.filetime),
                         (when, 126256467067890120))
        self.key.filetime = (1 << 64) - 1
        self.assertIsNone(self.key.last_written)
        with self.assertRaises(TypeError):
            self.key.last_written = when.replace(tzinfo=None)
        with self.assertRaises(TypeError):
            del self.key.last_written
        with self.assertRaises(OverflowError):
            self.key.filetime = -1
        self.assertEqual(Hive.new(time=when).root.last_written, when)

    def test_values(self):
        values = self.key.values
        self.assertEqual([(v.name, v.type_name, v.value) for v in values.values()], [
            ('', 'REG_SZ', 'default'), ('Number', 'REG_DWORD', 5),
            ('List', 'REG_MULTI_SZ', ['a', 'b']), ('Bin', 'REG_BINARY', b'\1')])
        self.assertEqual(list(values), ['', 'Number', 'List', 'Bin'])
        self.assertEqual(values['number'].data, b'\5\0\0\0')
        self.assertEqual((values['number'].size, values['number'].type), (4, 4))
        self.assertEqual(self.key.value().value, 'default')
        self.assertEqual(self.key.value('number'), values['NUMBER'])
        self.assertEqual(len({self.key.value('number'), values['NUMBER']}), 1)
        with self.assertRaises(KeyError):
            values['none']
        self.assertIsNone(values.get('none'))
        self.assertEqual(values['Bin'].info()['inline_data'], True)
        self.assertEqual(self.key.info()['value_count'], 4)

    def test_views_of_data(self):
        with memoryview(self.key.value('List')) as view:
            self.assertTrue(view.readonly)
            self.assertEqual(bytes(view), self.key.value('List').data)
            for change in (lambda: self.key.set('x', 1), self.hive.close,
                           self.key.delete, lambda: self.hive.root.create('y')):
                with self.assertRaises(BufferError):
                    change()
        self.key.set('x', 1)
        big = bytes(range(256)) * 200
        self.key.set('big', big)  # in segments: a copy, which holds up nobody
        view = memoryview(self.key.value('big'))
        self.key.set('x', 2)
        self.assertEqual(view, big)
        with memoryview(self.hive) as view:
            self.assertEqual(view[:4], b'regf')
            with self.assertRaises(BufferError):
                self.key.set('x', 3)

    def test_changed_meanwhile(self):
        value, key = self.key.value('Number'), self.hive['One']
        self.assertEqual((value.value, key.path), (5, 'One'))
        self.key.set('Number', 'longer than before')
        self.key.rename_value('Number', 'Text')
        key.rename('Uno')
        self.assertEqual((value.name, value.type, value.value), ('Text', 1, 'longer than before'))
        self.assertEqual((key.path, self.key.path), ('Uno', 'Uno\\Two'))
        self.key.delete_value('Text')
        self.assertWinError(1018, lambda: value.value)
        key.delete(tree=True)
        self.assertWinError(1018, lambda: key.name)
        self.assertTrue(repr(key) and repr(value))

    def test_iteration_is_overtaken(self):
        for make in (self.hive.root.iter_subkeys, self.key.iter_values, self.hive.walk,
                     self.hive.scan):
            it = make()
            next(it)
            self.hive.root.values['again'] = 1
            with self.assertRaises(RuntimeError):
                next(it)

    def test_walk(self):
        walked = [(key.path, key.name, [(v.name, v.value) for v in values])
                  for key, values in self.hive.walk()]
        self.assertEqual(walked, [
            ('', 'Root', []), ('One', 'One', []),
            ('One\\Two', 'Two', [('', 'default'), ('Number', 5), ('List', ['a', 'b']),
                                 ('Bin', b'\1')]), ('Other', 'Other', [])])
        self.assertEqual([key.path for key, _ in self.hive['One'].walk()], ['One', 'One\\Two'])
        self.assertEqual([path for path, _ in self.hive['One'].scan()], ['One', 'One\\Two'])
        self.assertEqual(list(self.hive.scan())[2][1], (
            ('', 'default\0'.encode('utf-16-le'), 1), ('Number', b'\5\0\0\0', 4),
            ('List', 'a\0b\0\0'.encode('utf-16-le'), 7), ('Bin', b'\1', 3)))
        walk = self.hive['Other'].walk()
        next(walk)
        for _ in range(2):
            self.assertRaises(StopIteration, next, walk)

    def test_walk_keeps_what_is_kept(self):
        """Objects of a walk are used again only if nobody has them."""
        hive = Hive.new()
        for index in range(2000):
            hive.root.create(f'{index:04}').values['n'] = index
        kept = list(hive.walk())
        self.assertEqual([key.name for key, _ in kept[1:]], [f'{i:04}' for i in range(2000)])
        self.assertEqual([values[0].value for _, values in kept[1:]], list(range(2000)))
        keys = [key for key, _ in hive.walk()]
        self.assertEqual([key.path for key in keys[1:]], [f'{i:04}' for i in range(2000)])
        lists = [values for _, values in hive.walk()]
        self.assertEqual([v[0].value for v in lists[1:]], list(range(2000)))
        pairs = [pair for pair in hive.scan()]
        self.assertEqual([struct.unpack('<I', values[0][1])[0] for _, values in pairs[1:]],
                         list(range(2000)))
        last = None
        for pair in hive.walk():
            if last:
                self.assertNotEqual(last[0], pair[0])
            last = pair
        hive.root.values['change'] = 1
        self.assertEqual(kept[5][1][0].value, 4)
        self.assertEqual(kept[5][0].path, '0004')
        self.assertEqual([value.name for value in kept[7][1]], ['n'])
        hive.close()
        with self.assertRaises(ValueError):
            kept[5][1][0]
        with self.assertRaises(ValueError):
            kept[5][0].path

    def test_file_that_is_cut_while_it_is_open(self):
        """What was read stays; whether the rest can be had is said when it is asked for."""
        path = self.folder / 'large.hive'
        made = Hive.new()
        for index in range(500):
            made.root.create(f'{index:03}').set('v', bytes([index % 256]) * 4000)
        made.save_as(path)
        later, whole = Hive(path), Hive(path, whole=True)
        self.assertEqual(later['000'].value('v').data, bytes(4000))
        os.truncate(path, 1 << 19)
        self.assertEqual(len(list(whole.walk())), 501)
        self.assertEqual(whole['499'].value('v').data, bytes([499 % 256]) * 4000)
        self.assertEqual(whole.issues, [])
        self.assertEqual(later['000'].value('v').data, bytes(4000))
        with self.assertRaises(OSError):
            later['499'].value('v').data
        self.assertIn('file-unread', [issue['rule'] for issue in later.issues])
        left = sum(len(data) for _, values in later.scan() for _, data, _ in values)
        self.assertTrue(4000 <= left < 500 * 4000, left)
        with self.assertRaises(BufferError):
            memoryview(later)
        with self.assertRaises(OSError):
            later.check()
        with self.assertRaises(OSError):
            later['000'].set('v', 1)

    def test_walk_knows_what_changed(self):
        """What a walk knew of a key or a value is not used after a change."""
        walked = {key.path: (key, values) for key, values in self.hive.walk()}
        key, values = walked['One\\Two']
        number = values[1]
        self.assertEqual((key.name, number.value, number.data), ('Two', 5, b'\5\0\0\0'))
        key.set('Number', 6)
        self.assertEqual((number.value, number.data, number.size), (6, b'\6\0\0\0', 4))
        key.set('Number', 'six')
        self.assertEqual((number.value, number.type), ('six', 1))
        for name in ('Zwei', 'Deux'):
            key.rename(name)
            self.assertEqual((key.path, key.name), ('One\\' + name, name))
        self.assertEqual(walked['One'][0].name, 'One')
        self.assertEqual([key.name for key, _ in self.hive['One'].walk()], ['One', 'Deux'])

    def test_values_of_a_walk(self):
        """A list of values can be gone over by several at a time, and keeps no values."""
        values = next(values for key, values in self.hive.walk() if key.path == 'One\\Two')
        names = ['', 'Number', 'List', 'Bin']
        self.assertEqual([(a.name, b.name) for a in values for b in values],
                         [(a, b) for a in names for b in names])
        kept = list(values)
        self.assertEqual([value.name for value in kept], names)
        self.assertEqual(len(set(map(id, kept))), 4)
        self.assertEqual([value.value for value in kept], ['default', 5, ['a', 'b'], b'\1'])
        self.assertEqual(kept, list(values))
        self.assertEqual([values[i].name for i in (3, -2, 0)], ['Bin', 'List', ''])
        for index in (4, -5):
            with self.assertRaises(IndexError):
                values[index]
        it = iter(values)
        self.assertIs(iter(it), it)
        self.assertEqual(len(list(it)), 4)
        self.assertRaises(StopIteration, next, it)
        view = memoryview(values[1])
        self.assertEqual([bytes(memoryview(value)) for value in values],
                         [value.data for value in kept])
        self.assertEqual(bytes(view), b'\5\0\0\0')
        every = [value for _ in range(100) for _, values in self.hive.walk() for value in values]
        self.assertEqual([value.name for value in every], names * 100)

    def test_attributes(self):
        """Those that are found in a quicker way are the same by any other."""
        key, values = next((k, v) for k, v in self.hive.walk() if k.path == 'One\\Two')
        for thing in (key, values[1]):
            for name in ('name', 'path', 'data', 'type', 'value', 'size'):
                known = hasattr(type(thing), name)
                self.assertEqual(hasattr(thing, name), known)
                if known:
                    usual = object.__getattribute__(thing, name)
                    self.assertEqual(getattr(thing, name), usual)
                    self.assertEqual(getattr(thing, ''.join(list(name))), usual)  # not interned
            with self.assertRaisesRegex(AttributeError, 'none'):
                thing.none
            with self.assertRaises(AttributeError):
                thing.name = thing.data = ''

    def test_collector_in_a_scan(self):
        """The collector may run anything in the midst of a scan."""
        hive = Hive.new()
        for index in range(300):
            values = hive.root.create(f'{index:03}').values
            for name in 'abc':
                values[name] = f'{name}{index}' * 9 if name == 'b' else index
        expected = list(hive.scan())

        def collecting(phase, info):
            if phase == 'start':
                work()

        before = gc.get_threshold()
        for change in (False, True):
            seen, refused, walk = [], [], hive.scan()

            def work():
                try:
                    next(walk)
                except (ValueError, RuntimeError, StopIteration) as error:
                    refused.append(type(error))
                if change and len(seen) >= 100:
                    hive.root.set('new', 'x' * 5000)

            gc.collect()  # which frees the tuples that were put aside: they are not new
            gc.callbacks.append(collecting)
            gc.set_threshold(1)
            try:
                for pair in walk:
                    seen.append(pair)
            except RuntimeError as error:
                self.assertTrue(change and 'changed' in str(error))
            finally:
                gc.set_threshold(*before)
                gc.callbacks.remove(collecting)
            self.assertIn(ValueError, refused)
            for path, triples in seen:
                self.assertIn((path, triples), expected)

    def test_names(self):
        odd = ['nul\0inside', '\ud800', '日本', 'a/b', '\U0001f600']
        for name in odd:
            self.hive.root.create(name).values[name] = name
        for name in odd:
            self.assertEqual(self.hive[name].name, name)
            self.assertEqual(self.hive[name].values[name].name, name)
        self.assertEqual({path for path, _ in self.hive.scan()},
                         {'', 'One', 'One\\Two', 'Other', *odd})


class Editing(Case):
    def test_set(self):
        key = Hive.new().root
        for given, kind, data in [
                (5, 4, b'\5\0\0\0'), (1 << 32, 11, b'\0\0\0\0\1\0\0\0'), ('a', 1, b'a\0\0\0'),
                (['a'], 7, b'a\0\0\0\0\0'), (b'x', 3, b'x'), (bytearray(b'y'), 3, b'y'),
                (None, 3, b'')]:
            key.set('v', given)
            self.assertEqual((key.value('v').type, key.value('v').data), (kind, data))
        for given, kind, data in [('a', 2, b'a\0\0\0'), (b'odd', 1, b'odd'), (b'', 4, b''),
                                  (5, 11, b'\5' + b'\0' * 7), (None, 0xffffffff, b'')]:
            key.set('v', given, kind)
            self.assertEqual((key.value('v').type, key.value('v').data), (kind, data))
        for given, kind, error in [(-1, None, OverflowError), (1 << 64, None, OverflowError),
                                   (1.5, None, TypeError), ('a', 4, TypeError),
                                   (('a',), None, TypeError), ([1], None, TypeError),
                                   (5, 3, TypeError), (b'', 1 << 32, OverflowError),
                                   (b'', -1, OverflowError), (b'', 'x', TypeError)]:
            with self.subTest(given=given, kind=kind), self.assertRaises(error):
                key.set('v', given, kind)
        key.values['copy'] = key.value('v')
        self.assertEqual(key.value('copy').type, 0xffffffff)
        with self.assertRaises(KeyError):
            del key.values['none']
        key.values['copy'] = 'x', 2
        self.assertEqual(key.value('copy').type_name, 'REG_EXPAND_SZ')
        key.values.update(a=1, b='2')
        self.assertEqual(list(key.values), ['v', 'copy', 'a', 'b'])
        key.values.clear()
        self.assertEqual(len(key.values), 0)

    def test_from_its_own_view(self):
        hive = Hive.new()
        hive.root.set('a', b'x' * 100)
        with memoryview(hive.root.value('a')) as view, self.assertRaises(BufferError):
            hive.root.set('b', view)
        hive.root.set('b', hive.root.value('a').data)

    def test_new(self):
        self.assertEqual(Hive.new(root_name='').root.name, Hive.new().root.name)
        self.assertEqual(Hive.new(minor=3).base_block()['now']['minor'], 3)
        self.assertEqual(Hive.new().base_block()['now']['minor'], 5)
        self.assertWinError(87, Hive.new, minor=9)

    def test_keys(self):
        hive = Hive.new()
        key = hive.root.create('A\\B')
        self.assertEqual(hive.root.create('a\\b'), key)
        self.assertWinError(183, hive.root.create, 'a\\b', exist_ok=False)
        self.assertWinError(1020, hive['A'].delete)
        self.assertWinError(87, hive.root.create, 'x' * 257)
        key.set('v', 1)
        copy = key.copy(hive.root, 'Copy')
        self.assertEqual(copy.path, 'Copy')
        self.assertWinError(183, key.copy, hive.root, 'Copy')
        key.copy(hive.root, 'Copy', merge=True)
        other = Hive.new()
        self.assertEqual(key.copy(other.root).value('v').value, 1)
        self.assertEqual(other['B'].hive, other)
        self.assertWinError(87, key.move, other.root)
        key.move(hive.root)
        self.assertEqual((key.path, list(hive.root.subkeys)), ('B', ['A', 'B', 'Copy']))
        key.move(hive['A'], 'C')
        self.assertEqual(key.path, 'A\\C')
        key.class_name = 'klass'
        self.assertEqual(key.class_name, 'klass')
        del key.class_name
        self.assertEqual(key.class_name, '')
        key.security = bytes(key.security)
        self.assertWinError(87, setattr, key, 'security', b'no')
        hive['A'].empty()
        self.assertWinError(1018, key.copy, hive.root)
        self.assertWinError(5, hive.root.delete)
        with self.assertRaises(TypeError):
            hive['A'].move('B')

    def test_transactions(self):
        hive = Hive.new()
        with winhive.transaction(hive):
            hive.root.create('Kept')
        with self.assertRaises(ZeroDivisionError), winhive.transaction(hive):
            hive.root.create('Undone')
            1 / 0
        self.assertEqual(list(hive.root.subkeys), ['Kept'])
        self.assertTrue(hive.changed)
        hive.discard()
        self.assertEqual(list(hive.root.subkeys), [])
        self.assertWinError(87, hive.end)

    def test_commit(self):
        path = self.hive_file('hive')
        before = path.read_bytes()
        with Hive(path, write=True) as hive:
            hive['Key'].values['Value'] = 'new'
            self.assertEqual(path.read_bytes(), before)
            report = hive.commit(backup=self.folder / 'backup', log_format='new')
            self.assertEqual(report['log_format'], 'new')
            self.assertGreater(report['pages'], 0)
            self.assertFalse(hive.changed)
            hive['Key'].values['Value'] = 'lost'
        self.assertEqual((self.folder / 'backup').read_bytes(), before)
        with Hive(path) as hive:
            self.assertEqual(hive['Key'].values['Value'].value, 'new')
            hive['Key'].values['Value'] = 'no'
            self.assertEqual(self.assertWinError(5, hive.commit).filename, path)
        with Hive(path, write=True) as hive:
            self.assertWinError(32, Hive, path, write=True)
            hive['Key'].values['Value'] = 'x'
            error = self.assertWinError(183, hive.commit, backup=self.folder / 'backup')
            self.assertEqual(error.filename, self.folder / 'backup')
            with self.assertRaises(ValueError):
                hive.commit(log_format='none')

    def test_save_as(self):
        hive = Hive.new()
        hive.save_as(self.folder / 'a')
        self.assertIs(type(self.assertWinError(183, hive.save_as, self.folder / 'a')),
                      FileExistsError)
        hive.root.values['a'] = 1
        hive.save_as(str(self.folder / 'a'), replace=True)
        with Hive(self.folder / 'a') as again:
            self.assertEqual(bytes(again), bytes(hive))
        self.assertWinError(3, hive.save_as, self.folder / 'none/a')

    def test_compact(self):
        hive = Hive.new()
        for index in range(500):
            hive.root.create(str(index))
        hive.root.empty()
        hive.root.values['left'] = 1
        small = hive.compact()
        self.assertLess(len(memoryview(small)), len(memoryview(hive)))
        self.assertEqual(small.root.values['left'].value, 1)
        self.assertEqual(small.check()['findings'], [])


class Reports(Case):
    def test_check(self):
        result = Hive(TESTDATA / 'good/sample.hive').check()
        self.assertEqual((result['dangerous'], result['refused'], result['findings']), (0, 0, []))
        self.assertGreater(result['keys'], 0)
        found = 0
        for path in sorted((TESTDATA / 'broken').glob('*.hive')):
            try:
                with Hive(path) as hive:
                    result = hive.check()
            except OSError:
                continue
            found += len(result['findings'])
            grades = [finding['grade'] for finding in result['findings']]
            self.assertEqual(grades.count('dangerous'), result['dangerous'])
        self.assertGreater(found, 10)

    def test_dicts(self):
        path = TESTDATA / 'good/sample.hive'
        with Hive(path) as hive:
            stats, base = hive.stats(), hive.base_block()
        self.assertEqual(stats['file_size'], path.stat().st_size)
        self.assertEqual(base['found'], base['now'])
        self.assertEqual(base['now']['major'], 1)
        self.assertEqual(base['now']['length'], stats['length'])

    def test_repair(self):
        if not hasattr(Hive, 'repair'):
            self.skipTest('there is no repair')
        damaged = sorted((TESTDATA / 'broken').glob('*.hive'))
        repaired = 0
        for path in damaged:
            try:
                with Hive(path) as hive:
                    fixed, report = hive.repair()
            except OSError:
                continue
            repaired += 1
            self.assertEqual(len(report['actions']), report['fixed'] + report['dropped'])
            check = fixed.check()
            self.assertEqual((check['healed'], check['refused'], check['dangerous']), (0, 0, 0))
        self.assertGreater(repaired, 10)


class Real(Case):
    def test_walk_of_a_large_hive(self):
        path = need(CORPUS / 'regipy/SYSTEM_WIN_10_1709', 'real hive')
        with Hive(path) as hive:
            scanned = list(hive.scan())
            for (key, values), (name, triples) in zip(hive.walk(), scanned, strict=True):
                self.assertEqual(key.path, name)
                self.assertEqual([(v.name, v.data, v.type) for v in values], list(triples))
            for name, triples in scanned[::997]:
                key = hive[name]
                self.assertEqual(key.path, name)
                self.assertEqual([(v.name, v.data, v.type) for v in key.iter_values()],
                                 list(triples))

    def test_hivex_sees_the_same(self):
        path = need(CORPUS / 'regipy/SYSTEM_WIN_10_1709', 'real hive')
        try:
            import hivex
        except ModuleNotFoundError:
            self.skipTest('no python3-hivex')
        other = hivex.Hivex(str(path))
        with Hive(path) as hive:
            theirs, stack = [], [(other.root(), '')]
            while stack:
                node, name = stack.pop()
                values = [(other.value_key(v), other.value_value(v)[1], other.value_value(v)[0])
                          for v in other.node_values(node)]
                theirs.append((name, values))
                children = [(child, (name + '\\' if name else '') + other.node_name(child))
                            for child in other.node_children(node)]
                stack.extend(reversed(children))
            ours = [(name, list(values)) for name, values in hive.scan()]
        self.assertEqual(len(ours), len(theirs))
        differ = [(a, b) for a, b in zip(ours, theirs) if a != b]
        self.assertEqual(differ[:3], [])


def load_tests(loader, tests, pattern):
    """The examples in the documentation of the package, and in the document."""
    def in_top(test):
        test.globs['__before'] = os.getcwd()
        os.chdir(TOP)

    def back(test):
        os.chdir(test.globs['__before'])

    from winhive import _views
    for module in (winhive, _views):
        tests.addTests(doctest.DocTestSuite(module))
    tests.addTests(doctest.DocFileSuite(str(TOP / 'docs/python.md'), module_relative=False,
                                        setUp=in_top, tearDown=back))
    return tests
