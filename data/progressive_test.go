package data

import (
	"bytes"
	"image"
	"image/color"
	"image/jpeg"
	"testing"
)

// TestProgressive: the two modes of JPEG are told apart, as one takes five times the memory.
func TestProgressive(t *testing.T) {
	var file bytes.Buffer
	if err := jpeg.Encode(&file, image.NewRGBA(image.Rect(0, 0, 8, 8)), nil); err != nil {
		t.Fatal(err)
	}
	b := file.Bytes()
	if progressive(b, "jpeg") {
		t.Error("a baseline JPEG is taken for a progressive one")
	}
	b[bytes.Index(b, []byte{0xff, 0xc0})+1] = 0xc2
	if !progressive(b, "jpeg") {
		t.Error("a progressive JPEG is taken for a baseline one")
	}
	if !progressive(b[:20], "jpeg") || !progressive(nil, "jpeg") || progressive(b, "png") {
		t.Error("a file without a frame is to be estimated as progressive, another format is not")
	}
	cfg := image.Config{ColorModel: color.YCbCrModel, Width: 100, Height: 100}
	if small, large := decodedSize(cfg, false, 100, 100), decodedSize(cfg, true, 100, 100); large-small != 4*3*100*100 {
		t.Errorf("the coefficients are estimated at %v bytes, want 4 for each of 3 x 100 x 100", large-small)
	}
}
