package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"

	schema "github.com/srekpi/srekpi/sql"
	"github.com/srekpi/srekpi/sql/warehouse"
)

var verbose bool

func main() {
	scale := flag.Float64("scale", 1, "1: a million incidents, ten million events, two million tickets, a million changes")
	dir := flag.String("dir", "", "keep the data in this folder; default: a temporary one, removed at the end")
	binary := flag.String("srekpi", "bin/srekpi", "the binary to measure")
	part := flag.String("part", "", "used by the command itself: one part of the work, in a process of its own")
	flag.BoolVar(&verbose, "v", false, "show what each process says")
	flag.Parse()
	var err error
	if *part != "" {
		err = do(context.Background(), *part, *dir, sizesOf(*scale))
	} else {
		err = measure(*dir, *binary, *scale)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

// do is one part in the warehouse below dir.
func do(ctx context.Context, part, dir string, s sizes) (err error) {
	wh, err := warehouse.OpenWriter(ctx, warehouse.Options{URL: "chdb://./data", Base: dir, Schema: schema.Schema()})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, wh.Close()) }()
	switch part {
	case "generate":
		return errors.Join(s.generate(ctx, wh), s.files(ctx, wh, dir))
	case "files":
		return s.files(ctx, wh, dir)
	case "increment":
		return s.increment(ctx, wh)
	case "import":
		return importFloor(ctx, wh, dir)
	case "transform":
		return transformFloor(ctx, wh)
	}
	for i, k := range kpis {
		switch part {
		case "kpi " + k.name:
			return figure(ctx, wh, i)
		case "query " + k.name:
			return show(ctx, wh, k.query)
		}
	}
	return fmt.Errorf("no part %q", part)
}

// measure runs all steps and prints the table.
func measure(dir, binary string, scale float64) (err error) {
	if binary, err = filepath.Abs(binary); err != nil {
		return err
	}
	if dir == "" {
		if dir, err = os.MkdirTemp("", "srekpi-bench-"); err != nil {
			return err
		}
		defer os.RemoveAll(dir)
	}
	if dir, err = filepath.Abs(dir); err != nil {
		return err
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	self, err := os.Executable()
	if err != nil {
		return err
	}
	b := &bench{self: self, binary: binary, dir: dir, scale: scale}
	return b.all()
}
