/* SPDX-License-Identifier: MIT */
/*
 * What the library reports, kept until somebody asks: reports come while the GIL is released, and
 * their strings are good during the call only.
 */
#include "python/hive.h"

#include <stdlib.h>
#include <string.h>

bool
whi_py_issues_init(struct whi_py_issues *issues, size_t most)
{
	*issues = (struct whi_py_issues){ .most = most };
	return pthread_mutex_init(&issues->lock, NULL) == 0;
}

static void
issue_free(struct whi_py_issue *issue)
{
	free(issue->id);
	free(issue->rule);
	free(issue->text);
	free(issue->path);
}

void
whi_py_issues_done(struct whi_py_issues *issues)
{
	for (size_t i = 0; i < issues->count; i++)
		issue_free(&issues->at[i]);
	free(issues->at);
	pthread_mutex_destroy(&issues->lock);
}

static bool
grow(struct whi_py_issues *issues)
{
	size_t cap = issues->cap ? 2 * issues->cap : 16;
	struct whi_py_issue *at;

	if (issues->count < issues->cap)
		return true;
	at = realloc(issues->at, cap * sizeof *at);
	if (!at)
		return false;
	issues->at = at;
	issues->cap = cap;
	return true;
}

static bool
copy(struct whi_py_issue *to, const struct wh_issue *from, const char *grade, const char *path,
     size_t len)
{
	*to = (struct whi_py_issue){
		.id = strdup(from->id),
		.rule = strdup(from->rule),
		.text = strdup(from->text),
		.path = path ? malloc(len + 1) : NULL,
		.path_len = len,
		.grade = grade,
		.incomplete = from->incomplete,
		.log = from->log,
		.offset = from->offset,
		.cell = from->cell,
	};
	if (!to->id || !to->rule || !to->text || (path && !to->path)) {
		issue_free(to);
		return false;
	}
	if (path && len > 0)
		memcpy(to->path, path, len);
	return true;
}

static void
add(struct whi_py_issues *issues, const struct wh_issue *issue, const char *grade, const char *path,
    size_t len)
{
	pthread_mutex_lock(&issues->lock);
	if (issues->most && issues->count >= issues->most)
		issues->dropped++;
	else if (grow(issues) && copy(&issues->at[issues->count], issue, grade, path, len))
		issues->count++;
	else
		issues->failed = true;
	pthread_mutex_unlock(&issues->lock);
}

static const char *const grades[] = { "note", "healed", "refused", "dangerous" };

void
whi_py_issue_add(void *issues, const struct wh_issue *issue)
{
	add(issues, issue, grades[issue->grade], NULL, 0);
}

void
whi_py_finding_add(void *issues, const struct wh_finding *finding)
{
	add(issues, &finding->issue, grades[finding->issue.grade], finding->path,
	    finding->path_len);
}

void
whi_py_action_add(void *issues, const struct wh_repair_action *a)
{
	const struct wh_issue issue = {
		.id = a->id,
		.rule = a->rule,
		.incomplete = a->grade == WH_DROPPED,
		.log = a->log,
		.offset = a->offset,
		.cell = a->cell,
		.text = a->text,
	};

	add(issues, &issue, a->grade == WH_DROPPED ? "dropped" : "fixed", a->path, a->path_len);
}

static PyObject *
issue_dict(const struct whi_py_issue *issue)
{
	PyObject *path, *log, *cell;

	path = issue->path ? whi_py_str(issue->path, issue->path_len) : Py_NewRef(Py_None);
	log = issue->log >= 0 ? PyLong_FromLong(issue->log) : Py_NewRef(Py_None);
	cell = issue->cell != WH_NO_CELL ? PyLong_FromUnsignedLong(issue->cell)
					 : Py_NewRef(Py_None);
	return Py_BuildValue("{s:s,s:s,s:s,s:O,s:N,s:K,s:N,s:N,s:s}", "id", issue->id, "rule",
			     issue->rule, "grade", issue->grade, "incomplete",
			     issue->incomplete ? Py_True : Py_False, "log", log, "offset",
			     (unsigned long long)issue->offset, "cell", cell, "path", path, "text",
			     issue->text);
}

PyObject *
whi_py_issues_list(struct whi_py_issues *issues)
{
	PyObject *list = PyList_New(0), *dict;
	size_t count;

	pthread_mutex_lock(&issues->lock);
	count = issues->count;
	pthread_mutex_unlock(&issues->lock);
	for (size_t i = 0; list && i < count; i++) {
		struct whi_py_issue issue;

		/* The array may move, but what was copied into it stays. */
		pthread_mutex_lock(&issues->lock);
		issue = issues->at[i];
		pthread_mutex_unlock(&issues->lock);
		dict = issue_dict(&issue);
		if (!dict || PyList_Append(list, dict) != 0)
			Py_CLEAR(list);
		Py_XDECREF(dict);
	}
	return list;
}
