// Package faults reads the list of planted faults: mistakes that somebody might make in this
// program, each of which some test must see. The program testdata/faults plants them, one at a
// time, and runs the tests.
//
// The package serves that program and its test only and imports nothing of this module.
package faults

import (
	"bufio"
	"fmt"
	"io"
	"path"
	"strings"
	"time"
)

// Fault is a mistake to plant: a piece of text of a file and what takes its place.
type Fault struct {
	Name     string
	File     string // from the root of the module, with forward slashes
	Old, New string
	Tests    []string // packages whose tests should see it, the most likely first
	Why      string   // what goes wrong
	Full     bool     // run the tests without -short
	Timeout  time.Duration
}

// Package returns the folder of the file.
func (f *Fault) Package() string { return path.Dir(f.File) }

// Apply returns the content of the file with the fault in it. The old text must be there exactly
// once, so that a list that no longer fits the code is noticed.
func (f *Fault) Apply(content string) (string, error) {
	if n := strings.Count(content, f.Old); n != 1 {
		return "", fmt.Errorf("fault %s: found its old text %d times in %s, expected it once", f.Name, n, f.File)
	}
	return strings.Replace(content, f.Old, f.New, 1), nil
}

// Read reads a list. Every fault is a block of lines, and blocks are separated by blank lines:
//
//	fault NAME
//	file PATH
//	tests PACKAGE...
//	why TEXT
//	full                 run the tests without -short; may be left out
//	timeout DURATION     of the tests; may be left out
//	-TEXT                the old text, as many lines as it has
//	+TEXT                the new text, which may have no lines
//
// Old and new text need not be whole lines. Lines that begin with # are comments.
func Read(r io.Reader) ([]Fault, error) {
	var list []Fault
	var f *Fault
	var was, now []string
	names := map[string]bool{}
	finish := func() error {
		if f == nil {
			return nil
		}
		f.Old, f.New = strings.Join(was, "\n"), strings.Join(now, "\n")
		switch {
		case f.Name == "" || f.File == "" || f.Why == "" || len(f.Tests) == 0 || f.Old == "":
			return fmt.Errorf("fault %q: expected a name, a file, tests, a reason and an old text", f.Name)
		case f.Old == f.New:
			return fmt.Errorf("fault %q changes nothing", f.Name)
		case names[f.Name]:
			return fmt.Errorf("two faults have the name %q", f.Name)
		}
		names[f.Name] = true
		list = append(list, *f)
		f, was, now = nil, nil, nil
		return nil
	}
	lines := bufio.NewScanner(r)
	for n := 1; lines.Scan(); n++ {
		line := lines.Text()
		if strings.HasPrefix(line, "#") {
			continue
		}
		if strings.TrimSpace(line) == "" {
			if err := finish(); err != nil {
				return nil, fmt.Errorf("before line %d: %w", n, err)
			}
			continue
		}
		if f == nil {
			f = &Fault{}
		}
		if line[0] == '-' {
			was = append(was, line[1:])
			continue
		}
		if line[0] == '+' {
			now = append(now, line[1:])
			continue
		}
		key, value, _ := strings.Cut(line, " ")
		switch key {
		case "fault":
			f.Name = value
		case "file":
			f.File = value
		case "tests":
			f.Tests = strings.Fields(value)
		case "why":
			f.Why = value
		case "full":
			f.Full = true
		case "timeout":
			var err error
			if f.Timeout, err = time.ParseDuration(value); err != nil {
				return nil, fmt.Errorf("line %d: %w", n, err)
			}
		default:
			return nil, fmt.Errorf("line %d: found %q, expected fault, file, tests, why, full, timeout, - or +", n, key)
		}
	}
	if err := lines.Err(); err != nil {
		return nil, err
	}
	return list, finish()
}
