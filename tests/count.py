#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""count.py BUILD...: add up what the test runner counted, case by case, in several builds."""
import sys
import xml.etree.ElementTree as ET


def count(build):
    passed = failed = skipped = 0
    for case in ET.parse(f"{build}/meson-logs/testlog.junit.xml").iter("testcase"):
        if case.find("failure") is not None or case.find("error") is not None:
            failed += 1
        elif case.find("skipped") is not None:
            skipped += 1
        else:
            passed += 1
    return passed, failed, skipped


def main():
    totals = [sum(numbers) for numbers in zip(*map(count, sys.argv[1:]))]
    print("{} passed, {} failed, {} skipped".format(*totals))
    return 1 if totals[1] or not totals[0] else 0


sys.exit(main())
