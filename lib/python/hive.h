/* SPDX-License-Identifier: MIT */
/*
 * Hive, Key and Value.  A hive has a lock: any number of threads read, one changes.  Keys and
 * values refer to their hive, so that it lives as long as they do; when it is closed they stay, and
 * every use of them is a ValueError.
 *
 * Whoever has a memoryview of a hive or a value holds its bytes where they are: while there is one,
 * changing and closing is a BufferError, as with bytearray and mmap.
 */
#ifndef WHI_PYTHON_HIVE_H
#define WHI_PYTHON_HIVE_H

#include "python/module.h"

/* Issues that were reported, copied; a fixed number is kept and the rest counted. */
struct whi_py_issue {
	char *id, *rule, *text, *path; /* path: of findings, NULL: none */
	size_t path_len;
	const char *grade; /* "note" and so on; of an action of a repair "fixed" or "dropped" */
	bool incomplete;
	int log;
	uint64_t offset;
	uint32_t cell;
};

struct whi_py_issues {
	pthread_mutex_t lock; /* readers report too, several at a time */
	struct whi_py_issue *at;
	size_t count, cap, most; /* most: 0 is no limit */
	uint64_t dropped;
	bool failed; /* no memory for one */
};

struct whi_py_walk;  /* walk.c */
struct whi_py_batch; /* batch.h */
struct whi_py_names; /* names.c */

struct whi_py_hive {
	PyObject_HEAD struct whi_py *py;
	struct wh_hive *hive; /* NULL: closed */
	pthread_rwlock_t lock;
	bool has_lock;
	uint64_t changes;           /* how often it was changed; with the GIL */
	size_t exports;             /* memoryviews that are out; with the GIL */
	struct whi_py_walk *walks;  /* that are under way; with the GIL */
	struct whi_py_names *names; /* of values that walks met; NULL: no walk yet, or no memory */
	PyObject *path;             /* as it was given, or None */
	PyObject *backing;          /* bytes that the hive was opened on without a copy, or NULL */
	struct whi_py_issues issues;
};

struct whi_py_key {
	PyObject_HEAD struct whi_py_hive *hive;
	struct wh_key key;
	PyObject *path;             /* a str; NULL until it is asked for */
	struct whi_py_batch *batch; /* of a walk, where the path is too, or NULL */
	size_t index;               /* in the batch */
	uint64_t stamp;             /* the changes of the hive when path or batch were made */
};

struct whi_py_value {
	PyObject_HEAD struct whi_py_hive *hive;
	struct wh_value value;
	PyObject *name;      /* a str */
	uint32_t type, size; /* of the same time as 'name' */
	const char *data;    /* in the hive, of the same time too; NULL: not known */
	uint64_t stamp;
};

/* ---------------------------------------------------------------------- issues */

bool whi_py_issues_init(struct whi_py_issues *issues, size_t most);
void whi_py_issues_done(struct whi_py_issues *issues);
/* Functions for wh_options and wh_hive_check(); 'issues' is a struct whi_py_issues. */
void whi_py_issue_add(void *issues, const struct wh_issue *issue);
void whi_py_finding_add(void *issues, const struct wh_finding *finding);
void whi_py_action_add(void *issues, const struct wh_repair_action *action);
/* A list of dicts. */
PyObject *whi_py_issues_list(struct whi_py_issues *issues);

/* ---------------------------------------------------------------------- locks */

/*
 * Begin and end reading or writing.  False: an exception is set, since the hive is closed, or for
 * writing since there are memoryviews.  Between the two nothing may run Python code; writing
 * counts as a change.
 */
bool whi_py_read_begin(struct whi_py_hive *hive);
void whi_py_read_end(struct whi_py_hive *hive);
bool whi_py_write_begin(struct whi_py_hive *hive);
/* As writing, but nothing will be changed. */
bool whi_py_exclusive_begin(struct whi_py_hive *hive);
void whi_py_write_end(struct whi_py_hive *hive);

/* ---------------------------------------------------------------------- names */

struct whi_py_names *whi_py_names_new(void);
void whi_py_names_free(struct whi_py_names *names);
/* The str of a name in UTF-8: one that was made before, if it is kept.  'names' may be NULL. */
PyObject *whi_py_name(struct whi_py_names *names, const char *at, size_t len);

/* ---------------------------------------------------------------------- objects */

PyObject *whi_py_key_new(struct whi_py_hive *hive, struct wh_key key);
/* A key that a walk met; and such an object, which nobody else has, made another key. */
PyObject *whi_py_key_met(struct whi_py_hive *hive, struct whi_py_batch *batch, size_t index,
			 uint64_t stamp);
void whi_py_key_reuse(PyObject *key, struct whi_py_batch *batch, size_t index);
PyObject *whi_py_value_new(struct whi_py_hive *hive, struct wh_value value);
/* A value whose name, type and size are known: 'name' is taken, NULL fails. */
PyObject *whi_py_value_known(struct whi_py_hive *hive, struct wh_value value, PyObject *name,
			     uint32_t type, uint32_t size);

/* A hive object around an open hive, which it owns also when this fails. */
PyObject *whi_py_hive_wrap(struct whi_py *py, PyTypeObject *type, struct wh_hive *hive,
			   PyObject *path);
/* An empty object, to be opened: with its lock and the place for issues. */
struct whi_py_hive *whi_py_hive_alloc(struct whi_py *py, PyTypeObject *type);

/* A walk over a key and all below it: keys and values, or 'plain' str, bytes and int. */
PyObject *whi_py_walk_begin(struct whi_py_key *key, bool plain);
/* The data of a Value; 'partial': of a damaged one those that can be read. */
PyObject *whi_py_value_data(PyObject *value, bool partial);
/* The hive is about to be closed: free what its walks have of it. */
void whi_py_walks_end(struct whi_py_hive *hive);
/* Over the subkeys of a key, or its values. */
PyObject *whi_py_subkeys(struct whi_py_key *key);
PyObject *whi_py_values(struct whi_py_key *key);

/* Class and instance methods of Hive, each list with its end: for hive.c. */
PyObject *whi_py_hive_open(PyTypeObject *type, PyObject *args, PyObject *names);
PyObject *whi_py_hive_from_bytes(PyObject *type, PyObject *args, PyObject *names);
PyObject *whi_py_hive_create(PyObject *type, PyObject *args, PyObject *names);
PyObject *whi_py_hive_check(PyObject *self, PyObject *unused);
PyObject *whi_py_hive_repair(PyObject *self, PyObject *args, PyObject *names);
PyObject *whi_py_hive_base_block(PyObject *self, PyObject *unused);
PyObject *whi_py_hive_stats(PyObject *self, PyObject *unused);
PyObject *whi_py_hive_logs(PyObject *self, PyObject *unused);

/* Of a Key, for others than its users. */
PyObject *whi_py_key_name(PyObject *key, void *unused);
PyObject *whi_py_key_path(PyObject *key, void *unused);
PyObject *whi_py_key_get(PyObject *key, PyObject *args, PyObject *names);

/* Methods of Key that change something: for key.c. */
extern PyMethodDef whi_py_key_edits[];
PyObject *whi_py_key_find(struct whi_py_key *self, PyObject *path, bool *missing);

/* The str of a name or path that 'read' gives for an object, by winhive.h's rule for buffers. */
typedef enum wh_status whi_py_read_fn(const void *object, char *buf, size_t cap, size_t *len);
PyObject *whi_py_read_text(struct whi_py_hive *hive, whi_py_read_fn *read, const void *object);

#endif
