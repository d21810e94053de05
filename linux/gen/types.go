package main

import (
	"fmt"
	"slices"
	"strings"
)

// typeCodes gives the parameter types of the kernel that are no pointers their code in
// prototypes.txt: signedness ("p" for a pointer in disguise), and the bits that a function with
// such a parameter gets to see ("w": the register's).
var typeCodes = map[string][]string{
	"s32": {"int", "long int", "__s32", "s32", "pid_t", "key_t", "key_serial_t", "mqd_t",
		"clockid_t",
		"timer_t", "rwf_t", "compat_pid_t", "compat_long_t", "compat_int_t", "compat_off_t",
		"compat_ssize_t"},
	"u32": {"unsigned int", "unsigned", "uint", "u32", "__u32", "uid_t", "gid_t", "qid_t",
		"uint32_t",
		"compat_ulong_t", "compat_size_t", "compat_aio_context_t", "compat_old_sigset_t",
		"compat_uint_t", "enum landlock_rule_type"},
	"u16": {"umode_t", "old_uid_t", "old_gid_t", "compat_mode_t"},
	"s64": {"loff_t", "compat_loff_t", "s64"},
	"u64": {"u64", "__u64", "uint64_t", "compat_u64"},
	"sw":  {"long", "off_t", "ssize_t"},
	"uw":  {"unsigned long", "size_t", "aio_context_t", "old_sigset_t", "ulong", "uintptr_t"},
	"p32": {"compat_uptr_t"},
	"p":   {"cap_user_header_t", "cap_user_data_t", "__sighandler_t"},
}

// typeCode returns the code of a C type.
func typeCode(ctype string) (string, error) {
	if strings.Contains(ctype, "*") {
		return "p", nil
	}
	base := strings.TrimPrefix(ctype, "const ")
	for code, types := range typeCodes {
		if slices.Contains(types, base) {
			return code, nil
		}
	}
	return "", fmt.Errorf("no width known for the type %q", ctype)
}
