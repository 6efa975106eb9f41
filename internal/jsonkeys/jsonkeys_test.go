package jsonkeys_test

import (
	"encoding/json"
	"strings"
	"testing"

	"elegans/internal/jsonkeys"
)

type engine struct {
	Power int            `json:"power"`
	Fuel  string         `json:"fuel"`
	Spare map[string]int `json:"spare"`
}

func (e *engine) UnmarshalJSON(b []byte) error {
	type plain engine
	return jsonkeys.Aliases{"ps": "power", "petrol": "fuel"}.Decode(b, (*plain)(e))
}

func TestDecode(t *testing.T) {
	for _, c := range []struct {
		in      string
		power   int
		fuel    string
		refused string
	}{
		{`{"power":3}`, 3, "old", ""},
		{`{"ps":3}`, 3, "old", ""},
		{` { "fuel" : "ps" ,"ps": 3 } `, 3, "ps", ""},
		{`{"petrol":"petrol"}`, 1, "petrol", ""},
		{`{}`, 1, "old", ""},
		{`{"spare":{"ps":5},"ps":3}`, 3, "old", ""},
		{`{"ps":2,"p\u0073":3}`, 0, "", `key "ps": occurs twice in one object`},
		{`{"petrol":"ps","p\u0073":3}`, 3, "ps", ""},
		{`null`, 0, "", "found null, expected a value"},
		{`{"ps":3,"power":4}`, 0, "", `keys "ps" and "power": both stand for "power", expected one of them`},
		{`{"power":4,"ps":3}`, 0, "", `keys "power" and "ps": both stand for "power"`},
		{`{"horses":3}`, 0, "", `unknown field "horses"`},
		{`{"ps":"3"}`, 0, "", `cannot unmarshal string`},
		{`[]`, 0, "", `cannot unmarshal array`},
	} {
		e := engine{Power: 1, Fuel: "old"}
		err := json.Unmarshal([]byte(c.in), &e)
		if c.refused == "" && (err != nil || e.Power != c.power || e.Fuel != c.fuel) {
			t.Errorf("%s: %+v, error %v", c.in, e, err)
		}
		if len(e.Spare) > 0 && e.Spare["ps"] != 5 {
			t.Errorf("%s: a key of an object inside was renamed: %v", c.in, e.Spare)
		}
		if c.refused != "" && (err == nil || !strings.Contains(err.Error(), c.refused)) {
			t.Errorf("%s: error %v, want %s", c.in, err, c.refused)
		}
	}
}

func TestLine(t *testing.T) {
	const text = "{\n\"a\": {\"c\": 1},\n\"b\": {\n\"c\":\n 2, \"d\": 3}}"
	for _, c := range []struct {
		path string
		line int
	}{{"a", 2}, {"a.c", 2}, {"b", 3}, {"b.c", 5}, {"b.d", 5}, {"x", 5}, {"", 5}} {
		if got := jsonkeys.Line([]byte(text), c.path); got != c.line {
			t.Errorf("%q is on line %d, want %d", c.path, got, c.line)
		}
	}
}
