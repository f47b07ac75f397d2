/* SPDX-License-Identifier: MIT */
/* Security descriptors for tests, from a text that is easy to read. */
#ifndef TESTS_SUPPORT_DESCRIPTORS_H
#define TESTS_SUPPORT_DESCRIPTORS_H

#include <stddef.h>
#include <stdint.h>

enum { SD_BYTES_MAX = 600 };

struct sd_bytes {
	uint8_t at[SD_BYTES_MAX];
	size_t len;
};

/* Administrators, SYSTEM, everyone, users, CREATOR OWNER, OWNER RIGHTS, an account. */
#define SID_BA 1, 2, 0, 0, 0, 0, 0, 5, 32, 0, 0, 0, 0x20, 2, 0, 0
#define SID_BU 1, 2, 0, 0, 0, 0, 0, 5, 32, 0, 0, 0, 0x21, 2, 0, 0
#define SID_SY 1, 1, 0, 0, 0, 0, 0, 5, 18, 0, 0, 0
#define SID_WD 1, 1, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0
#define SID_CO 1, 1, 0, 0, 0, 0, 0, 3, 0, 0, 0, 0
#define SID_OW 1, 1, 0, 0, 0, 0, 0, 3, 4, 0, 0, 0
#define SID_ME 1, 2, 0, 0, 0, 0, 0, 5, 21, 0, 0, 0, 0xe9, 3, 0, 0

/*
 * "O:BA G:SY S:(AU;SY;1) D:P(A;BA;f003f)(DIO;WD;2)": SIDs by the letters above; ACLs with P,
 * "AI" or both in front of their ACEs, or "D:null"; an ACE has a type, with IO if it is
 * inherit-only, a SID, and rights in hexadecimal.  Types: A D AU ML as in SDDL; AO and DO: for
 * objects, without a GUID; AG and DG: with one; XA and XD: with a condition.  The parts are
 * written in the order of Windows.  What is wrong in the text ends the program.
 */
struct sd_bytes sd_bytes(const char *text);

#endif
