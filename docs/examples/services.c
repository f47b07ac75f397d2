/* SPDX-License-Identifier: MIT */
/*
 * The services of a Windows that is not running: when each starts, and what it runs, with the
 * variables of that Windows in place of %SystemRoot%.  And two things that are not where they
 * seem: what 32-bit programs see in SOFTWARE, and a setting of the user.
 *
 *	services /mnt/windows
 */
#include <winhive-winreg.h>

#include <stdio.h>
#include <string.h>
#include <strings.h>

/* Of SERVICE_WIN32: in a process of its own, or in one with others. */
enum { WIN32_SERVICE = 0x30, NAME_ROOM = 256 * 3 };

static const char services[] = "SYSTEM\\CurrentControlSet\\Services";
static const char windows_nt[] = "SOFTWARE\\Microsoft\\Windows NT\\CurrentVersion";
static const char windows[] = "SOFTWARE\\Microsoft\\Windows\\CurrentVersion";

/* What that Windows would put in place of a variable: 'ctx' is its folder. */
static const char *
variable(void *ctx, const char *name, size_t len)
{
	static const char *const names[] = { "SystemRoot", "windir" };

	for (size_t i = 0; i < 2; i++)
		if (strlen(names[i]) == len && strncasecmp(names[i], name, len) == 0)
			return ctx;
	return NULL;
}

static enum wh_status
print_service(struct wh_reg *reg, wh_hkey key, const char *name)
{
	static const char *const starts[] = { "boot", "system", "auto", "demand", "disabled" };
	char path[1024], *image = NULL;
	uint64_t type, start;
	size_t len;
	enum wh_status st = wh_reg_get_number(reg, key, name, "Type", 0, &type);

	if (st != WH_OK || !(type & WIN32_SERVICE))
		return st;
	st = wh_reg_get_number(reg, key, name, "Start", 4, &start);
	if (st == WH_OK)
		st = wh_reg_get_string(reg, key, name, "ImagePath", "-", &image, NULL);
	if (st == WH_OK)
		st = wh_reg_expand_environment_strings(reg, image, WH_NTS, path, sizeof path, &len);
	if (st == WH_OK)
		printf("%-8s  %-20s  %.*s\n", start < 5 ? starts[start] : "?", name, (int)len,
		       path);
	wh_reg_free_text(reg, image);
	return st;
}

/* A service that cannot be read does not hide the others; it is said, and counted. */
static enum wh_status
print_services(struct wh_reg *reg, unsigned *failures)
{
	char name[NAME_ROOM + 1];
	size_t len;
	wh_hkey key;
	enum wh_status st, one;

	st = wh_reg_open_key(reg, WH_HKEY_LOCAL_MACHINE, services, WH_NTS, 0, WH_KEY_READ, &key);
	for (uint32_t i = 0; st == WH_OK; i++) {
		st = wh_reg_enum_key(reg, key, i, name, NAME_ROOM, &len, NULL);
		if (st != WH_OK)
			break;
		name[len] = '\0';
		one = print_service(reg, key, name);
		if (one != WH_OK) {
			fprintf(stderr, "%s: %s\n", name, wh_status_text(one));
			++*failures;
		}
	}
	return st == WH_E_NO_MORE ? wh_reg_close_key(reg, key) : st;
}

/* The same path in both views, and what the user has set. */
static enum wh_status
print_rest(struct wh_reg *reg)
{
	char *programs = NULL, *paper = NULL;
	wh_hkey key;
	enum wh_status st = WH_OK;

	for (int bits = 64; bits >= 32 && st == WH_OK; bits /= 2) {
		uint32_t view = bits == 64 ? WH_KEY_WOW64_64KEY : WH_KEY_WOW64_32KEY;

		st = wh_reg_open_key(reg, WH_HKEY_LOCAL_MACHINE, windows, WH_NTS, 0,
				     WH_KEY_READ | view, &key);
		if (st == WH_OK)
			st = wh_reg_get_string(reg, key, NULL, "ProgramFilesDir", "-", &programs,
					       NULL);
		if (st == WH_OK)
			printf("programs of %d bits: %s\n", bits, programs);
		wh_reg_free_text(reg, programs);
		programs = NULL;
	}
	if (st == WH_OK)
		st = wh_reg_get_string(reg, WH_HKEY_CURRENT_USER, "Control Panel\\Desktop",
				       "Wallpaper", "-", &paper, NULL);
	if (st == WH_OK)
		printf("wallpaper: %s\n", paper);
	wh_reg_free_text(reg, paper);
	return st;
}

int
main(int argc, char **argv)
{
	char *root = NULL, folder[260] = "C:\\Windows";
	struct wh_reg_options options = { .environment = variable, .environment_ctx = folder };
	struct wh_reg *reg;
	unsigned failures = 0;
	enum wh_status st = wh_reg_new(&options, &reg);

	if (st == WH_OK)
		st = wh_reg_connect_windows(reg, argc > 1 ? argv[1] : ".", NULL, NULL);
	if (st == WH_OK)
		st = wh_reg_get_string(reg, WH_HKEY_LOCAL_MACHINE, windows_nt, "SystemRoot", folder,
				       &root, NULL);
	if (st == WH_OK)
		snprintf(folder, sizeof folder, "%s", root);
	if (st == WH_OK)
		st = print_services(reg, &failures);
	if (st == WH_OK)
		st = print_rest(reg);
	if (st != WH_OK)
		fprintf(stderr, "services: %s\n", wh_status_text(st));
	wh_reg_free_text(reg, root);
	wh_reg_free(reg);
	return st != WH_OK || failures > 0;
}
