package cli

import (
	"fmt"
	"math"
	"os"
	"strconv"
	"strings"

	"github.com/rogpeppe/go-internal/testscript"
)

// level is the series of the scripts.
func level(t int) float64 { return 20 + 5*math.Sin(.3*float64(t)) + 2*math.Sin(.71*float64(t)) }

// writeSeries FILE ROWS writes a table of a series, and level.csv with 300 rows of one column.
func writeSeries(ts *testscript.TestScript, neg bool, args []string) {
	rows, err := strconv.Atoi(args[1])
	ts.Check(err)
	var table, alone strings.Builder
	table.WriteString("day,level,other\n")
	alone.WriteString("level\n")
	for t := range rows {
		fmt.Fprintf(&table, "d%d,%v,%v\n", t, level(t), math.Cos(float64(t)))
		if t < 300 {
			fmt.Fprintf(&alone, "%v\n", level(t))
		}
	}
	ts.Check(os.WriteFile(ts.MkAbs(args[0]), []byte(table.String()), 0o666))
	ts.Check(os.WriteFile(ts.MkAbs("level.csv"), []byte(alone.String()), 0o666))
}

// continuesSeries FILE ROW WITHIN compares lines with the series from a row on.
func continuesSeries(ts *testscript.TestScript, neg bool, args []string) {
	from, err := strconv.Atoi(args[1])
	ts.Check(err)
	within, err := strconv.ParseFloat(args[2], 64)
	ts.Check(err)
	lines := strings.Fields(ts.ReadFile(args[0]))
	for i, line := range lines {
		v, err := strconv.ParseFloat(line, 64)
		if err != nil || math.Abs(v-level(from+i)) > within {
			ts.Fatalf("row %d: %s, expected %v within %v", from+i, line, level(from+i), within)
		}
	}
	if len(lines) == 0 {
		ts.Fatalf("no lines")
	}
}

// learnsSeries FILE FROM TO WITHIN: line t of predictions is about row t+1 of the series.
func learnsSeries(ts *testscript.TestScript, neg bool, args []string) {
	lines := strings.Fields(ts.ReadFile(args[0]))
	from, err := strconv.Atoi(args[1])
	ts.Check(err)
	to, err := strconv.Atoi(args[2])
	ts.Check(err)
	within, err := strconv.ParseFloat(args[3], 64)
	ts.Check(err)
	if len(lines) != to {
		ts.Fatalf("%d lines, expected %d", len(lines), to)
	}
	for t := from; t < to; t++ {
		if v, err := strconv.ParseFloat(lines[t], 64); err != nil || math.Abs(v-level(t+1)) > within {
			ts.Fatalf("line %d: %s, expected %v within %v", t+1, lines[t], level(t+1), within)
		}
	}
}

// lines FILE FROM TO NEW writes some lines of a file to a new one.
func someLines(ts *testscript.TestScript, neg bool, args []string) {
	lines := strings.SplitAfter(ts.ReadFile(args[0]), "\n")
	from, err := strconv.Atoi(args[1])
	ts.Check(err)
	to, err := strconv.Atoi(args[2])
	ts.Check(err)
	ts.Check(os.WriteFile(ts.MkAbs(args[3]), []byte(strings.Join(lines[from:to], "")), 0o666))
}

// join A B NEW writes two files, one behind the other, to a new one.
func joinFiles(ts *testscript.TestScript, neg bool, args []string) {
	ts.Check(os.WriteFile(ts.MkAbs(args[2]), []byte(ts.ReadFile(args[0])+ts.ReadFile(args[1])), 0o666))
}
