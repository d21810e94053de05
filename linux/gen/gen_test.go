package main

import (
	"slices"
	"strings"
	"testing"
)

func TestParseC(t *testing.T) {
	defs := parseC(comment.ReplaceAllString(`
SYSCALL_DEFINE2(plain, unsigned int, fd, /* why */ const char __user *,
		name)
{
}
#ifdef CONFIG_CLONE_BACKWARDS
SYSCALL_DEFINE1(chosen, int, a)
#else
SYSCALL_DEFINE1(chosen, long, b)
#endif
COMPAT_SYSCALL_DEFINE0(nothing)
SYSCALL32_DEFINE2(halves, SC_ARG64(mask), int, dfd)
asmlinkage long sys_by_hand(int fd, char __user *buf)
asmlinkage int sys_registers(struct pt_regs *regs)
	SYSCALL_DEFINE1(indented, int, a)
#define SYSCALL_DEFINE1(name, ...) x
SYSCALL_DEFINE1(unfinished, int`, ""))
	var got []string
	for _, d := range defs {
		s := d.name + " [" + d.condition + "]"
		for _, p := range d.params {
			s += " " + p.ctype + "=" + p.name
		}
		got = append(got, s)
	}
	want := []string{
		"sys_plain [] unsigned int=fd const char __user *=name",
		"sys_chosen [ifdef CONFIG_CLONE_BACKWARDS] int=a", "sys_chosen [else] long=b",
		"compat_sys_nothing []", "compat_sys_halves [] u64=mask int=dfd",
		"sys_by_hand [] int=fd char __user *=buf", "sys_registers []",
	}
	if !slices.Equal(got, want) {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

func TestChoose(t *testing.T) {
	common := definition{file: "kernel/x.c", params: []param{{ctype: "int", name: "common"}}}
	own := definition{file: "arch/x86/x.c", params: []param{{ctype: "int", name: "own"}}}
	arm := definition{file: "arch/arm/x.c", params: []param{{ctype: "int", name: "arm"}}}
	first := definition{file: "kernel/x.c", condition: "elif defined(CONFIG_A)",
		params: common.params}
	other := definition{file: "kernel/x.c", condition: "else", params: own.params}
	tests := []struct {
		name string
		defs []definition
		want string
	}{
		{"the common one", []definition{common, arm}, "common"},
		{"the architecture's", []definition{common, own}, "own"},
		{"none but a foreign one", []definition{arm}, ""},
		{"by option", []definition{first, other}, "common"},
		{"undecided", []definition{common, {file: "mm/y.c", params: own.params}}, ""},
		{"twice the same", []definition{common, common}, "common"},
	}
	target := target{arch: "x86", config: []string{"CONFIG_A"}}
	for _, test := range tests {
		d, ok := target.choose(test.defs)
		if ok != (test.want != "") || ok && d.params[0].name != test.want {
			t.Errorf("%s: %+v, %v", test.name, d, ok)
		}
	}
}

func TestSlots(t *testing.T) {
	params := []param{
		{ctype: "int", name: "fd"}, {ctype: "loff_t", name: "pos"}, {ctype: "size_t", name: "n"},
	}
	tests := map[string]string{
		"x86_64": "fd:s32:int;pos:s64:loff_t;n:uw:size_t",
		"i386":   "fd:s32:int;pos_lo:u32:loff_t;pos_hi:s32:loff_t;n:uw:size_t",
		"s390":   "fd:s32:int;pos_hi:s32:loff_t;pos_lo:u32:loff_t;n:uw:size_t",
		"arm":    "fd:s32:int;:-:;pos_lo:u32:loff_t;pos_hi:s32:loff_t;n:uw:size_t",
		"mips":   "fd:s32:int;:-:;pos_hi:s32:loff_t;pos_lo:u32:loff_t;n:uw:size_t",
	}
	for i := range targets {
		want, ok := tests[targets[i].abi]
		if !ok {
			continue
		}
		slots, err := targets[i].slots(call{name: "anything"}, params, nil)
		if got := encode(slots); err != nil || got != want {
			t.Errorf("%s: %s, %v; want %s", targets[i].abi, got, err, want)
		}
	}
	shmctl := call{name: "shmctl", entry: "sys_old_shmctl"}
	if slots, _ := targets[0].slots(shmctl, []param{{ctype: "int", name: "cmd"}}, nil); encode(
		slots) != "cmd:s32~0x100:int" {
		t.Errorf("%v", slots)
	}
	if _, err := targets[0].slots(call{name: "x"}, []param{{ctype: "struct new_thing", name: "x"}}, nil); err == nil {
		t.Error("a type of unknown width passes")
	}
}

func TestReadPage(t *testing.T) {
	man := manual{}
	man.readPage(`.TH x
.SH SYNOPSIS
.BI "int one(int " domain ", const char *" path [],
.BI "        int " flags ", ...);"
.BI "int open(const char *" path ", ..."
.BI "         \f[R]/*\f[] mode_t " mode " \f[R]*/\f[] );"
.BR "void *map(" "size_t length;"
.BI "          void " addr [ length "], size_t " length );
.BI "int syscall(SYS_raw, void *" args );
.BI "int none(void);"
.SH DESCRIPTION
.BI "int late(int " x );
`)
	want := map[string]string{
		"one": "domain path flags ...", "open": "path mode", "map": "addr length", "raw": "args",
		"none": "",
	}
	for name, params := range want {
		if got, ok := man[name]; !ok || strings.Join(got, " ") != params {
			t.Errorf("%s(%v), want %s", name, got, params)
		}
	}
	if len(man) != len(want) {
		t.Errorf("%d functions: %v", len(man), man)
	}
}

func TestAliases(t *testing.T) {
	man := manual{"socket": {"domain", "type"}, "swap": {"b", "a"}, "other": {"only", "two"}}
	tests := []struct {
		call   string
		params []param
		want   string
	}{
		{"socket", []param{{ctype: "int", name: "family"}, {ctype: "int", name: "type"}},
			"family=[domain]"},
		// a name of another's is no alias
		{"swap", []param{{ctype: "int", name: "a"}, {ctype: "int", name: "b"}}, ""},
		{"other", []param{{ctype: "int", name: "x"}}, ""},
		{"openat", []param{{ctype: "int", name: "dfd"}, {ctype: "int", name: "_type"}},
			"dfd=[dirfd fd] _type=[type]"},
		{"clone", []param{{ctype: "long", name: "clone_flags"}}, "clone_flags=[flags]"},
	}
	for _, test := range tests {
		var got []string
		aliases := man.aliases(test.call, test.params)
		for _, p := range test.params {
			if a := aliases[p.name]; a != nil {
				got = append(got, p.name+"=["+strings.Join(a, " ")+"]")
			}
		}
		if s := strings.Join(got, " "); s != test.want {
			t.Errorf("%s: %s, want %s", test.call, s, test.want)
		}
	}
}

func TestSetLines(t *testing.T) {
	got := setLines("@a\n    # Comment\n    @b\n    read\n    foreign\n\n@b\n    # c\n    write\n"+
		"@known\n    # c\n    read\n", map[string]bool{"read": true, "write": true})
	if want := []string{"@a\t@b read", "@b\twrite"}; !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestNumber(t *testing.T) {
	for want, v := range map[string]int64{
		"0": 0, "9": 9, "0xa": 10, "-1": -1, "-0x64": -100, "0x80000000": -1 << 31,
	} {
		if got := number(uint64(v), v < 0); got != want {
			t.Errorf("%d is %s, want %s", v, got, want)
		}
	}
	if got := number(1<<64-1, false); got != "0xffffffffffffffff" {
		t.Errorf("the largest is %s", got)
	}
}

func TestGroups(t *testing.T) {
	v := variants{}
	for _, target := range targets {
		v.add("O_DIRECT", target.abi, "1")
	}
	v.add("O_DIRECT", "arm", "2")
	if got := v.lines(); len(got) != 1 || got[0] != "O_DIRECT\tarm 2\t* 1" {
		t.Errorf("lines %q", got)
	}
	delete(v["O_DIRECT"], "x32")
	if got := v.constantLines(); len(got) != 1 || got[0] != "O_DIRECT\t1\tx32=-\tarm=2" {
		t.Errorf("constant lines %q", got)
	}
}

func TestDropped(t *testing.T) {
	for name, want := range map[string]bool{
		"KEY_ENTER": true, "KEY_SPEC_THREAD_KEYRING": false, "KEY_REQKEY_DEFL_NO_CHANGE": false,
		"V4L2_CID_BASE": true, "CLONE_NEWUSER": false, "O_DIRECT": false,
		"KVM_REG_ARM": true, "KVM_RUN": false,
	} {
		if dropped(name) != want {
			t.Errorf("%s: dropped %v", name, !want)
		}
	}
}
