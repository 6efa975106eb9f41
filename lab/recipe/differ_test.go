package recipe

import "testing"

func TestFirstDifference(t *testing.T) {
	for _, c := range []struct{ a, b, path, inA, inB string }{
		{`{"a":1,"b":{"c":[1,2]}}`, `{"b":{"c":[1,2]},"a":1}`, "", "", ""},
		{`{"a":1,"b":{"c":[1,2]}}`, `{"a":1,"b":{"c":[1,3]}}`, "b.c", "[1,2]", "[1,3]"},
		{`{"a":1}`, `{"a":1,"b":"x"}`, "b", "nothing", `"x"`},
		{`{"a":1,"z":0}`, `{"a":{"b":1}}`, "a", "1", `{"b":1}`},
		{`{"seed":9007199254740993}`, `{"seed":9007199254740992}`, "seed", "9007199254740993", "9007199254740992"},
		{`{"a":null}`, `{}`, "", "", ""},
	} {
		if path, inA, inB := firstDifference([]byte(c.a), []byte(c.b)); path != c.path || inA != c.inA || inB != c.inB {
			t.Errorf("%s and %s: %q %q %q", c.a, c.b, path, inA, inB)
		}
	}
}
