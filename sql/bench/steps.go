package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"text/tabwriter"
)

// bench is one run of all steps.
type bench struct {
	self, binary, dir string
	scale             float64
	rows              []row
}

// row is one line of the table.
type row struct {
	step    string
	records int
	took    spent
	floor   *spent
	against string // what the floor is, where it is no floor of the engine
}

func (b *bench) part(dir, part string) (spent, error) {
	return run(dir, b.self, "-part", part, "-dir", dir, "-scale", fmt.Sprint(b.scale))
}

func (b *bench) srekpi(args ...string) (spent, error) {
	return run(b.dir, b.binary, append(args, "-c", "srekpi.yml")...)
}

func (b *bench) add(step string, records int, took spent, floor *spent, against string) {
	if floor != nil {
		floor = new(*floor)
	}
	b.rows = append(b.rows, row{step, records, took, floor, against})
	b.print(b.rows[len(b.rows)-1:])
}

func (b *bench) all() error {
	s := sizesOf(b.scale)
	made, err := b.part(b.dir, "generate")
	if err != nil {
		return err
	}
	records := s.incidents * 18 // with their events, tickets, transitions and hours
	b.add("generate", records, made, nil, "")

	if err := b.imports("import", b.dir, b.scale); err != nil {
		return err
	}
	// Growth shows in one step, of three times the records.
	thrice := filepath.Join(b.dir, "thrice")
	if err := os.MkdirAll(thrice, 0o755); err != nil {
		return err
	}
	if _, err := run(thrice, b.self, "-part", "files", "-dir", thrice, "-scale", fmt.Sprint(3*b.scale)); err != nil {
		return err
	}
	if err := b.imports("import, 3 times the records", thrice, 3*b.scale); err != nil {
		return err
	}
	if err := os.RemoveAll(thrice); err != nil {
		return err
	}

	floor, err := b.part(b.dir, "transform")
	if err != nil {
		return err
	}
	full, err := b.srekpi("transform", "--full", "--as-of", asOf)
	if err != nil {
		return err
	}
	b.add("transform --full", records+s.incidents, full, &floor, "")
	if _, err := b.part(b.dir, "increment"); err != nil {
		return err
	}
	took, err := b.srekpi("transform", "--as-of", asOf)
	if err != nil {
		return err
	}
	b.add("transform, 1,000 new", 1000, took, &full, "--full")
	for _, document := range []string{"weekly", "monthly"} {
		if took, err = b.srekpi("report", document, "--as-of", asOf); err != nil {
			return err
		}
		b.add("report "+document, 1, took, nil, "")
	}
	for _, k := range kpis {
		floor, err := b.part(b.dir, "query "+k.name)
		if err != nil {
			return err
		}
		if took, err = b.part(b.dir, "kpi "+k.name); err != nil {
			return err
		}
		if took.out != floor.out {
			return fmt.Errorf("%s is %s, and %s by the query of its floor", k.name, strings.TrimSpace(took.out), strings.TrimSpace(floor.out))
		}
		b.add(k.name, s.incidents, took, &floor, "all periods and dimensions; the floor is one month of all")
	}
	fmt.Println()
	b.print(b.rows)
	return nil
}

// imports lands the CSV file of a folder, beside the engine's own way, which
// writes into a warehouse of its own.
func (b *bench) imports(step, dir string, scale float64) error {
	side := filepath.Join(dir, "floor")
	if err := os.MkdirAll(side, 0o755); err != nil {
		return err
	}
	if err := os.Link(filepath.Join(dir, "changes.csv"), filepath.Join(side, "changes.csv")); err != nil && !os.IsExist(err) {
		return err
	}
	floor, err := b.part(side, "import")
	if err != nil {
		return err
	}
	if err := os.RemoveAll(side); err != nil {
		return err
	}
	took, err := run(dir, b.binary, "ingest", "--source", "changes", "-c", "srekpi.yml")
	if err != nil {
		return err
	}
	b.add(step, sizesOf(scale).incidents, took, &floor, "")
	return nil
}

func (b *bench) print(rows []row) {
	w := tabwriter.NewWriter(os.Stdout, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(w, strings.Join([]string{"step", "records", "seconds", "CPU s", "peak MB", "floor s", "floor CPU s", "ratio", "CPU ratio", ""}, "\t"))
	for _, r := range rows {
		cells := []string{r.step, fmt.Sprint(r.records), fmt.Sprintf("%.1f", r.took.wall.Seconds()), fmt.Sprintf("%.1f", r.took.cpu.Seconds()), fmt.Sprint(r.took.peak >> 20), "", "", "", ""}
		if r.floor != nil {
			cells[5], cells[6] = fmt.Sprintf("%.1f", r.floor.wall.Seconds()), fmt.Sprintf("%.1f", r.floor.cpu.Seconds())
			cells[7] = fmt.Sprintf("%.2f", r.took.wall.Seconds()/r.floor.wall.Seconds())
			cells[8] = fmt.Sprintf("%.2f", r.took.cpu.Seconds()/r.floor.cpu.Seconds())
		}
		fmt.Fprintln(w, strings.Join(cells, "\t")+"\t  "+r.against)
	}
	w.Flush()
}
