package live

/*
#include <linux/filter.h>
#include "child.h"
*/
import "C"

import (
	"encoding/binary"
	"fmt"
	"io"
	"os"
	"runtime"
	"slices"
	"unsafe"

	"golang.org/x/sys/unix"

	"github.com/seccompc/seccompc/bench/rows"
)

const (
	resultsSize = int64(unsafe.Sizeof(C.struct_results{}))
	timesSize   = 8
	probesSize  = C.PROBES * int(unsafe.Sizeof(C.struct_probe{}))
	resultsFD   = 3 // the first of exec.Cmd's ExtraFiles
)

// child reads a request from standard input and measures. It returns only if it could not begin.
func child() error {
	input, err := io.ReadAll(os.Stdin)
	if err != nil {
		return err
	}
	if len(input) < timesSize+probesSize {
		return fmt.Errorf("a request of %d bytes is too short", len(input))
	}
	const access = unix.PROT_READ | unix.PROT_WRITE
	memory, err := unix.Mmap(resultsFD, 0, int(resultsSize), access, unix.MAP_SHARED)
	if err != nil {
		return fmt.Errorf("mapping the results: %w", err)
	}
	runtime.LockOSThread()
	filter := input[timesSize+probesSize:]
	C.measure((*C.struct_results)(unsafe.Pointer(&memory[0])),
		(*C.struct_sock_filter)(unsafe.Pointer(unsafe.SliceData(filter))), C.int(len(filter)/8),
		C.int(binary.LittleEndian.Uint64(input)),
		(*C.struct_probe)(unsafe.Pointer(&input[timesSize])))
	return fmt.Errorf("the measurement came back")
}

// batches are nanoseconds a call, by class.
type batches [C.PROBES][C.BATCHES]float64

type results struct {
	done           bool
	err            int
	bare, filtered batches
}

func decode(blob []byte) results {
	r := (*C.struct_results)(unsafe.Pointer(&blob[0]))
	return results{
		done:     r.done != 0,
		err:      int(r.error),
		bare:     *(*batches)(unsafe.Pointer(&r.bare)), // a double is a float64
		filtered: *(*batches)(unsafe.Pointer(&r.filtered)),
	}
}

// times keeps the fastest batch of each class that has a probe: the slower ones shared the
// processor.
func (r results) times(probes rows.Probes) Times {
	var t Times
	for i, p := range []rows.Probe{probes.Checked, probes.Denied, probes.Cached} {
		if p.Call != "" {
			t[i] = Pairs{{slices.Min(r.bare[i][:]), slices.Min(r.filtered[i][:])}}
		}
	}
	return t
}
