package data

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"hash"
	"math"
)

// Sum returns the SHA-256, in hexadecimal, of the images and their labels, in their order: it tells
// data of the same form apart. It does not depend on names, but on the storage: whole numbers from
// 0 to 255, which take a byte each, have another sum than the same values in floating point. 47 MB
// of MNIST take about a tenth of a second.
func (d *Dataset) Sum() string {
	h := sha256.New()
	fmt.Fprintf(h, "%d images of %dx%dx%d", d.Len(), d.channels, d.height, d.width)
	size := d.imageLen()
	if d.values != nil {
		d.runs(size, func(from, to int) { sumFloats(h, d.values[from:to]) })
	} else {
		fmt.Fprintf(h, " of bytes up to %v", d.ends[1])
		if d.ends[0] != 0 {
			fmt.Fprintf(h, " from %v", d.ends[0])
		}
		d.runs(size, func(from, to int) { h.Write(d.pixels[from:to]) })
	}
	buffer := make([]byte, 0, 1<<12)
	for i := range d.Len() {
		if buffer = binary.LittleEndian.AppendUint32(buffer, uint32(d.Label(i))); len(buffer) == cap(buffer) {
			h.Write(buffer)
			buffer = buffer[:0]
		}
	}
	h.Write(buffer)
	return hex.EncodeToString(h.Sum(nil))
}

// runs calls add with the bounds of the images in storage, those that follow each other there
// together.
func (d *Dataset) runs(size int, add func(from, to int)) {
	if d.index == nil {
		add(0, d.Len()*size)
		return
	}
	for i := 0; i < d.Len(); {
		first, n := d.index[i], 1
		for i+n < d.Len() && d.index[i+n] == first+n {
			n++
		}
		add(first*size, (first+n)*size)
		i += n
	}
}

// sumFloats adds values as the bytes of IEEE 754, the lowest first.
func sumFloats(h hash.Hash, v []float32) {
	buffer := make([]byte, 0, 1<<16)
	for len(v) > 0 {
		n := min(len(v), cap(buffer)/4)
		buffer = buffer[:0]
		for _, x := range v[:n] {
			buffer = binary.LittleEndian.AppendUint32(buffer, math.Float32bits(x))
		}
		h.Write(buffer)
		v = v[n:]
	}
}
