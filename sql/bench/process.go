package main

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"time"
)

// spent is what one process took.
type spent struct {
	wall, cpu time.Duration
	peak      int64 // bytes
	out       string
}

// run starts a process, and measures it. Exit code 3 is a partial run, which the
// bench data has none of.
func run(dir, binary string, args ...string) (spent, error) {
	var out, problems bytes.Buffer
	c := exec.Command(binary, args...)
	c.Dir, c.Stdout, c.Stderr = dir, &out, &problems
	c.Env = append(os.Environ(), "BENCH_TOKEN=none")
	started := time.Now()
	err := c.Run()
	s := spent{wall: time.Since(started), out: out.String()}
	if c.ProcessState != nil {
		s.cpu = c.ProcessState.UserTime() + c.ProcessState.SystemTime()
		s.peak = c.ProcessState.SysUsage().(*syscall.Rusage).Maxrss * 1024
	}
	if err != nil {
		return s, fmt.Errorf("%s %s: %w\n%s", binary, strings.Join(args, " "), err, problems.String())
	}
	if verbose {
		os.Stderr.Write(problems.Bytes())
	}
	return s, nil
}
