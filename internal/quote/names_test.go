package quote_test

import (
	"strings"
	"testing"

	"elegans/internal/quote"
)

func TestNames(t *testing.T) {
	for _, c := range []struct {
		names []string
		want  string
	}{
		{nil, "none"},
		{[]string{"a"}, "a"},
		{[]string{"a", "b\x1b[2J"}, `a, "b\x1b[2J"`},
		{strings.Split("a b c d e f g h", " "), "a, b, c, d, e, f, g, h"},
		{strings.Split("a b c d e f g h i j", " "), "a, b, c, d, e, f, g, h and 2 more"},
	} {
		if got := quote.Names(c.names); got != c.want {
			t.Errorf("Names(%q) = %q, want %q", c.names, got, c.want)
		}
	}
}
