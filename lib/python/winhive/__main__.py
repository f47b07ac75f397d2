# SPDX-License-Identifier: MIT
"""Run a Python script that was written for Windows' registry.

usage: python3 -m winhive [options] SCRIPT [ARG...]

The script finds a module winreg.  It works on an offline Windows or on hive files, or without
either on a registry in memory, which is gone afterwards.
"""

import argparse
import os
import runpy
import sys

import winhive
from winhive._start import mount_at, registry_of


def parse(args):
    parser = argparse.ArgumentParser(
        prog='python3 -m winhive', usage='%(prog)s [options] SCRIPT [ARG...]',
        description='Run a Python script with winreg, over an offline Windows, hive files, or a '
                    'registry in memory.')
    parser.add_argument('--root', metavar='PATH', default=os.environ.get('WINHIVE_ROOT') or None,
                        help='root of a volume, its folder Windows, a folder with hives, or a '
                             'hive file; else WINHIVE_ROOT')
    parser.add_argument('--hive', metavar='PLACE=FILE', action='append', default=[],
                        help=r'mount a hive file at HKLM\NAME, HKU\NAME or HKCU')
    parser.add_argument('--user', metavar='NAME', default=os.environ.get('WINHIVE_USER') or None,
                        help='whose HKEY_CURRENT_USER: a name, a SID, or the path of a profile; '
                             'else WINHIVE_USER')
    parser.add_argument('--write', action='store_true',
                        help='let FlushKey, and the end of the script, write to the files')
    parser.add_argument('--version', action='version', version=f'winhive {winhive.__version__}')
    parser.add_argument('script', metavar='SCRIPT')
    parser.add_argument('args', metavar='ARG', nargs=argparse.REMAINDER)
    return parser.parse_args(args)


def make_registry(options):
    if options.root:
        registry = registry_of(options.root, options.user, write=options.write)
    else:
        registry = winhive.Registry(usual_roots=not options.hive)
    for hive in options.hive:
        place, equals, path = hive.partition('=')
        if not equals:
            raise ValueError(f'{hive!r} is not PLACE=FILE')
        mount_at(registry, place, path, write=options.write)
    return registry


def main(args=None):
    options = parse(args)
    try:
        registry = make_registry(options)
    except (OSError, ValueError) as error:
        print(f'python3 -m winhive: {error}', file=sys.stderr)
        return 2
    for mount in registry.mounts():
        if mount['problem']:
            print(f"python3 -m winhive: {mount['place']}: {mount['problem']}", file=sys.stderr)

    winhive.use(registry)
    winhive.alias()
    sys.argv = [options.script, *options.args]
    sys.path[0] = os.path.dirname(os.path.abspath(options.script))
    status = 0
    try:
        runpy.run_path(options.script, run_name='__main__')
    except SystemExit as end:
        status = end  # an end of the script's own making: what it did counts
    # After any other exception what was not flushed is not written.
    if options.write:
        try:
            registry.commit()
        except OSError as error:
            print(f'python3 -m winhive: what was changed is not written: {error}', file=sys.stderr)
            return 2
    if status:
        raise status
    return 0


if __name__ == '__main__':
    sys.exit(main())
