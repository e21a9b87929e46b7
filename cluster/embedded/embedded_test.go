package embedded

import (
	"path/filepath"
	"testing"

	"github.com/ovatedb/ovate/cluster"
	"github.com/ovatedb/ovate/cluster/clustertest"
)

func TestMetadata(t *testing.T) {
	clustertest.Metadata(t, func(t *testing.T) (cluster.Metadata, func() cluster.Metadata) {
		file := filepath.Join(t.TempDir(), "a b%20?#.db") // a name that a URL would mangle
		var open *Metadata
		reopen := func() cluster.Metadata {
			if open != nil {
				open.Close()
			}
			var err error
			if open, err = OpenMetadata(file); err != nil {
				t.Fatal(err)
			}
			return open
		}
		t.Cleanup(func() { open.Close() })
		return reopen(), reopen
	})
}

func TestCoordinator(t *testing.T) {
	clustertest.Coordinator(t, func(*testing.T) func() cluster.Coordinator {
		c := NewCoordinator()
		return func() cluster.Coordinator { return c }
	})
}

func TestStorage(t *testing.T) {
	clustertest.Storage(t, func(t *testing.T) cluster.Storage {
		s, err := OpenStorage(t.TempDir())
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { s.Close() })
		return s
	})
}
