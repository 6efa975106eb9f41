package reference

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// Environment names the variable that holds the folder of the optional data sets.
const Environment = "ELEGANS_DATA"

// Path returns the path of a file or folder below testdata/reference, which the test fails without.
// The name has forward slashes: "ops/ops.json".
func Path(t testing.TB, name string) string {
	t.Helper()
	path := filepath.Join(root(t), "testdata", "reference", filepath.FromSlash(name))
	if _, err := os.Stat(path); err != nil {
		t.Fatalf("testdata/reference/%s: missing, but it is part of the repository: %v", name, err)
	}
	return path
}

// Read returns the content of a file below testdata/reference.
func Read(t testing.TB, name string) []byte {
	t.Helper()
	b, err := os.ReadFile(Path(t, name))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// Decode decodes a JSON file below testdata/reference.
func Decode(t testing.TB, name string, into any) {
	t.Helper()
	if err := json.Unmarshal(Read(t, name), into); err != nil {
		t.Fatalf("testdata/reference/%s: %v", name, err)
	}
}

// Compared writes to the log of the test how many recorded cases of a file or folder it has
// compared, in one form for all packages, and fails the test if that is less than least: otherwise
// a file that has lost its cases would pass.
func Compared(t testing.TB, name string, cases, least int) {
	t.Helper()
	t.Logf("reference: %s: %d cases compared", name, cases)
	if cases < least {
		t.Errorf("testdata/reference/%s: %d cases compared, expected at least %d", name, cases, least)
	}
}

// Optional returns the path of a data set that is not part of the repository: a folder ("mnist",
// "cifar10") or a file ("celegans_upstream.graphml"). It lies in the folder that ELEGANS_DATA names
// or, where that is not set, in a folder "shared" beside the repository. The test is skipped if it
// is not there.
func Optional(t testing.TB, name string) string {
	t.Helper()
	var folders []string
	if dir := os.Getenv(Environment); dir != "" {
		folders = []string{dir}
	} else {
		shared := filepath.Join(root(t), "..", "shared")
		folders = []string{filepath.Join(shared, "data"), filepath.Join(shared, "connectome")}
	}
	for _, dir := range folders {
		path := filepath.Join(dir, filepath.FromSlash(name))
		if _, err := os.Stat(path); err == nil {
			return path
		}
	}
	t.Skipf("needs %s, which is not part of the repository: set %s to a folder that holds it (testdata/reference/README.md)", name, Environment)
	return ""
}

// root returns the folder of the module's go.mod. Modules that are nested in it, with a go.mod of
// their own, find the outer one.
func root(t testing.TB) string {
	t.Helper()
	dir, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	for {
		b, err := os.ReadFile(filepath.Join(dir, "go.mod"))
		if err == nil && strings.HasPrefix(string(b), "module elegans\n") {
			return dir
		}
		if dir == filepath.Dir(dir) {
			t.Fatal("no go.mod of the module elegans above the folder of the test")
		}
		dir = filepath.Dir(dir)
	}
}
