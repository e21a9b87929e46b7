// Package deps holds the import policy and its test.
package deps

import (
	_ "embed"
	"encoding/json"
	"io"
	"os/exec"
	"slices"
	"strings"
	"testing"
)

//go:embed policy.txt
var policy string

const module = "github.com/ovatedb/ovate/"

// outside are the packages that are not ours, by the name the policy has for
// them: the first prefix of a path that fits counts.
var outside = []struct{ prefix, name string }{
	{"github.com/apache/arrow/go/v15/arrow/flight", "arrow/flight"},
	{"github.com/apache/arrow/go/v15/", "arrow"},
	{"google.golang.org/", "grpc"},
	{"github.com/RoaringBitmap/", "roaring"},
	{"github.com/pierrec/lz4/", "lz4"},
	{"github.com/klauspost/compress/", "zstd"},
	{"modernc.org/sqlite", "sqlite"},
	{"golang.org/x/sys", "sys"},
	{"github.com/go-sql-driver/mysql", "go-sql-driver"},
	{"github.com/go-zookeeper/zk", "go-zookeeper"},
	{"github.com/aws/", "aws"},
	{"github.com/spf13/cobra", "cobra"},
	{"github.com/magiconair/properties", "properties"},
	{"github.com/schollz/progressbar/", "progressbar"},
	{"github.com/google/uuid", "uuid"},
	{"github.com/xwb1989/sqlparser", "sqlparser"},
	{"github.com/caio/go-tdigest/", "tdigest"},
}

type rules struct {
	allowed map[string]map[string]bool // package -> what it may import
	owner   map[string][]string        // outside package -> who may import it
}

func parse(t *testing.T, text string) rules {
	r := rules{map[string]map[string]bool{}, map[string][]string{}}
	var lines []string
	for _, line := range strings.Split(text, "\n") {
		line, _, _ = strings.Cut(line, "#")
		lines = append(lines, line)
	}
	names := func(s string) []string {
		var out []string
		for _, n := range strings.Split(s, ",") {
			if n = strings.TrimSpace(n); n != "" && n != "NONE" {
				out = append(out, n)
			}
		}
		return out
	}
	for _, stmt := range strings.Split(strings.Join(lines, " "), ";") {
		if left, right, ok := strings.Cut(stmt, "="); ok {
			for _, n := range names(left) {
				r.owner[n] = append(r.owner[n], names(right)...)
			}
			continue
		}
		parts := strings.Split(stmt, "<")
		for i := 1; i < len(parts); i++ {
			for _, to := range names(parts[i]) {
				if r.allowed[to] == nil {
					r.allowed[to] = map[string]bool{}
				}
				for _, from := range names(parts[i-1]) {
					r.allowed[to][from] = true
					for inherited := range r.allowed[from] {
						r.allowed[to][inherited] = true
					}
				}
			}
		}
	}
	return r
}

// TestImports holds every package to the policy.
func TestImports(t *testing.T) {
	r := parse(t, policy)
	cmd := exec.Command("go", "list", "-json=ImportPath,Imports", "../../...")
	cmd.Stderr = nil
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("go list: %v", err)
	}
	dec := json.NewDecoder(strings.NewReader(string(out)))
	for {
		var p struct {
			ImportPath string
			Imports    []string
		}
		if err := dec.Decode(&p); err == io.EOF {
			break
		} else if err != nil {
			t.Fatal(err)
		}
		name := strings.TrimPrefix(p.ImportPath, module)
		may, listed := r.allowed[name]
		if !listed {
			t.Errorf("package %s is not in policy.txt", name)
			continue
		}
		for _, imp := range p.Imports {
			check(t, r, name, imp, may)
		}
	}
}

func check(t *testing.T, r rules, name, imp string, may map[string]bool) {
	if to, ours := strings.CutPrefix(imp, module); ours {
		if !may[to] {
			t.Errorf("%s may not import %s", name, to)
		}
		return
	}
	if !strings.Contains(strings.Split(imp, "/")[0], ".") {
		return // the standard library
	}
	for _, o := range outside {
		if !strings.HasPrefix(imp, o.prefix) {
			continue
		}
		if owners, owned := r.owner[o.name]; owned && !slices.Contains(owners, name) {
			t.Errorf("%s may not import %s: that is for %v", name, imp, owners)
		} else if !owned && !may[o.name] {
			t.Errorf("%s may not import %s", name, imp)
		}
		return
	}
	t.Errorf("%s imports %s, which policy.txt does not know", name, imp)
}
