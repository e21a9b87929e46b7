package embedded

import (
	"fmt"
	"os"
	"slices"

	"golang.org/x/sys/unix"
)

// wholes are the file systems of which syncfs is known to make all durable, and
// to say so where it cannot.
var wholes = []int64{unix.EXT4_SUPER_MAGIC, unix.XFS_SUPER_MAGIC, unix.BTRFS_SUPER_MAGIC, unix.F2FS_SUPER_MAGIC}

// flushAll makes all of the file system that dir is on durable; nil where that
// cannot be had, or errors would be lost: before Linux 5.8 they were.
func flushAll(dir *os.File) func() error {
	var fs unix.Statfs_t
	var kernel unix.Utsname
	if unix.Fstatfs(int(dir.Fd()), &fs) != nil || !slices.Contains(wholes, int64(fs.Type)) ||
		unix.Uname(&kernel) != nil || !atLeast(unix.ByteSliceToString(kernel.Release[:]), 5, 8) {
		return nil
	}
	return func() error { return unix.Syncfs(int(dir.Fd())) }
}

// atLeast says whether a release of a kernel is of that version or later.
func atLeast(release string, major, minor int) bool {
	var a, b int
	_, err := fmt.Sscanf(release, "%d.%d", &a, &b)
	return err == nil && (a > major || a == major && b >= minor)
}
