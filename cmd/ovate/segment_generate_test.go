package main

import (
	"bufio"
	"encoding/json"
	"os"
	"path/filepath"
	"testing"

	"github.com/ovatedb/ovate/cluster"
	"github.com/ovatedb/ovate/segment/file"
)

// What generate lists is there, whole, and as its list says.
func TestGenerate(t *testing.T) {
	g := generation{out: t.TempDir(), source: "many", segments: 3, rows: 7, columns: 4}
	if err := g.run(); err != nil {
		t.Fatal(err)
	}
	f, err := os.Open(filepath.Join(g.out, "segments.jsonl"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	n := 0
	for lines := bufio.NewScanner(f); lines.Scan(); n++ {
		var d cluster.Descriptor
		if err := json.Unmarshal(lines.Bytes(), &d); err != nil {
			t.Fatal(err)
		}
		var at cluster.Location
		if err := json.Unmarshal(d.LoadSpec, &at); err != nil {
			t.Fatal(err)
		}
		s, err := file.Open(filepath.Join(g.out, at.Path))
		if err != nil {
			t.Fatal(err)
		}
		if err := s.Verify(); err != nil {
			t.Error(err)
		}
		if s.Rows() != 7 || int64(s.Rows()) != d.Rows || len(s.Schema()) != 4 || s.ID() != d.ID() || !d.Interval.Contains(s.Info().MaxTime) {
			t.Errorf("segment %v of %d rows, listed as %v of %d", s.ID(), s.Rows(), d.ID(), d.Rows)
		}
		s.Close()
	}
	if n != 3 {
		t.Errorf("%d are listed, want 3", n)
	}
}
