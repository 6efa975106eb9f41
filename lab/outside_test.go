// Package lab_test uses the folders below lab as a module outside the repository does.
package lab_test

import (
	"image"
	"image/color"
	"image/png"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

// TestOutsideModule builds a module of its own from the program that README shows, and runs it.
func TestOutsideModule(t *testing.T) {
	program, err := os.ReadFile("testdata/outside/main.go.txt")
	if err != nil {
		t.Fatal(err)
	}
	readme, err := os.ReadFile("../README.md")
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(string(readme), "```go\n"+string(program)+"```") {
		t.Error("README.md does not show the program in testdata/outside/main.go.txt as it is")
	}
	if testing.Short() {
		t.Skip("-short: builds a module")
	}
	repository, err := filepath.Abs("..")
	if err != nil {
		t.Fatal(err)
	}
	mod, err := os.ReadFile("../go.mod")
	if err != nil {
		t.Fatal(err)
	}
	version := regexp.MustCompile(`(?m)^go \S+`).FindString(string(mod))
	dir := t.TempDir()
	for name, text := range map[string]string{
		"go.mod":   "module outside\n\n" + version + "\n",
		"go.work":  version + "\n\nuse (\n\t.\n\t" + strconv.Quote(repository) + "\n)\n",
		"train.go": string(program),
	} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	drawOne(t, filepath.Join(dir, "one.png"))
	run := exec.Command("go", "run", ".")
	run.Dir = dir
	// In a workspace, with the flags of this build, the packages are those that this build has
	// compiled. By a replacement in go.mod all would be compiled again.
	run.Env = append(os.Environ(), "GOPROXY=off", "GOWORK="+filepath.Join(dir, "go.work"))
	out, err := run.CombinedOutput()
	if err != nil || !regexp.MustCompile(`^[0-9]\n$`).Match(out) {
		t.Fatalf("%v: %s, expected a digit", err, out)
	}
	if _, err := os.Stat(filepath.Join(dir, "run", "last.safetensors")); err != nil {
		t.Error(err)
	}
}

// drawOne writes a picture that looks like a one, dark ink on white.
func drawOne(t *testing.T, path string) {
	t.Helper()
	m := image.NewGray(image.Rect(0, 0, 32, 32))
	for i := range m.Pix {
		m.Pix[i] = 255
	}
	for y := 4; y < 28; y++ {
		for x := 14; x < 19; x++ {
			m.SetGray(x, y, color.Gray{Y: 10})
		}
	}
	f, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if err := png.Encode(f, m); err != nil {
		t.Fatal(err)
	}
}
