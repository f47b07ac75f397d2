# SPDX-License-Identifier: MIT
"""Build the Python package for pip: a wheel or a source distribution (PEP 517).

Meson and ninja do the work.  Those of the system will do, so that nothing is fetched; pip is asked
for them only if there are none.  A wheel holds the package alone, not the library for C programs.
One for the limited API of 3.11 is good for every later Python.
"""
import base64
import gzip
import hashlib
import io
import os
import pathlib
import re
import shutil
import subprocess
import sys
import sysconfig
import tarfile
import tempfile
import time
import zipfile

TOP = pathlib.Path(__file__).resolve().parents[2]
PACKAGE = 'lib/python/winhive'
TAG = 'cp311-abi3'
# What a source distribution leaves out: what is not in a clone, or hidden.
LEFT_OUT = re.compile(r'(^|/)(\.|__pycache__/)|^build(-[^/]*)?/|\.pyc$')


def version():
    text = (TOP / 'meson.build').read_text(encoding='utf-8')
    return re.search(r"version: '([^']+)'", text)[1]


def metadata():
    readme = (TOP / 'README.md').read_text(encoding='utf-8')
    summary = re.search(r'^description = "(.*)"$',
                        (TOP / 'pyproject.toml').read_text(encoding='utf-8'), re.M)[1]
    return (f'Metadata-Version: 2.1\nName: winhive\nVersion: {version()}\nSummary: {summary}\n'
            'License: MIT\nRequires-Python: >=3.11\n'
            'Description-Content-Type: text/markdown\n\n' + readme)


# ---------------------------------------------------------------------- tools

def environment():
    """Without what pip puts there for Python: a Meson of the system would not find itself."""
    clean = dict(os.environ)
    if subprocess.run(['meson', '--version'], stdout=subprocess.DEVNULL,
                      stderr=subprocess.DEVNULL, check=False).returncode != 0:
        clean.pop('PYTHONPATH', None)
        clean.pop('PYTHONNOUSERSITE', None)
    return clean


def get_requires_for_build_wheel(config_settings=None):
    return [tool for tool in ('meson', 'ninja') if not shutil.which(tool)]


def get_requires_for_build_sdist(config_settings=None):
    return []


def run(*command):
    done = subprocess.run(command, env=environment(), stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, text=True, check=False)
    if done.returncode != 0:
        sys.stderr.write(done.stdout)
        raise RuntimeError(f'{command[0]} failed')


# ---------------------------------------------------------------------- wheel

def wheel_name():
    platform = re.sub(r'[-.]', '_', sysconfig.get_platform())
    return f'winhive-{version()}-{TAG}-{platform}.whl'


def build(folder):
    """The extension, stripped of what only a debugger wants."""
    run('meson', 'setup', folder, str(TOP), '--buildtype=release', '-Dpython=enabled',
        f'-Dpython_program={sys.executable}', '-Dtests=disabled', '-Dtools=disabled',
        '-Ddocs=disabled', '-Djansson=disabled')
    run('ninja', '-C', folder, PACKAGE + '/_winhive.abi3.so')
    built = pathlib.Path(folder) / PACKAGE / '_winhive.abi3.so'
    if shutil.which('strip'):
        run('strip', '--strip-unneeded', str(built))
    return built


class Wheel:
    """A zip with a list of what is in it."""

    def __init__(self, path):
        self.zip = zipfile.ZipFile(path, 'w', zipfile.ZIP_DEFLATED)
        self.rows = []
        self.info = f'winhive-{version()}.dist-info'
        epoch = int(os.environ.get('SOURCE_DATE_EPOCH', time.time()))
        self.date = max(time.gmtime(epoch)[:6], (1980, 1, 1, 0, 0, 0))

    def add(self, name, data, mode=0o644):
        entry = zipfile.ZipInfo(name, self.date)
        entry.compress_type = zipfile.ZIP_DEFLATED
        entry.external_attr = (0o100000 | mode) << 16
        self.zip.writestr(entry, data)
        digest = base64.urlsafe_b64encode(hashlib.sha256(data).digest()).rstrip(b'=').decode()
        self.rows.append(f'{name},sha256={digest},{len(data)}')

    def close(self):
        record = f'{self.info}/RECORD'
        self.add(record, '\n'.join([*self.rows, f'{record},,', '']).encode())
        self.zip.close()


def write_wheel(path, extension):
    """The modules as they are, the extension, and what pip wants to know."""
    wheel = Wheel(path)
    for source in sorted((TOP / PACKAGE).iterdir()):
        if source.suffix in ('.py', '.pyi', '.typed'):
            wheel.add(f'winhive/{source.name}', source.read_bytes())
    wheel.add('winhive/_winhive.abi3.so', extension.read_bytes(), 0o755)
    wheel.add(f'{wheel.info}/METADATA', metadata().encode())
    wheel.add(f'{wheel.info}/WHEEL', f'Wheel-Version: 1.0\nGenerator: winhive {version()}\n'
              f'Root-Is-Purelib: false\nTag: {wheel_name()[:-4].split("-", 2)[2]}\n'.encode())
    wheel.add(f'{wheel.info}/LICENSE', (TOP / 'LICENSE').read_bytes())
    wheel.close()


def build_wheel(wheel_directory, config_settings=None, metadata_directory=None):
    with tempfile.TemporaryDirectory() as folder:
        write_wheel(os.path.join(wheel_directory, wheel_name()), build(folder))
    return wheel_name()


# ---------------------------------------------------------------------- source distribution

def sources():
    """What git knows, or without git all that is not left out."""
    listed = subprocess.run(['git', '-C', str(TOP), 'ls-files', '-z'], stdout=subprocess.PIPE,
                            stderr=subprocess.DEVNULL, check=False) if (TOP / '.git').exists() \
        else None
    if listed and listed.returncode == 0:
        return [name for name in listed.stdout.decode().split('\0') if name]
    return sorted(name for path in TOP.rglob('*') if path.is_file()
                  and not LEFT_OUT.search(name := path.relative_to(TOP).as_posix())
                  and name != 'PKG-INFO')


def build_sdist(sdist_directory, config_settings=None):
    base = f'winhive-{version()}'
    epoch = int(os.environ.get('SOURCE_DATE_EPOCH', time.time()))

    def plain(entry):
        entry.uid = entry.gid = 0
        entry.uname = entry.gname = ''
        entry.mtime = epoch
        return entry

    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode='w', format=tarfile.PAX_FORMAT) as tar:
        for name in sources():
            tar.add(TOP / name, f'{base}/{name}', filter=plain)
        entry = plain(tarfile.TarInfo(f'{base}/PKG-INFO'))
        text = metadata().encode()
        entry.size = len(text)
        tar.addfile(entry, io.BytesIO(text))
    path = os.path.join(sdist_directory, base + '.tar.gz')
    with open(path, 'wb') as file, gzip.GzipFile('', 'wb', mtime=epoch, fileobj=file) as packed:
        packed.write(buffer.getvalue())
    return base + '.tar.gz'
