package single

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/ovatedb/ovate/cluster"
	"github.com/ovatedb/ovate/cluster/embedded"
	"github.com/ovatedb/ovate/segment"
)

// Import puts the segments that a file lists, a descriptor a line, into deep
// storage and publishes them, under the identifiers and versions that they have
// there. What is published already is left as it is. A relative path is tried
// from the list's folder, then from the one above.
func (n *Node) Import(ctx context.Context, list string) error {
	emb, dir := n.Cluster, n.cfg.Dir
	f, err := os.Open(list)
	if err != nil {
		return err
	}
	defer f.Close()
	var commit cluster.Commit
	in := bufio.NewScanner(f)
	in.Buffer(nil, 16<<20)
	for line := 1; in.Scan(); line++ {
		if len(in.Bytes()) == 0 {
			continue
		}
		var d cluster.Descriptor
		if err := json.Unmarshal(in.Bytes(), &d); err != nil {
			return fmt.Errorf("%s:%d: %w", list, line, err)
		}
		known, err := published(ctx, emb, d)
		if err == nil && !known {
			if err = store(ctx, emb, dir, list, &d); err == nil {
				commit.Publish = append(commit.Publish, d)
			}
		}
		if err != nil {
			return fmt.Errorf("%s:%d: segment %s: %w", list, line, d.ID(), err)
		}
	}
	if err := in.Err(); err != nil {
		return fmt.Errorf("%s: %w", list, err)
	}
	return emb.Metadata.Commit(ctx, commit)
}

func published(ctx context.Context, emb *embedded.Cluster, d cluster.Descriptor) (bool, error) {
	for _, err := range emb.Metadata.Find(ctx, cluster.SegmentQuery{IDs: []segment.ID{d.ID()}}) {
		return err == nil, err
	}
	return false, nil
}

// store copies a segment's file into deep storage and points the descriptor
// there.
func store(ctx context.Context, emb *embedded.Cluster, dir, list string, d *cluster.Descriptor) error {
	loc, err := d.Location()
	if err != nil {
		return err
	}
	src, err := openNear(loc.Path, list)
	if err != nil {
		return err
	}
	defer src.Close()
	key := cluster.StorageKey(d.ID(), filepath.Base(loc.Path))
	if err := emb.Storage.Put(ctx, key, src); err != nil {
		return err
	}
	abs, err := filepath.Abs(filepath.Join(dir, "deep-storage", filepath.FromSlash(key)))
	if err != nil {
		return err
	}
	d.LoadSpec, err = json.Marshal(cluster.Location{Type: "local", Key: key, Path: abs})
	return err
}

func openNear(path, list string) (*os.File, error) {
	if filepath.IsAbs(path) {
		return os.Open(path)
	}
	dir := filepath.Dir(list)
	f, err := os.Open(filepath.Join(dir, path))
	if errors.Is(err, fs.ErrNotExist) {
		if up, uerr := os.Open(filepath.Join(dir, "..", path)); uerr == nil {
			return up, nil
		}
	}
	return f, err
}
