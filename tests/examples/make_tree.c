/* SPDX-License-Identifier: MIT */
/*
 * Write the registry of a small Windows below a folder that is there:
 *
 *	make_tree FOLDER [software|odd]
 *
 *	Windows/System32/config/SYSTEM, SOFTWARE, Users/alice/NTUSER.DAT; 'software': only that;
 *	'odd': with a service whose program is a number
 *
 * All keys are dated the same, so that two runs write the same bytes.
 */
#include <winhive.h>

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define THEN UINT64_C(0x01d9000000000000)
#define SID  "S-1-5-21-1-2-3-1001"

/* A value; no name: only the key is made.  Text or, without one, a number. */
struct row {
	const char *path, *name;
	uint32_t type;
	const char *text;
	uint64_t number;
};

#define SERVICES "ControlSet001\\Services\\"

static const struct row system_rows[] = {
	{ "Select", "Current", WH_REG_DWORD, NULL, 1 },
	{ "Select", "Default", WH_REG_DWORD, NULL, 1 },
	{ "Select", "LastKnownGood", WH_REG_DWORD, NULL, 1 },
	{ "ControlSet001\\Control\\ComputerName\\ComputerName", "ComputerName", WH_REG_SZ, "OLDBOX",
	  0 },
	{ SERVICES "EventLog", "Type", WH_REG_DWORD, NULL, 0x20 },
	{ SERVICES "EventLog", "Start", WH_REG_DWORD, NULL, 2 },
	{ SERVICES "EventLog", "ImagePath", WH_REG_EXPAND_SZ,
	  "%systemroot%\\System32\\svchost.exe -k netsvcs", 0 },
	{ SERVICES "alerter", "Type", WH_REG_DWORD, NULL, 0x20 },
	{ SERVICES "alerter", "Start", WH_REG_DWORD, NULL, 4 },
	{ SERVICES "alerter", "ImagePath", WH_REG_EXPAND_SZ, "%Tools%\\alerter.exe", 0 },
	{ SERVICES "Beep", "Type", WH_REG_DWORD, NULL, 1 },
	{ SERVICES "Beep", "Start", WH_REG_DWORD, NULL, 1 },
	{ SERVICES "Group", NULL, 0, NULL, 0 },
	{ SERVICES "NoImage", "Type", WH_REG_DWORD, NULL, 0x10 },
	{ SERVICES "Vendor", "Type", WH_REG_DWORD, NULL, 0x110 },
	{ SERVICES "Vendor", "Start", WH_REG_DWORD, NULL, 3 },
	{ SERVICES "Vendor", "ImagePath", WH_REG_SZ,
	  "\"C:\\Program Files\\V\xc3\xb6ndor\\v.exe\" /run", 0 },
	{ 0 },
};

static const struct row odd_rows[] = {
	{ "Select", "Current", WH_REG_DWORD, NULL, 1 },
	{ SERVICES "First", "Type", WH_REG_DWORD, NULL, 0x10 },
	{ SERVICES "First", "Start", WH_REG_DWORD, NULL, 9 },
	{ SERVICES "Odd", "Type", WH_REG_DWORD, NULL, 0x10 },
	{ SERVICES "Odd", "ImagePath", WH_REG_DWORD, NULL, 5 },
	{ SERVICES "Third", "Type", WH_REG_DWORD, NULL, 0x10 },
	{ 0 },
};

#define NT       "Microsoft\\Windows NT\\CurrentVersion"
#define PROFILES NT "\\ProfileList"

static const struct row software_rows[] = {
	{ "Classes", NULL, 0, NULL, 0 },
	{ NT, "ProductName", WH_REG_SZ, "Windows Sample", 0 },
	{ NT, "InstallDate", WH_REG_DWORD, NULL, 1600000000 },
	{ NT, "SystemRoot", WH_REG_SZ, "D:\\WINNT", 0 },
	{ PROFILES, "ProfilesDirectory", WH_REG_EXPAND_SZ, "%SystemDrive%\\Users", 0 },
	{ PROFILES "\\" SID, "ProfileImagePath", WH_REG_EXPAND_SZ, "D:\\Users\\alice", 0 },
	{ "Microsoft\\Windows\\CurrentVersion", "ProgramFilesDir", WH_REG_SZ, "C:\\Program Files",
	  0 },
	{ "Vendor", "", WH_REG_SZ, "a product", 0 },
	{ "Vendor\\Product\\1.0", "Serial", WH_REG_QWORD, NULL, 42 },
	{ "Vendor\\Other", NULL, 0, NULL, 0 },
	{ "Wow6432Node\\Microsoft\\Windows\\CurrentVersion", "ProgramFilesDir", WH_REG_SZ,
	  "C:\\Program Files (x86)", 0 },
	{ 0 },
};

static const struct row user_rows[] = {
	{ "Control Panel\\Desktop", "Wallpaper", WH_REG_SZ, "C:\\Pictures\\sea.jpg", 0 },
	{ "Environment", "Path", WH_REG_EXPAND_SZ, "%USERPROFILE%\\bin;C:\\Bin", 0 },
	{ "Software\\Microsoft", NULL, 0, NULL, 0 },
	{ "Software\\Vendor", "Name", WH_REG_SZ, "Alice", 0 },
	{ "Software\\Vendor\\Recent", "Count", WH_REG_DWORD, NULL, 3 },
	{ 0 },
};

static void
need(enum wh_status st, const char *what)
{
	if (st == WH_OK)
		return;
	fprintf(stderr, "make_tree: %s: %s\n", what, wh_status_name(st));
	exit(1);
}

static void
set(struct wh_hive *hive, const struct row *row)
{
	struct wh_key key;
	bool created;

	need(wh_key_create_path(wh_hive_root(hive), row->path, WH_NTS, NULL, &key, &created),
	     row->path);
	if (row->text)
		need(wh_value_set_string(key, row->name, WH_NTS, row->type, row->text, WH_NTS),
		     row->name);
	else if (row->name)
		need(wh_value_set_number(key, row->name, WH_NTS, row->type, row->number),
		     row->name);
}

/* Make the folders of a path below 'folder', and write a hive there. */
static void
write_hive(const char *folder, const char *path, const struct row *rows)
{
	struct wh_options options = { .time = THEN };
	struct wh_hive *hive;
	char full[4096];

	if (snprintf(full, sizeof full, "%s/%s", folder, path) >= (int)sizeof full)
		need(WH_E_INVALID, path);
	for (char *at = full + strlen(folder) + 1; (at = strchr(at, '/')); *at++ = '/') {
		*at = '\0';
		if (mkdir(full, 0777) != 0 && errno != EEXIST)
			need(WH_E_IO, full);
	}
	need(wh_hive_new(NULL, &options, &hive), path);
	for (; rows->path; rows++)
		set(hive, rows);
	need(wh_hive_save_as(hive, full, 0), full);
	wh_hive_close(hive);
}

int
main(int argc, char **argv)
{
	const char *kind = argc > 2 ? argv[2] : "";

	if (argc < 2)
		return 2;
	write_hive(argv[1], "Windows/System32/config/SOFTWARE", software_rows);
	if (strcmp(kind, "software") == 0)
		return 0;
	write_hive(argv[1], "Windows/System32/config/SYSTEM",
		   strcmp(kind, "odd") == 0 ? odd_rows : system_rows);
	write_hive(argv[1], "Users/alice/NTUSER.DAT", user_rows);
	return 0;
}
