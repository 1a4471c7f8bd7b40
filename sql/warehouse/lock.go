package warehouse

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"
)

// ErrLocked is what every [*LockedError] is.
var ErrLocked = errors.New("warehouse is locked")

// LockedError is returned by OpenWriter while another process writes.
type LockedError struct {
	PID  int    // 0 when the other has not yet written it
	Path string // the data folder, or the server and its database
}

func (e *LockedError) Error() string {
	who := "another srekpi"
	if e.PID > 0 {
		who = fmt.Sprintf("another srekpi (pid %d)", e.PID)
	}
	return fmt.Sprintf("%s is writing to %s; wait for it to end or stop it", who, e.Path)
}

// Is makes errors.Is(err, ErrLocked) true.
func (e *LockedError) Is(target error) bool { return target == ErrLocked }

// lock is a file lock of the kernel: it goes with the process, however that ends. The file itself stays and
// means nothing.
type lock struct {
	file *os.File
}

func takeLock(dir string) (*lock, error) { return takeLockFile(filepath.Join(dir, "lock"), dir) }

// takeLockFile takes the lock of what is written to.
func takeLockFile(path, what string) (*lock, error) {
	file, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, fmt.Errorf("lock warehouse: %w; make the folder writable for this user", err)
	}
	if err := flock(file); err != nil {
		defer file.Close()
		if !errors.Is(err, unix.EWOULDBLOCK) {
			return nil, fmt.Errorf("lock warehouse: %s: %w; use a file system that has file locks", path, err)
		}
		content, _ := os.ReadFile(path)
		first, _, _ := strings.Cut(string(content), "\n")
		pid, _ := strconv.Atoi(first)
		return nil, &LockedError{PID: pid, Path: what}
	}
	l := &lock{file: file}
	if err := l.sign(); err != nil {
		return nil, errors.Join(fmt.Errorf("lock warehouse: %w", err), l.release())
	}
	return l, nil
}

// sign writes who holds the lock, and for a human the program.
func (l *lock) sign() error {
	if err := l.file.Truncate(0); err != nil {
		return err
	}
	_, err := l.file.WriteAt(fmt.Appendf(nil, "%d\n%s\n", os.Getpid(), processStart()), 0)
	return err
}

// processStart is the start of this process as the kernel counts it, which tells it from a later one of the same pid.
func processStart() string {
	stat, err := os.ReadFile("/proc/self/stat")
	if err != nil {
		return ""
	}
	// The second field is the name in brackets and may hold spaces.
	fields := strings.Fields(string(stat[strings.LastIndexByte(string(stat), ')')+1:]))
	if len(fields) < 20 {
		return ""
	}
	return "start " + fields[19]
}

func (l *lock) release() error {
	return errors.Join(l.file.Truncate(0), l.file.Close())
}

func flock(file *os.File) error {
	for {
		err := unix.Flock(int(file.Fd()), unix.LOCK_EX|unix.LOCK_NB)
		if !errors.Is(err, unix.EINTR) {
			return err
		}
	}
}
