package proof

import (
	"encoding/binary"
	"errors"
	"testing"

	kinds "github.com/seccompc/seccompc/internal/hostile"
)

// TestHostilePrograms: to tell whether two filters differ, the verdict of diff, takes a part of the
// budget whatever they are, and all that follows ends with it. What takes all of it for a verdict
// is named.
func TestHostilePrograms(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("the full test takes some seconds")
	}
	unknown := map[string]bool{
		"a chain of tests of six arguments": true, "arguments compared with each other": true,
	}
	for _, k := range kinds.Programs() {
		s := New()
		a, errA := s.Program(k.Make(0), binary.LittleEndian)
		b, errB := s.Program(k.Make(1), binary.LittleEndian)
		err := errors.Join(errA, errB)
		if err == nil {
			_, err = s.Differ(a, b)
		}
		verdict := s.full - s.steps
		if (err != nil) != unknown[k.Name] || err != nil && !errors.Is(err, ErrTooComplex) {
			t.Errorf("%s: %v after %d of %d steps", k.Name, err, verdict, s.full)
		}
		if err == nil {
			s.Diff(a, b)
		}
		t.Logf("%s: %d %% of the budget for a verdict, %d %% with all rows, %d vertices", k.Name,
			100*verdict/s.full, 100*(s.full-s.steps)/s.full, len(s.vertices))
		if s.full-s.steps > s.full+s.full/20 || len(s.vertices) > s.room {
			t.Errorf("%s: %d steps and %d vertices, of %d and %d", k.Name, s.full-s.steps,
				len(s.vertices),
				s.full, s.room)
		}
	}
}
