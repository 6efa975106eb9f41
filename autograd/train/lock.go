package train

import (
	"errors"
	"fmt"
	"os"
)

// ErrLocked says that another process trains in a folder.
var ErrLocked = errors.New("another training is at work in this folder")

// Lock claims a folder, which must exist, for one process, so that two trainings do not write over
// each other's checkpoints and logs. The claim ends with the returned function, or with the process
// however it ends; nothing is left in the folder. Where the system or the file system has no such
// locks, every claim succeeds.
func Lock(dir string) (unlock func(), err error) {
	f, err := os.Open(dir)
	if err != nil {
		return nil, err
	}
	if err := lockFile(f); err != nil {
		f.Close()
		return nil, fmt.Errorf("%s: %w", dir, err)
	}
	return func() { f.Close() }, nil
}
