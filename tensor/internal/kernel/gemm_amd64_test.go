//go:build amd64 && !purego

package kernel

import (
	"testing"
	"unsafe"
)

// TestTileOffsets checks what the assembly takes for granted: the fields of both types of tiles lie
// at the same offsets, up to Beta.
func TestTileOffsets(t *testing.T) {
	var b Tile[float64]
	for _, c := range []struct {
		name           string
		float32, other uintptr
	}{
		{"C", tileC, unsafe.Offsetof(b.C)},
		{"CRow", tileCRow, unsafe.Offsetof(b.CRow)},
		{"OldRow", tileOldRow, unsafe.Offsetof(b.OldRow)},
		{"PrefetchTile", tilePrefetchTile, unsafe.Offsetof(b.PrefetchTile)},
		{"Alpha", tileAlpha, unsafe.Offsetof(b.Alpha)},
	} {
		if c.float32 != c.other {
			t.Errorf("%s lies at %d for float32 and at %d for float64", c.name, c.float32, c.other)
		}
	}
}
