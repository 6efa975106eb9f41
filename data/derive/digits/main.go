package main

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"fmt"
	"os"
	"strconv"
	"strings"

	"elegans/data/atomicfile"
)

// inputSHA256 is that of the decompressed table in scikit-learn 1.9.1.
const inputSHA256 = "6ebb3d2fee246a4e99363262ddf8a00a3c41bee6014c373ed9d9216ba7f651b8"

func main() {
	if len(os.Args) != 3 {
		fmt.Fprintln(os.Stderr, "usage: digits digits.csv.gz digits.bin.gz")
		os.Exit(2)
	}
	if err := derive(os.Args[1], os.Args[2]); err != nil {
		fmt.Fprintln(os.Stderr, "digits:", err)
		os.Exit(1)
	}
}

func derive(from, to string) error {
	f, err := os.Open(from)
	if err != nil {
		return err
	}
	defer f.Close()
	z, err := gzip.NewReader(f)
	if err != nil {
		return fmt.Errorf("%s: %w", from, err)
	}
	hash := sha256.New()
	var out []byte
	lines := bufio.NewScanner(z)
	for n := 1; lines.Scan(); n++ {
		fmt.Fprintln(hash, lines.Text())
		fields := strings.Split(lines.Text(), ",")
		if len(fields) != 65 {
			return fmt.Errorf("%s: line %d: %d fields, expected 65", from, n, len(fields))
		}
		for i, s := range fields {
			limit := 16.0
			if i == 64 {
				limit = 9
			}
			v, err := strconv.ParseFloat(s, 64)
			if err != nil || v < 0 || v > limit || v != float64(byte(v)) {
				return fmt.Errorf("%s: line %d: field %d is %q, expected a whole number from 0 to %g", from, n, i+1, s, limit)
			}
			out = append(out, byte(v))
		}
	}
	if err := lines.Err(); err != nil {
		return fmt.Errorf("%s: %w", from, err)
	}
	if sum := fmt.Sprintf("%x", hash.Sum(nil)); sum != inputSHA256 {
		return fmt.Errorf("%s: SHA-256 of the table is %s, expected %s", from, sum, inputSHA256)
	}
	var b bytes.Buffer
	w, err := gzip.NewWriterLevel(&b, gzip.BestCompression)
	if err != nil {
		return err
	}
	if _, err := w.Write(out); err != nil {
		return err
	}
	if err := w.Close(); err != nil {
		return err
	}
	fmt.Printf("%d images, SHA-256 of the records %x\n", len(out)/65, sha256.Sum256(out))
	return atomicfile.WriteBytes(to, b.Bytes())
}
