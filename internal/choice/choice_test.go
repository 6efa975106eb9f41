package choice_test

import (
	"testing"

	"elegans/internal/choice"
)

type colour string

func TestComplete(t *testing.T) {
	for _, c := range []struct{ found, want, refused string }{
		{"", "red", ""},
		{"green", "green", ""},
		{"Red", "", `colour "Red", expected one of red, green`},
	} {
		v := colour(c.found)
		err := choice.Complete(choice.Of("colour", &v, "red", "green"))
		if c.refused == "" && (err != nil || v != colour(c.want)) {
			t.Errorf("%q became %q, error %v", c.found, v, err)
		}
		if c.refused != "" && (err == nil || err.Error() != c.refused) {
			t.Errorf("%q: error %v, want %s", c.found, err, c.refused)
		}
	}
}

// TestEmptyValue: the empty text can be a value, and the default.
func TestEmptyValue(t *testing.T) {
	v := colour("")
	if err := choice.Complete(choice.Of("colour", &v, "", "red")); err != nil || v != "" {
		t.Errorf("%q, error %v", v, err)
	}
	v = "green"
	if err := choice.Complete(choice.Of("colour", &v, "", "red")); err == nil || err.Error() != `colour "green", expected one of "", red` {
		t.Errorf("error %v", err)
	}
}
