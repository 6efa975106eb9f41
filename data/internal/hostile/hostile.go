// Package hostile makes files that are small and would take all memory, or no end, of a reader that
// believes them: archives that unfold, headers that lie, lines without an end. Tests read small
// ones, and the program data/derive/hostile writes them in the sizes that a table of measurements
// is about.
package hostile

import (
	"archive/tar"
	"archive/zip"
	"bytes"
	"compress/flate"
	"encoding/binary"
	"fmt"
	"hash/crc32"
	"io"
	"os"
	"path/filepath"
	"strings"
)

// File is one of them, or a folder of them.
type File struct {
	Name   string // in the folder that they are written to, and what to give as Options.Dir
	Source string // the data set that reads it, as data.Load names it
	Says   string // a part of the refusal under any limit of memory; "" where that limit is it
	// Write makes the file at a path. The size is about what the file unfolds to.
	Write func(path string, size int64) error
}

// Files are all.
func Files() []File {
	return []File{
		{"zeros.npz", "npy", "x.npy: unfolds to ", writeNPZ},
		{"lying-size.npz", "npy", "x.npy", writeLyingNPZ},
		{"lying-shape.npz", "npy", "bytes of data, expected ", writeLyingShape},
		{"sparse.npy", "npy", "", writeSparseNPY},
		{"cifar-10-binary.tar.gz", "cifar10", "data_batch_1.bin: unfolds to ", writeTar},
		{"sparse/cifar-10-binary.tar.gz", "cifar10", "data_batch_1.bin: unfolds to ", writeSparseTar},
		{"skipped/cifar-10-binary.tar.gz", "cifar10", "unfolds to ", writeSkippedTar},
		{"rows.csv.gz", "csv", "rows.csv.gz: ", writeRows},
		{"tabs.csv", "csv", "", writeTabs},
		{"tabs.csv.gz", "csv", "", writePackedTabs},
		{"labels.csv", "csv", "different labels", writeLabels},
		{"idx", "mnist", "", writeIDX},
		{"idx-lies", "mnist", "", writeLyingIDX},
		{"pictures-gif", "folder", "", picture("gif", "GIF89a\xff\xff\xff\xff\x00\x00\x00,\x00\x00\x00\x00\x01\x00\x01\x00\x00\x02\x02\x44\x01\x00;")},
		{"pictures-ppm", "folder", "", picture("ppm", "P3 60000 60000 255 1 2 3")},
		{"links", "folder", "", writeLinks},
	}
}

// packed is a raw deflate stream of size bytes that repeats a pattern. It is made of one piece that
// is compressed once.
func packed(w io.Writer, pattern string, size int64) (written int64, err error) {
	const piece = 1 << 20
	text := bytes.Repeat([]byte(pattern), max(1, piece/len(pattern)))
	var b bytes.Buffer
	f, err := flate.NewWriter(&b, flate.BestCompression)
	if err != nil {
		return 0, err
	}
	if _, err := f.Write(text); err != nil {
		return 0, err
	}
	if err := f.Flush(); err != nil { // to a whole number of bytes, without an end
		return 0, err
	}
	for written < size {
		if _, err := w.Write(b.Bytes()); err != nil {
			return 0, err
		}
		written += int64(len(text))
	}
	_, err = w.Write([]byte{1, 0, 0, 0xff, 0xff}) // the last block, empty
	return written, err
}

// gzipOf writes a gzip file of a head, as it is, and a pattern. The checksum is right, so that a
// reader cannot refuse for it.
func gzipOf(path, head, pattern string, size int64) error {
	return create(path, func(w io.Writer) error {
		if _, err := io.WriteString(w, "\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\xff"); err != nil {
			return err
		}
		sum := crc32.NewIEEE()
		if head != "" {
			stored := []byte{0, byte(len(head)), byte(len(head) >> 8), ^byte(len(head)), ^byte(len(head) >> 8)}
			if _, err := w.Write(append(stored, head...)); err != nil {
				return err
			}
			_, _ = io.WriteString(sum, head)
		}
		n, err := packed(w, pattern, size)
		if err != nil {
			return err
		}
		addPattern(sum, pattern, n)
		_, err = w.Write(binary.LittleEndian.AppendUint32(binary.LittleEndian.AppendUint32(nil, sum.Sum32()), uint32(n+int64(len(head)))))
		return err
	})
}

// addPattern adds n bytes of a repeated pattern to a checksum.
func addPattern(sum io.Writer, pattern string, n int64) {
	text := bytes.Repeat([]byte(pattern), max(1, (1<<20)/len(pattern)))
	for ; n > 0; n -= int64(len(text)) {
		_, _ = sum.Write(text[:min(n, int64(len(text)))])
	}
}

func create(path string, write func(io.Writer) error) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o777); err != nil {
		return err
	}
	f, err := os.Create(path)
	if err != nil {
		return err
	}
	if err := write(f); err != nil {
		_ = f.Close()
		return err
	}
	return f.Close()
}

// npyHeader is that of an array of bytes.
func npyHeader(shape string) string {
	dict := "{'descr': '|u1', 'fortran_order': False, 'shape': " + shape + ", }"
	dict += strings.Repeat(" ", 117-len(dict)) + "\n"
	return "\x93NUMPY\x01\x00" + string(binary.LittleEndian.AppendUint16(nil, uint16(len(dict)))) + dict
}

// writeMembers makes an NPZ of x and y, x given by its raw deflate stream.
func writeMembers(path string, x func(w io.Writer) (zip.FileHeader, error)) error {
	return create(path, func(w io.Writer) error {
		var b bytes.Buffer
		h, err := x(&b)
		if err != nil {
			return err
		}
		h.Name, h.Method, h.CompressedSize64 = "x.npy", zip.Deflate, uint64(b.Len())
		z := zip.NewWriter(w)
		member, err := z.CreateRaw(&h)
		if err != nil {
			return err
		}
		if _, err := member.Write(b.Bytes()); err != nil {
			return err
		}
		y, err := z.Create("y.npy")
		if err != nil {
			return err
		}
		if _, err := io.WriteString(y, npyHeader("(1,)")+"\x00"); err != nil {
			return err
		}
		return z.Close()
	})
}

// stored is a block of deflate that holds a text as it is.
func stored(text string) string {
	n := len(text)
	return string([]byte{0, byte(n), byte(n >> 8), ^byte(n), ^byte(n >> 8)}) + text
}

func writeNPZ(path string, size int64) error {
	size -= size % (1 << 20)
	head := npyHeader(fmt.Sprintf("(%d, 1024, 1024)", size>>20))
	return writeMembers(path, func(w io.Writer) (zip.FileHeader, error) {
		_, err := io.WriteString(w, stored(head))
		if err != nil {
			return zip.FileHeader{}, err
		}
		n, err := packed(w, "\x00", size)
		sum := crc32.NewIEEE()
		_, _ = io.WriteString(sum, head)
		addPattern(sum, "\x00", n)
		return zip.FileHeader{CRC32: sum.Sum32(), UncompressedSize64: uint64(n) + uint64(len(head))}, err
	})
}

// writeLyingNPZ says that a member of many bytes has few.
func writeLyingNPZ(path string, size int64) error {
	head := npyHeader("(1024, 1024)")
	return writeMembers(path, func(w io.Writer) (zip.FileHeader, error) {
		_, err := io.WriteString(w, stored(head))
		if err == nil {
			_, err = packed(w, "\x00", size)
		}
		return zip.FileHeader{UncompressedSize64: 1<<20 + uint64(len(head))}, err
	})
}

// writeLyingShape has a header that speaks of many bytes in a member of few.
func writeLyingShape(path string, size int64) error {
	text := npyHeader(fmt.Sprintf("(%d, 1024, 1024)", size>>20)) + "abc"
	return writeMembers(path, func(w io.Writer) (zip.FileHeader, error) {
		_, err := io.WriteString(w, stored(text)+"\x01\x00\x00\xff\xff")
		return zip.FileHeader{CRC32: crc32.ChecksumIEEE([]byte(text)), UncompressedSize64: uint64(len(text))}, err
	})
}

// writeSparseNPY makes a folder whose x.npy is a file of holes.
func writeSparseNPY(path string, size int64) error {
	head := npyHeader(fmt.Sprintf("(%d, 1024, 1024)", size>>20))
	if err := create(filepath.Join(path, "y.npy"), func(w io.Writer) error {
		_, err := io.WriteString(w, npyHeader("(1,)")+"\x00")
		return err
	}); err != nil {
		return err
	}
	return create(filepath.Join(path, "x.npy"), func(w io.Writer) error {
		if _, err := io.WriteString(w, head); err != nil {
			return err
		}
		return w.(*os.File).Truncate(size>>20<<20 + int64(len(head)))
	})
}

// tarHead is the head of a member, with its PAX records if there are any.
func tarHead(h *tar.Header) (string, error) {
	var b bytes.Buffer
	w := tar.NewWriter(&b)
	h.Mode = 0o644
	if err := w.WriteHeader(h); err != nil {
		return "", err
	}
	return b.String(), nil
}

func writeTar(path string, size int64) error {
	head, err := tarHead(&tar.Header{Name: "cifar-10-batches-bin/data_batch_1.bin", Size: size})
	if err != nil {
		return err
	}
	return gzipOf(path, head, "\x00", size+1024)
}

// writeSkippedTar has a member that is not read, in front of those that are.
func writeSkippedTar(path string, size int64) error {
	head, err := tarHead(&tar.Header{Name: "cifar-10-batches-bin/readme.html", Size: size})
	if err != nil {
		return err
	}
	return gzipOf(path, head, "\x00", size+1024)
}

// writeSparseTar has a sparse member in the old form of GNU: all of it is a hole.
func writeSparseTar(path string, size int64) error {
	h := make([]byte, 512)
	copy(h, "data_batch_1.bin")
	copy(h[100:], "0000644\x00")
	copy(h[124:], "00000000000\x00")
	h[156] = 'S'
	copy(h[257:], "ustar  \x00")
	copy(h[386:], "00000000000\x00")              // an extent at 0 ...
	copy(h[398:], "00000000000\x00")              // ... of no bytes
	copy(h[483:], fmt.Sprintf("%011o\x00", size)) // the size with holes
	copy(h[148:], "        ")                     // for the checksum
	sum := 0
	for _, c := range h {
		sum += int(c)
	}
	copy(h[148:], fmt.Sprintf("%06o\x00 ", sum))
	return gzipOf(path, string(h), "\x00", 1024)
}

func writeRows(path string, size int64) error { return gzipOf(path, "", "0,1\n", size) }

func writeTabs(path string, size int64) error {
	return create(path, func(w io.Writer) error {
		line := bytes.Repeat([]byte{'\t'}, 1<<20)
		for ; size > 0; size -= int64(len(line)) {
			if _, err := w.Write(line); err != nil {
				return err
			}
		}
		return nil
	})
}

func writePackedTabs(path string, size int64) error { return gzipOf(path, "", "\t", size) }

// writeLabels has a label of its own in every row.
func writeLabels(path string, _ int64) error {
	return create(path, func(w io.Writer) error {
		var b bytes.Buffer
		for i := range 1 << 20 {
			fmt.Fprintf(&b, "name%d,1\n", i)
		}
		_, err := w.Write(b.Bytes())
		return err
	})
}

// idxHead is the head of a file of images.
func idxHead(n int64) string {
	b := binary.BigEndian.AppendUint32(nil, 0x803)
	for _, d := range []uint32{uint32(n >> 20), 1 << 10, 1 << 10} {
		b = binary.BigEndian.AppendUint32(b, d)
	}
	return string(b)
}

func writeIDX(path string, size int64) error {
	return gzipOf(filepath.Join(path, "train-images-idx3-ubyte.gz"), idxHead(size), "\x00", size)
}

func writeLyingIDX(path string, size int64) error {
	return create(filepath.Join(path, "train-images-idx3-ubyte"), func(w io.Writer) error {
		_, err := io.WriteString(w, idxHead(size)+"abc")
		return err
	})
}

// picture makes a folder with one picture.
func picture(ending, content string) func(string, int64) error {
	return func(path string, _ int64) error {
		return create(filepath.Join(path, "class", "a."+ending), func(w io.Writer) error {
			_, err := io.WriteString(w, content)
			return err
		})
	}
}

// writeLinks makes folders of which each has two links to the next: 2^40 ways to the last, which
// has no picture.
func writeLinks(path string, _ int64) error {
	const deep = 40
	for i := range deep {
		dir := filepath.Join(path, "class", fmt.Sprint(i))
		if err := os.MkdirAll(dir, 0o777); err != nil {
			return err
		}
		for _, link := range []string{"a", "b"} {
			if i+1 == deep {
				break
			}
			if err := os.Symlink(filepath.Join("..", fmt.Sprint(i+1)), filepath.Join(dir, link)); err != nil {
				return err
			}
		}
	}
	return nil
}
