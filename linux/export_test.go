package linux

import (
	"strings"
	"sync"
	"testing"
)

// Newer makes the tables those of a kernel that does not exist, until the test ends: every ABI has
// one more system call, which is in a set, and the set lacks another one.
func Newer(t *testing.T, call string, nr string, set, gone string) {
	wasCalls, wasRows, wasHistory, wasSets, wasNewest, wasReleases :=
		syscallTable, syscallRows, historyTable, setTable, Newest, setReleases
	t.Cleanup(func() {
		syscallTable, syscallRows, historyTable, setTable, Newest, setReleases =
			wasCalls, wasRows, wasHistory, wasSets, wasNewest, wasReleases
		readAgain()
	})
	next := Release{Newest.Major + 1, 0, 0}
	syscallTable = insert(syscallTable, call, strings.TrimSpace(strings.Repeat(nr+" ", len(abis))))
	rows := map[string]string{}
	for name, row := range syscallTable.from("") {
		rows[name] = row
	}
	syscallRows = func() map[string]string { return rows }
	historyTable = insert(historyTable, call, next.String())
	members, _ := setTable.find(set)
	newer := strings.Replace(" "+members+" ", " "+gone+" ", " "+call+" ", 1)
	setTable = table(strings.Replace(string(setTable), set+"\t"+members+"\n",
		set+"\t"+strings.TrimSpace(newer)+"\n", 1))
	setTable = insert(setTable, Newest.String()+" "+set, "-"+call+" +"+gone)
	setReleases = append(setReleases[:len(setReleases):len(setReleases)], SetRelease{next, "999"})
	Newest = next
	readAgain()
}

func readAgain() {
	for _, a := range abis {
		a.named, a.byNumber = sync.OnceValue(a.readNames), sync.OnceValue(a.sortNumbers)
	}
}

// insert adds a line to a table.
func insert(t table, key, rest string) table {
	at := t.search(key)
	return t[:at] + table(key+"\t"+rest+"\n") + t[at:]
}
