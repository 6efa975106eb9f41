package crosscheck

import "fmt"

// Options adjusts Run; the zero value is the usual choice.
type Options struct {
	// Each, if set, is called with every row as soon as it is known, for display.
	Each func(Row)
}

// kinds maps the kinds of manifests to the functions that run them. They add rows to the report, and return an error only if the manifest or its tensors
// cannot be read at all.
var kinds = map[string]func(m *manifest, rep *recorder) error{
	"ops":        runOps,
	"optimizers": runOptimizers,
	"schedules":  runSchedules,
	"m2":         runM2,
	"tn":         runTN,
}

// Run checks every case of every manifest in the folder. The error is about files that cannot be read; what disagrees is in the report.
func Run(dir string, opts Options) (Report, error) {
	manifests, err := findManifests(dir)
	if err != nil {
		return Report{}, err
	}
	rec := &recorder{each: opts.Each}
	for _, m := range manifests {
		rec.manifest = m.name()
		run := kinds[m.Kind]
		if run == nil {
			run = skipKind
		}
		if err := run(m, rec); err != nil {
			return rec.report, err
		}
	}
	return rec.report, nil
}

// skipKind counts the cases of a manifest that nothing here understands; one without a list of cases counts as one.
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
