package crosscheck

import (
	"encoding/json"
	"io"
)

// foreign reports whether a JSON document, read in pieces and not kept, is none of a manifest's: no
// object, or one that has fewer than two of its keys and no kind of this package.
func foreign(r io.Reader) bool {
	d := json.NewDecoder(r)
	if first, err := d.Token(); err != nil || first != json.Delim('{') {
		return err == nil
	}
	keys := 0
	for d.More() {
		token, err := d.Token()
		key, _ := token.(string)
		if err != nil {
			return false
		}
		value, err := d.Token()
		if err != nil {
			return false
		}
		switch key {
		case "kind":
			if kind, _ := value.(string); kinds[kind] != nil {
				return false
			}
			keys++
		case "tolerance", "cases":
			keys++
		}
		if keys > 1 || passOver(d, value) != nil {
			return false
		}
	}
	return true
}

// passOver reads the rest of the value that begins with a token.
func passOver(d *json.Decoder, token json.Token) error {
	for depth := 0; ; {
		switch token {
		case json.Delim('{'), json.Delim('['):
			depth++
		case json.Delim('}'), json.Delim(']'):
			depth--
		}
		if depth == 0 {
			return nil
		}
		var err error
		if token, err = d.Token(); err != nil {
			return err
		}
	}
}
