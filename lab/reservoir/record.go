package reservoir

import (
	"encoding/json"
	"fmt"
	"path/filepath"
	"runtime"
	"runtime/debug"

	"elegans/data/atomicfile"
	"elegans/tensor"
)

// Files of a result.
const (
	RecordFile = "record.json" // the result, and what it was made with
	RecipeFile = "recipe.json" // from which LoadRecipe reads what makes it again
)

// Made says with what a result was made. On the same kernels the same recipe gives the same bits.
type Made struct {
	Command  string `json:"command"`
	Version  string `json:"version"`
	Go       string `json:"go"`
	Platform string `json:"platform"`
	Kernels  string `json:"kernels"`
	CPU      string `json:"cpu"`
}

// made returns it for this program.
func made(command string) Made {
	kernels, _ := tensor.Kernels()
	cpu, _ := tensor.CPU()
	m := Made{Command: command, Version: "(development)", Go: runtime.Version(), Platform: runtime.GOOS + "/" + runtime.GOARCH, Kernels: kernels, CPU: cpu}
	if info, ok := debug.ReadBuildInfo(); ok {
		if v := info.Main.Version; v != "" && v != "(devel)" {
			m.Version = v
		}
	}
	return m
}

// Write writes the record and the recipe into a folder that is there. command is how the program
// was called.
func (res *Result) Write(dir, command string) error {
	recipe, err := res.Recipe.JSON()
	if err != nil {
		return err
	}
	record, err := json.MarshalIndent(struct {
		*Result
		Made Made `json:"made"`
	}{res, made(command)}, "", "  ")
	if err != nil {
		return fmt.Errorf("the record: %w", err)
	}
	if err := atomicfile.WriteBytes(filepath.Join(dir, RecipeFile), recipe); err != nil {
		return err
	}
	return atomicfile.WriteBytes(filepath.Join(dir, RecordFile), append(record, '\n'))
}
