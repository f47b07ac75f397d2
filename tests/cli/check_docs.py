#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Do the documents speak of things that exist?

    check_docs.py SOURCE-FOLDER

Of each document below docs/, and of the change log: every link leads to a file, every
path that begins with lib/, tools/, tests/, testdata/ or docs/ is there, every function
named in code font, `like_this()`, is in the source, and every section of docs/format.md
that a document or a comment of the source refers to has a heading.
"""

import glob
import os
import re
import sys

from tap import Tap

LINK = re.compile(r"\]\(([^)#:]+)\)")
PATH = re.compile(r"(?<![\w/])((?:lib|tools|tests|testdata|docs)/[\w./*-]*[\w*])")
FUNCTION = re.compile(r"`(\w+)\(\)`")
SECTION = re.compile(r"docs/format\.md,?\s+(?:section )?((?:\d+(?:\.\d+)*(?:, | to | and )?)+)")


def read(path):
    with open(path, encoding="utf-8") as file:
        return file.read()


def source_files(top):
    for folder in ("lib", "tools", "fuzz"):
        for kind in ("h", "c", "py"):
            yield from glob.glob(os.path.join(top, folder, "**", f"*.{kind}"), recursive=True)


def exists(top, path):
    """As it stands, or with the end that documents leave out."""
    return any(glob.glob(os.path.join(top, path + end)) for end in ("", ".*", "-*.md"))


def main():
    top = os.path.abspath(sys.argv[1])
    tap = Tap()
    code = "\n".join(read(path) for path in source_files(top))
    layout = read(os.path.join(top, "docs", "format.md"))
    sections = set(re.findall(r"^##+ (\d+(?:\.\d+)*)", layout, re.M))

    documents = sorted(glob.glob(os.path.join(top, "docs", "**", "*.md"), recursive=True))
    for path in documents + [os.path.join(top, "CHANGELOG.md")]:
        name, text = os.path.relpath(path, top), read(path)
        wrong = [link for link in LINK.findall(text)
                 if not os.path.exists(os.path.join(os.path.dirname(path), link))]
        wrong += [there for there in PATH.findall(text) if not exists(top, there)]
        wrong += [f"{function}()" for function in FUNCTION.findall(text)
                  if not re.search(rf"\b{function}\(", code)]
        wrong += [f"section {number}" for group in SECTION.findall(text)
                  for number in re.findall(r"\d+(?:\.\d+)*", group) if number not in sections]
        tap.ok(not wrong, name, *wrong)

    wrong = []
    for path in source_files(top):
        text = re.sub(r"\n \* ?", " ", read(path))
        for group in SECTION.findall(text):
            wrong += [f"{os.path.relpath(path, top)}: section {number}"
                      for number in re.findall(r"\d+(?:\.\d+)*", group) if number not in sections]
    tap.ok(not wrong, "sections that the source refers to", *wrong)
    tap.finish()


if __name__ == "__main__":
    main()
