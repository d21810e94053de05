package systemd

import (
	"slices"
	"strconv"
	"strings"

	"github.com/seccompc/seccompc/linux"
)

// unit is what the settings of a unit make of each other.
type unit struct {
	filter, log callList
	errno       answer // SystemCallErrorNumber; not own: kill
	archs       []string
	families    families
	namespaces  namespaces
	personality uint64
	switches    map[string]setting // those that are on
}

// families is RestrictAddressFamilies.
type families struct {
	given, allow bool
	values       map[uint64]bool
	setting
}

// namespaces is RestrictNamespaces: the flags of those that stay allowed.
type namespaces struct {
	given  bool
	retain uint64
	setting
}

// switchNames are the settings that are on or off and that install a filter.
var switchNames = []string{"ProtectHostname", "MemoryDenyWriteExecute", "RestrictRealtime",
	"RestrictSUIDSGID",
	"ProtectKernelTunables", "ProtectKernelModules", "ProtectKernelLogs", "ProtectClock",
	"PrivateDevices", "LockPersonality", "DynamicUser"}

// apply takes the settings in their order.
func (im *importer) apply(list []setting) {
	u := &im.unit
	u.switches = map[string]setting{}
	for _, s := range list {
		switch s.key {
		case im.strayed(s):
		case "SystemCallFilter":
			im.assign(&u.filter, s, false)
		case "SystemCallLog":
			im.assign(&u.log, s, true)
		case "SystemCallErrorNumber":
			im.errorNumber(s)
		case "SystemCallArchitectures":
			im.architectures(s)
		case "RestrictAddressFamilies":
			im.addressFamilies(s)
		case "RestrictNamespaces":
			im.restrictNamespaces(s)
		case "Personality":
			im.setPersonality(s)
		case "NoNewPrivileges":
			im.noNewPrivileges = s.value
		default:
			if slices.Contains(switchNames, s.key) {
				im.flip(s)
			} else if meant := meantKey(s.key); meant != "" {
				im.warn(s.place, "%s is no setting: systemd ignores the line; write %s",
					show(s.key), meant)
			}
		}
	}
	if s, on := u.switches["DynamicUser"]; on {
		if _, already := u.switches["RestrictSUIDSGID"]; !already {
			u.switches["RestrictSUIDSGID"] = s
			im.warnCall(s.place, func() (*linux.ABI, string, []uint64) {
				return im.host, "fchmod", []uint64{0, 0o4000}
			}, "DynamicUser implies RestrictSUIDSGID")
		}
		delete(u.switches, "DynamicUser")
	}
}

// strayed returns the key of a setting that stands where systemd does not read it, with a warning
// where it is one of those that are read here.
func (im *importer) strayed(s setting) string {
	if !s.stray {
		return ""
	}
	if slices.Contains(keys, s.key) || slices.Contains(switchNames, s.key) {
		im.warn(s.place, "%s stands outside of the sections %s: systemd ignores it", s.key,
			strings.Join(sections, ", "))
	}
	return s.key
}

// keys are the settings that have more than yes and no.
var keys = []string{"SystemCallFilter", "SystemCallLog", "SystemCallErrorNumber",
	"SystemCallArchitectures", "RestrictAddressFamilies", "RestrictNamespaces"}

// meantKey returns the setting that a key is but for case, for signs between its words, or for the
// s of a plural.
func meantKey(key string) string {
	folded := func(s string) string {
		return strings.TrimSuffix(strings.NewReplacer("_", "", "-", "", " ",
			"").Replace(strings.ToLower(s)), "s")
	}
	for _, k := range slices.Concat(keys, switchNames) {
		if k != key && folded(k) == folded(key) {
			return k
		}
	}
	return ""
}

func (im *importer) errorNumber(s setting) {
	a, ok := im.answer(s.value)
	switch {
	case s.value == "" || s.value == "kill":
		im.unit.errno = answer{}
	case !ok || a.action.Data() == 0:
		im.warn(s.place, "%s is no error number: systemd ignores it", show(s.value))
	default:
		im.unit.errno = a
	}
}

func (im *importer) flip(s setting) {
	on, ok := boolean(s.value)
	if s.key == "ProtectHostname" && im.opts.Version >= 258 {
		mode, _, named := strings.Cut(s.value, ":")
		if mode == "private" {
			on, ok = false, true
		} else if named {
			on, ok = boolean(mode)
		}
	}
	switch {
	case !ok:
		im.warn(s.place, "%s=%s is neither yes nor no: systemd ignores the line", s.key,
			show(s.value))
	case on:
		im.unit.switches[s.key] = s
	default:
		delete(im.unit.switches, s.key)
	}
}

// archNames are systemd's names of ABIs where they are not those of the tables.
var archNames = map[string]string{"x86": "i386", "x86-64": "x86_64", "arm64": "aarch64",
	"mips-le": "mipsel", "mips64-le": "mips64el", "ppc64-le": "ppc64le"}

// others are names of architectures that systemd knows and the tables do not.
var others = []string{"mips64-n32", "mips64-le-n32", "ppc", "parisc", "parisc64"}

func (im *importer) architectures(s setting) {
	if s.value == "" {
		im.unit.archs = nil
		return
	}
	for _, word := range unquoted(s.words) {
		w := word.text
		name, listed := archNames[w]
		if !listed {
			name = w
		}
		_, known := linux.Lookup(name)
		known = known && (listed || slices.Contains([]string{"x32", "arm", "mips", "mips64",
			"ppc64",
			"riscv64", "loongarch64", "s390", "s390x"}, w))
		switch {
		case w == "native":
			im.unit.archs = append(im.unit.archs, im.host.Name)
		case known || slices.Contains(others, w):
			im.unit.archs = append(im.unit.archs, name)
		default:
			im.warn(word.place, "%s is no architecture of systemd's, which ignores it: they are "+
				"native, x86, "+
				"x86-64, x32, arm, arm64, ...", show(w))
		}
	}
}

func (im *importer) addressFamilies(s setting) {
	f := &im.unit.families
	switch s.value {
	case "":
		*f = families{}
		return
	case "none":
		*f = families{given: true, allow: true, setting: s}
		return
	}
	invert := strings.HasPrefix(s.value, "~")
	if f.values == nil {
		*f = families{given: true, allow: !invert, values: map[uint64]bool{}, setting: s}
	}
	for _, word := range unquoted(s.words) {
		w := word.text
		v, ok := im.host.Constant(w)
		n, err := strconv.ParseUint(value(v, ok), 10, 16)
		if !strings.HasPrefix(w, "AF_") || err != nil || w == "AF_MAX" {
			im.warn(word.place, "%s is no address family: systemd ignores it", show(w))
			continue
		}
		if invert != f.allow {
			f.values[n] = true
		} else {
			delete(f.values, n)
		}
	}
}

func value(v interface{ ExactString() string }, ok bool) string {
	if !ok {
		return ""
	}
	return v.ExactString()
}

// namespaceFlags are the kinds of namespaces that can be named (namespace_info of
// src/basic/namespace-util.c).
var namespaceFlags = map[string]uint64{"cgroup": 0x02000000, "ipc": 0x08000000, "net": 0x40000000,
	"mnt": 0x00020000, "pid": 0x20000000, "user": 0x10000000, "uts": 0x04000000,
	"time": timeNamespace}

const timeNamespace = 0x80

// allNamespaces returns the flags that "no" and ~ stand for (NAMESPACE_FLAGS_ALL of
// src/shared/nsflags.h). Up to 257 those of time are not among them, and are stopped unless they
// are named.
func (im *importer) allNamespaces() uint64 {
	if im.opts.Version > 257 {
		return 0x7e020000 | timeNamespace
	}
	return 0x7e020000
}

func (im *importer) restrictNamespaces(s setting) {
	n := &im.unit.namespaces
	if s.value == "" {
		*n = namespaces{}
		return
	}
	if on, ok := boolean(s.value); ok {
		*n = namespaces{given: true, setting: s}
		if !on {
			n.retain = im.allNamespaces()
		}
		return
	}
	invert := strings.HasPrefix(s.value, "~")
	flags := uint64(0)
	for _, w := range s.words {
		f, ok := namespaceFlags[w.text]
		if !ok {
			im.warn(w.place, "%s is no kind of namespace: systemd ignores the line", show(w.text))
			return
		}
		flags |= f
	}
	switch {
	case !n.given && invert:
		n.retain = im.allNamespaces() &^ flags
	case !n.given:
		n.retain = flags
	case invert:
		n.retain &^= flags
	default:
		n.retain |= flags
	}
	n.given, n.setting = true, s
}

func (im *importer) setPersonality(s setting) {
	name := s.value
	if other, ok := archNames[name]; ok {
		name = other
	}
	abi, ok := linux.Lookup(name)
	switch {
	case s.value == "" || ok && abi == im.host:
		im.unit.personality = 0
	case ok && slices.Contains(local(im.host), abi) && abi.Bits == 32:
		im.unit.personality = 8 // PER_LINUX32
	default:
		im.warn(s.place, "%s is no personality of %s: systemd ignores it", show(s.value),
			im.host.Name)
	}
}
