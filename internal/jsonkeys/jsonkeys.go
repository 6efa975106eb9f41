// Package jsonkeys reads JSON objects whose keys have been renamed since they were written.
package jsonkeys

import (
	"bytes"
	"encoding/json"
	"fmt"
	"reflect"
	"strings"
)

// Aliases are the former names of keys: Aliases["old"] is the name that stands for it now.
type Aliases map[string]string

// Decode decodes the object b over what into, a pointer to a struct, holds. Former keys count as
// the present ones; an object may not hold both. A key that the struct does not have is an error,
// and so is what Check finds. Call it from an UnmarshalJSON, with a type that has no UnmarshalJSON
// of its own.
func (a Aliases) Decode(b []byte, into any) error {
	if err := Check(b, nil); err != nil {
		return err
	}
	b, err := a.rename(b)
	if err != nil {
		return err
	}
	if err := Check(b, reflect.TypeOf(into)); err != nil {
		return err
	}
	d := json.NewDecoder(bytes.NewReader(b))
	d.DisallowUnknownFields()
	return d.Decode(into)
}

// rename replaces the former keys of an object, but not of the objects in it. What is no object
// stays as it is.
func (a Aliases) rename(b []byte) ([]byte, error) {
	d := json.NewDecoder(bytes.NewReader(b))
	if first, err := d.Token(); err != nil || first != json.Delim('{') {
		return b, nil
	}
	var out []byte
	written := map[string]string{} // by present key: the key in the file
	copied := 0
	for d.More() {
		before := int(d.InputOffset())
		token, err := d.Token()
		key, isKey := token.(string)
		if err != nil || !isKey {
			return b, nil // the decoder will say what is wrong
		}
		end := int(d.InputOffset())
		now, renamed := a[key]
		if !renamed {
			now = key
		}
		if other, twice := written[now]; twice && other != key {
			return nil, fmt.Errorf("keys %q and %q: both stand for %q, expected one of them", other, key, now)
		}
		written[now] = key
		if renamed {
			// The key may be spelled with escapes, so that its length says nothing.
			start := before + bytes.IndexByte(b[before:end], '"')
			out = append(append(out, b[copied:start]...), `"`+now+`"`...)
			copied = end
		}
		var value json.RawMessage
		if err := d.Decode(&value); err != nil {
			return b, nil
		}
	}
	return append(out, b[copied:]...), nil
}

// Line returns the number of the line, from 1, on which the value under a path of keys such as
// "model.network.width" begins, or the one under as much of the path as there is.
func Line(b []byte, path string) int {
	d := json.NewDecoder(bytes.NewReader(b))
	for key := range strings.SplitSeq(path, ".") {
		if !enter(d, key) {
			break
		}
	}
	at := min(int(d.InputOffset()), len(b))
	at += len(b[at:]) - len(bytes.TrimLeft(b[at:], ": \t\r\n"))
	return 1 + bytes.Count(b[:at], []byte{'\n'})
}

// enter reads up to the value of a key of the object that comes next.
func enter(d *json.Decoder, key string) bool {
	if open, err := d.Token(); err != nil || open != json.Delim('{') {
		return false
	}
	for d.More() {
		found, err := d.Token()
		if err != nil {
			return false
		}
		if found == key {
			return true
		}
		var other json.RawMessage
		if d.Decode(&other) != nil {
			return false
		}
	}
	return false
}
