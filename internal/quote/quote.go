// Package quote brings text that came from outside (names in files, paths, messages of other
// programs) into a form that may go to a terminal or a log: one line, no control characters, and
// not longer than a reader wants.
//
// A name that a file chose could otherwise move the cursor, set colours, change the title of the
// window, or fill the screen with twenty megabytes. Every message that the command prints passes
// Line, so a control character gets no further even where a caller forgot Text.
package quote

import (
	"fmt"
	"strconv"
	"strings"
	"unicode/utf8"
)

const (
	maxText = 80   // runes of Text
	maxLine = 2000 // runes of Line
)

// Text returns s in double quotes with Go's escapes for what is not printable, as %q does, but at
// most 80 characters of it; what is left out is counted.
func Text(s string) string {
	head, cut := shorten(s, maxText)
	if !cut {
		return strconv.Quote(s)
	}
	return fmt.Sprintf("%s... (%d bytes)", strconv.Quote(head), len(s))
}

// Name returns s as it is where it is a plain printable name of moderate length, and as Text
// otherwise. It is for paths and other names that read better without quotes.
func Name(s string) string {
	if s == "" || len(s) > 400 {
		return Text(s)
	}
	for _, r := range s {
		if r == utf8.RuneError || !strconv.IsPrint(r) {
			return Text(s)
		}
	}
	return s
}

// Line returns a message as one line: line ends become "; ", other characters that are not
// printable become Go's escapes, and a message of more than 2,000 characters loses its middle,
// since both the place (in front) and the expectation (at the end) matter.
func Line(s string) string {
	s = strings.TrimRight(s, "\r\n")
	plain := true
	for _, r := range s {
		if r == utf8.RuneError || !strconv.IsPrint(r) {
			plain = false
			break
		}
	}
	if plain && len(s) <= maxLine {
		return s
	}
	if utf8.RuneCountInString(s) > maxLine {
		head, _ := shorten(s, maxLine*3/4)
		tail := s[len(s)-maxLine/4:]
		for len(tail) > 0 && !utf8.RuneStart(tail[0]) {
			tail = tail[1:]
		}
		s = fmt.Sprintf("%s... (%d bytes) ...%s", head, len(s), tail)
	}
	var b strings.Builder
	for i, r := range s {
		switch {
		case r == '\n':
			b.WriteString("; ")
		case r == '\t':
			b.WriteByte(' ')
		case r == utf8.RuneError && !strings.HasPrefix(s[i:], string(utf8.RuneError)):
			fmt.Fprintf(&b, `\x%02x`, s[i])
		case strconv.IsPrint(r):
			b.WriteRune(r)
		default:
			q := strconv.QuoteRune(r)
			b.WriteString(q[1 : len(q)-1])
		}
	}
	return b.String()
}

// shorten returns the first n runes of s, and whether there are more.
func shorten(s string, n int) (string, bool) {
	for i := range s {
		if n == 0 {
			return s[:i], true
		}
		n--
	}
	return s, false
}
