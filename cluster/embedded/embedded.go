// Package embedded is a cluster in one process and one directory, without any
// other program: for a single node, tests and tutorials.
//
//	DIR/lock            held by the process that has DIR open
//	DIR/metadata.db     Metadata and its Documents, in SQLite
//	DIR/deep-storage/   Storage: a file a key
//
// The Coordinator is in memory: what servers know of each other ends with
// them. The package decides nothing; it only keeps what it is told.
package embedded

import (
	"errors"
	"os"
	"path/filepath"
	"syscall"

	"github.com/ovatedb/ovate/internal/fault"
)

// A Cluster is the three seams over one directory.
type Cluster struct {
	Metadata    *Metadata
	Coordinator *Coordinator
	Storage     *Storage
	lock        *os.File
}

// Open opens or makes dir. It is fault.Unavailable while another process has
// it open. What was committed or stored before is there, however the last
// process ended.
func Open(dir string) (*Cluster, error) {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return nil, err
	}
	c := &Cluster{Coordinator: NewCoordinator()}
	if err := c.open(dir); err != nil {
		return nil, errors.Join(err, c.Close())
	}
	return c, nil
}

func (c *Cluster) open(dir string) (err error) {
	if c.lock, err = lockDir(dir); err != nil {
		return err
	}
	if c.Metadata, err = OpenMetadata(filepath.Join(dir, "metadata.db")); err != nil {
		return err
	}
	c.Storage, err = OpenStorage(filepath.Join(dir, "deep-storage"))
	return err
}

// Close closes what Open opened. Streams end with an error.
func (c *Cluster) Close() error {
	var errs []error
	if c.Metadata != nil {
		errs = append(errs, c.Metadata.Close())
	}
	if c.Storage != nil {
		errs = append(errs, c.Storage.Close())
	}
	if c.lock != nil {
		errs = append(errs, c.lock.Close()) // and so unlocks
	}
	return errors.Join(errs...)
}

func lockDir(dir string) (*os.File, error) {
	f, err := os.OpenFile(filepath.Join(dir, "lock"), os.O_CREATE|os.O_RDWR, 0o644)
	if err != nil {
		return nil, err
	}
	if err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
		f.Close()
		return nil, fault.New(fault.Unavailable, "directory %s is in use by another process", dir)
	}
	return f, nil
}
