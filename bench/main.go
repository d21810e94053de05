package main

import (
	"encoding/binary"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/seccompc/seccompc/bench/peers"
	"github.com/seccompc/seccompc/bench/rows"
)

func main() {
	dir := os.Args[2]
	for _, r := range rows.All() {
		os.WriteFile(filepath.Join(dir, r.Name+".scp"), []byte(r.SCP()), 0o666)
		for _, p := range peers.All() {
			t := time.Now()
			f, err := p.Compile(&r.Policy)
			if err != nil {
				fmt.Printf("%s %s: %.200v\n", r.Name, p.Name, err)
				continue
			}
			fmt.Println(r.Name, p.Name, len(f), time.Since(t), f.Check())
			os.WriteFile(filepath.Join(dir, r.Name+"."+p.Name+".bpf"), f.Encode(binary.LittleEndian), 0o666)
		}
	}
}
