# SPDX-License-Identifier: MIT
"""read_python.py READER HIVE: read a hive from Python once, and print how long it took.

Prints a line as bench.c does: name, seconds to open, to work and to close, peak of the memory in
KiB, then keys, values, bytes of data, a sum and look-ups, which are 0 here but for the first three
where they are counted.

    walk      winhive: all keys and values, which become objects when they are asked for
    scan      winhive: all paths, names, data and types as objects
    loop      winhive: walk, with the name and the data of each asked for
    hivex     python3-hivex: the name of each key, and name and data of each value
    hivex-bare  the same without any of them
    hivex-loop  the same, counted as loop does
    regipy, yarp, python-registry   each by its own way to walk, counted as loop does
"""
import resource
import sys
import time


def winhive_open(path):
    import winhive
    hive = winhive.Hive(path)
    memoryview(hive).release()  # all of the file is in memory, as python3-hivex has it
    return hive


def hivex_open(path):
    import hivex
    return hivex.Hivex(path)


def regipy_open(path):
    from regipy.registry import RegistryHive
    return RegistryHive(path)


def yarp_open(path):
    from yarp import Registry
    return Registry.RegistryHive(open(path, 'rb'))


def python_registry_open(path):
    from Registry import Registry
    return Registry.Registry(path)


def walk(hive):
    for key, values in hive.walk():
        pass
    return 0, 0, 0


def scan(hive):
    for path, values in hive.scan():
        pass
    return 0, 0, 0


def loop(hive):
    keys = count = data = 0
    for key, values in hive.walk():
        keys += 1
        key.name
        for value in values:
            count += 1
            value.name
            data += len(value.data)
    return keys, count, data


def hivex(hive):
    stack = [hive.root()]
    while stack:
        key = stack.pop()
        hive.node_name(key)
        for value in hive.node_values(key):
            hive.value_key(value)
            hive.value_value(value)
        stack.extend(hive.node_children(key))
    return 0, 0, 0


def hivex_bare(hive):
    stack = [hive.root()]
    while stack:
        key = stack.pop()
        hive.node_values(key)
        stack.extend(hive.node_children(key))
    return 0, 0, 0


def hivex_loop(hive):
    keys = count = data = 0
    stack = [hive.root()]
    while stack:
        key = stack.pop()
        keys += 1
        hive.node_name(key)
        for value in hive.node_values(key):
            count += 1
            hive.value_key(value)
            data += len(hive.value_value(value)[1])
        stack.extend(hive.node_children(key))
    return keys, count, data


def regipy(hive):
    keys = count = data = 0
    for key in hive.recurse_subkeys():
        keys += 1
        for value in key.values:
            count += 1
            value.name
            data += len(value.value) if hasattr(value.value, '__len__') else 4
    return keys, count, data


def by_keys(root, data_of):
    keys = count = data = 0
    stack = [root]
    while stack:
        key = stack.pop()
        keys += 1
        key.name()
        for value in key.values():
            count += 1
            value.name()
            data += len(data_of(value) or b'')
        stack.extend(key.subkeys())
    return keys, count, data


def yarp(hive):
    return by_keys(hive.root_key(), lambda value: value.data_raw())


def python_registry(hive):
    return by_keys(hive.root(), lambda value: value.raw_data())


READERS = {'walk': (winhive_open, walk), 'scan': (winhive_open, scan),
           'loop': (winhive_open, loop), 'hivex': (hivex_open, hivex),
           'hivex-bare': (hivex_open, hivex_bare),
           'hivex-loop': (hivex_open, hivex_loop), 'regipy': (regipy_open, regipy),
           'yarp': (yarp_open, yarp), 'python-registry': (python_registry_open, python_registry)}


def main():
    name, path = sys.argv[1:]
    open_it, work = READERS[name]
    open_it(path)  # the module, and the file, are in memory
    times = [time.perf_counter()]
    hive = open_it(path)
    times.append(time.perf_counter())
    counts = work(hive)
    times.append(time.perf_counter())
    del hive
    times.append(time.perf_counter())
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    print(*(f'{after - before:.6f}' for before, after in zip(times, times[1:])), peak, *counts,
          0, 0, sep='\t')


main()
