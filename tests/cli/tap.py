# SPDX-License-Identifier: MIT
"""The Test Anything Protocol, as far as the tests of this folder need it."""

import sys


class Tap:
    def __init__(self, total=None):
        self.count = 0
        self.failed = 0
        self.total = total
        if total is not None:
            print(f"1..{total}", flush=True)

    def ok(self, good, name, *remarks):
        """One test; 'remarks' are printed if it fails."""
        self.count += 1
        print(f"{'ok' if good else 'not ok'} {self.count} - {name}", flush=True)
        if good:
            return
        self.failed += 1
        for remark in remarks:
            for line in str(remark).splitlines():
                print(f"# {line}", flush=True)

    def skip(self, name, why):
        self.count += 1
        print(f"ok {self.count} - {name} # SKIP {why}", flush=True)

    def finish(self):
        if self.total is None:
            print(f"1..{self.count}", flush=True)
        sys.exit(1 if self.failed or (self.total or self.count) != self.count else 0)
