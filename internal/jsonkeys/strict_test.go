package jsonkeys_test

import (
	"encoding/json"
	"errors"
	"reflect"
	"strings"
	"testing"

	"elegans/internal/jsonkeys"
)

type car struct {
	Name    string          `json:"name"`
	Size    [3]int          `json:"size"`
	Doors   []int           `json:"doors,omitempty"`
	Engine  engine          `json:"engine"` // with an UnmarshalJSON of its own
	Trailer *car            `json:"trailer,omitempty"`
	More    json.RawMessage `json:"more,omitempty"`
	Any     any             `json:"any,omitempty"`
	Wheels  []struct {
		Radius [2]float64 `json:"radius"`
	} `json:"wheels,omitempty"`
}

// TestCheck lists what package encoding/json decodes without a word, and what is right.
func TestCheck(t *testing.T) {
	for in, want := range map[string]string{
		`{"size":[1,2,3],"doors":[1,2,3,4],"more":{"a":null},"any":null}`: "",
		`{"trailer":{"size":[1,2,3]},"wheels":[{"radius":[1,2]}]}`:        "",
		`{"unknown":1}`:                       "", // the decoder says so
		`{"size":7}`:                          "", // this too
		`{"size":[1,`:                         "",
		`{`:                                   "",
		``:                                    "",
		`{"size":[1,2,3,4]}`:                  `key "size": found 4 values, expected 3`,
		`{"size":[1,2]}`:                      `key "size": found 2 values, expected 3`,
		`{"size":[]}`:                         `key "size": found 0 values, expected 3`,
		`{"wheels":[{"radius":[1]}]}`:         `key "radius": found 1 values, expected 2`,
		`{"name":"a","name":"b"}`:             `key "name": occurs twice in one object, expected once`,
		`{"name":"a","n\u0061me":"b"}`:        `key "name": occurs twice in one object, expected once`,
		`{"more":{"a":1,"a":2}}`:              `key "a": occurs twice in one object, expected once`,
		`{"any":[{"a":1,"a":2}]}`:             `key "a": occurs twice in one object, expected once`,
		`{"engine":{"power":1,"power":2}}`:    `key "power": occurs twice in one object, expected once`,
		`{"Name":"a"}`:                        `key "Name": expected "name", in these letters`,
		`{"trailer":{"SIZE":[1,2,3]}}`:        `key "SIZE": expected "size", in these letters`,
		`{"name":null}`:                       `key "name": found null, expected a value, or no such key`,
		`{"trailer":null}`:                    `key "trailer": found null, expected a value, or no such key`,
		`{"engine":null}`:                     `key "engine": found null, expected a value, or no such key`,
		`{"doors":[1,null]}`:                  `key "doors": found null, expected a value, or no such key`,
		`null`:                                `found null, expected a value, or no such key`,
		`{"\u001b[31m":1,"\u001b[31m":2}`:     `key "\x1b[31m": occurs twice in one object, expected once`,
		strings.Repeat(`{"trailer":`, 100000): "",
	} {
		err := jsonkeys.Check([]byte(in), reflect.TypeFor[car]())
		var wrong *jsonkeys.Error
		if (err == nil) != (want == "") || err != nil && (err.Error() != want || !errors.As(err, &wrong)) {
			t.Errorf("%.60s: error %v, want %q", in, err, want)
		}
	}
}

// FuzzCheck: no document makes Check panic, and one that it and the decoder accept says the same
// when it is written and read again.
func FuzzCheck(f *testing.F) {
	f.Add([]byte(`{"size":[1,2,3],"trailer":{"name":"x"},"more":{"a":[1]},"wheels":[{"radius":[1,2]}]}`))
	f.Add([]byte(`{"Size":[1,2],"name":null,"name":1}`))
	f.Fuzz(func(t *testing.T, b []byte) {
		if jsonkeys.Check(b, reflect.TypeFor[car]()) != nil {
			return
		}
		var c, again car
		if json.Unmarshal(b, &c) != nil {
			return
		}
		out, err := json.Marshal(c)
		if err != nil {
			t.Fatal(err)
		}
		if err := json.Unmarshal(out, &again); err != nil || !reflect.DeepEqual(normal(c), normal(again)) {
			t.Fatalf("%s became %s (%v)", b, out, err)
		}
	})
}

// normal leaves out how numbers and spaces of raw values are written, and empty lists.
func normal(c car) string {
	b, err := json.Marshal(c)
	if err != nil {
		return err.Error()
	}
	return string(b)
}
