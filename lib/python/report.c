/* SPDX-License-Identifier: MIT */
/* What there is to know of a hive as a file, and what a check finds: as dicts. */
#include "python/hive.h"

#include <stdlib.h>
#include <string.h>

/* For short: a count or a size in a dict. */
typedef unsigned long long ull;

static PyObject *
guids(const struct wh_base_block *b)
{
	if (!b->has_guids)
		return Py_BuildValue("{s:O,s:O,s:O}", "rm_id", Py_None, "log_id", Py_None, "tm_id",
				     Py_None);
	return Py_BuildValue("{s:y#,s:y#,s:y#}", "rm_id", b->rm_id, (Py_ssize_t)sizeof b->rm_id,
			     "log_id", b->log_id, (Py_ssize_t)sizeof b->log_id, "tm_id", b->tm_id,
			     (Py_ssize_t)sizeof b->tm_id);
}

static PyObject *
base_dict(const struct wh_base_block *b)
{
	PyObject *ids = guids(b), *dict = NULL;

	if (ids)
		dict = Py_BuildValue(
			"{s:I,s:I,s:K,s:I,s:I,s:I,s:I,s:I,s:I,s:I,s:I,s:K,s:I,s:I,s:O,s:N}",
			"sequence1", b->sequence1, "sequence2", b->sequence2, "timestamp",
			(ull)b->timestamp, "major", b->major, "minor", b->minor, "type", b->type,
			"format", b->format, "root_cell", b->root_cell, "length", b->length,
			"cluster", b->cluster, "flags", b->flags, "reorganized",
			(ull)b->reorganized, "checksum", b->checksum, "checksum_due",
			b->checksum_due, "offreg", b->offreg ? Py_True : Py_False, "file_name",
			whi_py_str(b->file_name, strlen(b->file_name)));
	if (dict && PyDict_Update(dict, ids) != 0)
		Py_CLEAR(dict);
	Py_XDECREF(ids);
	return dict;
}

PyObject *
whi_py_hive_base_block(PyObject *self, PyObject *unused)
{
	struct whi_py_hive *hive = (struct whi_py_hive *)self;
	struct wh_base_block found, now;

	(void)unused;
	if (!whi_py_read_begin(hive))
		return NULL;
	wh_hive_base_block(hive->hive, &found, &now);
	whi_py_read_end(hive);
	return Py_BuildValue("{s:N,s:N}", "found", base_dict(&found), "now", base_dict(&now));
}

PyObject *
whi_py_hive_stats(PyObject *self, PyObject *unused)
{
	struct whi_py_hive *hive = (struct whi_py_hive *)self;
	struct wh_hive_stats s;

	(void)unused;
	if (!whi_py_read_begin(hive))
		return NULL;
	Py_BEGIN_ALLOW_THREADS /* it reads all of the file */
	wh_hive_stats(hive->hive, &s);
	Py_END_ALLOW_THREADS
	whi_py_read_end(hive);
	return Py_BuildValue("{s:K,s:I,s:I,s:I,s:I,s:I,s:K,s:K,s:K}", "file_size", (ull)s.file_size,
			     "length", s.length, "bins", s.bins, "bad_bins", s.bad_bins,
			     "used_cells", s.used_cells, "free_cells", s.free_cells, "used_bytes",
			     (ull)s.used_bytes, "free_bytes", (ull)s.free_bytes, "tail",
			     (ull)s.tail);
}

/* ---------------------------------------------------------------------- logs */

/* One log, with its strings copied: the hive may be closed before they are objects. */
struct log_copy {
	struct wh_log log;
	char *name, *reason;
};

static enum wh_status
log_copy(struct wh_hive *hive, size_t index, struct log_copy *copy)
{
	enum wh_status st = wh_hive_log(hive, index, &copy->log);

	if (st != WH_OK)
		return st;
	copy->name = strdup(copy->log.name);
	copy->reason = copy->log.reason ? strdup(copy->log.reason) : NULL;
	return copy->name && (copy->reason || !copy->log.reason) ? WH_OK : WH_E_MEMORY;
}

static PyObject *
log_dict(const struct log_copy *copy)
{
	static const char *const formats[] = { "none", "old", "new" };
	static const char *const verdicts[] = { "ignored", "applied", "refused" };
	const struct wh_log *l = &copy->log;

	return Py_BuildValue("{s:N,s:s,s:s,s:z,s:K,s:K,s:I,s:I,s:I}", "name",
			     PyUnicode_DecodeFSDefault(copy->name), "format", formats[l->format],
			     "verdict", verdicts[l->verdict], "reason", copy->reason, "size",
			     (ull)l->size, "timestamp", (ull)l->timestamp, "sequence", l->sequence,
			     "entry_count", l->entry_count, "applied", l->applied);
}

PyObject *
whi_py_hive_logs(PyObject *self, PyObject *unused)
{
	struct whi_py_hive *hive = (struct whi_py_hive *)self;
	PyObject *list = PyList_New(0), *dict;
	size_t count = 1;

	(void)unused;
	for (size_t i = 0; list && i < count; i++) {
		struct log_copy copy = { 0 };
		enum wh_status st = WH_E_NO_MORE;

		if (!whi_py_read_begin(hive)) {
			Py_CLEAR(list);
			break;
		}
		count = wh_hive_log_count(hive->hive);
		if (i < count)
			st = log_copy(hive->hive, i, &copy);
		whi_py_read_end(hive);
		if (st == WH_E_NO_MORE)
			break;
		dict = st == WH_OK ? log_dict(&copy) : whi_py_raise(st);
		if (!dict || PyList_Append(list, dict) != 0)
			Py_CLEAR(list);
		Py_XDECREF(dict);
		free(copy.name);
		free(copy.reason);
	}
	return list;
}

/* ---------------------------------------------------------------------- check */

/* It reads only; but while it does, issues are findings, and those of other readers are not. */
PyObject *
whi_py_hive_check(PyObject *self, PyObject *unused)
{
	struct whi_py_hive *hive = (struct whi_py_hive *)self;
	struct whi_py_issues findings;
	struct wh_check r = { 0 };
	PyObject *dict = NULL;
	enum wh_status st;

	(void)unused;
	if (!whi_py_issues_init(&findings, 0))
		return PyErr_NoMemory();
	if (!whi_py_exclusive_begin(hive)) {
		whi_py_issues_done(&findings);
		return NULL;
	}
	Py_BEGIN_ALLOW_THREADS
	st = wh_hive_check(hive->hive, whi_py_finding_add, &findings, &r);
	Py_END_ALLOW_THREADS
	whi_py_write_end(hive);
	if (st == WH_OK && findings.failed)
		st = WH_E_MEMORY;
	if (st == WH_OK)
		dict = Py_BuildValue("{s:K,s:K,s:K,s:K,s:K,s:K,s:K,s:K,s:N}", "notes", (ull)r.notes,
				     "healed", (ull)r.healed, "refused", (ull)r.refused,
				     "dangerous", (ull)r.dangerous, "keys", (ull)r.keys, "values",
				     (ull)r.values, "unowned_cells", (ull)r.unowned_cells,
				     "unowned_bytes", (ull)r.unowned_bytes, "findings",
				     whi_py_issues_list(&findings));
	else
		whi_py_raise(st);
	whi_py_issues_done(&findings);
	return dict;
}

/* ---------------------------------------------------------------------- repair */

static PyObject *
repair_dict(const struct wh_repair_report *r, struct whi_py_issues *actions)
{
	return Py_BuildValue("{s:K,s:K,s:K,s:K,s:K,s:K,s:K,s:K,s:K,s:K,s:N}", "bytes_before",
			     (ull)r->bytes_before, "bytes_after", (ull)r->bytes_after, "keys",
			     (ull)r->keys, "values", (ull)r->values, "fixed", (ull)r->fixed,
			     "dropped", (ull)r->dropped, "lost_keys", (ull)r->lost_keys,
			     "dropped_keys", (ull)r->dropped_keys, "dropped_values",
			     (ull)r->dropped_values, "dropped_bytes", (ull)r->dropped_bytes,
			     "actions", whi_py_issues_list(actions));
}

static enum wh_status
repair(struct whi_py_hive *from, struct whi_py_hive *to, bool lost_and_found,
       struct whi_py_issues *actions, struct wh_repair_report *report)
{
	const struct wh_repair how = {
		.lost_and_found = lost_and_found,
		.fn = whi_py_action_add,
		.ctx = actions,
	};
	const struct wh_options options = {
		.issue = whi_py_issue_add,
		.issue_ctx = &to->issues,
	};
	enum wh_status st = wh_hive_repair(from->hive, &how, &options, &to->hive, report);

	return st == WH_OK && actions->failed ? WH_E_MEMORY : st;
}

PyObject *
whi_py_hive_repair(PyObject *self, PyObject *args, PyObject *names)
{
	static const char *const words[] = { "lost_and_found", NULL };
	struct whi_py_hive *hive = (struct whi_py_hive *)self, *made;
	struct wh_repair_report report = { 0 };
	struct whi_py_issues actions;
	PyObject *result = NULL;
	int lost_and_found = 0;
	enum wh_status st;

	if (!PyArg_ParseTupleAndKeywords(args, names, "|$p:repair", WHI_PY_WORDS(words),
					 &lost_and_found))
		return NULL;
	made = whi_py_hive_alloc(hive->py, (PyTypeObject *)hive->py->hive_type);
	if (!made)
		return NULL;
	if (!whi_py_issues_init(&actions, 0)) {
		Py_DECREF((PyObject *)made);
		return PyErr_NoMemory();
	}
	if (whi_py_exclusive_begin(hive)) {
		Py_BEGIN_ALLOW_THREADS
		st = repair(hive, made, lost_and_found, &actions, &report);
		Py_END_ALLOW_THREADS
		whi_py_write_end(hive);
		result = st == WH_OK ? Py_BuildValue("ON", made, repair_dict(&report, &actions))
				     : whi_py_raise_path(st, hive->path);
	}
	whi_py_issues_done(&actions);
	Py_DECREF((PyObject *)made);
	return result;
}
