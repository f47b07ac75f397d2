/* SPDX-License-Identifier: MIT */
#include "winhive.h"

static const struct {
	enum wh_status status;
	const char *name, *text;
} table[] = {
	{ WH_OK, "WH_OK", "success" },
	{ WH_E_NOT_FOUND, "WH_E_NOT_FOUND", "not found" },
	{ WH_E_PATH_NOT_FOUND, "WH_E_PATH_NOT_FOUND", "the folder does not exist" },
	{ WH_E_ACCESS, "WH_E_ACCESS", "access denied" },
	{ WH_E_HANDLE, "WH_E_HANDLE", "not an open handle" },
	{ WH_E_MEMORY, "WH_E_MEMORY", "out of memory" },
	{ WH_E_INVALID_DATA, "WH_E_INVALID_DATA", "the data are of another kind" },
	{ WH_E_IN_USE, "WH_E_IN_USE", "another process has the hive, or changed it" },
	{ WH_E_NOT_SUPPORTED, "WH_E_NOT_SUPPORTED", "not supported in a hive of this version" },
	{ WH_E_BAD_NETPATH, "WH_E_BAD_NETPATH", "the computer cannot be reached" },
	{ WH_E_INVALID, "WH_E_INVALID", "invalid argument" },
	{ WH_E_DISK_FULL, "WH_E_DISK_FULL", "the disk is full" },
	{ WH_E_BUFFER, "WH_E_BUFFER", "the buffer is too small for the descriptor" },
	{ WH_E_BAD_PATH, "WH_E_BAD_PATH", "bad key path" },
	{ WH_E_EXISTS, "WH_E_EXISTS", "already exists" },
	{ WH_E_MORE_DATA, "WH_E_MORE_DATA", "the buffer is too small" },
	{ WH_E_TIMEOUT, "WH_E_TIMEOUT", "nothing happened in time" },
	{ WH_E_NO_MORE, "WH_E_NO_MORE", "no more items" },
	{ WH_E_NOACCESS, "WH_E_NOACCESS", "no data, but a size of data" },
	{ WH_E_TOO_BIG, "WH_E_TOO_BIG", "larger than any hive can be" },
	{ WH_E_BAD_KEY, "WH_E_BAD_KEY", "no place for the handle" },
	{ WH_E_CORRUPT, "WH_E_CORRUPT", "the hive is damaged here" },
	{ WH_E_IO, "WH_E_IO", "reading or writing failed" },
	{ WH_E_NOT_HIVE, "WH_E_NOT_HIVE", "not a registry hive" },
	{ WH_E_DELETED, "WH_E_DELETED", "deleted, or overtaken by a change" },
	{ WH_E_DIRTY, "WH_E_DIRTY", "the hive is dirty and its logs cannot be replayed" },
	{ WH_E_HAS_SUBKEYS, "WH_E_HAS_SUBKEYS", "the key has subkeys" },
	{ WH_E_MUST_BE_VOLATILE, "WH_E_MUST_BE_VOLATILE", "below a volatile key all are volatile" },
	{ WH_E_PRIVILEGE, "WH_E_PRIVILEGE", "a privilege is not held" },
	{ WH_E_INVALID_SD, "WH_E_INVALID_SD", "not a usable security descriptor" },
	{ WH_E_TYPE, "WH_E_TYPE", "the data do not have the shape asked for" },
	{ WH_E_UNSUPPORTED_TYPE, "WH_E_UNSUPPORTED_TYPE", "a value of another type" },
};

const char *
wh_status_text(enum wh_status status)
{
	for (size_t i = 0; i < sizeof table / sizeof *table; i++)
		if (table[i].status == status)
			return table[i].text;
	return "unknown status";
}

const char *
wh_status_name(enum wh_status status)
{
	for (size_t i = 0; i < sizeof table / sizeof *table; i++)
		if (table[i].status == status)
			return table[i].name;
	return "WH_E_?";
}

const char *
wh_version(void)
{
	return WH_VERSION;
}
