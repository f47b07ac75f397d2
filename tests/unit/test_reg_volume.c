/* SPDX-License-Identifier: MIT */
/* Files of a foreign volume: names in any case, and nothing outside of it. */
#define _XOPEN_SOURCE 700
#include "registry/volume.h"

#include "tree.h"

#include <criterion/criterion.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static struct tree tree;
static struct whi_volume volume;
static struct whi_found found;

static void
init(void)
{
	tree_init(&tree);
	tree_put(&tree, "inside/Folder/File", "text", 4);
	tree_put(&tree, "outside/File", "text", 4);
	cr_assert_eq(whi_volume_open(tree_path(&tree, "inside"), &volume), WH_OK);
}

static void
fini(void)
{
	tree_fini(&tree);
}

TestSuite(reg_volume, .init = init, .fini = fini);

static enum wh_status
find(const char *names)
{
	return whi_volume_find(&volume, tree_path(&tree, "inside"), names, &found);
}

Test(reg_volume, names)
{
	static const struct {
		const char *a, *b;
		bool same;
	} cases[] = {
		{ "", "", true },
		{ "SYSTEM", "system", true },
		{ "SYSTEM", "SYSTEM1", false },
		{ "SYSTEM", "", false },
		{ "\xc3\xa4", "\xc3\x84", true },                  /* a with two dots */
		{ "\xc3\x9f", "SS", false },                       /* sharp s */
		{ "\xf0\x90\x90\x80", "\xf0\x90\x90\xa8", false }, /* beyond 16 bits: no case */
		{ "\xf0\x90\x90\x80", "\xf0\x90\x90\x80", true },
		{ "a\xff", "A\xff", true }, /* not UTF-8: letters before it have a case */
		{ "a\xff"
		  "b",
		  "A\xff"
		  "B",
		  false },
		{ "\xff", "\xfe", false },
	};

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		cr_expect_eq(whi_same_file_name(cases[i].a, cases[i].b), cases[i].same, "%zu", i);
		cr_expect_eq(whi_same_file_name(cases[i].b, cases[i].a), cases[i].same, "%zu", i);
	}
}

Test(reg_volume, open)
{
	struct whi_volume other;

	cr_expect_eq(whi_volume_open(tree_path(&tree, "none"), &other), WH_E_NOT_FOUND);
	cr_expect_eq(whi_volume_open(tree_path(&tree, "outside/File"), &other), WH_E_NOT_FOUND);
	tree_link(&tree, "link", "inside");
	cr_expect_eq(whi_volume_open(tree_path(&tree, "link"), &other), WH_OK);
	cr_expect_str_eq(other.real, volume.real);
}

Test(reg_volume, find)
{
	char long_name[NAME_MAX + 2], long_path[WHI_VOLUME_PATH + 16];

	cr_expect_eq(find("folder/FILE"), WH_OK);
	cr_expect_str_eq(found.path, tree_path(&tree, "inside/Folder/File"));
	cr_expect_null(found.note);
	cr_expect_eq(find("//folder/.//file/"), WH_OK);
	cr_expect_eq(find(""), WH_OK);
	cr_expect_str_eq(found.path, tree_path(&tree, "inside"));
	cr_expect_eq(find("file"), WH_E_NOT_FOUND);
	cr_expect_eq(find("none/file"), WH_E_NOT_FOUND);
	cr_expect_eq(find("folder/file/file"), WH_E_NOT_FOUND);
	cr_expect_eq(find("../outside/File"), WH_E_ACCESS);
	cr_expect_not_null(found.note);
	cr_expect_eq(find("Folder/.."), WH_E_ACCESS, "also where it would come back");
	memset(long_name, 'x', sizeof long_name);
	long_name[sizeof long_name - 1] = '\0';
	cr_expect_eq(find(long_name), WH_E_NOT_FOUND);
	memset(long_path, 'x', sizeof long_path);
	long_path[sizeof long_path - 1] = '\0';
	cr_expect_eq(whi_volume_find(&volume, long_path, "a", &found), WH_E_NOT_FOUND);
}

Test(reg_volume, several)
{
	tree_put(&tree, "inside/FOLDER/other", "", 0);
	cr_expect_eq(find("Folder/file"), WH_OK);
	cr_expect_not_null(found.note);
	cr_expect_eq(find("Folder/other"), WH_E_NOT_FOUND, "only one of them is looked into");
	cr_expect_null(found.note);
	cr_expect_eq(find("folder/other"), WH_OK, "the first in the order of bytes");
}

Test(reg_volume, links)
{
	tree_link(&tree, "inside/there", "Folder/../Folder");
	tree_link(&tree, "inside/out", "../outside");
	tree_link(&tree, "inside/absolute", tree_path(&tree, "outside"));
	tree_link(&tree, "inside/nowhere", "none");
	tree_link(&tree, "inside/loop", "loop");
	tree_put(&tree, "inside 2/File", "", 0);
	tree_link(&tree, "inside/beside", "../inside 2"); /* begins with the same letters */
	cr_expect_eq(find("THERE/file"), WH_OK);
	cr_expect_eq(find("out/File"), WH_E_ACCESS);
	cr_expect_not_null(found.note);
	cr_expect_eq(find("absolute"), WH_E_ACCESS);
	cr_expect_eq(find("nowhere"), WH_E_NOT_FOUND);
	cr_expect_not_null(found.note);
	cr_expect_eq(find("loop"), WH_E_NOT_FOUND);
	cr_expect_eq(find("beside/File"), WH_E_ACCESS);
}

Test(reg_volume, whole_system_is_a_volume)
{
	struct whi_volume all;

	cr_assert_eq(whi_volume_open("/", &all), WH_OK);
	cr_expect_eq(whi_volume_find(&all, "/", "DEV/Null", &found), WH_OK);
	cr_expect_str_eq(found.path, "/dev/null");
	cr_expect_not(whi_is_file(found.path));
	cr_expect_not(whi_is_folder(found.path));
}

Test(reg_volume, logs)
{
	char path[WHI_VOLUME_PATH];

	snprintf(path, sizeof path, "%s", tree_path(&tree, "inside/Folder/File"));
	cr_expect_eq(whi_volume_check_logs(&volume, path), WH_OK);
	tree_put(&tree, "inside/Folder/file.LOG1", "", 0);
	tree_link(&tree, "inside/Folder/FILE.log2", "file.LOG1");
	cr_expect_eq(whi_volume_check_logs(&volume, path), WH_OK);
	tree_link(&tree, "inside/Folder/FILE.log", "../../outside/File");
	cr_expect_eq(whi_volume_check_logs(&volume, path), WH_E_ACCESS);
	cr_expect_eq(whi_volume_check_logs(&volume, "File"), WH_E_INVALID);
}

static enum wh_status
count(void *ctx, const char *name)
{
	++*(int *)ctx;
	return strcmp(name, "stop") == 0 ? WH_E_MEMORY : WH_OK;
}

Test(reg_volume, list)
{
	int entries = 0;

	tree_put(&tree, "inside/Folder/two", "", 0);
	cr_expect_eq(whi_volume_list(tree_path(&tree, "inside/Folder"), count, &entries), WH_OK);
	cr_expect_eq(entries, 2, "not itself and the one above");
	cr_expect_eq(whi_volume_list(tree_path(&tree, "none"), count, &entries), WH_E_NOT_FOUND);
	cr_expect_eq(whi_volume_list(tree_path(&tree, "outside/File"), count, &entries),
		     WH_E_NOT_FOUND);
	tree_put(&tree, "inside/Stop/stop", "", 0);
	cr_expect_eq(whi_volume_list(tree_path(&tree, "inside/Stop"), count, &entries),
		     WH_E_MEMORY);
}
