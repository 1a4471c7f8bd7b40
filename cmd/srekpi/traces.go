package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/srekpi/srekpi/ingest"
	"github.com/srekpi/srekpi/sql/forget"
	"github.com/srekpi/srekpi/sql/warehouse"
)

// traces lists what was made before and what is not ours to change.
func (ws *workspace) traces(ctx context.Context, list *forget.List, out io.Writer) error {
	pages, err := list.Traces(ws.cfg.Resolve(ws.cfg.Reports.Dir))
	if err != nil {
		return err
	}
	section := func(title string, lines []string) {
		if len(lines) > 0 {
			fmt.Fprintf(out, "\n%s\n  %s\n", title, strings.Join(lines, "\n  "))
		}
	}
	var bear, may []string
	for _, p := range pages {
		if p.At.IsZero() {
			bear = append(bear, p.File)
		} else {
			may = append(may, fmt.Sprintf("%s  of %s", p.File, p.At.Format("2006-01-02 15:04")))
		}
	}
	section("Pages that bear the name, to be deleted, or written anew with `srekpi run` and `srekpi report --all`:", bear)
	section("Files that may bear it, made before; delete them, or make them anew:", may)
	backups, err := ws.backups(ctx)
	if err != nil {
		return err
	}
	section("Backups made before, to be deleted once a new one is made:", backups)
	text, err := os.ReadFile(ws.cfg.File())
	if err != nil {
		return err
	}
	lines, err := list.Lines(strings.NewReader(string(text)), 100)
	if err != nil {
		return err
	}
	var named []string
	for _, n := range lines {
		named = append(named, fmt.Sprintf("%s:%d", ws.cfg.File(), n))
	}
	section("The config still names the person; the tables show the pseudonym there. Write that, or somebody else, in:", named)
	files, err := ingest.Naming(ctx, ws.cfg, list)
	if err != nil {
		ws.log.Warn(err.Error(), logStage, "forget")
	}
	section("Files of sources that name the person; each run lands the pseudonym, the files are yours to mend:", files)
	section("Not known to srekpi: exports, mails that were sent, copies of the site, shell histories, and the systems that the records come from.", nil)
	return nil
}

// backups are those that were made of the warehouse and are still there.
func (ws *workspace) backups(ctx context.Context) ([]string, error) {
	o, err := options(ctx, ws.cfg, ws.out)
	if err != nil {
		return nil, err
	}
	if !strings.HasPrefix(ws.cfg.Warehouse.URL, "chdb://") {
		return []string{"those of the server, by whoever runs it: its backups, query_log and part_log"}, nil
	}
	made, err := warehouse.Backups(o)
	var still []string
	for _, m := range made {
		if _, gone := os.Stat(m.File); gone == nil {
			still = append(still, fmt.Sprintf("%s, of %s", m.File, m.At.Format("2006-01-02 15:04 MST")))
		}
	}
	return still, err
}
