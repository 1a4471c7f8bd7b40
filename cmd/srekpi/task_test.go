package main

import (
	"context"
	"errors"
	"strings"
	"sync"
	"testing"
)

// Tasks run side by side, their lines come in order, and one that stands alone
// sees all before it and is seen by all behind it.
func TestPerformTasksInOrder(t *testing.T) {
	var mu sync.Mutex
	var begun []string
	var both sync.WaitGroup
	both.Add(2)
	say := func(name string, meet bool) func(context.Context) (string, error) {
		return func(context.Context) (string, error) {
			if meet { // neither ends before the other began
				both.Done()
				both.Wait()
			}
			mu.Lock()
			defer mu.Unlock()
			begun = append(begun, name)
			return name, nil
		}
	}
	var out strings.Builder
	err := perform(context.Background(), []task{{do: say("a", true)}, {do: say("b", true)}, {do: say("alone", false), alone: true}, {do: say("c", false)}}, &out)
	if err != nil || out.String() != "a\nb\nalone\nc\n" {
		t.Errorf("got %q, %v", out.String(), err)
	}
	if order := strings.Join(begun[2:], " "); order != "alone c" {
		t.Errorf("after the first two: %s", order)
	}
}

func TestPerformStopsAtAnError(t *testing.T) {
	var out strings.Builder
	broken := errors.New("broken")
	err := perform(context.Background(), []task{
		{do: func(context.Context) (string, error) { return "written", nil }},
		{do: func(context.Context) (string, error) { return "", broken }},
		{do: func(context.Context) (string, error) { t.Error("went on"); return "", nil }, alone: true},
	}, &out)
	if !errors.Is(err, broken) || out.String() != "written\n" {
		t.Errorf("got %q, %v", out.String(), err)
	}
}
