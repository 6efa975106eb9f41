package cli

import (
	"os"
	"slices"
	"strings"
	"unicode/utf8"

	"elegans/esn/task"
	"elegans/internal/quote"
)

// taskFlags name a task, or a file of which they make one.
type taskFlags struct {
	Task     string `help:"${esnTasks}; or a file of a series (.csv, .tsv, .npy, or a text with a row a line)." placeholder:"NAME|FILE" required:"" group:"Task"`
	TaskData string `help:"File or folder of a task that reads one." placeholder:"PATH" group:"Task"`

	Target        string   `help:"Column that is predicted, by name or by number from 0 (default: the first)." placeholder:"COLUMN" group:"A series of one's own"`
	Horizon       *int     `help:"Rows ahead of which it is predicted; 0 stands for the row of the inputs, of which the target then is none (default: 1)." placeholder:"N" group:"A series of one's own"`
	Columns       []string `help:"Columns that are the input, separated by commas (default: all of numbers)." placeholder:"LIST" group:"A series of one's own"`
	Header        string   `help:"Whether the first row holds names: auto, yes or no (default: auto)." placeholder:"WHEN" group:"A series of one's own"`
	Separator     string   `help:"Character between the fields of a row (default: the one of tab, semicolon and comma that the first row has most of)." placeholder:"C" group:"A series of one's own"`
	Interpolate   bool     `help:"Fill missing values on the line between their neighbours in time, instead of refusing them." group:"A series of one's own"`
	Washout       *int     `help:"Rows at the beginning to which nothing is fitted (default: a tenth, at most 200)." placeholder:"N" group:"A series of one's own"`
	ValidFraction float64  `help:"Part of the rows that validates (default: 0.2)." placeholder:"F" group:"A series of one's own"`
	TestFraction  float64  `help:"Part of the rows, the last ones, that tests (default: 0.2)." placeholder:"F" group:"A series of one's own"`
	Raw           bool     `help:"Take values as they are, instead of bringing columns to mean 0 and deviation 1." group:"A series of one's own"`
}

// task returns the task of the flags.
func (f *taskFlags) task() (*task.Task, error) {
	if slices.Contains(task.Names(), f.Task) {
		t, err := task.Get(f.Task)
		switch {
		case err != nil:
			return nil, err
		case f.ofSeries() != "":
			return nil, badf("%s: does nothing with the task %s, expected the file of a series with it", f.ofSeries(), f.Task)
		case t.Needs != "" && f.TaskData == "":
			return nil, badf("--task %s: expected --task-data with %s", f.Task, t.Needs)
		case t.Needs == "" && f.TaskData != "":
			return nil, badf("--task-data: does nothing with the task %s, which reads no file", f.Task)
		}
		if f.TaskData != "" {
			if _, err := os.Stat(f.TaskData); err != nil {
				return nil, badf("--task-data %s: not found, expected %s", quote.Name(f.TaskData), t.Needs)
			}
		}
		return t, nil
	}
	if !isFile(f.Task) {
		return nil, badf("--task %s: no such task or file, expected a file or one of %s", quote.Text(f.Task), strings.Join(task.Names(), ", "))
	}
	if f.TaskData != "" {
		return nil, badf("--task-data: does nothing with the file of a series")
	}
	o := task.SeriesOptions{
		Columns: f.Columns, Target: f.Target, Header: f.Header, Interpolate: f.Interpolate, Raw: f.Raw, Validate: f.ValidFraction, Test: f.TestFraction,
	}
	set(&o.Horizon, f.Horizon)
	o.Now = f.Horizon != nil && *f.Horizon == 0
	set(&o.Washout, f.Washout)
	if f.Separator != "" {
		r, size := utf8.DecodeRuneInString(f.Separator)
		if size != len(f.Separator) || r == utf8.RuneError || r == '"' || r == '\n' || r == '\r' {
			return nil, badf("--separator %s: expected one character", quote.Text(f.Separator))
		}
		o.Separator = r
	}
	t, err := task.FromFile(f.Task, o)
	if err != nil {
		return nil, badf("--task: %w", err)
	}
	return t, nil
}

// ofSeries returns the first flag that is given and is about a file, or "".
func (f *taskFlags) ofSeries() string {
	for _, o := range []struct {
		flag  string
		given bool
	}{
		{"--target", f.Target != ""}, {"--horizon", f.Horizon != nil}, {"--columns", f.Columns != nil}, {"--header", f.Header != ""},
		{"--separator", f.Separator != ""}, {"--interpolate", f.Interpolate}, {"--washout", f.Washout != nil},
		{"--valid-fraction", f.ValidFraction != 0}, {"--test-fraction", f.TestFraction != 0}, {"--raw", f.Raw},
	} {
		if o.given {
			return o.flag
		}
	}
	return ""
}

// isFile reports whether a name is meant for a file.
func isFile(name string) bool {
	if strings.ContainsAny(name, "./\\") {
		return true
	}
	_, err := os.Stat(name)
	return err == nil
}
