#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The programs of docs/examples on a small Windows, and one of them on real hives (TAP).

usage: run.py --make-tree PROGRAM --examples DIR [--corpus DIR] [--json]

A case is a list of steps on a Windows of its own: a program and its arguments, what it prints,
what it says on standard error, its exit code; all of them have to be exactly so.  $TMP is the
folder of the case, $WIN the Windows in it.  The services of a real SYSTEM hive are compared with
what hivexml reads in it, if that and the hives are there (WINHIVE_CORPUS).
"""

import argparse
import base64
import os
import re
import shlex
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from xml.etree import ElementTree

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "cli"))
from tap import Tap  # noqa: E402  the folder is known only now

TIMEOUT = 60
PROGRAMS = r"""programs of 64 bits: C:\Program Files
programs of 32 bits: C:\Program Files (x86)
"""
REST = PROGRAMS + "wallpaper: C:\\Pictures\\sea.jpg\n"
SERVICES = rf"""disabled  alerter               %Tools%\alerter.exe
auto      EventLog              D:\WINNT\System32\svchost.exe -k netsvcs
disabled  NoImage               -
demand    Vendor                "C:\Program Files\Vöndor\v.exe" /run
{REST}"""
VENDOR = """[SOFTWARE\\Vendor]
    (Default)  REG_SZ  20 bytes
[SOFTWARE\\Vendor\\Other]
[SOFTWARE\\Vendor\\Product]
[SOFTWARE\\Vendor\\Product\\1.0]
    Serial  REG_QWORD  8 bytes
4 keys, 2 values
"""
JSON = r"""{"format": "winhive registry 1",
"path": "\\REGISTRY\\USER\\S-1-5-21-1-2-3-1001\\Software\\Vendor",
"key":
{"name": "Vendor", "last_written": "2022-11-24T12:26:38.4140288Z",
 "values": [
  {"name": "Name", "type": "REG_SZ", "text": "Alice"}
 ],
 "keys": [
  {"name": "Recent", "last_written": "2022-11-24T12:26:38.4140288Z",
   "values": [
    {"name": "Count", "type": "REG_DWORD", "number": 3}
   ]}
 ]}}
"""
KEEP = ["backup", "save", "$WIN", "Software\\Vendor", "$TMP/v.hive", "$TMP/v.json"]


def step(*args, out="", err="", code=0):
    return list(args), out, err, code


CASES = {
    "read": [step("read", "$WIN", out="ComputerName: OLDBOX\nProductName: Windows Sample\n"
                  "RegisteredOwner: (nobody)\nInstallDate: 1600000000\nUBR: 0\n")],
    "read: no Windows": [step("read", "$TMP/none", code=1,
                              err="no Windows here: not found\n")],
    "services": [step("services", "$WIN", out=SERVICES)],
    "services: no Windows": [step("services", "$TMP/none", code=1,
                                  err="services: not found\n")],
    "services: odd": [step("services", "$WIN", code=1,
                           out="?         First                 -\n"
                               "disabled  Third                 -\n" + REST,
                           err="Odd: the data do not have the shape asked for\n")],
    "walk": [step("walk", "$WIN", r"SOFTWARE\Vendor", out=VENDOR)],
    "walk: no key": [step("walk", "$WIN", r"SOFTWARE\None", code=1,
                          err="SOFTWARE\\None: not found\n")],
    "walk: usage": [step("walk", code=2, err="usage: walk WINDOWS KEY\n")],
    "delete": [
        step("delete", "$WIN", r"SOFTWARE\Vendor", out="deleted: SOFTWARE\\Vendor\n"),
        step("walk", "$WIN", r"SOFTWARE\Vendor", code=1,
             err="SOFTWARE\\Vendor: not found\n"),
        step("delete", "$WIN", r"SOFTWARE\Vendor", code=1,
             err="nothing is deleted: not found\n"),
    ],
    "delete: the root of a hive": [
        step("delete", "$WIN", "SOFTWARE", code=1,
             err="nothing is deleted: SOFTWARE: access denied\n"),
        step("walk", "$WIN", r"SOFTWARE\Vendor", out=VENDOR),
    ],
    "delete: usage": [step("delete", "$WIN", code=2, err="usage: delete WINDOWS KEY\n")],
    "path": [
        step("path", "$WIN", r"C:\Tools", out="added: %USERPROFILE%\\bin;C:\\Bin;C:\\Tools\n"),
        step("path", "$WIN", "c:\\tools\\", "alice",
             out="was there: %USERPROFILE%\\bin;C:\\Bin;C:\\Tools\n"),
        step("path", "$WIN", r"C:\More", "S-1-5-21-1-2-3-1001",
             out="added: %USERPROFILE%\\bin;C:\\Bin;C:\\Tools;C:\\More\n"),
        step("path", "$WIN", r"C:\More", "bob", code=1, err="C:\\More: not found\n"),
        step("path", "$WIN", "a;b", code=1, err="a;b: invalid argument\n"),
    ],
    "path: usage": [step("path", code=2, err="usage: path WINDOWS FOLDER [USER]\n")],
    "owner": [step("owner", "$WIN", r"SYSTEM\CurrentControlSet\Services",
                   out="S-1-5-32-544, by a descriptor of 144 bytes\n")],
    "owner: no key": [step("owner", "$WIN", "None", code=1, err="None: not found\n")],
    "owner: usage": [step("owner", code=2, err="usage: owner WINDOWS KEY\n")],
    "backup: JSON": [
        step(*KEEP, out="save: done\n"),
        step("cat", "$TMP/v.json", out=JSON),
        step("path", "$WIN", r"C:\Tools", out="added: %USERPROFILE%\\bin;C:\\Bin;C:\\Tools\n"),
        step("backup", "import", "$WIN", r"Control Panel", "$TMP/v.json", out="import: done\n"),
        step("backup", "save", "$WIN", "Control Panel\\Recent", "$TMP/w.hive", "$TMP/w.json",
             out="save: done\n"),
        step("backup", "import", "$WIN", "Environment", "$TMP/v.hive", code=1,
             err="import: the data are of another kind\n"),
    ],
    "backup: hive": [
        step(*KEEP, out="save: done\n"),
        step("backup", "peek", "$WIN", r"Software", "$TMP/v.hive",
             out="1 subkeys, 1 values\npeek: done\n"),
        step("backup", "restore", "$WIN", r"Software\Microsoft", "$TMP/v.hive",
             out="restore: done\n"),
        step("backup", "save", "$WIN", r"Software\Microsoft\Recent", "$TMP/w.hive",
             "$TMP/w.json", out="save: done\n"),
        step(*KEEP, code=1, err="save: already exists\n"),
        step("backup", "restore", "$WIN", r"Software\Vendor", "$TMP/none", code=1,
             err="restore: not found\n"),
    ],
    "backup: usage": [step("backup", code=2,
                           err="usage: backup save|restore|import|peek WINDOWS KEY FILE...\n")],
}


class Runner:
    def __init__(self, make_tree, examples):
        self.make_tree, self.examples = make_tree, Path(examples)
        self.wrapper = shlex.split(os.environ.get("WINHIVE_WRAPPER", ""))

    def run(self, *command):
        env = dict(os.environ, LC_ALL="C.UTF-8")
        return subprocess.run(self.wrapper + [str(c) for c in command], env=env,
                              stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                              stderr=subprocess.PIPE, timeout=TIMEOUT, check=False)

    def tree(self, folder, *parts):
        os.makedirs(folder)
        done = self.run(self.make_tree, folder, *parts)
        if done.returncode != 0:
            raise RuntimeError(f"make_tree: {done.stderr.decode()}")

    def example(self, name, *args):
        known = self.examples / f"example_{name}"
        return self.run(known if known.exists() else name, *args)


def case(runner, name, steps):
    """Why it failed, or nothing."""
    with tempfile.TemporaryDirectory(prefix="winhive-") as folder:
        runner.tree(f"{folder}/win", *(["odd"] if name.endswith(": odd") else []))
        for number, (args, *due) in enumerate(steps, 1):
            done = runner.example(*(a.replace("$TMP", folder).replace("$WIN", f"{folder}/win")
                                    for a in args))
            got = [done.stdout.decode().replace(folder, "$TMP"),
                   done.stderr.decode().replace(folder, "$TMP"), done.returncode]
            if got != due:
                return f"step {number} {args}\ndue {due!r}\ngot {got!r}"
    return None


# ----------------------------------------------------------------------- real hives


def read_hive(path):
    """The root key as hivexml sees it."""
    done = subprocess.run(["hivexml", str(path)], stdout=subprocess.PIPE, timeout=TIMEOUT,
                          check=True)
    return ElementTree.fromstring(done.stdout).find("node")


def name_of(node):
    return node.get("name") if node.get("name_encoding") is None else \
        base64.b64decode(node.get("name")).decode()


def below(node, *names):
    for name in names:
        node = next(child for child in node.findall("node")
                    if name_of(child).lower() == name.lower())
    return node


def value_of(node, name, default):
    """A value as text: hivexml gives numbers in decimal digits."""
    for value in node.findall("value"):
        if (value.get("key") or "").lower() == name.lower():
            text = value.get("value") or ""
            return base64.b64decode(text).decode() if value.get("encoding") else text
    return default


def services_seen(path):
    """The lines that services.c should print, from another reader."""
    root = read_hive(path)
    current = int(value_of(below(root, "Select"), "Current", "0"))
    node = below(root, f"ControlSet{current:03}", "Services")
    lines = []
    for child in sorted(node.findall("node"), key=lambda n: name_of(n).upper()):
        if not int(value_of(child, "Type", "0")) & 0x30:
            continue
        image = re.sub("%(SystemRoot|windir)%", lambda _: r"D:\WINNT",
                       value_of(child, "ImagePath", "-"), flags=re.IGNORECASE)
        starts = ["boot", "system", "auto", "demand", "disabled"]
        lines.append(f"{starts[int(value_of(child, 'Start', '4'))]:8}  {name_of(child):20}  "
                     f"{image}\n")
    return "".join(lines)


def wallpaper_seen(path):
    return value_of(below(read_hive(path), "Control Panel", "Desktop"), "Wallpaper", "-")


def real_services(runner, hives):
    if not shutil.which("hivexml"):
        return "SKIP no hivexml here"
    with tempfile.TemporaryDirectory(prefix="winhive-") as folder:
        runner.tree(f"{folder}/win", "software")
        config = Path(folder, "win", "Windows", "System32", "config")
        profile = Path(folder, "win", "Users", "alice")
        profile.mkdir(parents=True)
        shutil.copyfile(hives / "SYSTEM", config / "SYSTEM")
        shutil.copyfile(hives / "NTUSER.DAT", profile / "NTUSER.DAT")
        done = runner.example("services", f"{folder}/win")
    due = services_seen(hives / "SYSTEM") + PROGRAMS + \
        f"wallpaper: {wallpaper_seen(hives / 'NTUSER.DAT')}\n"
    got = done.stdout.decode()
    if done.returncode != 0 or done.stderr or due.count("\n") < 50:
        return f"exit {done.returncode}, {done.stderr.decode()}, {due.count(chr(10))} lines due"
    if got == due:
        return None
    return "\n".join(f"due {a!r}\ngot {b!r}" for a, b in
                     zip(due.splitlines(), got.splitlines()) if a != b) or "another length"


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--make-tree", required=True)
    parser.add_argument("--examples", required=True)
    parser.add_argument("--corpus", default="nowhere")
    parser.add_argument("--json", action="store_true", help="the library reads JSON")
    args = parser.parse_args()
    if not args.json:
        del CASES["backup: JSON"]
    runner = Runner(args.make_tree, args.examples)
    tap = Tap(len(CASES) + 1)
    for name, steps in CASES.items():
        why = case(runner, name, steps)
        tap.ok(not why, name, why)
    hives = Path(os.environ.get("WINHIVE_CORPUS") or args.corpus) / "regipy"
    name = "services of a real SYSTEM hive"
    if not (hives / "SYSTEM").is_file():
        tap.skip(name, "no corpus")
    else:
        why = real_services(runner, hives)
        if why and why.startswith("SKIP "):
            tap.skip(name, why[5:])
        else:
            tap.ok(not why, name, why)
    tap.finish()


if __name__ == "__main__":
    main()
