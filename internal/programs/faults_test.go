package programs

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// faults are what may befall a recording, as scripts for bash in a directory of their own, with
// what they print.
var faults = []struct {
	name, script, want string
	long               bool
}{
	{
		name:   "threads, a storm of timers, SIGSTOP and SIGCONT",
		script: `seccompc record -o t.scp -- python3 "$faults/threads.py" && seccompc check t.scp`,
		want: "200 threads\nticks True\nstopped child 7\n" +
			"seccompc: N calls of N kinds recorded\n",
	},
	{
		name: "the disk is full: the old policy stays whole",
		script: `printf 'default deny\nallow @default, @basic-io, @file-system, @process\n' >old.scp
			unshare -rm bash -c 'mkdir small; mount -t tmpfs -o size=8k none small
				cp old.scp small; head -c 8000 /dev/zero >small/rest 2>/dev/null
				seccompc record --merge small/old.scp -- sync 2>&1 | grep -o "no space left.*"
				cmp old.scp small/old.scp; ls small'`,
		want: "no space left on device\nold.scp\nrest\n",
	},
	{
		name: "the recorder is killed: its program goes no further, and nothing is written",
		script: `mkfifo go; seccompc record -o k.scp -- sh -c 'echo started; read x; mkdir made' <go &
			recorder=$!; exec 3>go; until ps -o comm= --ppid $recorder | grep -q sh; do :; done
			sleep 0.5; kill -9 $recorder; wait $recorder 2>/dev/null; echo >&3; exec 3>&-; sleep 0.5; ls`,
		want: "started\ngo\n",
	},
	{
		name: "a daemon that outlives its parent",
		script: `seccompc record -o d.scp -- sh -c '(sleep 0.6; mkdir made) >/dev/null 2>&1 &' 2>/dev/null
			ls; grep -o '^allow mkdir' d.scp`,
		want: "d.scp\nmade\nallow mkdir\n",
	},
	{
		name: "a listener of its own",
		script: `seccompc record -o outer.scp -- seccompc record -o inner.scp -- true 2>&1 |
				grep -o 'has a listener already'
			ls; grep -o 'asked for a supervisor of its own' outer.scp`,
		want: "has a listener already\nouter.scp\nasked for a supervisor of its own\n",
	},
	{
		name: "a program with the set-user-ID bit",
		script: `cp "$(type -P true)" suid; chown 65534 suid; chmod 4755 suid
			seccompc record -o s.scp -- ./suid 2>&1 | grep -o 'gains privileges by being executed'; ls`,
		want: "gains privileges by being executed\nsuid\n",
	},
	{
		name: "a pipeline, a child of another ABI, threads; what was not seen is refused",
		script: `printf 'package main\n\nfunc main() { print("hello\\n") }\n' >h.go
			GOARCH=386 CGO_ENABLED=0 go build -o i386-hello h.go
			work='ls / | wc -l; ./i386-hello 2>&1; python3 -c "import threading
t = threading.Thread(target=print, args=(7,)); t.start(); t.join()"'
			sh -c "$work" >plain
			seccompc record -o r.scp -- sh -c "$work" >recorded 2>/dev/null && cmp plain recorded
			seccompc check r.scp && seccompc run r.scp -- sh -c "$work" >under; echo "ends with $?"
			cmp plain under; grep '^arch' r.scp; tail -n 2 plain
			unshare -rm seccompc run --report r.scp -- mount -t tmpfs none /mnt 2>&1 |
				grep -o '^denied: x86_64: mount('`,
		want: "ends with 0\narch x86_64, i386\nhello\n7\ndenied: x86_64: mount(\n",
	},
	{
		name: "an interrupt: what there is is written",
		script: `mkfifo up block; seccompc record -o i.scp -- sh -c 'mkdir made; echo >up; read x <block' &
			read x <up; kill -TERM $!; wait $!; echo "ends with $?"; grep -o '^allow mkdir' i.scp`,
		want: "seccompc: N calls of N kinds recorded\nends with 143\nallow mkdir\n",
	},
	{
		name: "a million calls", long: true,
		script: `seccompc record -o m.scp -- dd if=/dev/zero of=/dev/null bs=1 count=500000 status=none`,
		want:   "seccompc: N calls of N kinds recorded\n",
	},
}

func TestFaults(t *testing.T) {
	scripts, err := filepath.Abs("testdata/faults")
	if err != nil {
		t.Fatal(err)
	}
	t.Setenv("faults", scripts)
	t.Setenv("PATH", filepath.Dir(seccompc)+":"+os.Getenv("PATH"))
	for _, f := range faults {
		if f.long && !*all {
			continue
		}
		t.Run(f.name, func(t *testing.T) {
			cmd := exec.Command("timeout", "-k", "5", "100", "bash", "-c", f.script)
			cmd.Dir, cmd.WaitDelay = openDir(t), 10*time.Second
			out, _ := cmd.CombinedOutput()
			if got := withoutNumbers(string(out)); got != f.want {
				t.Errorf("%s\nwant\n%s", got, f.want)
			}
		})
	}
}

// withoutNumbers writes N for how much was recorded.
func withoutNumbers(text string) string {
	var out []string
	for line := range strings.Lines(text) {
		words := strings.Fields(line)
		if strings.HasSuffix(line, "kinds recorded\n") && len(words) == 7 {
			line = "seccompc: N calls of N kinds recorded\n"
		}
		out = append(out, line)
	}
	return strings.Join(out, "")
}
