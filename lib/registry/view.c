/* SPDX-License-Identifier: MIT */
/*
 * The 32-bit view of WOW64, as text: which other path a path means in it.
 *
 * HKEY_LOCAL_MACHINE\SOFTWARE has a second body below its key Wow6432Node, and so have some keys of
 * each Classes.  All else is shared.  What is shared below SOFTWARE is listed by Microsoft for
 * Windows 7 and later; in the hives of Windows most of it is a link in the second body, with the
 * same result.  So every path is brought to one form, whichever way it was spelled:
 *
 *	SOFTWARE\Wine			SOFTWARE\Wow6432Node\Wine
 *	SOFTWARE\Wow6432Node\Wine	itself
 *	SOFTWARE\Clients\Mail		itself: shared
 *	SOFTWARE\Wow6432Node\Clients	SOFTWARE\Clients
 *	SOFTWARE\Classes\CLSID		SOFTWARE\Classes\Wow6432Node\CLSID
 *	SOFTWARE\Classes\Wow6432Node\X	SOFTWARE\Classes\X: shared
 *
 * A second Wow6432Node in a row is an ordinary name, of a key that nobody has.
 */
#include "registry/registry.h"

#include <string.h>

#define WOW "Wow6432Node"

/* In Classes, of the machine and of each user: these have two bodies. */
static const char *const classes_split[] = {
	"CLSID",      "DirectShow",      "Interface",
	"Media Type", "MediaFoundation", WOW, /* a second one in a row */
};

/* Below SOFTWARE, Classes aside: these have one body. */
static const char *const software_shared[] = {
	"Clients",
	"Policies",
	"RegisteredApplications",
	"Microsoft\\COM3",
	"Microsoft\\Cryptography\\Calais\\Current",
	"Microsoft\\Cryptography\\Calais\\Readers",
	"Microsoft\\Cryptography\\Services",
	"Microsoft\\CTF\\SystemShared",
	"Microsoft\\CTF\\TIP",
	"Microsoft\\DFS",
	"Microsoft\\Driver Signing",
	"Microsoft\\EnterpriseCertificates",
	"Microsoft\\EventSystem",
	"Microsoft\\MSMQ",
	"Microsoft\\Non-Driver Signing",
	"Microsoft\\Notepad\\DefaultFonts",
	"Microsoft\\OLE",
	"Microsoft\\RAS",
	"Microsoft\\RPC",
	"Microsoft\\Shared Tools\\MSInfo",
	"Microsoft\\SystemCertificates",
	"Microsoft\\TermServLicensing",
	"Microsoft\\TransactionServer",
	"Microsoft\\Windows\\CurrentVersion\\App Paths",
	"Microsoft\\Windows\\CurrentVersion\\Control Panel\\Cursors\\Schemes",
	"Microsoft\\Windows\\CurrentVersion\\Explorer\\AutoplayHandlers",
	"Microsoft\\Windows\\CurrentVersion\\Explorer\\DriveIcons",
	"Microsoft\\Windows\\CurrentVersion\\Explorer\\KindMap",
	"Microsoft\\Windows\\CurrentVersion\\Group Policy",
	"Microsoft\\Windows\\CurrentVersion\\Policies",
	"Microsoft\\Windows\\CurrentVersion\\PreviewHandlers",
	"Microsoft\\Windows\\CurrentVersion\\Setup",
	"Microsoft\\Windows\\CurrentVersion\\Telephony\\Locations",
	"Microsoft\\Windows NT\\CurrentVersion\\Console",
	"Microsoft\\Windows NT\\CurrentVersion\\FontDpi",
	"Microsoft\\Windows NT\\CurrentVersion\\FontLink",
	"Microsoft\\Windows NT\\CurrentVersion\\FontMapper",
	"Microsoft\\Windows NT\\CurrentVersion\\Fonts",
	"Microsoft\\Windows NT\\CurrentVersion\\FontSubstitutes",
	"Microsoft\\Windows NT\\CurrentVersion\\Gre_Initialize",
	"Microsoft\\Windows NT\\CurrentVersion\\Image File Execution Options",
	"Microsoft\\Windows NT\\CurrentVersion\\Language Pack",
	"Microsoft\\Windows NT\\CurrentVersion\\NetworkCards",
	"Microsoft\\Windows NT\\CurrentVersion\\Perflib",
	"Microsoft\\Windows NT\\CurrentVersion\\Ports",
	"Microsoft\\Windows NT\\CurrentVersion\\Print",
	"Microsoft\\Windows NT\\CurrentVersion\\ProfileList",
	"Microsoft\\Windows NT\\CurrentVersion\\Time Zones",
};

/* What is left of a path; backslashes in front of it mean nothing. */
struct text {
	const char *at;
	size_t len;
};

/* Take the first name of a path; false if there is none. */
static bool
take(struct text *rest, struct text *name)
{
	const char *end;

	while (rest->len && *rest->at == '\\') {
		rest->at++;
		rest->len--;
	}
	end = memchr(rest->at, '\\', rest->len);
	*name = (struct text){ rest->at, end ? (size_t)(end - rest->at) : rest->len };
	rest->at += name->len;
	rest->len -= name->len;
	return name->len > 0;
}

/* If 'rest' begins with the names of 'path', take them. */
static bool
take_path(struct text *rest, const char *path)
{
	struct text after = *rest, wanted = { path, strlen(path) }, due, name;

	while (take(&wanted, &due))
		if (!take(&after, &name) || whi_reg_compare(name.at, name.len, due.at, due.len))
			return false;
	*rest = after;
	return true;
}

static bool
is_below(struct text path, const char *const *table, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		struct text rest = path;

		if (take_path(&rest, table[i]))
			return true;
	}
	return false;
}
#define IS_BELOW(path, table) is_below(path, table, sizeof(table) / sizeof *(table))

/* Is there a name before 'suffix', which begins with an ASCII character? */
static bool
has_suffix(struct text name, const char *suffix)
{
	size_t len = strlen(suffix);
	const char *at = name.at + (name.len > len ? name.len - len : 0);

	return name.len > len && *at == *suffix && whi_reg_compare(at, len, suffix, len) == 0;
}

/* The root of the classes of a user: HKU\<SID>_Classes, or HKU\<SID>\Software\Classes. */
static bool
take_user_classes(struct text *rest)
{
	struct text after = *rest, user;

	if (!take(&after, &user))
		return false;
	if (!has_suffix(user, "_Classes") && !take_path(&after, "Software\\Classes"))
		return false;
	*rest = after;
	return true;
}

/* What a path becomes: 'head' of it stays, then come these, then 'rest' of it. */
struct redirection {
	size_t head;
	const char *between; /* NULL: the path means itself */
	struct text rest;
};

/* Below Classes, the path of which is the first 'head' bytes. */
static void
redirect_classes(struct redirection *r, struct text rest, size_t head)
{
	bool spelled = take_path(&rest, WOW);
	bool split = IS_BELOW(rest, classes_split);

	*r = (struct redirection){ .head = head, .rest = rest };
	if (spelled != split)
		r->between = split ? "\\" WOW : "";
}

static void
redirect_software(struct redirection *r, struct text rest, const char *path)
{
	size_t head = (size_t)(rest.at - path);
	bool spelled = take_path(&rest, WOW);
	bool split = !IS_BELOW(rest, software_shared);
	struct text below = rest;

	*r = (struct redirection){ .head = head, .rest = rest };
	if (!take_path(&below, "Classes")) {
		if (spelled != split)
			r->between = split ? "\\" WOW : "";
	} else if (!spelled) {
		redirect_classes(r, below, (size_t)(below.at - path));
	} else {
		split = IS_BELOW(below, classes_split);
		r->between = split ? "\\Classes\\" WOW : "\\Classes";
		r->rest = below;
	}
}

enum wh_status
whi_view_redirect(const struct wh_allocator *a, const char *path, size_t len, char **redirected,
		  size_t *redirected_len)
{
	struct text rest = { path, len };
	struct redirection r = { 0 };
	size_t between;
	char *to;

	*redirected = NULL;
	*redirected_len = 0;
	if (take_path(&rest, "REGISTRY\\MACHINE\\SOFTWARE"))
		redirect_software(&r, rest, path);
	else if (take_path(&rest, "REGISTRY\\USER") && take_user_classes(&rest))
		redirect_classes(&r, rest, (size_t)(rest.at - path));
	if (!r.between)
		return WH_OK;
	between = strlen(r.between);
	*redirected_len = r.head + between + r.rest.len;
	to = whi_alloc(a, *redirected_len + 1);
	if (!to) {
		*redirected_len = 0;
		return WH_E_MEMORY;
	}
	memcpy(to, path, r.head);
	memcpy(to + r.head, r.between, between);
	memcpy(to + r.head + between, r.rest.at, r.rest.len);
	to[*redirected_len] = '\0';
	*redirected = to;
	return WH_OK;
}
