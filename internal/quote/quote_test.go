package quote

import (
	"strconv"
	"strings"
	"testing"
	"unicode/utf8"
)

func TestText(t *testing.T) {
	for s, want := range map[string]string{
		"AVAL":                    `"AVAL"`,
		"\x1b[31mred":             `"\x1b[31mred"`,
		"a\x00b":                  `"a\x00b"`,
		strings.Repeat("x", 80):   `"` + strings.Repeat("x", 80) + `"`,
		strings.Repeat("é", 1000): `"` + strings.Repeat("é", 80) + `"... (2000 bytes)`,
	} {
		if got := Text(s); got != want {
			t.Errorf("%.20q: %s, want %s", s, got, want)
		}
	}
}

func TestName(t *testing.T) {
	for s, want := range map[string]string{"a b/c.png": "a b/c.png", "": `""`, "a\nb": `"a\nb"`, "\xff": `"\xff"`, "чай": "чай"} {
		if got := Name(s); got != want {
			t.Errorf("%q: %s, want %s", s, got, want)
		}
	}
}

func TestLine(t *testing.T) {
	for s, want := range map[string]string{
		"plain, with é":   "plain, with é",
		"one\ntwo\n":      "one; two",
		"a\tb":            "a b",
		"\x1b]0;title\a":  `\x1b]0;title\a`,
		"nul \x00 here":   `nul \x00 here`,
		"bad \xff utf-8":  `bad \xff utf-8`,
		"zero\u200bwidth": "zero\\u200bwidth",
	} {
		if got := Line(s); got != want {
			t.Errorf("%q: %q, want %q", s, got, want)
		}
	}
	long := Line("file.csv: " + strings.Repeat("ж\t", 10_000_000) + ", expected a number")
	if n := utf8.RuneCountInString(long); n > maxLine+100 || !strings.HasPrefix(long, "file.csv: ") || !strings.HasSuffix(long, ", expected a number") {
		t.Errorf("%d characters, from %.20q", n, long)
	}
}

func FuzzLine(f *testing.F) {
	f.Add("a\x1b\xff\n")
	f.Fuzz(func(t *testing.T, s string) {
		for name, got := range map[string]string{"Line": Line(s), "Text": Text(s), "Name": Name(s)} {
			for _, r := range got {
				if !strconv.IsPrint(r) {
					t.Errorf("%s of %q holds %q", name, s, r)
				}
			}
		}
	})
}
