package linux

import (
	"slices"
	"strings"
)

// twinSuffixes end the names of calls that are another with wider types: of time
// (include/uapi/asm-generic/unistd.h), of files' sizes, of users and groups.
var twinSuffixes = []string{"_time64", "64", "32", "_64"}

// irregular are twins whose names no suffix makes. Some have the arguments in another order, so
// that 64 bits lie in a pair of registers (fs/sync.c, sync_file_range2).
var irregular = map[string]string{
	"fstatat64": "newfstatat", "arm_fadvise64_64": "fadvise64",
	"sync_file_range2": "sync_file_range", "arm_sync_file_range": "sync_file_range",
}

// Twins returns the calls of the ABI that are one call with types of another width: of
// clock_settime that and clock_settime64, of setuid that and setuid32. The name may be that of any
// of them, and is among them if the ABI has it. Their parameters have the same names. There are
// none where the ABI has none of them.
func (a *ABI) Twins(name string) []string {
	roots := []string{name}
	for _, suffix := range twinSuffixes {
		if base, ok := strings.CutSuffix(name, suffix); ok {
			roots = append(roots, base)
		}
	}
	for _, root := range roots {
		if base, ok := irregular[root]; ok {
			roots = append(roots, base)
		}
	}
	for _, root := range roots {
		for other, base := range irregular {
			if base == root {
				roots = append(roots, other)
			}
		}
	}
	var out []string
	for _, root := range roots {
		for _, suffix := range append([]string{""}, twinSuffixes...) {
			if twin := root + suffix; a.HasSyscall(twin) && !slices.Contains(out, twin) {
				out = append(out, twin)
			}
		}
	}
	slices.Sort(out)
	return out
}
