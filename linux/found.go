package linux

import (
	"strings"
	"sync"
)

// found remembers what was found of names: they are asked for again and again, and a search takes
// long. Names of which there is nothing are not kept, so that it grows no larger than the tables.
type found[V any] struct {
	mutex  sync.RWMutex
	values map[string]V
}

func (f *found[V]) get(name string, find func(name string) (V, bool)) (V, bool) {
	f.mutex.RLock()
	v, ok := f.values[name]
	f.mutex.RUnlock()
	if ok {
		return v, true
	}
	if v, ok = find(name); !ok {
		return v, false
	}
	f.mutex.Lock()
	defer f.mutex.Unlock()
	if f.values == nil {
		f.values = map[string]V{}
	}
	f.values[strings.Clone(name)] = v // name may be a part of a long text
	return v, true
}
