package cli

import (
	"errors"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
)

func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){"elegans": func() { Main(nil) }, "stubborn": stubborn, "hungry": hungry})
}

// TestScripts runs the program as a user does; every file in testdata/script is a session.
func TestScripts(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir: "testdata/script",
		Cmds: map[string]func(ts *testscript.TestScript, neg bool, args []string){
			"digit":    writeDigit,
			"exitcode": exitCode,

			"series":    writeSeries,
			"continues": continuesSeries,
			"learns":    learnsSeries,
			"lines":     someLines,
			"join":      joinFiles,
		},
	})
}

// writeDigit FILE writes a picture that looks like a one: dark ink on white.
func writeDigit(ts *testscript.TestScript, neg bool, args []string) {
	m := image.NewGray(image.Rect(0, 0, 32, 32))
	for i := range m.Pix {
		m.Pix[i] = 255
	}
	for y := 4; y < 28; y++ {
		for x := 14; x < 19; x++ {
			m.SetGray(x, y, color.Gray{Y: 10})
		}
	}
	ts.Check(os.MkdirAll(filepath.Dir(ts.MkAbs(args[0])), 0o777))
	f, err := os.Create(ts.MkAbs(args[0]))
	ts.Check(err)
	ts.Check(png.Encode(f, m))
	ts.Check(f.Close())
}

// exitCode CODE ARGS... runs elegans with ARGS and compares the exit code. With code 2 nothing may
// stand on standard output and one line on standard error.
func exitCode(ts *testscript.TestScript, neg bool, args []string) {
	err := ts.Exec("elegans", args[1:]...)
	code := 0
	var exit *exec.ExitError
	if errors.As(err, &exit) {
		code = exit.ExitCode()
	} else {
		ts.Check(err)
	}
	if fmt.Sprint(code) != args[0] {
		ts.Fatalf("exit code %d, expected %s", code, args[0])
	}
	text := ts.ReadFile("stderr")
	if code == 2 && (ts.ReadFile("stdout") != "" || strings.Count(text, "\n") != 1 || !strings.HasPrefix(text, "elegans: ")) {
		ts.Fatalf("expected one line that starts with \"elegans: \", found %q", text)
	}
}
