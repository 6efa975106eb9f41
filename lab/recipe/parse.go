package recipe

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"reflect"
	"strconv"
	"strings"

	"elegans/internal/jsonkeys"
)

// Parse decodes JSON over the values that c has. Unknown fields, wrong types, anything after the
// object and whatever else would be lost in silence (see jsonkeys.Check) are errors that name the
// file, the line and the field.
func (c *Config) Parse(b []byte, file string) error {
	if err := jsonkeys.Check(b, reflect.TypeFor[Config]()); err != nil {
		return describe(b, file, 0, err)
	}
	d := json.NewDecoder(bytes.NewReader(b))
	d.DisallowUnknownFields()
	next := *c
	if err := d.Decode(&next); err != nil {
		return describe(b, file, d.InputOffset(), err)
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return fmt.Errorf("%s:%d: text after the object, expected the end of the file", file, lineAt(b, d.InputOffset()))
	}
	*c = next
	return nil
}

// describe puts an error of encoding/json into one line with its place.
func describe(b []byte, file string, offset int64, err error) error {
	var wrong *json.UnmarshalTypeError
	var syntax *json.SyntaxError
	var key *jsonkeys.Error
	switch {
	case errors.As(err, &key):
		at := bytes.LastIndex(b, []byte(strconv.Quote(key.Key)))
		return fmt.Errorf("%s:%d: %w", file, lineAt(b, int64(at)), err)
	case errors.As(err, &wrong):
		return fmt.Errorf("%s:%d: %s is a JSON %s, expected %s", file, jsonkeys.Line(b, wrong.Field), field(wrong.Field), wrong.Value, wrong.Type)
	case errors.As(err, &syntax):
		return fmt.Errorf("%s:%d: not JSON: %w", file, lineAt(b, syntax.Offset), err)
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		return fmt.Errorf("%s:%d: the file ends, expected a JSON object", file, lineAt(b, int64(len(b))))
	}
	message := strings.TrimPrefix(err.Error(), "json: ")
	if name, ok := strings.CutPrefix(message, "unknown field "); ok {
		at := bytes.Index(b, []byte(name))
		if at >= 0 {
			offset = int64(at)
		}
		message += ", expected one of those in config.json of a run"
	}
	return fmt.Errorf("%s:%d: %s", file, lineAt(b, offset), message)
}

func field(name string) string {
	if name == "" {
		return "the configuration"
	}
	return "field " + name
}

// lineAt returns the number of the line, from 1, that holds an offset.
func lineAt(b []byte, offset int64) int {
	return 1 + bytes.Count(b[:min(max(offset, 0), int64(len(b)))], []byte{'\n'})
}
