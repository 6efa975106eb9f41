// Command width reports comments of Go and assembly files that are wider than 100 columns, and the
// README where it is longer than 150 lines or has a line of more than 120 columns. A tab counts as
// four columns, and a line counts whole: code and the comment behind it.
//
//	go run ./.ci/width
//
// Lines of code without a comment are left to gofmt and the reader's eye.
package main

import (
	"fmt"
	"go/scanner"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"unicode/utf8"
)

const (
	commentColumns = 100
	readmeColumns  = 120
	readmeLines    = 150
)

func main() {
	wide, files := 0, 0
	report := func(path string, line int, what string) {
		fmt.Printf("%s:%d: %s\n", path, line, what)
		wide++
	}
	err := filepath.WalkDir(".", func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() && path != "." && path != ".ci" && strings.HasPrefix(d.Name(), ".") {
			return fs.SkipDir
		}
		var commented func(src []byte) map[int]bool
		switch {
		case strings.HasSuffix(path, ".go"):
			commented = goComments
		case strings.HasSuffix(path, ".s"), strings.HasSuffix(path, ".h"):
			commented = assemblyComments
		default:
			return nil
		}
		src, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		files++
		lines := strings.Split(string(src), "\n")
		has := commented(src)
		for i, l := range lines {
			if n := columns(l); has[i+1] && n > commentColumns {
				report(path, i+1, fmt.Sprintf("%d columns, expected at most %d", n, commentColumns))
			}
		}
		return nil
	})
	if err != nil || files == 0 {
		fmt.Fprintf(os.Stderr, "width: %d files read: %v\n", files, err)
		os.Exit(1)
	}
	readme, err := os.ReadFile("README.md")
	if err != nil {
		fmt.Fprintf(os.Stderr, "width: %v\n", err)
		os.Exit(1)
	}
	lines := strings.Split(strings.TrimRight(string(readme), "\n"), "\n")
	if len(lines) > readmeLines {
		report("README.md", len(lines), fmt.Sprintf("%d lines, expected at most %d", len(lines), readmeLines))
	}
	for i, l := range lines {
		if n := columns(l); n > readmeColumns {
			report("README.md", i+1, fmt.Sprintf("%d columns, expected at most %d", n, readmeColumns))
		}
	}
	if wide > 0 {
		os.Exit(1)
	}
}

// columns is the width of a line.
func columns(l string) int { return utf8.RuneCountInString(strings.ReplaceAll(l, "\t", "    ")) }

// goComments returns the lines on which a comment stands. Directives such as //go:embed, which must
// not be broken, do not count.
func goComments(src []byte) map[int]bool {
	set := token.NewFileSet()
	file := set.AddFile("", -1, len(src))
	var s scanner.Scanner
	s.Init(file, src, nil, scanner.ScanComments)
	found := map[int]bool{}
	for {
		pos, tok, text := s.Scan()
		if tok == token.EOF {
			return found
		}
		if tok == token.COMMENT && !strings.HasPrefix(text, "//go:") {
			at := file.Line(pos)
			for i := range strings.Count(text, "\n") + 1 {
				found[at+i] = true
			}
		}
	}
}

// assemblyComments is goComments for assembly, whose strings hold no slashes.
func assemblyComments(src []byte) map[int]bool {
	found := map[int]bool{}
	for i, l := range strings.Split(string(src), "\n") {
		found[i+1] = strings.Contains(l, "//")
	}
	return found
}
