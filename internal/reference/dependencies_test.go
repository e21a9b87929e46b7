package reference

import (
	"os"
	"os/exec"
	"strings"
	"testing"
)

// TestDependencies wants every module that is imported, outside of tests too,
// named in docs/dependencies.md.
func TestDependencies(t *testing.T) {
	text, err := os.ReadFile("../../docs/dependencies.md")
	if err != nil {
		t.Fatal(err)
	}
	list := exec.Command("go", "list", "-f", `{{join .Imports "\n"}}`, "./...")
	list.Dir = "../.."
	out, err := list.Output()
	if err != nil {
		t.Fatal("go list: ", err)
	}
	seen := map[string]bool{}
	for _, path := range strings.Fields(string(out)) {
		host, _, _ := strings.Cut(path, "/")
		if !strings.Contains(host, ".") || strings.HasPrefix(path, "github.com/ovatedb/") || seen[path] {
			continue
		}
		seen[path] = true
		if !named(string(text), path) {
			t.Errorf("%s is imported, and docs/dependencies.md does not say why", path)
		}
	}
	if len(seen) == 0 {
		t.Error("go list found no import from outside")
	}
}

// named says whether the text names the package, or what it is a part of.
func named(text, path string) bool {
	for path != "" {
		if strings.Contains(text, "`"+path+"`") {
			return true
		}
		i := strings.LastIndexByte(path, '/')
		if i < 0 {
			return false
		}
		path = path[:i]
	}
	return false
}
