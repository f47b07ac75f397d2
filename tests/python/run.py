# SPDX-License-Identifier: MIT
"""run.py TEST...: run files of unittest, or 'cpython', and print what came of each test as TAP.

'cpython' is CPython's own test_winreg.py, as it is installed with Python, over winhive.winreg.
"""
import importlib.util
import pathlib
import sys
import unittest


class Tap(unittest.TestResult):
    """Each test is a line; what a failure has to say comes after it."""

    def __init__(self):
        super().__init__()
        self.bad = self.said = False
        self.lines = 0

    def startTest(self, test):
        super().startTest(test)
        self.said = False

    def stopTest(self, test):
        super().stopTest(test)
        if not self.said:  # some of its parts failed
            self.line(False, test)

    def line(self, good, test, remark='', text=''):
        self.bad |= not good
        self.said = True
        self.lines += 1
        name = '.'.join(test.id().split('.')[-2:])
        print(f"{'ok' if good else 'not ok'} {self.lines} - {name}{remark}", flush=True)
        for row in text.splitlines():
            print('#', row, flush=True)

    def addSuccess(self, test):
        self.line(True, test)

    def addSkip(self, test, reason):
        super().addSkip(test, reason)
        self.line(True, test, f' # SKIP {reason}')

    def addFailure(self, test, error):
        super().addFailure(test, error)
        self.line(False, test, text=self.failures[-1][1])

    def addError(self, test, error):
        super().addError(test, error)
        self.line(False, test, text=self.errors[-1][1])

    def addSubTest(self, test, subtest, error):
        super().addSubTest(test, subtest, error)
        if error is not None:
            self.bad = True
            print('#', subtest.id(), *(self.failures + self.errors)[-1][1].splitlines(),
                  sep='\n# ', flush=True)

    def addUnexpectedSuccess(self, test):
        self.line(False, test, text='it was expected to fail')


def load(path):
    if path == 'cpython':
        import cpython
        return cpython.load()
    spec = importlib.util.spec_from_file_location(pathlib.Path(path).stem, path)
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return unittest.defaultTestLoader.loadTestsFromModule(module)


def main():
    sys.dont_write_bytecode = True
    suite = unittest.TestSuite(load(path) for path in sys.argv[1:])
    result = Tap()
    suite.run(result)
    print(f'1..{result.lines}')
    return 1 if result.bad or not result.lines else 0


if __name__ == '__main__':
    sys.exit(main())
