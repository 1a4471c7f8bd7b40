package model

import (
	"bufio"
	"context"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/srekpi/srekpi/configs"
	"github.com/srekpi/srekpi/sql/warehouse"
)

// A fixture of a static staging model is a folder sql/testdata/<model>/<what it
// shows>/ with
//
//   - raw_records.jsonl: one landed record a line: {"id", "payload"} and, where it
//     matters, "entity", "updated_at", "deleted". Its line number is its seq.
//   - source.yml: what the source's section of the config says beside its name
//     and type; without it, nothing.
//   - <table>.csv: rows of another table that the model reads.
//   - want.csv as for other models; reason is among the columns.
type stagingFixture struct {
	model  *Model
	dir    string
	raw    []rawRecord
	tables map[string]string
	source string
	want   [][]string
}

// The name of the source in fixtures is its type.
var leastSource = map[string]string{
	configs.TypeJira:      "url: https://jira.example.com\ntoken: {env: TOKEN}\n",
	configs.TypePagerDuty: "token: {env: TOKEN}\n",
}

func readStagingFixture(m *Model, dir string) (*stagingFixture, error) {
	f := &stagingFixture{model: m, dir: dir, tables: map[string]string{}, source: leastSource[m.Type]}
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil, err
	}
	for _, e := range entries {
		text, err := os.ReadFile(filepath.Join(dir, e.Name()))
		if err != nil {
			return nil, err
		}
		table, isCSV := strings.CutSuffix(e.Name(), ".csv")
		switch {
		case e.Name() == "raw_records.jsonl":
			f.raw, err = readRaw(m, string(text))
		case e.Name() == "source.yml":
			f.source += string(text)
		case e.Name() == "want.csv":
			f.want, err = csv.NewReader(strings.NewReader(string(text))).ReadAll()
		case isCSV && slices.Contains(m.Reads, table):
			f.tables[table] = string(text)
		default:
			err = fmt.Errorf("no part of a staging fixture; %s reads %s", m.File, strings.Join(m.Reads, ", "))
		}
		if err != nil {
			return nil, fmt.Errorf("%s: %w", filepath.Join(dir, e.Name()), err)
		}
	}
	if len(f.want) == 0 {
		return nil, fmt.Errorf("%s: want.csv is missing, or lacks the line that chooses the columns", dir)
	}
	return f, nil
}

func readRaw(m *Model, text string) ([]rawRecord, error) {
	var out []rawRecord
	lines := bufio.NewScanner(strings.NewReader(text))
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		var line struct {
			Entity    string          `json:"entity"`
			ID        string          `json:"id"`
			UpdatedAt *time.Time      `json:"updated_at"`
			Deleted   uint8           `json:"deleted"`
			Payload   json.RawMessage `json:"payload"`
		}
		if err := json.Unmarshal(lines.Bytes(), &line); err != nil {
			return nil, fmt.Errorf("line %d: %w", len(out)+1, err)
		}
		r := rawRecord{Source: m.Type, Entity: cut(m.Entity, ",")[0], ID: line.ID, UpdatedAt: line.UpdatedAt, FetchedAt: asOf, RunID: 1, Seq: uint64(len(out) + 1),
			Payload: string(line.Payload), Deleted: line.Deleted}
		if line.Entity != "" {
			r.Entity = line.Entity
		}
		out = append(out, r)
	}
	return out, lines.Err()
}

// run stages the records as Stage does, over the tables that the model names and
// no other.
func (f *stagingFixture) run(t testing.TB) ([][]string, error) {
	ctx := context.Background()
	tables := append([]string{"raw_records"}, f.model.Reads...)
	slices.Sort(tables)
	conn := database(t, slices.Compact(tables)...)
	b := &Building{conn: conn, columns: map[string]string{}}
	for table, text := range f.tables {
		if err := b.load(ctx, conn, table, text); err != nil {
			return nil, fmt.Errorf("%s.csv: %w", table, err)
		}
	}
	if err := warehouse.Insert(ctx, conn, "raw_records", f.raw); err != nil {
		return nil, err
	}
	cfg, err := loadSource(t, f.model.Type, f.source)
	if err != nil {
		return nil, err
	}
	feeds, err := Feeds(ctx, conn, cfg, shared.models)
	if err != nil {
		return nil, err
	}
	i := slices.IndexFunc(feeds, func(feed Feed) bool { return feed.Model == f.model })
	query := feeds[i].with(feeds[i].taken([]string{"1"})) + "SELECT " + strings.Join(f.want[0], ", ") + " FROM staged"
	got, err := texts(ctx, conn, query)
	if err != nil {
		return nil, fmt.Errorf("%w\nin %s", err, query)
	}
	slices.SortFunc(got, slices.Compare)
	return append([][]string{f.want[0]}, got...), nil
}

// loadSource loads a config of one source whose name is its type.
func loadSource(t testing.TB, typ, section string) (*configs.Config, error) {
	path := filepath.Join(t.TempDir(), "srekpi.yml")
	text := "sources:\n  - name: " + typ + "\n    type: " + typ + "\n    " + strings.ReplaceAll(strings.TrimSpace(section), "\n", "\n    ") + "\n"
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		return nil, err
	}
	return configs.Load(path)
}

// Every static staging model makes of its fixtures what they want.
func TestStagingModels(t *testing.T) {
	engine(t)
	for _, m := range shared.models {
		if m.Layer != Staging {
			continue
		}
		cases, err := os.ReadDir(filepath.Join(testdata, m.Name))
		if err != nil || len(cases) == 0 {
			t.Errorf("%s has no fixture: make %s/<what it shows>/want.csv", m.File, filepath.Join(testdata, m.Name))
		}
		for _, c := range cases {
			t.Run(m.Name+"/"+c.Name(), func(t *testing.T) {
				t.Parallel()
				f, err := readStagingFixture(m, filepath.Join(testdata, m.Name, c.Name()))
				if err != nil {
					t.Fatal(err)
				}
				got, err := f.run(t)
				if err != nil {
					t.Fatal(err)
				}
				if *update {
					var text strings.Builder
					if err := csv.NewWriter(&text).WriteAll(got); err != nil {
						t.Fatal(err)
					}
					if err := os.WriteFile(filepath.Join(f.dir, "want.csv"), []byte(text.String()), 0o644); err != nil {
						t.Fatal(err)
					}
					return
				}
				if diff := cmp.Diff(f.want, got); diff != "" {
					t.Errorf("want.csv (-) and what %s makes (+) differ; when the change is meant: go test ./sql/model -run StagingModels -update\n%s", m.File, diff)
				}
			})
		}
	}
}
