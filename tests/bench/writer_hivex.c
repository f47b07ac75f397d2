/* SPDX-License-Identifier: MIT */
#include "bench_edit.h"

#include <hivex.h>
#include <stdlib.h>
#include <string.h>

static void
put_number(char bytes[4], uint32_t number)
{
	for (int i = 0; i < 4; i++)
		bytes[i] = (char)(number >> 8 * i);
}

static bool
add_key(hive_h *hive, hive_node_h parent, uint32_t index)
{
	char names[EDIT_VALUES][EDIT_NAME], data[EDIT_VALUES][4], name[EDIT_NAME];
	hive_set_value values[EDIT_VALUES];
	hive_node_h node;

	edit_key_name(index, name);
	node = hivex_node_add_child(hive, parent, name);
	for (uint32_t v = 0; v < EDIT_VALUES; v++) {
		edit_value_name(v, names[v]);
		put_number(data[v], index + v);
		values[v] = (hive_set_value){ names[v], hive_t_REG_DWORD, 4, data[v] };
	}
	return node && hivex_node_set_values(hive, node, EDIT_VALUES, values, 0) == 0;
}

static bool
create(const struct edit_job *job, double *begun)
{
	hive_h *hive = hivex_open(job->hive, HIVEX_OPEN_WRITE);
	hive_node_h parent = 0;
	char name[EDIT_NAME];
	bool fine = hive != NULL;

	(void)begun;
	for (uint32_t i = 0; fine && i < job->count; i++) {
		if (i % job->per_parent == 0) {
			edit_parent_name(i / job->per_parent, name);
			parent = hivex_node_add_child(hive, hivex_root(hive), name);
		}
		fine = parent && add_key(hive, parent, i);
	}
	fine = fine && hivex_commit(hive, job->out, 0) == 0;
	if (hive)
		hivex_close(hive);
	return fine;
}

static bool
values(const struct edit_job *job, double *begun)
{
	hive_h *hive = hivex_open(job->hive, HIVEX_OPEN_WRITE);
	char name[EDIT_NAME], number[4];
	bool fine = hive != NULL;

	(void)begun;
	for (uint32_t i = 0; fine && i < job->count; i++) {
		hive_set_value value = { name, hive_t_REG_DWORD, sizeof number, number };

		edit_value_name(i, name);
		put_number(number, i);
		fine = hivex_node_set_value(hive, hivex_root(hive), &value, 0) == 0;
	}
	fine = fine && hivex_commit(hive, job->out, 0) == 0;
	if (hive)
		hivex_close(hive);
	return fine;
}

struct list {
	hive_node_h *nodes;
	uint32_t count;
	size_t cap;
};

static void
list_nodes(hive_h *hive, hive_node_h node, struct list *list)
{
	hive_node_h *children = hivex_node_children(hive, node);

	if (list->count == list->cap) {
		list->cap = list->cap ? 2 * list->cap : 1024;
		list->nodes = realloc(list->nodes, list->cap * sizeof *list->nodes);
		if (!list->nodes)
			abort();
	}
	list->nodes[list->count++] = node;
	for (size_t i = 0; children && children[i]; i++)
		list_nodes(hive, children[i], list);
	free(children);
}

static bool
one_edit(hive_h *hive, hive_node_h node, uint32_t index)
{
	static char text[] = "some text of the usual length";
	char wide[2 * sizeof text] = { 0 }, number[4];
	hive_set_value value;

	switch (index % 3) {
	case 0:
		put_number(number, index);
		value = (hive_set_value){ (char[]){ "winhive number" }, hive_t_REG_DWORD, 4,
					  number };
		break;
	case 1:
		for (size_t i = 0; i < sizeof text; i++)
			wide[2 * i] = text[i];
		value = (hive_set_value){ (char[]){ "winhive text" }, hive_t_REG_SZ, sizeof wide,
					  wide };
		break;
	default:
		return hivex_node_get_child(hive, node, "winhive key") ||
		       hivex_node_add_child(hive, node, "winhive key");
	}
	return hivex_node_set_value(hive, node, &value, 0) == 0;
}

static bool
edit(const struct edit_job *job, double *begun)
{
	hive_h *hive = hivex_open(job->hive, HIVEX_OPEN_WRITE);
	struct list list = { 0 };
	bool fine = hive != NULL;

	if (fine)
		list_nodes(hive, hivex_root(hive), &list);
	*begun = bench_now();
	for (uint32_t i = 0; fine && i < job->count; i++)
		fine = one_edit(
			hive,
			list.nodes[job->count == 1 ? list.count / 2 : edit_place(i, list.count)],
			i);
	fine = fine && hivex_commit(hive, NULL, 0) == 0;
	free(list.nodes);
	if (hive)
		hivex_close(hive);
	return fine;
}

const struct writer writer_hivex = { "libhivex", create, values, edit };
