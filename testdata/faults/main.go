// Command faults plants the faults of faults.txt, one at a time, in a copy of the tree, runs the
// tests that should see them, and writes down which do:
//
//	go run ./testdata/faults                    # all of them, some minutes each ten
//	go run ./testdata/faults -only 'loader|ema' # those whose names match
//	go run ./testdata/faults -unseen            # those that the results say no test saw
//
// It is run from the root of the module. The results, a line for each fault, go to results.tsv
// beside the list; lines of faults that were not run stay. The tests must pass in the copy before a
// fault is planted. The copy lies in the folder for temporary files, so tests find what a clone has
// and nothing beside it.
package main

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"flag"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"syscall"
	"time"

	"elegans/internal/faults"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := run(ctx); err != nil {
		fmt.Fprintln(os.Stderr, "faults:", err)
		os.Exit(1)
	}
}

// results are lines of results.tsv by the name of the fault.
type results map[string][]string

var header = []string{"fault", "package", "verdict", "by", "seconds"}

const (
	seen    = "seen"
	unseen  = "not seen"
	invalid = "does not compile"
)

func run(ctx context.Context) error {
	folder := filepath.Join("testdata", "faults")
	tree := flag.String("tree", ".", "root of the module")
	out := flag.String("out", filepath.Join(folder, "results.tsv"), "file for the results")
	path := flag.String("list", filepath.Join(folder, "faults.txt"), "file with the faults")
	only := flag.String("only", "", "plant the faults whose names match this expression")
	again := flag.Bool("unseen", false, "plant the faults that the results do not call seen")
	trust := flag.Bool("trust", false, "do not run the tests without a fault first")
	limit := flag.Duration("timeout", 5*time.Minute, "limit for the tests of a package")
	all := flag.Bool("all", false, "run all packages of a fault, though one has seen it, and write down every test that fails")
	table := flag.Bool("table", false, "print the table of the results and plant nothing")
	flag.Parse()

	f, err := os.Open(*path)
	if err != nil {
		return err
	}
	list, err := faults.Read(f)
	_ = f.Close()
	if err != nil {
		return err
	}
	res, err := readResults(*out)
	if err != nil {
		return err
	}
	if *table {
		fmt.Print(res.table(list))
		return nil
	}
	name, err := regexp.Compile(*only)
	if err != nil {
		return err
	}
	chosen := slices.DeleteFunc(slices.Clone(list), func(f faults.Fault) bool {
		return !name.MatchString(f.Name) || *again && res[f.Name] != nil && res[f.Name][2] == seen
	})
	dir, err := os.MkdirTemp("", "faults-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	if err := copyTree(ctx, *tree, dir); err != nil {
		return err
	}
	p := planter{dir: dir, limit: *limit, all: *all}
	if !*trust {
		if err := p.sound(ctx, chosen); err != nil {
			return err
		}
	}
	for i := range chosen {
		row, err := p.plant(ctx, &chosen[i])
		if ctx.Err() != nil {
			return ctx.Err()
		}
		if err != nil {
			return err
		}
		fmt.Println(strings.Join(row, "  "))
		res[chosen[i].Name] = row
		if err := res.write(*out, list); err != nil {
			return err
		}
	}
	fmt.Print(res.table(list))
	return nil
}

// copyTree copies the files that git knows or would add.
func copyTree(ctx context.Context, from, to string) error {
	c := exec.CommandContext(ctx, "git", "ls-files", "-z", "--cached", "--others", "--exclude-standard")
	c.Dir = from
	names, err := c.Output()
	if err != nil {
		return fmt.Errorf("git ls-files in %s: %w", from, err)
	}
	for _, name := range strings.FieldsFunc(string(names), func(r rune) bool { return r == 0 }) {
		b, err := os.ReadFile(filepath.Join(from, name))
		if errors.Is(err, fs.ErrNotExist) { // removed, but git still has it
			continue
		}
		if err != nil {
			return err
		}
		path := filepath.Join(to, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o777); err != nil {
			return err
		}
		if err := os.WriteFile(path, b, 0o777); err != nil {
			return err
		}
	}
	return nil
}

// planter plants faults in a copy of the tree.
type planter struct {
	dir   string
	limit time.Duration
	all   bool
}

// sound returns an error if a test that is to see a fault fails without one.
func (p *planter) sound(ctx context.Context, list []faults.Fault) error {
	done := map[string]bool{}
	for i := range list {
		for _, pkg := range list[i].Tests {
			key := fmt.Sprint(pkg, list[i].Full)
			if done[key] {
				continue
			}
			done[key] = true
			out, err := p.test(ctx, pkg, list[i].Full, p.limit)
			if ctx.Err() != nil {
				return ctx.Err()
			}
			if err != nil {
				return fmt.Errorf("the tests of %s fail without a fault:\n%s", pkg, out)
			}
		}
	}
	return nil
}

// plant puts a fault into the copy, runs the tests until one fails, and takes it out again.
func (p *planter) plant(ctx context.Context, f *faults.Fault) (row []string, err error) {
	path := filepath.Join(p.dir, filepath.FromSlash(f.File))
	sound, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	faulty, err := f.Apply(string(sound))
	if err != nil {
		return nil, err
	}
	if err := os.WriteFile(path, []byte(faulty), 0o666); err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, os.WriteFile(path, sound, 0o666)) }()
	start := time.Now()
	verdict, by := unseen, ""
	for _, pkg := range f.Tests {
		out, err := p.test(ctx, pkg, f.Full, cmp.Or(f.Timeout, p.limit))
		if err == nil {
			continue
		}
		if bytes.Contains(out, []byte("[build failed]")) || bytes.Contains(out, []byte("[setup failed]")) {
			verdict, by = invalid, firstLine(out)
			break
		}
		verdict = seen
		if by != "" {
			by += ", "
		}
		if by += pkg + " " + culprit(out); !p.all {
			break
		}
		for _, m := range failed.FindAllSubmatch(out, -1) {
			if name := string(m[1]); !strings.Contains(name, "/") && !strings.HasSuffix(by, " "+name) {
				by += ", " + pkg + " " + name
			}
		}
	}
	return []string{f.Name, f.Package(), verdict, by, fmt.Sprintf("%.0f", time.Since(start).Seconds())}, nil
}

// test runs the tests of a package in the copy.
func (p *planter) test(ctx context.Context, pkg string, full bool, limit time.Duration) ([]byte, error) {
	args := []string{"test", "-vet=off", "-timeout", limit.String()}
	if !p.all {
		args = append(args, "-failfast")
	}
	if !full {
		args = append(args, "-short")
	}
	c := exec.CommandContext(ctx, "go", append(args, pkg)...)
	c.Dir = p.dir
	c.Env = append(os.Environ(), "GOFLAGS=-trimpath", "GOWORK=off")
	c.Cancel = func() error { return c.Process.Signal(os.Interrupt) }
	return c.CombinedOutput()
}

var (
	failed  = regexp.MustCompile(`(?m)^\s*--- FAIL: (\S+)`)
	hanging = regexp.MustCompile(`running tests:\n\t(\S+)`)
	panics  = regexp.MustCompile(`(?m)^(?:panic|fatal error): (.*)`)
)

// culprit returns the innermost test that the output of a failed run names.
func culprit(out []byte) string {
	if m := hanging.FindSubmatch(out); m != nil {
		return string(m[1]) + " (timeout)"
	}
	if all := failed.FindAllSubmatch(out, 2); all != nil {
		name := string(all[0][1])
		if len(all) > 1 && strings.HasPrefix(string(all[1][1]), name+"/") {
			name = string(all[1][1])
		}
		return name
	}
	if m := panics.FindSubmatch(out); m != nil {
		return "panic: " + string(m[1])
	}
	return firstLine(out)
}

func firstLine(out []byte) string {
	for line := range strings.Lines(string(out)) {
		if line = strings.TrimSpace(line); line != "" && line[0] != '#' {
			return strings.ReplaceAll(line, "\t", " ")
		}
	}
	return ""
}

func readResults(path string) (results, error) {
	res := results{}
	b, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return res, nil
	}
	if err != nil {
		return nil, err
	}
	for i, line := range strings.Split(strings.TrimSpace(string(b)), "\n") {
		row := strings.Split(line, "\t")
		if len(row) != len(header) {
			return nil, fmt.Errorf("%s:%d: %d columns, expected %d", path, i+1, len(row), len(header))
		}
		if i > 0 {
			res[row[0]] = row
		}
	}
	return res, nil
}

// write writes the results of the listed faults in the order of the list.
func (res results) write(path string, list []faults.Fault) error {
	var b strings.Builder
	fmt.Fprintln(&b, strings.Join(header, "\t"))
	for i := range list {
		if row := res[list[i].Name]; row != nil {
			fmt.Fprintln(&b, strings.Join(row, "\t"))
		}
	}
	return os.WriteFile(path, []byte(b.String()), 0o666)
}

// table returns how many faults were seen of those that were planted, by package.
func (res results) table(list []faults.Fault) string {
	type count struct{ seen, planted int }
	by := map[string]*count{}
	var packages []string
	total := count{}
	var b strings.Builder
	for i := range list {
		row := res[list[i].Name]
		if row == nil {
			continue
		}
		p := list[i].Package()
		if by[p] == nil {
			by[p] = &count{}
			packages = append(packages, p)
		}
		by[p].planted++
		total.planted++
		if row[2] == seen {
			by[p].seen++
			total.seen++
		}
	}
	slices.Sort(packages)
	fmt.Fprintf(&b, "%-34s %4s /%s\n", "package", "seen", "planted")
	for _, p := range packages {
		fmt.Fprintf(&b, "%-34s %4d /%d\n", p, by[p].seen, by[p].planted)
	}
	fmt.Fprintf(&b, "%-34s %4d /%d\n", "all", total.seen, total.planted)
	return b.String()
}
