# SPDX-License-Identifier: MIT
"""Volumes of a Windows that is not running, with as little in them as there can be."""

import good
import logcases
from regf import Key, build, dword, expand_sz, sz

ALICE = "S-1-5-21-1004336348-1177238915-682003330-1001"
BOB = "S-1-5-21-1004336348-1177238915-682003330-1002"

CLASSES = "AppData/Local/Microsoft/Windows/UsrClass.dat"


def path(top, *names):
    """Keys one below the other; the last one is 'top'."""
    for name in reversed(names):
        top = Key(name, subkeys=[top])
    return top


def software(profiles):
    listed = [Key(sid, values=[expand_sz("ProfileImagePath", folder)])
              for sid, folder in sorted(profiles.items())]
    version = Key("CurrentVersion", values=[sz("ProductName", "Windows 10 Pro"),
                                            sz("SystemRoot", r"C:\Windows")],
                  subkeys=[Key("ProfileList", subkeys=listed)])
    return build(Key("ROOT", subkeys=[
        Key("Classes", subkeys=[Key(".txt", values=[sz("", "txtfile")])]),
        Key("Microsoft", subkeys=[path(version, "Windows NT")])])).bytes


def user(name):
    return build(Key("ROOT", subkeys=[
        Key("Environment", values=[sz("TEMP", rf"C:\Users\{name}\AppData\Local\Temp")]),
        Key("Software", subkeys=[Key("Microsoft")])])).bytes


def classes(sid):
    return build(Key(f"{sid}_Classes", subkeys=[
        Key(".txt", values=[sz("", f"text of {sid[-4:]}")]), Key("Local Settings")])).bytes


def default():
    return build(Key("ROOT", subkeys=[Key("Environment"), Key("Software")])).bytes


def sam():
    return build(Key("ROOT", subkeys=[Key("SAM", subkeys=[Key("Domains")])])).bytes


def security():
    return build(Key("ROOT", subkeys=[Key("Policy", values=[dword("Revision", 1)])])).bytes


def sound():
    """One user, and a part of Windows that is one; all as Windows spells it."""
    config = "Windows/System32/config"
    service = "Windows/ServiceProfiles/LocalService"
    return {
        f"{config}/SYSTEM": good.sample().bytes,
        f"{config}/SOFTWARE": software({
            "S-1-5-18": r"%systemroot%\system32\config\systemprofile",
            "S-1-5-19": r"%systemroot%\ServiceProfiles\LocalService",
            ALICE: r"C:\Users\Alice"}),
        f"{config}/SAM": sam(),
        f"{config}/SECURITY": security(),
        f"{config}/DEFAULT": default(),
        f"{service}/NTUSER.DAT": user("LocalService"),
        "Users/Alice/NTUSER.DAT": user("Alice"),
        f"Users/Alice/{CLASSES}": classes(ALICE),
    }


def troubled():
    """Hibernated, in other letters; two users, one dirty; a hive is missing, one is none."""
    config = "windows/system32/Config"
    dirty = next(case for case in logcases.cases() if case.name == "new-two-logs")
    return {
        "HIBERFIL.SYS": b"HIBR" + bytes(0x1FFC),
        f"{config}/system": good.sample().bytes,
        f"{config}/Software": software({ALICE: r"%SystemDrive%\users\alice",
                                        BOB: r"C:\Users\Bob"}),
        f"{config}/SECURITY": b"This is no hive.\n",
        f"{config}/DEFAULT": default(),
        "users/ALICE/ntuser.dat": user("Alice"),
        f"users/ALICE/{CLASSES.lower()}": classes(ALICE),
        "users/bob/NTUSER.DAT": dirty.files["SYSTEM"],
        "users/bob/ntuser.dat.LOG1": dirty.files["SYSTEM.LOG1"],
        "users/bob/ntuser.dat.LOG2": dirty.files["SYSTEM.LOG2"],
    }


def volumes():
    yield "sound", sound()
    yield "troubled", troubled()
