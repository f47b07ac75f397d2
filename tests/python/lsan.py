# SPDX-License-Identifier: MIT
"""lsan.py TEST...: run tests in a build with the sanitizer; no memory that C allocated is left.

The interpreter leaves some of its own, and each allocation of ours has its frames further down,
so a leak is ours if the first frame after those of the sanitizer is.  What Python allocates for us
is for test_leaks.py.
"""
import os
import pathlib
import re
import subprocess
import sys

HERE = pathlib.Path(__file__).resolve().parent
LEAK = re.compile(r'^(?:Direct|Indirect) leak of .*?(?=\n\n|\Z)', re.M | re.S)
FRAME = re.compile(r'^\s+#\d+ .*$', re.M)
CODE = 23  # of a run that found leaks


def is_ours(leak):
    for frame in FRAME.findall(leak):
        if 'libclang_rt' not in frame and 'libasan' not in frame:
            return '_winhive' in frame
    return False


def main():
    env = {name: value for name, value in os.environ.items() if name != 'PYTHONMALLOC'}
    env['ASAN_OPTIONS'] = ('detect_leaks=1:fast_unwind_on_malloc=0:symbolize=0:'
                           f'allocator_may_return_null=1:exitcode={CODE}')
    done = subprocess.run([sys.executable, '-B', HERE / 'run.py', *sys.argv[1:]], env=env,
                          text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE, check=False)
    ours = [leak for leak in LEAK.findall(done.stderr) if is_ours(leak)]
    ran = done.returncode in (0, CODE) and 'not ok' not in done.stdout and done.stdout.strip()
    print(f"{'ok' if ran else 'not ok'} 1 - the tests pass")
    if not ran:
        print('#', '\n# '.join((done.stdout + done.stderr).splitlines()))
    # Without a report there was nothing to find, or nobody looked: the interpreter leaves some.
    looked = 'LeakSanitizer' in done.stderr
    print(f"{'ok' if looked else 'not ok'} 2 - leaks are looked for")
    print(f"{'not ok' if ours else 'ok'} 3 - no memory of ours is left")
    for leak in ours:
        print('#', '\n# '.join(leak.splitlines()))
    print('1..3')
    return 1 if ours or not ran or not looked else 0


if __name__ == '__main__':
    sys.exit(main())
