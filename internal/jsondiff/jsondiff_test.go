package jsondiff_test

import (
	"strings"
	"testing"

	"elegans/internal/jsondiff"
)

func TestFirst(t *testing.T) {
	for _, c := range []struct{ a, b, path, inA, inB string }{
		{`{"a":1,"b":{"c":[1,2]}}`, `{"b":{"c":[1,2]},"a":1}`, "", "", ""},
		{`{"a":1,"b":{"c":[1,2]}}`, `{"a":1,"b":{"c":[1,3]}}`, "b.c", "[1,2]", "[1,3]"},
		{`{"a":1}`, `{"a":1,"b":"x"}`, "b", "nothing", `"x"`},
		{`{"a":1,"z":0}`, `{"a":{"b":1}}`, "a", "1", `{"b":1}`},
		{`{"seed":9007199254740993}`, `{"seed":9007199254740992}`, "seed", "9007199254740993", "9007199254740992"},
		{`{"a":[{"b":1},{"b":2,"c":3}]}`, `{"a":[{"b":1},{"b":4,"c":3}]}`, "a[1].b", "2", "4"},
		{`{"a":[{"b":1}]}`, `{"a":[{"b":1},{"b":2}]}`, "a", `[{"b":1}]`, `[{"b":1},{"b":2}]`},
		{`{"a":[{"b":1}]}`, `{"a":[{"b":1}]}`, "", "", ""},
		{`[{"b":1}]`, `[{"b":2}]`, "[0].b", "1", "2"},
		{`{"a":null}`, `{}`, "", "", ""},
		{`[1]`, `[2]`, "(all)", "[1]", "[2]"},
	} {
		path, inA, inB, err := jsondiff.First([]byte(c.a), []byte(c.b))
		if err != nil || path != c.path || inA != c.inA || inB != c.inB {
			t.Errorf("%s and %s: %q %q %q, %v", c.a, c.b, path, inA, inB, err)
		}
	}
	for _, c := range []struct{ a, b, want string }{
		{`{`, `{}`, "the first document: "}, {`{}`, ``, "the second document: "}, {`{} {}`, `{}`, "more than one value"},
	} {
		if _, _, _, err := jsondiff.First([]byte(c.a), []byte(c.b)); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%q and %q: error %v, expected %q", c.a, c.b, err, c.want)
		}
	}
}
