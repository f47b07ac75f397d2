/* SPDX-License-Identifier: MIT */
/* The constants of winreg. */
#include "python/module.h"

static const struct {
	const char *name;
	uint32_t number;
} constants[] = {
	{ "KEY_QUERY_VALUE", WH_KEY_QUERY_VALUE },
	{ "KEY_SET_VALUE", WH_KEY_SET_VALUE },
	{ "KEY_CREATE_SUB_KEY", WH_KEY_CREATE_SUB_KEY },
	{ "KEY_ENUMERATE_SUB_KEYS", WH_KEY_ENUMERATE_SUB_KEYS },
	{ "KEY_NOTIFY", WH_KEY_NOTIFY },
	{ "KEY_CREATE_LINK", WH_KEY_CREATE_LINK },
	{ "KEY_READ", WH_KEY_READ },
	{ "KEY_WRITE", WH_KEY_WRITE },
	{ "KEY_EXECUTE", WH_KEY_EXECUTE },
	{ "KEY_ALL_ACCESS", WH_KEY_ALL_ACCESS },
	{ "KEY_WOW64_64KEY", WH_KEY_WOW64_64KEY },
	{ "KEY_WOW64_32KEY", WH_KEY_WOW64_32KEY },

	{ "REG_OPTION_RESERVED", 0 },
	{ "REG_OPTION_NON_VOLATILE", WH_REG_OPTION_NON_VOLATILE },
	{ "REG_OPTION_VOLATILE", WH_REG_OPTION_VOLATILE },
	{ "REG_OPTION_CREATE_LINK", WH_REG_OPTION_CREATE_LINK },
	{ "REG_OPTION_BACKUP_RESTORE", WH_REG_OPTION_BACKUP_RESTORE },
	{ "REG_OPTION_OPEN_LINK", WH_REG_OPTION_OPEN_LINK },
	{ "REG_LEGAL_OPTION", WH_REG_LEGAL_OPTION },
	{ "REG_CREATED_NEW_KEY", WH_REG_CREATED_NEW_KEY },
	{ "REG_OPENED_EXISTING_KEY", WH_REG_OPENED_EXISTING_KEY },
	{ "REG_WHOLE_HIVE_VOLATILE", WH_REG_WHOLE_HIVE_VOLATILE },
	{ "REG_REFRESH_HIVE", WH_REG_REFRESH_HIVE },
	{ "REG_NO_LAZY_FLUSH", WH_REG_NO_LAZY_FLUSH },
	{ "REG_NOTIFY_CHANGE_NAME", WH_REG_NOTIFY_CHANGE_NAME },
	{ "REG_NOTIFY_CHANGE_ATTRIBUTES", WH_REG_NOTIFY_CHANGE_ATTRIBUTES },
	{ "REG_NOTIFY_CHANGE_LAST_SET", WH_REG_NOTIFY_CHANGE_LAST_SET },
	{ "REG_NOTIFY_CHANGE_SECURITY", WH_REG_NOTIFY_CHANGE_SECURITY },
	{ "REG_LEGAL_CHANGE_FILTER", WH_REG_LEGAL_CHANGE_FILTER },

	{ "REG_NONE", WH_REG_NONE },
	{ "REG_SZ", WH_REG_SZ },
	{ "REG_EXPAND_SZ", WH_REG_EXPAND_SZ },
	{ "REG_BINARY", WH_REG_BINARY },
	{ "REG_DWORD", WH_REG_DWORD },
	{ "REG_DWORD_LITTLE_ENDIAN", WH_REG_DWORD },
	{ "REG_DWORD_BIG_ENDIAN", WH_REG_DWORD_BIG_ENDIAN },
	{ "REG_LINK", WH_REG_LINK },
	{ "REG_MULTI_SZ", WH_REG_MULTI_SZ },
	{ "REG_RESOURCE_LIST", WH_REG_RESOURCE_LIST },
	{ "REG_FULL_RESOURCE_DESCRIPTOR", WH_REG_FULL_RESOURCE_DESCRIPTOR },
	{ "REG_RESOURCE_REQUIREMENTS_LIST", WH_REG_RESOURCE_REQUIREMENTS_LIST },
	{ "REG_QWORD", WH_REG_QWORD },
	{ "REG_QWORD_LITTLE_ENDIAN", WH_REG_QWORD },
};

/* Predefined handles, which Python has as pointers: with their sign. */
static const struct {
	const char *name;
	wh_hkey key;
} roots[] = {
	{ "HKEY_CLASSES_ROOT", WH_HKEY_CLASSES_ROOT },
	{ "HKEY_CURRENT_USER", WH_HKEY_CURRENT_USER },
	{ "HKEY_LOCAL_MACHINE", WH_HKEY_LOCAL_MACHINE },
	{ "HKEY_USERS", WH_HKEY_USERS },
	{ "HKEY_PERFORMANCE_DATA", WH_HKEY_PERFORMANCE_DATA },
	{ "HKEY_CURRENT_CONFIG", WH_HKEY_CURRENT_CONFIG },
	{ "HKEY_DYN_DATA", WH_HKEY_DYN_DATA },
};

static bool
add(PyObject *winreg, const char *name, unsigned long long number)
{
	PyObject *object = PyLong_FromUnsignedLongLong(number);
	bool done = object && PyModule_AddObjectRef(winreg, name, object) == 0;

	Py_XDECREF(object);
	return done;
}

bool
whi_py_winreg_constants(PyObject *winreg)
{
	for (size_t i = 0; i < sizeof constants / sizeof *constants; i++)
		if (!add(winreg, constants[i].name, constants[i].number))
			return false;
	for (size_t i = 0; i < sizeof roots / sizeof *roots; i++)
		if (!add(winreg, roots[i].name, (uint64_t)whi_py_hkey_number(roots[i].key)))
			return false;
	return true;
}
