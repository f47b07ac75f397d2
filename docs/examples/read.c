/* SPDX-License-Identifier: MIT */
/*
 * Read values of a Windows that is not running, with something to fall back on for those that are
 * not there.  Everything else that can go wrong is an error, and is said.
 *
 *	read /mnt/windows
 */
#include <winhive-winreg.h>

#include <inttypes.h>
#include <stdio.h>

static const char version[] = "SOFTWARE\\Microsoft\\Windows NT\\CurrentVersion";
static const char computer[] = "SYSTEM\\CurrentControlSet\\Control\\ComputerName\\ComputerName";

/* Print a text; '*failed' if there is none for a reason. */
static void
print_text(struct wh_reg *reg, const char *path, const char *name, const char *fallback,
	   bool *failed)
{
	char *text;
	enum wh_status st =
		wh_reg_get_string(reg, WH_HKEY_LOCAL_MACHINE, path, name, fallback, &text, NULL);

	if (st == WH_OK)
		printf("%s: %s\n", name, text);
	else
		fprintf(stderr, "%s: %s\n", name, wh_status_text(st));
	*failed |= st != WH_OK;
	wh_reg_free_text(reg, text);
}

static void
print_number(struct wh_reg *reg, const char *path, const char *name, uint64_t fallback,
	     bool *failed)
{
	uint64_t number;
	enum wh_status st =
		wh_reg_get_number(reg, WH_HKEY_LOCAL_MACHINE, path, name, fallback, &number);

	if (st == WH_OK)
		printf("%s: %" PRIu64 "\n", name, number);
	else
		fprintf(stderr, "%s: %s\n", name, wh_status_text(st));
	*failed |= st != WH_OK;
}

int
main(int argc, char **argv)
{
	struct wh_reg *reg;
	bool failed = false;
	enum wh_status st = wh_reg_new(NULL, &reg);

	if (st == WH_OK)
		st = wh_reg_connect_windows(reg, argc > 1 ? argv[1] : ".", NULL, NULL);
	if (st != WH_OK) {
		fprintf(stderr, "no Windows here: %s\n", wh_status_text(st));
		wh_reg_free(reg);
		return 1;
	}
	print_text(reg, computer, "ComputerName", "(no name)", &failed);
	print_text(reg, version, "ProductName", "Windows", &failed);
	print_text(reg, version, "RegisteredOwner", "(nobody)", &failed);
	print_number(reg, version, "InstallDate", 0, &failed);
	print_number(reg, version, "UBR", 0, &failed);
	wh_reg_free(reg);
	return failed;
}
