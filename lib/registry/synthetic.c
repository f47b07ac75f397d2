/* SPDX-License-Identifier: MIT */
/*
 * What Windows makes while it starts, and is in no file: links from CurrentControlSet and the like
 * to where they lead this time, and keys about the machine.  All of it is volatile.
 */
#include "registry/registry.h"

#include "base/utf.h"

#include <stdio.h>
#include <string.h>

#define LINK_VALUE "SymbolicLinkValue"

/* ------------------------------------------------------------------------ links */

/* Where a link leads: UTF-16 without terminator. */
static enum wh_status
set_target(const struct wh_allocator *a, struct wh_key key, const char *target)
{
	size_t len = strlen(target), count;
	uint16_t *units = whi_alloc(a, len * sizeof *units);
	le16 *data = whi_alloc(a, len * sizeof *data);
	enum wh_status st = WH_E_MEMORY;

	if (units && data) {
		st = whi_utf16_from_utf8(target, len, units, len, &count) ? WH_OK : WH_E_INVALID;
		for (size_t i = 0; st == WH_OK && i < count; i++)
			data[i] = le16_make(units[i]);
		if (st == WH_OK)
			st = wh_value_set(key, LINK_VALUE, WH_NTS, WH_REG_LINK, data,
					  count * sizeof *data);
	}
	whi_free(a, units, len * sizeof *units);
	whi_free(a, data, len * sizeof *data);
	return st;
}

/* A volatile link, if there is no key of that name; then '*there', which may be NULL, is true. */
static enum wh_status
make_link(const struct whi_node *parent, const char *name, const char *target, bool *there)
{
	const struct wh_allocator *a = &parent->mount->machine->reg->alloc;
	struct whi_node child;
	enum wh_status st = whi_node_child(parent, name, strlen(name), &child);

	if (there)
		*there = st == WH_OK;
	if (st != WH_E_NOT_FOUND)
		return st;
	st = whi_node_create(parent, name, strlen(name),
			     WH_REG_OPTION_VOLATILE | WH_REG_OPTION_CREATE_LINK, NULL, &child);
	if (st != WH_OK)
		return st;
	st = set_target(a, child.key, target);
	if (st != WH_OK) {
		enum wh_status gone = whi_node_delete(&child);

		(void)gone; /* without memory a link is left that leads nowhere */
	}
	return st;
}

/* ----------------------------------------------------------------------- SYSTEM */

static bool
read_number(struct wh_key key, const char *path, const char *name, uint64_t *number)
{
	struct wh_value value;
	struct wh_key found;

	return wh_key_open(key, path, WH_NTS, &found) == WH_OK &&
	       wh_key_value(found, name, WH_NTS, &value) == WH_OK &&
	       wh_value_number(value, number) == WH_OK;
}

enum { SET_NAME = 32, LAST_SET = 999 };

/* The name of a control set, if the hive has it. */
static bool
is_set(struct wh_key root, uint64_t number, char name[SET_NAME])
{
	struct wh_key set;

	if (number < 1 || number > LAST_SET)
		return false;
	snprintf(name, SET_NAME, "ControlSet%03u", (unsigned)number);
	return wh_key_subkey(root, name, WH_NTS, &set) == WH_OK;
}

/*
 * The control set that was in use last.  If Select does not name one that is there: the next best
 * of its values, then the first set there is.  '*problem' says which, or why there is none.
 */
static bool
choose_set(struct wh_key root, char name[SET_NAME], const char **problem)
{
	uint64_t number;

	*problem = NULL;
	if (read_number(root, "Select", "Current", &number) && is_set(root, number, name))
		return true;
	*problem = "Select has no Current control set: CurrentControlSet is the Default one";
	if (read_number(root, "Select", "Default", &number) && is_set(root, number, name))
		return true;
	*problem = "Select has no Current control set: CurrentControlSet is the LastKnownGood one";
	if (read_number(root, "Select", "LastKnownGood", &number) && is_set(root, number, name))
		return true;
	*problem = "Select names no control set: CurrentControlSet is the first there is";
	for (number = 1; number <= LAST_SET; number++)
		if (is_set(root, number, name))
			return true;
	*problem = "no control set: there is no CurrentControlSet";
	return false;
}

static enum wh_status
say(struct whi_mount *mount, const char *problem)
{
	if (!problem || mount->problem)
		return WH_OK;
	mount->problem = whi_strdup(&mount->machine->reg->alloc, problem);
	return mount->problem ? WH_OK : WH_E_MEMORY;
}

/* A damaged part of the hive has no place for a link, which is no reason not to mount it. */
static enum wh_status
forgive(enum wh_status st)
{
	return st == WH_E_MEMORY ? st : WH_OK;
}

/* The hardware profile in use: HKEY_CURRENT_CONFIG leads there. */
static enum wh_status
link_profile(const struct whi_node *root, const char *set)
{
	struct whi_node node = *root;
	char path[96], target[192];
	uint64_t number = 1;
	struct wh_key profile;
	enum wh_status st;

	snprintf(path, sizeof path, "%s\\Control\\IDConfigDB", set);
	if (!read_number(root->key, path, "CurrentConfig", &number) || number > 9999)
		number = 1;
	snprintf(path, sizeof path, "%s\\Hardware Profiles", set);
	st = wh_key_open(root->key, path, WH_NTS, &node.key);
	snprintf(path, sizeof path, "%04u", (unsigned)number);
	if (st != WH_OK || wh_key_subkey(node.key, path, WH_NTS, &profile) != WH_OK)
		return forgive(st);
	snprintf(target, sizeof target, "\\REGISTRY\\MACHINE\\SYSTEM\\%s\\Hardware Profiles\\%s",
		 set, path);
	return forgive(make_link(&node, "Current", target, NULL));
}

enum wh_status
whi_synthetic_system(struct whi_machine *machine, struct whi_mount *system)
{
	struct whi_node root = { system, wh_hive_root(system->hive) };
	char set[SET_NAME], target[64];
	const char *problem;
	enum wh_status st;
	bool there;

	(void)machine;
	if (!choose_set(root.key, set, &problem))
		return say(system, problem);
	snprintf(target, sizeof target, "\\REGISTRY\\MACHINE\\SYSTEM\\%s", set);
	st = forgive(make_link(&root, "CurrentControlSet", target, &there));
	if (st == WH_OK)
		st = link_profile(&root, set);
	if (st == WH_OK)
		st = say(system, there ? "the hive has a CurrentControlSet of its own" : problem);
	return st;
}

/* ------------------------------------------------------------------------ users */

#define CLASSES "_Classes"

enum { CLASSES_LEN = sizeof CLASSES - 1 };

static struct whi_mount *
user_mount(struct whi_machine *machine, const char *name, size_t len)
{
	struct wh_key point;

	return wh_key_subkey(machine->user_key, name, len, &point) == WH_OK
		       ? whi_mount_of_point(machine, point)
		       : NULL;
}

enum wh_status
whi_synthetic_user(struct whi_machine *machine, struct whi_mount *user, const char *sid)
{
	const struct wh_allocator *a = &machine->reg->alloc;
	struct whi_node root = { user, wh_hive_root(user->hive) }, software;
	size_t size = sizeof "\\REGISTRY\\USER\\" + strlen(sid) + CLASSES_LEN;
	char *target = whi_alloc(a, size);
	const char *name;
	enum wh_status st = WH_OK;

	if (!target)
		return WH_E_MEMORY;
	snprintf(target, size, "\\REGISTRY\\USER\\%s" CLASSES, sid);
	name = strrchr(target, '\\') + 1;
	if (user_mount(machine, name, strlen(name))) {
		st = whi_node_child(&root, "Software", strlen("Software"), &software);
		if (st == WH_OK)
			st = make_link(&software, "Classes", target, NULL);
	}
	whi_free(a, target, size);
	return forgive(st);
}

bool
whi_is_account(const char *sid, size_t len)
{
	static const char *const account[] = { "S-1-5-21-", "S-1-12-1-" };

	if (len >= CLASSES_LEN &&
	    whi_reg_compare(sid + len - CLASSES_LEN, CLASSES_LEN, CLASSES, CLASSES_LEN) == 0)
		return false;
	for (size_t i = 0; i < sizeof account / sizeof *account; i++) {
		size_t prefix = strlen(account[i]);

		if (len > prefix && whi_reg_compare(sid, prefix, account[i], prefix) == 0)
			return strspn(sid + prefix, "0123456789-") >= len - prefix;
	}
	return false;
}

enum wh_status
whi_synthetic_account(struct whi_machine *machine, const char *name, size_t len)
{
	const struct wh_allocator *a = &machine->reg->alloc;
	struct whi_mount *user;
	enum wh_status st;
	char *sid;

	if (len > CLASSES_LEN &&
	    whi_reg_compare(name + len - CLASSES_LEN, CLASSES_LEN, CLASSES, CLASSES_LEN) == 0)
		len -= CLASSES_LEN;
	user = user_mount(machine, name, len);
	if (!user || memchr(name, '\0', len))
		return WH_OK;
	sid = whi_alloc(a, len + 1);
	if (!sid)
		return WH_E_MEMORY;
	memcpy(sid, name, len);
	sid[len] = '\0';
	st = whi_synthetic_user(machine, user, sid);
	if (st == WH_OK && !machine->current_user && whi_is_account(sid, len)) {
		machine->current_user = sid;
		return WH_OK;
	}
	whi_free(a, sid, len + 1);
	return st;
}

/* ------------------------------------------------------------------- the machine */

static enum wh_status
make_keys(struct wh_key top, const char *const paths[])
{
	enum wh_status st = WH_OK;
	struct wh_key key;
	bool created;

	for (size_t i = 0; st == WH_OK && paths[i]; i++)
		st = wh_key_create_path(top, paths[i], WH_NTS, NULL, &key, &created);
	return st;
}

enum wh_status
whi_synthetic_machine(struct whi_machine *machine)
{
	static const char *const hardware[] = { "HARDWARE\\DESCRIPTION\\System",
						"HARDWARE\\DEVICEMAP", "HARDWARE\\RESOURCEMAP",
						NULL };
	const struct whi_node users = { &machine->master, machine->user_key };
	enum wh_status st = wh_hive_begin(machine->master.hive), done;

	if (st != WH_OK)
		return st;
	st = make_keys(machine->machine_key, hardware);
	/* The account of the system itself has the hive that Windows has before anybody logs on. */
	if (st == WH_OK && user_mount(machine, ".DEFAULT", WH_NTS))
		st = make_link(&users, "S-1-5-18", "\\REGISTRY\\USER\\.DEFAULT", NULL);
	done = st == WH_OK ? wh_hive_end(machine->master.hive) : wh_hive_undo(machine->master.hive);
	return st == WH_OK ? done : st;
}

/* -------------------------------------------------------------- the usual roots */

#define USER "S-1-5-21-1111111111-2222222222-3333333333-1000"

static const char *const software_keys[] = { "Classes\\CLSID",
					     "Classes\\Wow6432Node\\CLSID",
					     "Clients",
					     "Microsoft\\Windows\\CurrentVersion\\Run",
					     "Microsoft\\Windows NT\\CurrentVersion\\ProfileList",
					     "Policies",
					     "RegisteredApplications",
					     "Wow6432Node\\Microsoft\\Windows\\CurrentVersion",
					     NULL };
static const char *const system_keys[] = { "ControlSet001\\Control\\IDConfigDB",
					   "ControlSet001\\Control\\Session Manager\\Environment",
					   "ControlSet001\\Enum",
					   "ControlSet001\\Hardware Profiles\\0001\\Software",
					   "ControlSet001\\Hardware Profiles\\0001\\System",
					   "ControlSet001\\Services",
					   "Select",
					   NULL };
static const char *const sam_keys[] = { "SAM", NULL };
static const char *const security_keys[] = { "Policy", NULL };
static const char *const user_keys[] = { "Console",
					 "Control Panel",
					 "Environment",
					 "Software\\Microsoft\\Windows",
					 "Software\\Policies",
					 NULL };
static const char *const classes_keys[] = { "CLSID", "Local Settings", NULL };

static const struct {
	bool user;
	const char *name;
	const char *const *keys;
} usual[] = {
	{ false, "SOFTWARE", software_keys }, { false, "SYSTEM", system_keys },
	{ false, "SAM", sam_keys },           { false, "SECURITY", security_keys },
	{ true, ".DEFAULT", user_keys },      { true, USER, user_keys },
	{ true, USER CLASSES, classes_keys },
};

static const struct {
	const char *path, *name;
	uint32_t number;
} usual_numbers[] = {
	{ "Select", "Current", 1 },
	{ "Select", "Default", 1 },
	{ "Select", "Failed", 0 },
	{ "Select", "LastKnownGood", 1 },
	{ "ControlSet001\\Control\\IDConfigDB", "CurrentConfig", 1 },
};

/* As the SOFTWARE of a 64-bit Windows shares what both views have in common. */
static enum wh_status
link_views(struct whi_mount *software)
{
	static const struct {
		const char *parent, *name, *target;
	} links[] = {
		{ "Wow6432Node", "Classes", "\\REGISTRY\\MACHINE\\SOFTWARE\\Classes\\Wow6432Node" },
		{ "Wow6432Node", "Clients", "\\REGISTRY\\MACHINE\\SOFTWARE\\Clients" },
		{ "Wow6432Node", "Policies", "\\REGISTRY\\MACHINE\\SOFTWARE\\Policies" },
		{ "Wow6432Node", "RegisteredApplications",
		  "\\REGISTRY\\MACHINE\\SOFTWARE\\RegisteredApplications" },
	};
	const struct wh_create how = { .symbolic_link = true };
	enum wh_status st = WH_OK;
	struct wh_key parent, key;
	bool created;

	for (size_t i = 0; st == WH_OK && i < sizeof links / sizeof *links; i++) {
		st = wh_key_open(wh_hive_root(software->hive), links[i].parent, WH_NTS, &parent);
		if (st == WH_OK)
			st = wh_key_create(parent, links[i].name, WH_NTS, &how, &key, &created);
		if (st == WH_OK)
			st = set_target(&software->machine->reg->alloc, key, links[i].target);
	}
	return st;
}

static enum wh_status
set_numbers(struct wh_key root)
{
	enum wh_status st = WH_OK;
	struct wh_key key;

	for (size_t i = 0; st == WH_OK && i < sizeof usual_numbers / sizeof *usual_numbers; i++) {
		st = wh_key_open(root, usual_numbers[i].path, WH_NTS, &key);
		if (st == WH_OK)
			st = wh_value_set_number(key, usual_numbers[i].name, WH_NTS, WH_REG_DWORD,
						 usual_numbers[i].number);
	}
	return st;
}

/* A new hive with some keys, mounted. */
static enum wh_status
mount_usual(struct whi_machine *machine, size_t i, struct whi_mount **mount)
{
	struct wh_reg *reg = machine->reg;
	const struct wh_new how = { .root_name = usual[i].name, .root_name_len = WH_NTS };
	const struct wh_options options = { .issue = reg->options.issue,
					    .issue_ctx = reg->options.issue_ctx,
					    .allocator = &reg->alloc,
					    .time = reg->options.time };
	struct wh_hive *hive;
	enum wh_status st = wh_hive_new(&how, &options, &hive);

	if (st != WH_OK)
		return st;
	st = make_keys(wh_hive_root(hive), usual[i].keys);
	if (st != WH_OK) {
		wh_hive_close(hive);
		return st;
	}
	return whi_mount_add(machine, usual[i].user ? machine->user_key : machine->machine_key,
			     usual[i].name, WH_NTS, hive, WH_MOUNT_OWNED, mount);
}

/* When this fails the caller frees the machine with all that is in it by then. */
enum wh_status
whi_synthetic_roots(struct whi_machine *machine)
{
	struct whi_mount *mount;
	enum wh_status st = WH_OK;

	for (size_t i = 0; st == WH_OK && i < sizeof usual / sizeof *usual; i++) {
		st = mount_usual(machine, i, &mount);
		if (st == WH_OK && usual[i].keys == software_keys)
			st = link_views(mount);
		if (st == WH_OK && usual[i].keys == system_keys)
			st = set_numbers(wh_hive_root(mount->hive));
		if (st == WH_OK && usual[i].keys == system_keys)
			st = whi_synthetic_system(machine, mount);
		if (st == WH_OK && usual[i].user)
			st = whi_synthetic_account(machine, usual[i].name, strlen(usual[i].name));
	}
	return st == WH_OK ? whi_synthetic_machine(machine) : st;
}
