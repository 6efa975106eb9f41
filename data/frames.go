package data

import (
	"bytes"
	"encoding/binary"
)

// hasMore reports whether a file of a picture, as far as it is sound, has further frames or pages
// behind the first, which is the one that is read.
func hasMore(b []byte, kind string) bool {
	switch kind {
	case "gif":
		return gifFrames(b) > 1
	case "tiff":
		return tiffPages(b) > 1
	case "png": // an APNG says so in a chunk before the pixels
		pixels := bytes.Index(b, []byte("IDAT"))
		return pixels > 0 && bytes.Contains(b[:pixels], []byte("acTL"))
	}
	return false
}

// gifFrames counts the images of a GIF, up to two: blocks of one byte that says what follows, each
// ending in pieces of a byte of length and as much data, the last of them empty.
func gifFrames(b []byte) (n int) {
	const header = 13
	if len(b) < header {
		return 0
	}
	colours := func(flags byte) int { // bytes of a table of colours
		if flags&0x80 == 0 {
			return 0
		}
		return 3 << (flags&7 + 1)
	}
	at := header + colours(b[10])
	for at+10 < len(b) && n < 2 {
		switch b[at] {
		case 0x21: // an extension: a byte that says which
			at += 2
		case 0x2c: // an image: place, size, flags, colours, a byte for the code
			n++
			at += 10 + colours(b[at+9]) + 1
		default:
			return n
		}
		for at < len(b) && b[at] != 0 {
			at += int(b[at]) + 1
		}
		at++
	}
	return n
}

// tiffPages counts the directories of a TIFF, up to two: a count of entries, the entries of twelve
// bytes, and the offset of the next directory.
func tiffPages(b []byte) (n int) {
	if len(b) < 8 {
		return 0
	}
	var order binary.ByteOrder = binary.LittleEndian
	if b[0] == 'M' {
		order = binary.BigEndian
	}
	for at := int64(order.Uint32(b[4:])); at > 0 && at+2 <= int64(len(b)) && n < 2; n++ {
		next := at + 2 + 12*int64(order.Uint16(b[at:]))
		if next+4 > int64(len(b)) {
			return n + 1
		}
		at = int64(order.Uint32(b[next:]))
	}
	return n
}
