package crosscheck

import (
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"elegans/tensor"
)

// Options adjusts Run; the zero value is the usual choice.
type Options struct {
	// Each, if set, is called with every row as soon as it is known, for display.
	Each func(Row)
	// Operations are operations of the caller's own, by the names that manifests of kind "ops" give
	// them. One that has the name of an operation of the engine takes its place.
	Operations map[string]Operation
}

// Operation runs a case of kind "ops" in both element types: it reads arguments and attributes from
// the case and hands over its results. Both functions are usually instances of one generic
// function.
type Operation struct {
	Float64 func(*Case[float64])
	Float32 func(*Case[float32])
}

// kinds maps the kinds of manifests to the functions that run them. They add rows to the report,
// and return an error only if the manifest or its tensors cannot be read at all.
var kinds = map[string]func(m *manifest, rec *recorder) error{
	"ops":        runOps,
	"optimizers": runOptimizers,
	"schedules":  runSchedules,
	"layers":     runLayers,
	"m2":         runM2,
	"tn":         runTN,
	"esn":        runESN,
	"former":     runFormer,
}

// Run checks every case of every manifest in the folder or, if it holds none itself, in the folders
// right below it; those of them that hold none either are listed in the report and passed over.
// The error is about files that cannot be read, and about manifests that are not well formed; what
// disagrees is in the report.
func Run(dir string, opts Options) (Report, error) {
	manifests, err := findManifests(dir)
	if err != nil {
		return Report{}, err
	}
	rec := &recorder{opts: opts}
	rec.report.Device = tensor.DeviceName()
	tensor.TakeDeviceTally()
	if len(manifests) > 0 {
		err := rec.run("", manifests)
		return rec.report, err
	}
	folders, err := os.ReadDir(dir)
	if err != nil {
		return Report{}, err
	}
	found := false
	for _, f := range folders {
		if !f.IsDir() {
			continue
		}
		manifests, err := findManifests(filepath.Join(dir, f.Name()))
		if err != nil {
			return rec.report, err
		}
		found = found || len(manifests) > 0
		if len(manifests) == 0 {
			rec.report.NoManifest = append(rec.report.NoManifest, f.Name())
		}
		if err := rec.run(f.Name()+"/", manifests); err != nil {
			return rec.report, err
		}
	}
	if !found {
		return Report{}, fmt.Errorf("%s: no manifest, expected a JSON file with the keys kind, tolerance and cases", dir)
	}
	return rec.report, nil
}

// run checks manifests, whose names are shown after prefix.
func (rec *recorder) run(prefix string, manifests []*manifest) error {
	for _, m := range manifests {
		rec.manifest = prefix + m.name()
		run := kinds[m.Kind]
		if run == nil {
			rec.begin("")
			rec.skip(fmt.Sprintf("unknown kind %q, expected one of %s", m.Kind, strings.Join(slices.Sorted(maps.Keys(kinds)), ", ")))
			continue
		}
		err := run(m, rec)
		rec.end()
		if err != nil {
			return err
		}
	}
	return nil
}
