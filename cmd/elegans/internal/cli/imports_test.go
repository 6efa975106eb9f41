package cli

import (
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
)

// mayImport lists, for each part of the module, which other parts it may import; the longest
// matching path counts. A part may always import its own folders.
var mayImport = map[string][]string{
	"internal/reference":             {},
	"tensor/internal/kernel":         {},
	"tensor/internal/parallel":       {},
	"tensor/internal/device":         {},
	"tensor/internal/gemm":           {"tensor/internal/kernel", "tensor/internal/parallel"},
	"tensor/internal/conv":           {"tensor/internal/kernel", "tensor/internal/parallel", "tensor/internal/gemm"},
	"tensor/internal/scratch":        {"tensor/internal/kernel"},
	"tensor":                         {},
	"tensor/program":                 {"tensor"},
	"tensor/powers":                  {"tensor"},
	"tensor/jointattention":          {"tensor"},
	"autograd":                       {"tensor"},
	"autograd/train":                 {"tensor", "autograd", "data", "internal/memory", "internal/jsondiff", "internal/quote", "internal/regular"},
	"data":                           {"tensor", "data/atomicfile", "internal/memory", "internal/quote", "internal/regular"},
	"data/atomicfile":                {},
	"connectome":                     {"tensor", "data/atomicfile", "internal/choice", "internal/memory", "internal/quote", "internal/regular"},
	"connectome/tensornet":           {"internal/memory", "tensor", "autograd", "connectome", "internal/choice", "internal/jsonkeys"},
	"connectome/tensornet/published": {"internal/memory", "tensor", "autograd", "connectome", "internal/choice", "internal/jsonkeys"},
	"esn":                            {"tensor", "autograd", "connectome", "data", "internal/choice", "internal/jsonkeys", "internal/memory", "internal/quote", "internal/regular"},
	"connectome/m2":                  {"internal/memory", "tensor", "autograd", "connectome", "connectome/tensornet", "data", "internal/choice", "internal/jsonkeys"},
	"transformer":                    {"tensor", "autograd", "connectome", "esn", "internal/choice", "internal/jsonkeys", "internal/memory"},
	"lab":                            {"tensor", "autograd", "data", "connectome", "esn", "transformer", "internal/choice", "internal/jsondiff", "internal/jsonkeys", "internal/memory", "internal/quote", "internal/regular"},
	"cmd":                            {"tensor", "autograd", "data", "connectome", "esn", "transformer", "lab", "internal/memory", "internal/quote", "internal/regular"},
	"internal/allocs":                {},
	"internal/choice":                {},
	"internal/faults":                {},
	"internal/jsondiff":              {},
	"internal/jsonkeys":              {"internal/quote"},
	"internal/memory":                {},
	"internal/quote":                 {},
	"internal/regular":               {"internal/quote"},
	"internal/tinyworm":              {"connectome"},
	"testdata/faults":                {"internal/faults"},
	"testdata/rows":                  {"esn", "lab", "tensor", "transformer"},
	"testdata/vowels":                {"autograd", "esn", "lab", "tensor", "transformer"},
}

// TestImportsPointOneWay reads the import lines of every file that is not a test.
func TestImportsPointOneWay(t *testing.T) {
	root := filepath.Join("..", "..", "..", "..")
	files := 0
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() && path != root && strings.HasPrefix(d.Name(), ".") {
			return fs.SkipDir
		}
		if !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
			return nil
		}
		rel, err := filepath.Rel(root, filepath.Dir(path))
		if err != nil {
			return err
		}
		from := filepath.ToSlash(rel)
		part := longest(from)
		if part == "" {
			t.Errorf("%s belongs to no part of the module that this test knows", path)
			return nil
		}
		files++
		f, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.ImportsOnly)
		if err != nil {
			return err
		}
		for _, spec := range f.Imports {
			name, err := strconv.Unquote(spec.Path.Value)
			if err != nil {
				return err
			}
			if name == "github.com/klauspost/cpuid/v2" && part != "tensor/internal/kernel" && part != "cmd" {
				t.Errorf("%s asks the processor itself: only the kernels and the command may", path)
			}
			to, ours := strings.CutPrefix(name, "elegans/")
			if !ours || within(to, part) && longest(to) == part {
				continue
			}
			allowed := false
			for _, m := range append(mayImport[part], ownInternal(part)...) {
				allowed = allowed || within(to, m)
			}
			if !allowed {
				t.Errorf("%s imports %s: %s may import only %v", path, to, part, mayImport[part])
			}
		}
		return nil
	})
	if err != nil || files < 50 {
		t.Fatalf("%d files read: %v", files, err)
	}
}

// ownInternal returns the parts below a part's own internal folder.
func ownInternal(part string) []string {
	var own []string
	for p := range mayImport {
		if strings.HasPrefix(p, part+"/internal/") {
			own = append(own, p)
		}
	}
	return own
}

func within(path, part string) bool { return path == part || strings.HasPrefix(path, part+"/") }

// longest returns the most specific part that a folder belongs to.
func longest(path string) string {
	best := ""
	for p := range mayImport {
		if within(path, p) && len(p) > len(best) {
			best = p
		}
	}
	return best
}
