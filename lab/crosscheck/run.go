package crosscheck

import (
	"fmt"
	"os"
	"path/filepath"
)

// Options adjusts Run; the zero value is the usual choice.
type Options struct {
	// Each, if set, is called with every row as soon as it is known, for display.
	Each func(Row)
}

// kinds maps the kinds of manifests to the functions that run them. They add rows to the report,
// and return an error only if the manifest or its tensors cannot be read at all.
var kinds = map[string]func(m *manifest, rep *recorder) error{
	"ops":        runOps,
	"optimizers": runOptimizers,
	"schedules":  runSchedules,
	"layers":     runLayers,
	"m2":         runM2,
	"tn":         runTN,
}

// Run checks every case of every manifest in the folder, or, if it holds none itself, in the
// folders right below it. The error is about files that cannot be read; what disagrees is in the
// report.
func Run(dir string, opts Options) (Report, error) {
	manifests, err := findManifests(dir)
	if err != nil {
		return Report{}, err
	}
	rec := &recorder{each: opts.Each}
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
			rec.manifest = f.Name()
			rec.begin(f.Name())
			rec.skip(noManifest)
		}
		if err := rec.run(f.Name()+"/", manifests); err != nil {
			return rec.report, err
		}
	}
	if !found {
		return Report{}, fmt.Errorf("%s: %s", dir, noManifest)
	}
	return rec.report, nil
}

// noManifest is what is wrong with a folder that has nothing to check.
const noManifest = "no manifest, expected a JSON file that names its kind and tolerance"

// run checks manifests, whose names are shown after prefix.
func (rec *recorder) run(prefix string, manifests []*manifest) error {
	for _, m := range manifests {
		rec.manifest = prefix + m.name()
		run := kinds[m.Kind]
		if run == nil {
			run = skipKind
		}
		if err := run(m, rec); err != nil {
			return err
		}
	}
	return nil
}

// skipKind counts the cases of a manifest that nothing here understands; one without a list of
// cases counts as one.
func skipKind(m *manifest, rec *recorder) error {
	for i := range max(len(m.Cases), 1) {
		name := m.Kind
		if i < len(m.Cases) {
			var head struct{ Name string }
			if m.decode(fmt.Sprintf("case %d", i), m.Cases[i], &head) == nil && head.Name != "" {
				name = head.Name
			}
		}
		rec.begin(name)
		rec.skip(fmt.Sprintf("unknown kind %q", m.Kind))
	}
	return nil
}
