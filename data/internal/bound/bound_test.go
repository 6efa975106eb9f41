package bound

import (
	"bytes"
	"errors"
	"io"
	"strings"
	"testing"

	"elegans/internal/memory"
)

func TestUnfold(t *testing.T) {
	for _, c := range []struct {
		size, compressed int64
		memory           string
		refused          bool
	}{
		{Free, 1, "", false},
		{Free + 1, 1, "", true},
		{8 << 30, 2 << 20, "", true},
		{8 << 30, 80 << 20, "", true},
		{8 << 30, 82 << 20, "", false},
		{8 << 30, 2 << 20, "9GiB", false},
		{8 << 30, 2 << 20, "7GiB", true},
		{Free, 1, "1MiB", false}, // memory.Need looks at what is kept of it
	} {
		t.Setenv(memory.Variable, c.memory)
		err := Unfold("a.npz", c.size, c.compressed)
		if (err != nil) != c.refused {
			t.Errorf("%d of %d with %q: %v", c.size, c.compressed, c.memory, err)
		}
		if err != nil && (!errors.Is(err, memory.ErrLimit) || !strings.HasPrefix(err.Error(), "a.npz: unfolds to ")) {
			t.Errorf("error %q", err)
		}
	}
}

func TestReadFull(t *testing.T) {
	text := bytes.Repeat([]byte("0123456789"), 2000)
	for _, n := range []int{0, 1, 4095, 4096, 4097, 20000} {
		for _, hint := range []int64{0, 100, 5000, 1 << 20} {
			r := bytes.NewReader(text)
			b, err := ReadFull(r, int64(n), hint)
			if err != nil || !bytes.Equal(b, text[:n]) || r.Len() != len(text)-n {
				t.Errorf("%d bytes, hint %d: %d, %v", n, hint, len(b), err)
			}
		}
	}
	b, err := ReadFull(bytes.NewReader(text), 1<<40, 10)
	if err != io.EOF || !bytes.Equal(b, text) || cap(b) > 4*len(text) {
		t.Errorf("a lying length: %d bytes in %d, %v", len(b), cap(b), err)
	}
	if _, err := ReadFull(bytes.NewReader(nil), 1, 0); err != io.EOF {
		t.Errorf("an empty input: %v", err)
	}
	broken := errors.New("broken")
	if _, err := ReadFull(io.MultiReader(bytes.NewReader(text), errReader{broken}), 1<<20, 0); err != broken {
		t.Errorf("a broken input: %v", err)
	}
}

type errReader struct{ error }

func (e errReader) Read([]byte) (int, error) { return 0, e.error }
