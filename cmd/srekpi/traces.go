package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/srekpi/srekpi/ingest"
	"github.com/srekpi/srekpi/sql/forget"
	"github.com/srekpi/srekpi/sql/prompt"
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
	readers, err := ws.readers(ctx)
	if err != nil {
		return err
	}
	section("Processes that have an earlier copy open, to be ended or started anew:", readers)
	section("Exports made before; delete them, or make them anew with `srekpi export`:", exports(ws.cfg.Dir()))
	history, err := historyLines(list)
	if err != nil {
		ws.log.Warn(fmt.Sprintf("look for a name in the history of srekpi sql: %v", err), logStage, "forget")
	}
	section("What was typed into srekpi sql and names the person; delete it in:", history)
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
	fmt.Fprintln(out, "\nNot known to srekpi: other exports, mails that were sent, copies of the site, shell histories, and the systems that the records come from.")
	return nil
}

// readers are the processes that read a copy from before.
func (ws *workspace) readers(ctx context.Context) ([]string, error) {
	o, err := options(ctx, ws.cfg, ws.out)
	if err != nil {
		return nil, err
	}
	pids, err := warehouse.Readers(o)
	var lines []string
	for _, pid := range pids {
		line := fmt.Sprintf("pid %d", pid)
		// Only the name of the command: a query may name the person.
		words, _ := os.ReadFile(fmt.Sprintf("/proc/%d/cmdline", pid))
		if args := strings.Split(string(words), "\x00"); len(args) > 1 && filepath.Base(args[0]) == "srekpi" {
			line += ", srekpi " + args[1]
		}
		lines = append(lines, line)
	}
	return lines, err
}

// exports are those in the folder that srekpi export writes to by default, here or beside the config.
func exports(beside string) []string {
	var found []string
	for _, parent := range []string{".", beside} {
		dir, err := filepath.Abs(filepath.Join(parent, exportFolder))
		if err != nil {
			continue
		}
		text, err := os.ReadFile(filepath.Join(dir, warehouse.ExportedFile))
		var m warehouse.Exported
		if err != nil || json.Unmarshal(text, &m) != nil || len(m.Tables) == 0 {
			continue
		}
		if line := fmt.Sprintf("%s, build %d as of %s", dir, m.Build, m.AsOf.UTC().Format("2006-01-02 15:04 MST")); !slices.Contains(found, line) {
			found = append(found, line)
		}
	}
	return found
}

// historyLines are those of this user's prompt that bear a name.
func historyLines(list *forget.List) ([]string, error) {
	home, _ := os.UserHomeDir()
	path := prompt.HistoryFile(os.Getenv("XDG_STATE_HOME"), home)
	file, err := os.Open(path)
	if errors.Is(err, fs.ErrNotExist) || path == "" {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	defer file.Close()
	lines, err := list.Lines(file, 100)
	var found []string
	for _, n := range lines {
		found = append(found, fmt.Sprintf("%s:%d", path, n))
	}
	return found, err
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
