package main

import (
	"context"
	"fmt"
	"io"

	"golang.org/x/sync/errgroup"
)

// tasksAtOnce is how many files of a report are made side by side: each asks many
// small questions, one after the other, that keep one core busy.
const tasksAtOnce = 4

// task makes a file of a report and says so in a line.
type task struct {
	do    func(context.Context) (string, error)
	alone bool // what it writes is read by those behind it
}

// perform does the tasks and prints their lines in order. What stands alone waits
// for those before it and is done before those behind it.
func perform(ctx context.Context, tasks []task, out io.Writer) error {
	for len(tasks) > 0 {
		n := 1
		for n < len(tasks) && !tasks[0].alone && !tasks[n].alone {
			n++
		}
		lines := make([]string, n)
		group, ctx := errgroup.WithContext(ctx)
		group.SetLimit(tasksAtOnce)
		for i, t := range tasks[:n] {
			group.Go(func() (err error) {
				lines[i], err = t.do(ctx)
				return err
			})
		}
		err := group.Wait()
		for _, line := range lines {
			if line != "" {
				fmt.Fprintln(out, line)
			}
		}
		if err != nil {
			return err
		}
		tasks = tasks[n:]
	}
	return nil
}
