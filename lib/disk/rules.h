/* SPDX-License-Identifier: MIT */
/*
 * Every rule of the format that is checked, in one list:
 *
 *	RULE(enumerator, id, name, grade, incomplete, what must hold)
 *
 * The id is that of docs/format.md section 13; the name is also that of the files
 * in testdata/broken that break it.  The grade is what Windows does, or does
 * not notice; 'incomplete' says that something cannot be read when the rule is broken.
 */
#ifndef WHI_DISK_RULES_H
#define WHI_DISK_RULES_H

#define WHI_RULES(RULE) \
	/* base block */ \
	RULE(NOT_HIVE, "L1", "not-a-hive", WH_REFUSED, 1, \
	     "the file starts with a base block, or with hive bins after 4096 bytes") \
	RULE(BASE_SIGNATURE, "L2", "base-signature", WH_HEALED, 0, \
	     "the base block has its signature, regf") \
	RULE(BASE_MAJOR, "L3", "base-major", WH_REFUSED, 1, "the major version is 1") \
	RULE(BASE_MINOR, "L4", "base-minor", WH_REFUSED, 1, "the minor version is 1 to 6") \
	RULE(BASE_TYPE, "L5", "base-type", WH_HEALED, 0, "the file type is 0, primary") \
	RULE(BASE_FORMAT, "L6", "base-format", WH_HEALED, 0, \
	     "the format is 1, direct memory load") \
	RULE(BASE_CLUSTER, "L7", "base-cluster", WH_HEALED, 0, "the cluster factor is 1") \
	RULE(BASE_CHECKSUM, "L8", "base-checksum", WH_HEALED, 0, \
	     "the checksum of the base block is right") \
	RULE(HIVE_DIRTY, "L9", "hive-dirty", WH_HEALED, 1, \
	     "the two sequence numbers are equal, or the logs can be replayed") \
	RULE(HIVE_LENGTH, "L10", "hive-length", WH_REFUSED, 1, \
	     "the length of the hive bins is a multiple of 4096 and they are all in the file") \
	RULE(ROOT_CELL, "L11", "root-cell", WH_REFUSED, 1, "the root cell holds a key") \
	RULE(BASE_FLAGS, "L12", "base-flags", WH_NOTE, 0, \
	     "the flags of the base block are known ones") \
	RULE(BASE_GUIDS, "L13", "base-guids", WH_NOTE, 0, \
	     "the GUIDs of the base block have their mark, rmtm") \
	RULE(BASE_TIME, "L14", "base-time", WH_NOTE, 0, \
	     "the time of the base block is that of the first hive bin") \
	RULE(BASE_REMNANTS, "L16", "base-remnants", WH_NOTE, 0, \
	     "the file name ends in a NUL, and what has no meaning is 0") \
	RULE(FILE_UNREAD, "L17", "file-unread", WH_REFUSED, 1, \
	     "the file can be read to its end, and nobody writes to it meanwhile") \
	RULE(FILE_FILLED, "L18", "file-filled", WH_REFUSED, 0, \
	     "no part of the file is known from its logs alone") \
	/* hive bins */ \
	RULE(BIN_SIGNATURE, "B1", "bin-signature", WH_HEALED, 1, \
	     "a hive bin starts with its signature, hbin") \
	RULE(BIN_OFFSET, "B2", "bin-offset", WH_HEALED, 1, "a hive bin says where it is") \
	RULE(BIN_SIZE, "B3", "bin-size", WH_HEALED, 1, \
	     "the size of a hive bin is a multiple of 4096 and ends where the next one starts") \
	RULE(BIN_BEHIND, "B4", "bin-behind", WH_NOTE, 0, "no hive bin goes on where they all end") \
	RULE(BIN_IN_LOG, "B5", "bin-in-log", WH_HEALED, 1, "a log holds hive bins that are whole") \
	/* cells */ \
	RULE(CELL_EMPTY, "C1", "cell-size-zero", WH_HEALED, 1, "the size of a cell is not 0") \
	RULE(CELL_PAST_BIN, "C2", "cell-past-bin", WH_HEALED, 1, "a cell ends in its hive bin") \
	RULE(CELL_UNALIGNED, "C3", "cell-unaligned", WH_HEALED, 1, \
	     "the size of a cell is a multiple of 8, or of 16 in version 1.1") \
	RULE(CELL_FREE, "C4", "cell-free-neighbours", WH_NOTE, 0, \
	     "no two free cells are side by side") \
	RULE(CELL_SHARED, "C6", "cell-shared", WH_DANGEROUS, 1, \
	     "a cell belongs to one owner, so that a walk meets no more than the file can hold") \
	RULE(CELL_UNOWNED, "C7", "cell-unowned", WH_NOTE, 0, \
	     "something refers to each cell in use") \
	/* keys */ \
	RULE(KEY_CELL, "K1", "key-cell", WH_HEALED, 1, \
	     "a subkey list refers to cells in use, large enough for a key") \
	RULE(KEY_CELL_LARGE, "K2", "key-cell-large", WH_HEALED, 0, \
	     "the cell of a key has at most 1116 bytes") \
	RULE(KEY_NAME_EMPTY, "K3", "key-name-empty", WH_HEALED, 0, "a key has a name") \
	RULE(KEY_NAME_PAST_CELL, "K4", "key-name-past-cell", WH_HEALED, 1, \
	     "the name of a key ends in its cell") \
	RULE(KEY_PARENT, "K5", "key-parent", WH_HEALED, 0, \
	     "a key refers to the key it was found below") \
	RULE(KEY_SIGNATURE, "K6", "key-signature", WH_HEALED, 1, "a key has its signature, nk") \
	RULE(KEY_CLASS_MISSING, "K7", "key-class-missing", WH_HEALED, 1, \
	     "a class name with a length has a cell") \
	RULE(KEY_CLASS_CELL, "K8", "key-class-cell", WH_HEALED, 1, \
	     "the cell of a class name is in use") \
	RULE(KEY_CLASS_LENGTH, "K9", "key-class-length", WH_DANGEROUS, 1, \
	     "a class name ends in its cell and has an even length") \
	RULE(KEY_VOLATILE, "K10", "key-volatile", WH_NOTE, 0, "a key counts no volatile subkeys") \
	RULE(KEY_FLAGS, "K11", "key-flags", WH_NOTE, 0, \
	     "no key is volatile or a mount point, none but the first a root") \
	RULE(ROOT_FLAGS, "K12", "root-flags", WH_NOTE, 0, \
	     "the root key is marked as one, and not to be deleted") \
	RULE(KEY_NAME_ODD, "K13", "key-name-odd", WH_NOTE, 0, \
	     "a name in UTF-16 has an even length") \
	RULE(KEY_NAME_BACKSLASH, "K14", "key-name-backslash", WH_NOTE, 0, \
	     "the name of a key has no backslash") \
	RULE(KEY_NAME_WIDE, "K15", "key-name-wide", WH_NOTE, 0, \
	     "a name that fits in one byte a unit is stored so") \
	RULE(KEY_LONGEST_LOW, "K16", "key-longest-low", WH_DANGEROUS, 0, \
	     "nothing of a key is longer than its longest fields say") \
	RULE(KEY_PREDEF_HANDLE, "K17", "key-predefined", WH_REFUSED, 0, \
	     "no key stands for a predefined handle") \
	RULE(KEY_LINK, "K18", "key-link", WH_DANGEROUS, 0, \
	     "a symbolic link has one value, which is a path") \
	RULE(KEY_LAYER, "K19", "key-layer", WH_NOTE, 0, \
	     "the layers of keys fit together, and only version 1.6 has any") \
	RULE(KEY_TIME, "K20", "key-time", WH_NOTE, 0, \
	     "a key was written between 1990 and 2200, or has no time") \
	RULE(KEY_DEPTH, "K21", "key-depth", WH_REFUSED, 1, "keys are nested at most 512 deep") \
	RULE(KEY_CYCLE, "K22", "key-cycle", WH_HEALED, 1, "no key is below itself") \
	RULE(KEY_LONGEST_HIGH, "K23", "key-longest-high", WH_NOTE, 0, \
	     "the longest fields of a key are those of its longest parts") \
	RULE(KEY_NAME_LONG, "K24", "key-name-long", WH_NOTE, 0, \
	     "the name of a key has at most 256 units") \
	/* subkey lists */ \
	RULE(LIST_CELL, "I1", "list-cell", WH_HEALED, 1, \
	     "a key with subkeys has a subkey list in a cell in use") \
	RULE(LIST_SIGNATURE, "I2", "list-signature", WH_HEALED, 1, \
	     "a subkey list is an li, lf, lh or ri") \
	RULE(LIST_COUNT, "I3", "list-count", WH_HEALED, 0, \
	     "the count of subkeys is that of their list") \
	RULE(LIST_LEAF_CELL, "I4", "list-leaf-cell", WH_HEALED, 1, "an ri refers to cells in use") \
	RULE(LIST_NESTED, "I5", "list-leaf-signature", WH_HEALED, 1, \
	     "an ri refers to li, lf and lh lists") \
	RULE(LIST_TOTAL, "I6", "list-total", WH_HEALED, 0, \
	     "the count of subkeys is the total of the lists below the ri") \
	RULE(LIST_PAST_CELL, "I7", "list-past-cell", WH_HEALED, 1, \
	     "a subkey list ends in its cell") \
	RULE(LIST_ORDER, "I9", "list-order", WH_HEALED, 0, \
	     "subkeys are in ascending order of their upper-cased names, each name once") \
	RULE(LIST_HASH, "I10", "list-hash", WH_DANGEROUS, 0, \
	     "the hash in an lh list is that of the name") \
	RULE(LIST_KIND, "I11", "list-kind", WH_NOTE, 0, \
	     "a list is of the kind and size that its version has") \
	RULE(LIST_HIDDEN, "I12", "list-hidden", WH_DANGEROUS, 1, \
	     "a key that counts no subkeys has no subkey list") \
	RULE(LIST_EMPTY, "I13", "list-empty", WH_NOTE, 0, "a list has elements") \
	RULE(LIST_HINT, "I14", "list-hint", WH_NOTE, 0, \
	     "the hint in an lf list is that of the name") \
	/* values */ \
	RULE(VALUES_CELL, "V1", "values-cell", WH_HEALED, 1, \
	     "a key with values has a value list in a cell in use") \
	RULE(VALUES_PAST_CELL, "V2", "values-past-cell", WH_HEALED, 1, \
	     "a value list ends in its cell") \
	RULE(VALUE_NIL, "V3", "value-nil", WH_HEALED, 1, "a value list has no empty entries") \
	RULE(VALUE_CELL, "V4", "value-cell", WH_HEALED, 1, \
	     "a value list refers to cells in use, large enough for a value") \
	RULE(VALUE_NAME_PAST_CELL, "V5", "value-name-past-cell", WH_HEALED, 1, \
	     "the name of a value ends in its cell") \
	RULE(VALUE_EMPTY_DATA, "V6", "value-empty-data", WH_HEALED, 0, \
	     "a value without data refers to no cell") \
	RULE(VALUE_DATA_CELL, "V7", "value-data-cell", WH_HEALED, 1, \
	     "the data of a value are in a cell in use") \
	RULE(VALUE_SIGNATURE, "V8", "value-signature", WH_HEALED, 1, \
	     "a value has its signature, vk") \
	RULE(VALUE_DATA_PAST_CELL, "V9", "value-data-past-cell", WH_DANGEROUS, 1, \
	     "the data of a value end in their cell") \
	RULE(VALUE_INLINE_LENGTH, "V10", "value-inline-length", WH_DANGEROUS, 1, \
	     "data kept in the value itself are at most 4 bytes") \
	RULE(VALUE_BIG_DATA, "V11", "value-big-data", WH_DANGEROUS, 1, \
	     "big data have a db cell, a list and enough segments, each large enough") \
	RULE(VALUE_TWICE, "V12", "value-twice", WH_DANGEROUS, 0, \
	     "no two values of a key have the same name") \
	RULE(VALUE_NOT_BIG, "V16", "value-not-big-data", WH_NOTE, 0, \
	     "from version 1.4 on, data of more than 16344 bytes are big data") \
	RULE(VALUE_NAME_ODD, "V13", "value-name-odd", WH_NOTE, 0, \
	     "a name in UTF-16 has an even length") \
	RULE(VALUE_TOMBSTONE, "V14", "value-tombstone", WH_NOTE, 0, \
	     "a value that hides another has no data, and is of version 1.6") \
	RULE(VALUE_LARGE, "V15", "value-large", WH_NOTE, 0, \
	     "before version 1.4 data have at most 1 MiB") \
	RULE(VALUE_NO_NAME, "V17", "value-no-name", WH_NOTE, 0, \
	     "only a name is stored in one byte a unit") \
	/* security */ \
	RULE(KEY_SECURITY, "S1", "key-security", WH_HEALED, 0, \
	     "a key refers to a security cell in use") \
	RULE(SECURITY_LENGTH, "S2", "security-length", WH_HEALED, 0, \
	     "a security descriptor ends in its cell") \
	RULE(SECURITY_DESCRIPTOR, "S3", "security-descriptor", WH_HEALED, 0, \
	     "a security descriptor is well formed") \
	RULE(SECURITY_RING, "S4", "security-ring", WH_HEALED, 0, \
	     "the security cells are one ring, and each that a key refers to is in it") \
	RULE(SECURITY_COUNT, "S5", "security-count", WH_HEALED, 0, \
	     "a security cell counts at least the keys that refer to it") \
	RULE(SECURITY_TWICE, "S6", "security-twice", WH_NOTE, 0, \
	     "no two security cells have the same descriptor") \
	RULE(SECURITY_UNUSED, "S7", "security-unused", WH_NOTE, 0, \
	     "a security cell counts no more keys than refer to it, at least one") \
	/* transaction logs */ \
	RULE(LOG_SIZE, "G1", "log-size", WH_NOTE, 0, "a log is empty or has at least 1024 bytes") \
	RULE(LOG_BASE_BLOCK, "G2", "log-base-block", WH_NOTE, 0, \
	     "the base block of a log has its signature, checksum and equal sequence numbers") \
	RULE(LOG_TYPE, "G3", "log-type", WH_NOTE, 0, "the logs of a hive have the same format") \
	RULE(LOG_STALE, "G4", "log-stale", WH_NOTE, 0, \
	     "a log belongs to the state of the hive it is found with") \
	RULE(LOG_GAP, "G5", "log-gap", WH_HEALED, 0, \
	     "the second log goes on where the first one ends") \
	RULE(LOG_ENTRY, "G6", "log-entry", WH_HEALED, 0, \
	     "a log entry is whole and refers to the inside of the hive") \
	RULE(LOG_NEWER, "G8", "log-newer", WH_DANGEROUS, 0, \
	     "no log of a clean hive goes on where the hive ends") \
	RULE(LOG_UNREAD, "G9", "log-unread", WH_HEALED, 1, \
	     "what a log of a hive that was in use holds can be told") \
	RULE(LOG_OTHER, "G10", "log-other", WH_DANGEROUS, 0, \
	     "a log that is replayed has the file name of the hive")

#define WHI_RULE_ENUM(sym, id, name, grade, incomplete, text) WHI_RULE_##sym,
enum whi_rule { WHI_RULES(WHI_RULE_ENUM) WHI_RULE_COUNT };
#undef WHI_RULE_ENUM

#endif
