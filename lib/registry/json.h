/* SPDX-License-Identifier: MIT */
/* The form of a registry in JSON, which docs/json.md describes: what writer and reader share. */
#ifndef WHI_REGISTRY_JSON_H
#define WHI_REGISTRY_JSON_H

/* Member "format" of the whole. */
#define WHI_JSON_FORMAT "winhive registry 1"

/* Keys in keys.  Windows stops at 512 in a hive, and hives are below others. */
enum { WHI_JSON_DEPTH = 600 };

/* The largest whole number that every reader of JSON takes: the precision of a double. */
#define WHI_JSON_NUMBER_MAX ((UINT64_C(1) << 53) - 1)

#endif
