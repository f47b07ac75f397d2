/* SPDX-License-Identifier: MIT */
/*
 * Who waits for a change, and what he is told.  Rows are of docs/winreg-tests.md 5, which names the
 * Windows tests: [W:4068] and so on.
 */
#define _POSIX_C_SOURCE 200809L
#include "registry.h"

#include <criterion/criterion.h>
#include <poll.h>
#include <pthread.h>
#include <unistd.h>

enum {
	NAME = WH_REG_NOTIFY_CHANGE_NAME,
	SET = WH_REG_NOTIFY_CHANGE_LAST_SET,
	SECURITY = WH_REG_NOTIFY_CHANGE_SECURITY,
};

static struct test_registry t;
static struct wh_reg *reg;
static wh_hkey key;

/* A function that counts; to be static, since who still waits is told when the registry goes. */
struct count {
	unsigned calls;
	wh_hkey key;
	enum wh_status status;
};

static void
note(void *ctx, wh_hkey of, enum wh_status status)
{
	struct count *count = ctx;

	count->calls++;
	count->key = of;
	count->status = status;
}

static void
setup(void)
{
	registry_init(&t, NULL);
	reg = t.reg;
	key = make_reg_key(reg, WH_HKEY_CURRENT_USER, "Watched", 0);
}

static void
teardown(void)
{
	if (key)
		close_reg_key(reg, key);
	registry_fini(&t);
}

TestSuite(reg_notify, .init = setup, .fini = teardown);

static void
arm(wh_hkey of, bool subtree, uint32_t filter, struct count *count)
{
	cr_assert_eq(wh_reg_notify(reg, of, subtree, filter, note, count), WH_OK);
}

static void
make(const char *path)
{
	close_reg_key(reg, make_reg_key(reg, key, path, 0));
}

static bool
is_ready(int fd)
{
	struct pollfd ask = { .fd = fd, .events = POLLIN };

	return poll(&ask, 1, 0) == 1 && (ask.revents & POLLIN);
}

/* ------------------------------------------------------------------ what fires */

Test(reg_notify, subkey_comes_and_goes)
{
	static struct count count = { 0 };

	arm(key, false, NAME, &count);
	cr_expect_eq(count.calls, 0);
	make("Subkey"); /* [W:4068] */
	cr_expect_eq(count.calls, 1);
	cr_expect_eq(count.key, key);
	cr_expect_eq(count.status, WH_OK);
	make("Subkey"); /* opened, not made */
	arm(key, false, NAME, &count);
	cr_expect_eq(count.calls, 1);
	cr_expect_eq(wh_reg_delete_key(reg, key, "Subkey", WH_NTS, 0), WH_OK);
	cr_expect_eq(count.calls, 2);
}

Test(reg_notify, subkey_is_renamed)
{
	static struct count count = { 0 };

	make("Subkey");
	arm(key, false, NAME, &count);
	cr_assert_eq(wh_reg_rename_key(reg, key, "Subkey", WH_NTS, "Other", WH_NTS), WH_OK);
	cr_expect_eq(count.calls, 1);
}

Test(reg_notify, value)
{
	static struct count count = { 0 };

	arm(key, false, SET, &count);
	set_reg_number(reg, key, "v", 1);
	cr_expect_eq(count.calls, 1);
	arm(key, false, SET, &count);
	set_reg_number(reg, key, "v", 1); /* the same again is a change */
	cr_expect_eq(count.calls, 2);
	arm(key, false, SET, &count);
	cr_assert_eq(wh_reg_delete_value(reg, key, "v", WH_NTS), WH_OK);
	cr_expect_eq(count.calls, 3);
	arm(key, false, SET, &count);
	cr_assert_eq(wh_reg_delete_value(reg, key, "v", WH_NTS), WH_E_NOT_FOUND);
	cr_expect_eq(count.calls, 3);
}

Test(reg_notify, security)
{
	static struct count count = { 0 };
	uint8_t sd[400];
	size_t len;

	arm(key, false, SECURITY, &count);
	cr_assert_eq(wh_reg_get_key_security(reg, key, WH_DACL_SECURITY_INFORMATION, sd, sizeof sd,
					     &len),
		     WH_OK);
	cr_expect_eq(count.calls, 0);
	cr_assert_eq(wh_reg_set_key_security(reg, key, WH_DACL_SECURITY_INFORMATION, sd, len),
		     WH_OK);
	cr_expect_eq(count.calls, 1);
}

Test(reg_notify, only_what_the_filter_says)
{
	static struct count names = { 0 }, values = { 0 };
	wh_hkey other = open_reg_key(reg, key, "");

	arm(key, false, NAME, &names);
	arm(other, false, SET, &values);
	set_reg_number(reg, key, "v", 1);
	cr_expect(names.calls == 0 && values.calls == 1);
	make("Subkey");
	cr_expect(names.calls == 1 && values.calls == 1);
	close_reg_key(reg, other);
}

Test(reg_notify, without_subtree_grandchildren_are_silent) /* [W:4114] */
{
	static struct count count = { 0 };
	wh_hkey child;

	make("Subkey");
	child = open_reg_key(reg, key, "Subkey");
	arm(key, false, NAME | SET, &count);
	set_reg_number(reg, child, "v", 1);
	close_reg_key(reg, make_reg_key(reg, child, "Below", 0));
	cr_expect_eq(wh_reg_delete_key(reg, child, "Below", WH_NTS, 0), WH_OK);
	cr_expect_eq(count.calls, 0);
	close_reg_key(reg, child);
}

Test(reg_notify, subtree_at_any_depth) /* [W:4068] */
{
	static struct count count = { 0 };
	wh_hkey deep = make_reg_key(reg, key, "a\\b\\c\\d", 0);

	arm(key, true, NAME | SET, &count);
	set_reg_number(reg, deep, "v", 1);
	cr_expect_eq(count.calls, 1);
	arm(key, true, NAME | SET, &count);
	close_reg_key(reg, make_reg_key(reg, deep, "e", 0));
	cr_expect_eq(count.calls, 2);
	close_reg_key(reg, deep);
}

Test(reg_notify, keys_above_and_beside_are_silent)
{
	static struct count count = { 0 };

	make("a");
	arm(key, true, NAME | SET | SECURITY, &count);
	close_reg_key(reg, make_reg_key(reg, WH_HKEY_CURRENT_USER, "Beside", 0));
	set_reg_number(reg, WH_HKEY_CURRENT_USER, "v", 1);
	cr_expect_eq(count.calls, 0);
}

/* The generation of the hive goes on with each deletion; a handle keeps that of its opening. */
Test(reg_notify, handles_of_all_ages)
{
	static struct count upper = { 0 }, own = { 0 };
	wh_hkey top = open_reg_key(reg, WH_HKEY_USERS, USER_SID), young;

	make("gone");
	cr_assert_eq(wh_reg_delete_key(reg, key, "gone", WH_NTS, 0), WH_OK);
	young = open_reg_key(reg, WH_HKEY_CURRENT_USER, "Watched");
	arm(top, false, NAME | SET, &upper);
	arm(young, false, NAME | SET, &own);
	make("new"); /* by the old handle */
	cr_expect(upper.calls == 0 && own.calls == 1);
	arm(young, false, NAME | SET, &own);
	set_reg_number(reg, key, "v", 1);
	cr_expect(upper.calls == 0 && own.calls == 2);
	close_reg_key(reg, young);
	close_reg_key(reg, top);
}

Test(reg_notify, volatile_keys)
{
	static struct count count = { 0 };
	wh_hkey made;

	arm(key, true, NAME | SET, &count);
	made = make_reg_key(reg, key, "In memory", WH_REG_OPTION_VOLATILE);
	cr_expect_eq(count.calls, 1);
	arm(key, true, NAME | SET, &count);
	set_reg_number(reg, made, "v", 1);
	cr_expect_eq(count.calls, 2);
	close_reg_key(reg, made);
}

Test(reg_notify, from_the_root_of_all)
{
	static struct count count = { 0 };

	arm(WH_HKEY_USERS, true, SET, &count);
	set_reg_number(reg, key, "v", 1);
	cr_expect_eq(count.calls, 1);
	cr_expect_eq(count.key, WH_HKEY_USERS);
	arm(WH_HKEY_USERS, false, NAME, &count); /* still the first filter */
	make("a");
	cr_expect_eq(count.calls, 1);
	set_reg_number(reg, key, "v", 2);
	cr_expect_eq(count.calls, 2);
}

/* It is open for ever, but what it means can go, and another key come in its place. */
Test(reg_notify, a_predefined_handle_and_its_hive)
{
	static struct count own, merged;
	wh_hkey machine;

	arm(WH_HKEY_CURRENT_USER, true, NAME | SET, &own);
	arm(WH_HKEY_CLASSES_ROOT, true, NAME | SET, &merged);
	close_reg_key(reg, key);
	key = 0;
	cr_assert_eq(wh_reg_unload_key(reg, WH_HKEY_USERS, USER_SID "_Classes", WH_NTS), WH_OK);
	cr_assert_eq(wh_reg_unload_key(reg, WH_HKEY_USERS, USER_SID, WH_NTS), WH_OK);
	own.calls = merged.calls = 0;
	machine = make_reg_key(reg, WH_HKEY_LOCAL_MACHINE, "SOFTWARE\\Classes\\.x", 0);
	cr_expect_eq(own.calls, 0);
	cr_expect_eq(merged.calls, 1);
	close_reg_key(reg, machine);
}

Test(reg_notify, a_predefined_handle_that_means_another_key)
{
	static struct count count;

	cr_assert_eq(wh_reg_override_predef_key(reg, WH_HKEY_LOCAL_MACHINE, key), WH_OK);
	arm(WH_HKEY_LOCAL_MACHINE, false, SET, &count);
	set_reg_number(reg, key, "v", 1);
	cr_expect_eq(count.calls, 1);
	arm(WH_HKEY_LOCAL_MACHINE, false, SET, &count);
	cr_assert_eq(wh_reg_override_predef_key(reg, WH_HKEY_LOCAL_MACHINE, 0), WH_OK);
	set_reg_number(reg, key, "v", 2);
	cr_expect_eq(count.calls, 1);
}

Test(reg_notify, by_way_of_a_link)
{
	static struct count count = { 0 };
	wh_hkey link;

	make_reg_link(reg, WH_HKEY_CURRENT_USER, "Link", "\\REGISTRY\\USER\\" USER_SID "\\Watched");
	link = open_reg_key(reg, WH_HKEY_CURRENT_USER, "Link");
	arm(link, false, SET, &count);
	set_reg_number(reg, key, "v", 1);
	cr_expect_eq(count.calls, 1);
	close_reg_key(reg, link);
}

Test(reg_notify, both_sides_of_a_merged_key)
{
	static struct count count = { 0 };
	wh_hkey user, machine, merged;

	machine = make_reg_key(reg, WH_HKEY_LOCAL_MACHINE, "SOFTWARE\\Classes\\.x", 0);
	merged = open_reg_key(reg, WH_HKEY_CLASSES_ROOT, ".x");
	arm(merged, false, NAME | SET, &count);
	set_reg_number(reg, machine, "v", 1);
	cr_expect_eq(count.calls, 1);

	/* The user's side comes later. */
	user = make_reg_key(reg, WH_HKEY_USERS, USER_SID "_Classes\\.x", 0);
	count.calls = 0;
	arm(merged, false, NAME | SET, &count);
	set_reg_number(reg, user, "v", 1);
	cr_expect_eq(count.calls, 1);
	close_reg_key(reg, user);
	close_reg_key(reg, merged);
	close_reg_key(reg, machine);
}

/* Which keys a merged handle has now cannot be found out without memory: told, rather than not. */
Test(reg_notify, a_merged_key_without_memory)
{
	static struct count count;
	enum wh_status st = WH_E_MEMORY;
	wh_hkey machine, merged;

	machine = make_reg_key(reg, WH_HKEY_LOCAL_MACHINE, "SOFTWARE\\Classes\\.x", 0);
	merged = open_reg_key(reg, WH_HKEY_CLASSES_ROOT, ".x");
	for (size_t left = 0; st == WH_E_MEMORY; left++) {
		count.calls = 0;
		arm(merged, false, SET, &count);
		t.meter.left = left;
		st = wh_reg_set_value_ex(reg, machine, "v", WH_NTS, WH_REG_BINARY, "abcdefgh", 8);
		t.meter.left = SIZE_MAX;
		cr_expect(st == WH_E_MEMORY || count.calls > 0);
	}
	cr_expect_eq(st, WH_OK);
	close_reg_key(reg, merged);
	close_reg_key(reg, machine);
}

/* ---------------------------------------------------------------- one handle */

Test(reg_notify, once)
{
	static struct count count = { 0 };

	arm(key, false, SET, &count);
	set_reg_number(reg, key, "v", 1);
	set_reg_number(reg, key, "v", 2);
	cr_expect_eq(count.calls, 1);
}

Test(reg_notify, what_comes_between_two_calls_is_remembered)
{
	static struct count count = { 0 };

	arm(key, false, SET, &count);
	set_reg_number(reg, key, "v", 1);
	set_reg_number(reg, key, "v", 2);
	set_reg_number(reg, key, "v", 3);
	arm(key, false, SET, &count); /* at once, and once for both */
	cr_expect_eq(count.calls, 2);
	arm(key, false, SET, &count);
	cr_expect_eq(count.calls, 2);
}

Test(reg_notify, nothing_is_remembered_before_the_first_call)
{
	static struct count count = { 0 };

	set_reg_number(reg, key, "v", 1);
	arm(key, false, SET, &count);
	cr_expect_eq(count.calls, 0);
}

Test(reg_notify, first_call_decides) /* [N:2165] */
{
	static struct count first = { 0 }, second = { 0 }, never = { 0 };
	wh_hkey other = open_reg_key(reg, key, "");

	arm(key, false, NAME, &first);
	arm(key, true, 0, &second);
	arm(other, false, 0, &never);
	arm(other, true, NAME, &never);
	make("a");
	cr_expect(first.calls == 1 && second.calls == 1 && never.calls == 0);
	arm(key, true, SET, &first);
	set_reg_number(reg, key, "v", 1);
	make("a\\b");
	cr_expect_eq(first.calls, 1);
	close_reg_key(reg, other);
	cr_expect_eq(never.calls, 2, "to close the handle fires, whatever the filter");
}

Test(reg_notify, closing_fires) /* [N:2250] */
{
	static struct count count = { 0 };
	int fd;

	arm(key, false, NAME, &count);
	cr_assert_eq(wh_reg_notify_fd(reg, key, false, NAME, &fd), WH_OK);
	close_reg_key(reg, key);
	cr_expect_eq(count.calls, 1);
	cr_expect_eq(count.status, WH_E_DELETED);
	cr_expect_eq(count.key, key);
	cr_expect(is_ready(fd));
	close(fd);
	key = 0;
}

Test(reg_notify, deletion_fires)
{
	static struct count own = { 0 }, above = { 0 };
	wh_hkey child;

	child = make_reg_key(reg, key, "Subkey", 0);
	arm(child, false, SET, &own);
	arm(key, false, NAME, &above);
	cr_assert_eq(wh_reg_delete_key(reg, key, "Subkey", WH_NTS, 0), WH_OK);
	cr_expect(own.calls == 1 && own.status == WH_E_DELETED);
	cr_expect(above.calls == 1 && above.status == WH_OK);
	cr_expect_eq(wh_reg_notify(reg, child, false, SET, note, &own), WH_E_DELETED);
	/* A key of that name is another one, also in the same place. */
	make("Subkey");
	cr_expect_eq(own.calls, 1);
	close_reg_key(reg, child);
	cr_expect_eq(own.calls, 1);
}

Test(reg_notify, a_renamed_key_is_still_watched)
{
	static struct count count = { 0 };
	wh_hkey again;

	arm(key, false, SET, &count);
	cr_assert_eq(wh_reg_rename_key(reg, WH_HKEY_CURRENT_USER, "Watched", WH_NTS,
				       "A much longer name than it had before", WH_NTS),
		     WH_OK);
	again = open_reg_key(reg, WH_HKEY_CURRENT_USER, "A much longer name than it had before");
	set_reg_number(reg, again, "v", 1);
	cr_expect_eq(count.calls, 1);
	close_reg_key(reg, again);
}

Test(reg_notify, free_tells_everybody)
{
	struct test_registry other;
	static struct count count = { 0 };
	wh_hkey made;

	registry_init(&other, NULL);
	made = make_reg_key(other.reg, WH_HKEY_CURRENT_USER, "a", 0);
	cr_assert_eq(wh_reg_notify(other.reg, made, false, NAME, note, &count), WH_OK);
	registry_fini(&other);
	cr_expect(count.calls == 1 && count.status == WH_E_DELETED);
}

/* -------------------------------------------------------------------- functions */

/* A function may call everything. */
struct busy {
	unsigned calls;
	enum wh_status again, closed;
	unsigned until;
};

static void
wait_again(void *ctx, wh_hkey of, enum wh_status status)
{
	struct busy *busy = ctx;

	busy->calls++;
	if (status != WH_OK)
		return;
	if (busy->calls < busy->until)
		busy->again = wh_reg_notify(reg, of, false, SET, wait_again, busy);
	else
		busy->closed = wh_reg_close_key(reg, of);
}

Test(reg_notify, a_function_may_wait_again_and_close)
{
	struct busy busy = { .again = WH_E_INVALID, .closed = WH_E_INVALID, .until = 3 };

	cr_assert_eq(wh_reg_notify(reg, key, false, SET, wait_again, &busy), WH_OK);
	set_reg_number(reg, key, "v", 1);
	cr_expect(busy.calls == 1 && busy.again == WH_OK);
	set_reg_number(reg, key, "v", 2);
	cr_expect_eq(busy.calls, 2);
	set_reg_number(reg, key, "v", 3);
	cr_expect(busy.calls == 3 && busy.closed == WH_OK);
	cr_expect_eq(wh_reg_close_key(reg, key), WH_E_HANDLE);
	key = 0;
}

static void
change_another(void *ctx, wh_hkey of, enum wh_status status)
{
	(void)of;
	(void)status;
	set_reg_number(reg, *(wh_hkey *)ctx, "v", 7);
}

Test(reg_notify, a_function_may_change_what_another_waits_for)
{
	static struct count count = { 0 };
	wh_hkey other = make_reg_key(reg, WH_HKEY_CURRENT_USER, "Other", 0);

	arm(other, false, SET, &count);
	cr_assert_eq(wh_reg_notify(reg, key, false, SET, change_another, &other), WH_OK);
	set_reg_number(reg, key, "v", 1);
	cr_expect_eq(count.calls, 1);
	close_reg_key(reg, other);
}

static unsigned order[4], ordered;

static void
first_fn(void *ctx, wh_hkey of, enum wh_status status)
{
	(void)of;
	(void)status;
	order[ordered++] = *(unsigned *)ctx;
}

Test(reg_notify, all_who_wait_in_the_order_of_their_coming)
{
	unsigned ids[3] = { 1, 2, 3 };

	for (int i = 0; i < 3; i++)
		cr_assert_eq(wh_reg_notify(reg, key, false, SET, first_fn, &ids[i]), WH_OK);
	set_reg_number(reg, key, "v", 1);
	cr_assert_eq(ordered, 3);
	for (unsigned i = 0; i < 3; i++)
		cr_expect_eq(order[i], i + 1);
}

/* ------------------------------------------------------------ descriptors, threads */

Test(reg_notify, descriptor)
{
	int fd, second;

	cr_assert_eq(wh_reg_notify_fd(reg, key, false, SET, &fd), WH_OK);
	cr_expect(!is_ready(fd));
	set_reg_number(reg, key, "v", 1);
	cr_expect(is_ready(fd));
	set_reg_number(reg, key, "v", 2);
	cr_assert_eq(wh_reg_notify_fd(reg, key, false, SET, &second), WH_OK);
	cr_expect(is_ready(second), "remembered");
	close(second);
	close(fd);
}

Test(reg_notify, descriptor_may_be_closed_before)
{
	int fd;

	cr_assert_eq(wh_reg_notify_fd(reg, key, false, SET, &fd), WH_OK);
	close(fd);
	set_reg_number(reg, key, "v", 1);
}

Test(reg_notify, time_is_up)
{
	static struct count count = { 0 };

	cr_expect_eq(wh_reg_notify_wait(reg, key, false, SET, 0), WH_E_TIMEOUT);
	cr_expect_eq(wh_reg_notify_wait(reg, key, false, SET, 20), WH_E_TIMEOUT);
	set_reg_number(reg, key, "v", 1); /* nobody waits: remembered */
	cr_expect_eq(wh_reg_notify_wait(reg, key, false, SET, -1), WH_OK);
	arm(key, false, SET, &count);
	cr_expect_eq(wh_reg_notify_wait(reg, key, false, SET, 0), WH_E_TIMEOUT);
	set_reg_number(reg, key, "v", 2);
	cr_expect_eq(count.calls, 1);
}

struct thread {
	wh_hkey key;
	enum wh_status due;
	void (*act)(struct thread *thread);
};

static void *
act(void *ctx)
{
	struct thread *thread = ctx;

	thread->act(thread);
	return NULL;
}

static void
set_value(struct thread *thread)
{
	set_reg_number(reg, thread->key, "v", 1);
}

static void
close_handle(struct thread *thread)
{
	close_reg_key(reg, thread->key);
}

static enum wh_status
wait_while(struct thread *thread)
{
	pthread_t id;
	enum wh_status st;

	/* It may come before or after the change: then that is remembered, or the handle gone. */
	cr_expect_eq(wh_reg_notify_wait(reg, key, false, SET, 0), WH_E_TIMEOUT);
	cr_assert_eq(pthread_create(&id, NULL, act, thread), 0);
	st = wh_reg_notify_wait(reg, key, false, SET, -1);
	pthread_join(id, NULL);
	return st;
}

Test(reg_notify, another_thread_sets_a_value)
{
	struct thread thread = { .key = key, .act = set_value };

	cr_expect_eq(wait_while(&thread), WH_OK);
}

Test(reg_notify, another_thread_closes_the_handle)
{
	struct thread thread = { .key = key, .act = close_handle };
	enum wh_status st = wait_while(&thread);

	cr_expect(st == WH_E_DELETED || st == WH_E_HANDLE);
	key = 0;
}

/* ---------------------------------------------------------------------- errors */

Test(reg_notify, arguments)
{
	static struct count count = { 0 };
	int fd;

	cr_expect_eq(wh_reg_notify(NULL, key, false, SET, note, &count), WH_E_INVALID);
	cr_expect_eq(wh_reg_notify(reg, key, false, SET, NULL, NULL), WH_E_INVALID);
	cr_expect_eq(wh_reg_notify(reg, key, false, 0x10, note, &count), WH_E_INVALID);
	cr_expect_eq(wh_reg_notify(reg, key, false, WH_REG_LEGAL_CHANGE_FILTER, note, &count),
		     WH_OK);
	cr_expect_eq(wh_reg_notify_fd(reg, key, false, SET, NULL), WH_E_INVALID);
	cr_expect_eq(wh_reg_notify_fd(NULL, key, false, SET, &fd), WH_E_INVALID);
	cr_expect_eq(fd, -1);
	cr_expect_eq(wh_reg_notify_wait(NULL, key, false, SET, 0), WH_E_INVALID);
	cr_expect_eq(wh_reg_notify_wait(reg, key, false, SET, -2), WH_E_INVALID);
	cr_expect_eq(wh_reg_notify(reg, 0, false, SET, note, &count), WH_E_HANDLE);
	cr_expect_eq(wh_reg_notify_fd(reg, 12345, false, SET, &fd), WH_E_HANDLE);
	cr_expect_eq(fd, -1);
	cr_expect_eq(count.calls, 0);
}

Test(reg_notify, needs_the_right)
{
	static struct count count = { 0 };
	wh_hkey weak;

	cr_assert_eq(wh_reg_open_key(reg, key, "", WH_NTS, 0, WH_KEY_WRITE, &weak), WH_OK);
	cr_expect_eq(wh_reg_notify(reg, weak, false, SET, note, &count), WH_E_ACCESS);
	close_reg_key(reg, weak);
	cr_assert_eq(wh_reg_open_key(reg, key, "", WH_NTS, 0, WH_KEY_NOTIFY, &weak), WH_OK);
	cr_expect_eq(wh_reg_notify(reg, weak, false, SET, note, &count), WH_OK);
	close_reg_key(reg, weak);
}

static wh_hkey starved;

static void
build(struct wh_reg *of)
{
	starved = make_reg_key(of, WH_HKEY_CURRENT_USER, "Watched", 0);
}

static struct count starved_count;

static enum wh_status
wait_in_it(struct wh_reg *of)
{
	return wh_reg_notify(of, starved, false, SET, note, &starved_count);
}

Test(reg_notify, no_memory)
{
	size_t failed = registry_starve(build, wait_in_it);

	cr_expect(failed >= 2, "%zu", failed);
}
