/* SPDX-License-Identifier: MIT */
/*
 * The hives of users.  ProfileList in SOFTWARE says which there are and where their profiles lie.
 * Without it their folders are all that is known.
 */
#include "registry/offline.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PROFILE_LIST "Microsoft\\Windows NT\\CurrentVersion\\ProfileList"
#define CURRENT      "Microsoft\\Windows NT\\CurrentVersion"

#define SYSTEM_SID "S-1-5-18"

enum { TEXT = 3 * 512 }; /* bytes: names and values longer than that are no profiles */

/* ------------------------------------------------------------------------ paths */

static bool
is_word(const char *text, size_t len, const char *word)
{
	return whi_reg_compare(text, len, word, strlen(word)) == 0;
}

static bool
is_letter(char c)
{
	return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
}

/* Where a path begins: '*top', and what is left of the path.  NULL: '*problem' says why. */
static const char *
find_top(const struct whi_offline *o, const char *path, const char **top, const char **problem)
{
	*top = o->root;
	if (strncmp(path, "\\??\\", 4) == 0 || strncmp(path, "\\\\?\\", 4) == 0)
		path += 4;
	if (path[0] == '%') {
		size_t len = strcspn(path + 1, "%");

		*problem = "its path has a variable that is not known here";
		if (is_word(path + 1, len, "SystemRoot") || is_word(path + 1, len, "windir"))
			*top = o->windows;
		else if (!is_word(path + 1, len, "SystemDrive"))
			return NULL;
		return path[len + 1] == '%' ? path + len + 2 : NULL;
	}
	if (is_letter(path[0]) && path[1] == ':') {
		*problem = "it is on another drive";
		return !o->drive || (path[0] | 0x20) == (o->drive | 0x20) ? path + 2 : NULL;
	}
	*problem = path[0] == '\\' && path[1] == '\\' ? "it is on another computer"
						      : "its path is not a full one";
	return path[0] == '\\' && path[1] != '\\' ? path : NULL;
}

enum wh_status
whi_profile_find(const struct whi_offline *o, const char *path, struct whi_found *found)
{
	char names[TEXT];
	const char *top, *problem, *rest = find_top(o, path, &top, &problem);
	size_t len;

	*found = (struct whi_found){ .note = problem };
	if (!rest)
		return WH_E_NOT_FOUND;
	len = strlen(rest);
	if (len >= sizeof names) {
		found->note = "its path is too long";
		return WH_E_NOT_FOUND;
	}
	for (size_t i = 0; i <= len; i++)
		names[i] = rest[i] == '\\' ? '/' : rest[i];
	return whi_volume_find(&o->volume, top, names, found);
}

/* The last name of a path, of either kind, without slashes behind it. */
static void
last_name(const char *path, char name[TEXT])
{
	size_t end = strlen(path), start;

	while (end > 0 && strchr("\\/", path[end - 1]))
		end--;
	for (start = end; start > 0 && !strchr("\\/", path[start - 1]);)
		start--;
	snprintf(name, TEXT, "%.*s", (int)(end - start), path + start);
}

/* ------------------------------------------------------------------- one profile */

/*
 * 'folder' is where the profile lies.  Whoever logged on once has both hives; of parts of Windows
 * the second one is missing often.
 */
static enum wh_status
mount_profile(struct whi_offline *o, const char *name, const char *folder,
	      const struct whi_owner *owner, const char *note)
{
	static const char *const classes[] = {
		"AppData/Local/Microsoft/Windows/UsrClass.dat",
		"Local Settings/Application Data/Microsoft/Windows/UsrClass.dat"
	};
	const struct wh_key users = o->machine->user_key;
	bool account = !owner->account || whi_is_account(owner->account, strlen(owner->account));
	char classes_name[TEXT + sizeof "_Classes"];
	const char *names = "NTUSER.DAT";
	struct whi_found found;
	enum wh_status st;

	/* A profile that cannot be changed has another name for it. */
	if (whi_volume_find(&o->volume, folder, names, &found) == WH_E_NOT_FOUND &&
	    whi_volume_find(&o->volume, folder, "NTUSER.MAN", &found) == WH_OK)
		names = "NTUSER.MAN";
	st = whi_offline_mount(o, users, name, folder, names, owner, false, note);
	if (st != WH_OK)
		return st;
	snprintf(classes_name, sizeof classes_name, "%s_Classes", name);
	names = classes[whi_volume_find(&o->volume, folder, classes[0], &found) != WH_OK &&
			whi_volume_find(&o->volume, folder, classes[1], &found) == WH_OK];
	return whi_offline_mount(o, users, classes_name, folder, names, owner, !account, note);
}

/* ------------------------------------------------------------------- ProfileList */

/* A string of a key, terminated.  False: there is none that could be a path or a name. */
static bool
read_text(struct wh_key key, const char *name, char text[TEXT])
{
	struct wh_value value;
	size_t len;

	if (wh_key_value(key, name, WH_NTS, &value) != WH_OK ||
	    wh_value_string(value, text, TEXT - 1, &len) != WH_OK)
		return false;
	text[len] = '\0';
	return len > 0;
}

static bool
read_name(struct wh_key key, char name[TEXT])
{
	size_t len;

	if (wh_key_name(key, name, TEXT - 1, &len) != WH_OK)
		return false;
	name[len] = '\0';
	return strlen(name) == len;
}

static bool
ends_with(const char *text, const char *end)
{
	size_t len = strlen(text), end_len = strlen(end);

	return len > end_len && is_word(text + len - end_len, end_len, end);
}

static enum wh_status
mount_listed(struct whi_offline *o, struct wh_key key)
{
	char sid[TEXT], path[TEXT], user[TEXT];
	struct whi_owner owner = { user, sid };
	const char *note = NULL;
	struct whi_found found;
	enum wh_status st;

	/* HKU\S-1-5-18 is .DEFAULT; what is not called by a SID is no user. */
	if (!read_name(key, sid) || strlen(sid) < 5 || !is_word(sid, 4, "S-1-") ||
	    is_word(sid, strlen(sid), SYSTEM_SID))
		return WH_OK;
	if (!read_text(key, "ProfileImagePath", path))
		return whi_offline_failed(o, o->machine->user_key, sid, NULL,
					  &(struct whi_owner){ NULL, sid }, WH_E_NOT_FOUND,
					  "ProfileList does not say where the profile is");
	last_name(path, user);
	if (ends_with(sid, ".bak"))
		note = "Windows had given this profile up when it was last used";
	st = whi_profile_find(o, path, &found);
	if (st == WH_E_MEMORY)
		return st;
	if (st != WH_OK)
		return whi_offline_failed(o, o->machine->user_key, sid, NULL, &owner, st,
					  found.note ? found.note : "there is no such profile");
	return mount_profile(o, sid, found.path, &owner, note);
}

static enum wh_status
mount_list(struct whi_offline *o, struct wh_key list)
{
	struct wh_subkeys it;
	struct wh_key key;
	enum wh_status st = wh_subkeys_begin(list, &it);

	while (st == WH_OK) {
		st = wh_subkeys_next(&it, &key);
		if (st == WH_OK)
			st = mount_listed(o, key);
		else if (st == WH_E_CORRUPT)
			st = whi_offline_failed(o, o->machine->user_key, "?", NULL, NULL, st,
						"a part of ProfileList cannot be read");
	}
	return st == WH_E_NO_MORE ? WH_OK : st;
}

/* The letter of the drive that Windows was on. */
static char
drive_letter(struct wh_hive *software)
{
	char text[TEXT];
	struct wh_key key;

	if (wh_key_open(wh_hive_root(software), CURRENT, WH_NTS, &key) != WH_OK ||
	    (!read_text(key, "SystemRoot", text) && !read_text(key, "PathName", text)))
		return 0;
	return is_letter(text[0]) && text[1] == ':' ? text[0] : 0;
}

/* ------------------------------------------------------------- without ProfileList */

/* Names of a folder, to be had in order: each copy of a folder has another one of its own. */
struct names {
	const struct wh_allocator *a;
	char **at;
	size_t count, cap;
};

static enum wh_status
take_name(void *ctx, const char *name)
{
	struct names *names = ctx;

	if (!whi_grow(names->a, &names->at, &names->cap, names->count + 1, sizeof *names->at))
		return WH_E_MEMORY;
	names->at[names->count] = whi_strdup(names->a, name);
	return names->at[names->count] ? (names->count++, WH_OK) : WH_E_MEMORY;
}

static int
by_name(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

static void
names_fini(struct names *names)
{
	for (size_t i = 0; i < names->count; i++)
		whi_free(names->a, names->at[i], strlen(names->at[i]) + 1);
	whi_free(names->a, names->at, names->cap * sizeof *names->at);
}

static enum wh_status
mount_folder(struct whi_offline *o, const char *parent, const char *name)
{
	static const char *const nobody[] = { "Default", "Default User", "All Users", "Public" };
	const struct whi_owner owner = { name, NULL };
	struct whi_found found, hive;

	for (size_t i = 0; i < sizeof nobody / sizeof *nobody; i++)
		if (whi_same_file_name(name, nobody[i]))
			return WH_OK;
	if (whi_volume_find(&o->volume, parent, name, &found) != WH_OK ||
	    (whi_volume_find(&o->volume, found.path, "NTUSER.DAT", &hive) != WH_OK &&
	     whi_volume_find(&o->volume, found.path, "NTUSER.MAN", &hive) != WH_OK))
		return WH_OK; /* a folder, and no profile */
	return mount_profile(o, name, found.path, &owner,
			     "there is no ProfileList: the SID of this user is not known");
}

/* Each folder of the folder of the users. */
static enum wh_status
mount_all(struct whi_offline *o, const char *parent)
{
	struct names names = { .a = &o->machine->reg->alloc };
	enum wh_status st = whi_volume_list(parent, take_name, &names);

	if (st == WH_OK && names.count > 0)
		qsort(names.at, names.count, sizeof *names.at, by_name);
	for (size_t i = 0; st == WH_OK && i < names.count; i++)
		st = mount_folder(o, parent, names.at[i]);
	names_fini(&names);
	if (st == WH_E_ACCESS || st == WH_E_IO)
		return whi_offline_failed(o, o->machine->user_key, "?", parent, NULL, st,
					  "the folder of the users cannot be read");
	return st;
}

static enum wh_status
mount_folders(struct whi_offline *o)
{
	static const struct {
		const char *folder, *name, *sid;
	} parts[] = { { "ServiceProfiles/LocalService", "LocalService", "S-1-5-19" },
		      { "ServiceProfiles/NetworkService", "NetworkService", "S-1-5-20" } };
	struct whi_found found;
	enum wh_status st = WH_OK;

	for (size_t i = 0; st == WH_OK && i < sizeof parts / sizeof *parts; i++)
		if (whi_volume_find(&o->volume, o->windows, parts[i].folder, &found) == WH_OK)
			st = mount_profile(o, parts[i].sid, found.path,
					   &(struct whi_owner){ parts[i].name, parts[i].sid },
					   NULL);
	if (st != WH_OK)
		return st;
	/* Where there is the first the second is a link to it. */
	if (whi_volume_find(&o->volume, o->root, "Users", &found) != WH_OK &&
	    whi_volume_find(&o->volume, o->root, "Documents and Settings", &found) != WH_OK)
		return WH_OK;
	return mount_all(o, found.path);
}

/* A folder with hives may have those of one user, who is called as the folder is. */
static enum wh_status
mount_beside(struct whi_offline *o)
{
	const char *note = "it is not known whose it is";
	const struct wh_key users = o->machine->user_key;
	char name[TEXT], classes[TEXT + sizeof "_Classes"];
	const struct whi_owner owner = { name, NULL };
	enum wh_status st;

	last_name(o->volume.real, name);
	if (!name[0])
		snprintf(name, sizeof name, "user");
	snprintf(classes, sizeof classes, "%s_Classes", name);
	st = whi_offline_mount(o, users, name, o->config, "NTUSER.DAT", &owner, true, note);
	if (st == WH_OK)
		st = whi_offline_mount(o, users, classes, o->config, "UsrClass.dat", &owner, true,
				       note);
	return st;
}

enum wh_status
whi_profiles_mount(struct whi_offline *o)
{
	struct wh_key list;

	if (!o->windows[0])
		return mount_beside(o);
	if (!o->software ||
	    wh_key_open(wh_hive_root(o->software->hive), PROFILE_LIST, WH_NTS, &list) != WH_OK)
		return mount_folders(o);
	o->drive = drive_letter(o->software->hive);
	return mount_list(o, list);
}
