/* SPDX-License-Identifier: MIT */
/* What paths mean in the 32-bit view, as text (docs/winreg-tests.md 1.4.12). */
#include "registry/registry.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

#define M    "\\REGISTRY\\MACHINE"
#define S    M "\\SOFTWARE"
#define W    S "\\Wow6432Node"
#define C    S "\\Classes"
#define CW   C "\\Wow6432Node"
#define U    "\\REGISTRY\\USER\\S-1-5-21-1-2-3-1001"
#define UC   U "_Classes"
#define UCW  UC "\\Wow6432Node"
#define USC  U "\\Software\\Classes"
#define USCW USC "\\Wow6432Node"

static void
expect_bytes(const char *path, size_t len, const char *due, size_t due_len)
{
	struct wh_allocator a = whi_allocator(NULL);
	size_t to_len = 99;
	char *to = (char *)1;

	cr_assert_eq(whi_view_redirect(&a, path, len, &to, &to_len), WH_OK);
	if (!due) {
		cr_assert_null(to, "%s becomes %s", path, to);
		cr_assert_eq(to_len, 0);
		return;
	}
	cr_assert(to, "%s is not redirected", path);
	cr_assert_eq(to_len, due_len, "%s becomes %s, not %s", path, to, due);
	cr_assert_arr_eq(to, due, due_len + 1, "%s becomes %s, not %s", path, to, due);
	whi_free(&a, to, to_len + 1);
}

static void
expect(const char *path, const char *due)
{
	expect_bytes(path, strlen(path), due, due ? strlen(due) : 0);
	/* What is redirected already means itself. */
	if (due)
		expect_bytes(due, strlen(due), NULL, 0);
}

/* SOFTWARE has a second body, and 0x200 leads into it [W:2766]. */
Test(view, software_has_two_bodies)
{
	expect(S, W);
	expect(S "\\Wine", W "\\Wine");
	expect(S "\\Wine\\Winetest", W "\\Wine\\Winetest");
	expect(S "\\Microsoft", W "\\Microsoft");
	expect(S "\\Classes2", W "\\Classes2");
	expect(S "\\Class", W "\\Class");
}

/* Nothing else of the machine has one. */
Test(view, other_hives_have_one_body)
{
	expect("", NULL);
	expect("\\REGISTRY", NULL);
	expect(M, NULL);
	expect(M "\\SYSTEM\\CurrentControlSet", NULL);
	expect(M "\\SYSTEM\\SOFTWARE\\Wine", NULL);
	expect(M "\\SOFTWARE2\\Wine", NULL);
	expect(M "\\SOFT", NULL);
	expect("\\REGISTRY\\USER", NULL);
	expect("\\REGISTRY\\USER\\SOFTWARE\\Wine", NULL);
	expect("\\REGISTRY\\A\\SOFTWARE\\Wine", NULL);
	expect("\\MACHINE\\SOFTWARE\\Wine", NULL);
	expect(U "\\Software\\Wine", NULL);
	expect(U "\\Software", NULL);
}

/* A path that spells Wow6432Node goes there, and not further [W:2846, 2956]. */
Test(view, spelled_out_is_not_redirected_twice)
{
	expect(W, NULL);
	expect(W "\\Wine\\Winetest", NULL);
	expect(W "\\Microsoft\\Windows", NULL);
	/* It does not exist again inside. */
	expect(W "\\Wow6432Node", NULL);
	expect(W "\\Wow6432Node\\Wine", NULL);
	expect(W "\\Wow6432Node\\Clients", NULL);
	expect(W "\\Wow6432Node\\Classes\\CLSID", NULL);
	/* Elsewhere it is a name like others. */
	expect(S "\\Wine\\Wow6432Node", W "\\Wine\\Wow6432Node");
	expect(M "\\SYSTEM\\Wow6432Node", NULL);
}

Test(view, any_case_of_letters)
{
	expect("\\registry\\machine\\software\\Wine",
	       "\\registry\\machine\\software\\Wow6432Node\\Wine");
	expect(S "\\WOW6432NODE\\test1\\test2", NULL);
	expect(S "\\CLIENTS\\mail", NULL);
	expect(S "\\wow6432node\\clients\\Mail", S "\\clients\\Mail");
	expect(S "\\classes\\clsid\\{1}", S "\\classes\\Wow6432Node\\clsid\\{1}");
	expect("\\Registry\\User\\S-1_CLASSES\\clsid",
	       "\\Registry\\User\\S-1_CLASSES\\Wow6432Node\\clsid");
}

/* The table of Microsoft: one body each, whichever way it is spelled, with all that is below. */
static const char *const shared[] = {
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

/* Of "A\B\C" give "A\B"; false if there is nothing above. */
static bool
cut(char *path)
{
	char *last = strrchr(path, '\\');

	if (last)
		*last = '\0';
	return last != NULL;
}

static bool
is_shared(const char *path)
{
	for (size_t i = 0; i < sizeof shared / sizeof *shared; i++)
		if (strcmp(path, shared[i]) == 0)
			return true;
	return false;
}

Test(view, shared_keys)
{
	char path[300], second[300], up[200];

	for (size_t i = 0; i < sizeof shared / sizeof *shared; i++) {
		snprintf(path, sizeof path, S "\\%s", shared[i]);
		snprintf(second, sizeof second, W "\\%s", shared[i]);
		expect(path, NULL);
		expect(second, path);
		strcat(path, "\\a\\b");
		strcat(second, "\\a\\b");
		expect(path, NULL);
		expect(second, path);
		/* A name that only begins like it is another key. */
		snprintf(path, sizeof path, S "\\%sx", shared[i]);
		snprintf(second, sizeof second, W "\\%sx", shared[i]);
		expect(path, second);
		/* What is above it has two bodies. */
		snprintf(up, sizeof up, "%s", shared[i]);
		while (cut(up)) {
			cr_assert_not(is_shared(up));
			snprintf(path, sizeof path, S "\\%s", up);
			snprintf(second, sizeof second, W "\\%s", up);
			expect(path, second);
			expect(second, NULL);
		}
	}
}

/* In Classes of the machine five keys have two bodies; the rest is shared. */
Test(view, classes_of_the_machine)
{
	static const char *const two[] = { "CLSID", "DirectShow", "Interface", "Media Type",
					   "MediaFoundation" };
	static const char *const one[] = { "AppID", "HCP", ".txt", "CLSID2", "TypeLib", "*" };
	char path[100], second[100], through[100];

	for (size_t i = 0; i < sizeof two / sizeof *two; i++) {
		snprintf(path, sizeof path, C "\\%s\\a", two[i]);
		snprintf(second, sizeof second, CW "\\%s\\a", two[i]);
		snprintf(through, sizeof through, W "\\Classes\\%s\\a", two[i]);
		expect(path, second);
		expect(second, NULL);
		expect(through, second);
	}
	for (size_t i = 0; i < sizeof one / sizeof *one; i++) {
		snprintf(path, sizeof path, C "\\%s\\a", one[i]);
		snprintf(second, sizeof second, CW "\\%s\\a", one[i]);
		snprintf(through, sizeof through, W "\\Classes\\%s\\a", one[i]);
		expect(path, NULL);
		expect(second, path);
		expect(through, path);
	}
	expect(C, NULL);
	expect(CW, C);
	expect(W "\\Classes", C);
	/* Where the links of Windows would lead, too: to a key that nobody has. */
	expect(CW "\\Wow6432Node\\CLSID", NULL);
	expect(W "\\Classes\\Wow6432Node\\X", CW "\\Wow6432Node\\X");
}

/* The same in those of a user, whose other keys are shared. */
Test(view, classes_of_a_user)
{
	expect(UC, NULL);
	expect(UC "\\CLSID", UCW "\\CLSID");
	expect(UC "\\Interface\\{1}", UCW "\\Interface\\{1}");
	expect(UC "\\.txt", NULL);
	expect(UCW "\\.txt", UC "\\.txt");
	expect(UCW, UC);
	expect(USC "\\CLSID\\{1}", USCW "\\CLSID\\{1}");
	expect(USC "\\Media Type", USCW "\\Media Type");
	expect(USC, NULL);
	expect(USCW "\\CLSID", NULL);
	expect(USCW "\\X", USC "\\X");
	expect("\\REGISTRY\\USER\\_Classes\\CLSID", NULL);
	expect("\\REGISTRY\\USER\\x_Classes\\CLSID",
	       "\\REGISTRY\\USER\\x_Classes\\Wow6432Node\\CLSID");
	expect(U "\\Classes\\CLSID", NULL);
}

/* Backslashes that mean nothing (1.4.1) do not hide a key. */
Test(view, doubled_and_last_backslashes)
{
	expect(M "\\\\SOFTWARE\\\\Wine", M "\\\\SOFTWARE\\Wow6432Node\\\\Wine");
	expect(S "\\", W "\\");
	expect(S "\\\\Clients\\\\", NULL);
	expect(S "\\Classes\\\\CLSID\\", C "\\Wow6432Node\\\\CLSID\\");
}

/* A name may hold a NUL, which does not end the path. */
Test(view, counted_text)
{
	static const char path[] = S "\\Clients\0\\a", due[] = W "\\Clients\0\\a";

	expect_bytes(path, sizeof path - 1, due, sizeof due - 1);
	expect_bytes(S "\\Wine", sizeof S - 1, W, sizeof W - 1);
	/* Not UTF-8, and cut in the middle of a character. */
	expect(S "\\\xc3\x28", W "\\\xc3\x28");
	expect("\\REGISTRY\\USER\\\xc3\xa9lasses\\CLSID", NULL);
}

static void *
no_memory(void *ctx, void *ptr, size_t old_size, size_t size)
{
	(void)ctx, (void)ptr, (void)old_size, (void)size;
	return NULL;
}

Test(view, without_memory)
{
	struct wh_allocator none = { no_memory, NULL };
	char *to = (char *)1;
	size_t len = 99;

	cr_assert_eq(whi_view_redirect(&none, S, sizeof S - 1, &to, &len), WH_E_MEMORY);
	cr_assert_null(to);
	cr_assert_eq(len, 0);
	cr_assert_eq(whi_view_redirect(&none, W, sizeof W - 1, &to, &len), WH_OK);
	cr_assert_null(to);
}
