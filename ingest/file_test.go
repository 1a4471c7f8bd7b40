package ingest

import (
	"bytes"
	"compress/gzip"
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/srekpi/srekpi/configs"
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/unicode"
)

func zipped(t *testing.T, text string) string {
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	if _, err := w.Write([]byte(text)); err != nil {
		t.Fatal(err)
	}
	w.Close()
	return b.String()
}

func TestMissingFile(t *testing.T) {
	s := newSite(t)
	c := s.config("{name: a, type: file, entity: change, path: ['exports/**/*.csv', there.csv], fields: {id: id}}", strings.Replace(plainCSV, "name: a", "name: b", 1))
	s.write("there.csv", "id\n1\n")
	got, err := s.fails(c)
	want := "ingest a: there is no file DIR/exports/**/*.csv; put the export there, or mend path in DIR/srekpi.yml"
	if err != want || got.Records != 1 {
		t.Errorf("%s\n%+v", err, got)
	}
	s.want([]string{"a failed 1 " + strings.ReplaceAll(want, "DIR", s.dir), "b complete 1 "},
		"SELECT concat(source, ' ', status, ' ', toString(records), ' ', message) FROM sync_runs FINAL ORDER BY source")
}

func TestFoldersMayHoldWildcardsInTheirNames(t *testing.T) {
	s := newSite(t)
	s.dir = filepath.Join(s.dir, "team [a]{1}*")
	s.write("../exports/x/y/1.csv", "id\n1\n")
	got := s.ingest(s.config("{name: a, type: file, entity: change, path: ../exports/**/*.csv, fields: {id: id}}"))
	if got.Records != 1 {
		t.Errorf("%+v", got)
	}
	s.want([]string{"../exports/x/y/1.csv"}, "SELECT stream FROM positions FINAL")
}

func TestEmptyFilesAreSourcesOfNothing(t *testing.T) {
	s := newSite(t)
	for name, c := range map[string]*configs.Config{
		"empty.csv": s.config(plainCSV),
		"blank.csv": s.config(plainCSV),
	} {
		s.write("empty.csv", "")
		s.write("header.csv", "id,x\r\n")
		for range 2 { // the second run finds them unchanged
			got := s.ingest(c)
			if got.Records != 0 || len(got.Warnings) != 2 || got.Warnings[0] != "empty.csv holds no records; check the export if that is a surprise" {
				t.Errorf("%s: %+v", name, got)
			}
		}
	}
	s.write("e.json", " [ ] ")
	s.write("e.jsonl", "\n\n")
	for _, name := range []string{"e.json", "e.jsonl"} {
		got := s.ingest(s.config("{name: " + strings.ReplaceAll(name, ".", "-") + ", type: file, entity: change, path: " + name + ", fields: {id: id}}"))
		if got.Records != 0 || len(got.Warnings) != 1 {
			t.Errorf("%s: %+v", name, got)
		}
	}
}

func TestHeaderThatLacksMappedColumns(t *testing.T) {
	s := newSite(t)
	c := s.config("{name: a, type: file, entity: incident, path: '*.csv', latest: upd, fields: {id: [number, no], created_at: opened_at, title: [t1, t2]}, attributes: {region: u_region}, where: {kind: [x]}}")
	s.write("a.csv", "no,opend_at,state\n1,2,3\n")
	s.write("b.csv", "no,opened_at,upd,t2,u_region,kind\n1,2,2024-01-01,4,5,6\n")
	got, err := s.fails(c)
	want := `ingest a: a.csv: the header lacks "t1" or "t2" (title), "opened_at" (created_at, perhaps "opend_at" is meant), "u_region" (attribute region), "kind" (where), "upd" (latest); it has no, opend_at, state; mend the mapping of source a, or the export`
	if err != want || got.Records != 1 {
		t.Errorf("%s\n%+v", err, got)
	}
}

func TestPresetColumnsMayBeMissing(t *testing.T) {
	s := newSite(t)
	c := s.config("{name: a, type: file, preset: servicenow_incident, path: '*.csv'}")
	s.write("a.csv", "Number,Opened\nINC1,2024-01-01 10:00:00\n")
	s.ingest(c)
	s.want([]string{"INC1"}, "SELECT id FROM raw_records")
	s.write("a.csv", "Number,Priority\nINC1,1\n")
	_, err := s.fails(c)
	if want := `lacks "opened_at" or "Opened" or "sys_created_on"`; !strings.Contains(err, want) {
		t.Error(err)
	}
}

func TestEncodings(t *testing.T) {
	s := newSite(t)
	const text = "id,v\n1,naïve €\n"
	cp1252, _ := charmap.Windows1252.NewEncoder().String(text)
	little, _ := unicode.UTF16(unicode.LittleEndian, unicode.UseBOM).NewEncoder().String(text)
	big, _ := unicode.UTF16(unicode.BigEndian, unicode.UseBOM).NewEncoder().String(text)
	for name, test := range map[string]struct{ encoding, text, err string }{
		"utf-8":                  {"utf-8", text, ""},
		"utf-8 with mark":        {"utf-8", "\xef\xbb\xbf" + text, ""},
		"cp1252":                 {"cp1252", cp1252, ""},
		"utf-16 little":          {"utf-16", little, ""},
		"utf-16 big":             {"utf-16", big, ""},
		"utf-16 without mark":    {"utf-16", little[2:], ""},
		"zipped":                 {"utf-8", zipped(t, text), ""},
		"zipped utf-16":          {"utf-16", zipped(t, little), ""},
		"cp1252 as utf-8":        {"utf-8", cp1252, "it is not UTF-8; set encoding: cp1252, or export it as UTF-8"},
		"utf-16 as utf-8":        {"utf-8", little, "it is not UTF-8 but UTF-16; set encoding: utf-16"},
		"utf-16 without, as utf": {"utf-8", little[2:], "it is not UTF-8 but UTF-16; set encoding: utf-16"},
		"utf-8 as utf-16":        {"utf-16", text, "it is not UTF-16; set encoding: utf-8 or cp1252"},
		"utf-8 as cp1252":        {"cp1252", "\xef\xbb\xbf" + text, "it begins with a Unicode mark, so it is not cp1252; set encoding: utf-8"},
	} {
		source := strings.NewReplacer(" ", "-", ",", "").Replace(name)
		c := s.config("{name: " + source + ", encoding: " + test.encoding + ", type: file, entity: change, path: " + source + "/*.csv, fields: {id: id}}")
		s.write(source+"/a.csv", test.text)
		if test.err == "" {
			s.ingest(c)
			s.want([]string{"naïve €"}, "SELECT JSONExtractString(payload, 'v') FROM raw_records WHERE source = ?", source)
			continue
		}
		s.write(source+"/b.csv", "id\n")
		got, err := s.fails(c)
		if want := "ingest " + source + ": " + source + "/a.csv: " + test.err; !strings.HasPrefix(err, want) || got.Files != 2 {
			t.Errorf("%s\n%+v", err, got)
		}
	}
}

func TestGzip(t *testing.T) {
	s := newSite(t)
	c := s.config("{name: a, type: file, entity: change, path: '*.csv.gz', fields: {id: id}}")
	var text strings.Builder
	text.WriteString("id,v\n")
	for i := range 5000 {
		text.WriteString(strings.Repeat("x", i%13) + "y" + string(rune('a'+i%26)) + ",v\n")
	}
	whole := zipped(t, text.String())
	s.write("a.csv.gz", "id\n1\n")
	s.write("b.csv.gz", whole[:len(whole)/2])
	s.write("c.csv.gz", zipped(t, "id\n1\n")+zipped(t, "2\n"))
	got, err := s.fails(c)
	want := "ingest a: a.csv.gz: it is named .gz but is not gzip; rename it or export it again\n" +
		"ingest a: b.csv.gz: the gzip data breaks off; copy or export it again"
	if err != want {
		t.Error(err)
	}
	s.want([]string{"1", "2"}, "SELECT id FROM raw_records WHERE JSONExtractString(payload, '_file') = 'c.csv.gz' ORDER BY seq")
	s.want([]string{"0"}, "SELECT toString(countIf(NOT endsWith(payload, '}') OR JSONExtractString(payload, 'v') != 'v')) FROM raw_records WHERE JSONExtractString(payload, '_file') = 'b.csv.gz'")
	if got.Quarantined != 0 {
		t.Errorf("the half line at the break is no record: %+v", got)
	}
	s.write("a.csv.gz", zipped(t, "id\n1\n"))
	s.write("b.csv.gz", whole)
	s.ingest(c)
	s.want([]string{"5000"}, "SELECT toString(uniqExact(JSONExtractUInt(payload, '_line'))) FROM raw_records WHERE JSONExtractString(payload, '_file') = 'b.csv.gz'")
}

func TestBrokenJSONArrayKeepsWhatCameBefore(t *testing.T) {
	s := newSite(t)
	c := s.config("{name: a, type: file, entity: change, path: a.json, fields: {id: id}}")
	s.write("a.json", "[\n{\"id\": 1},\n{\"id\": 2}\n{\"id\": 3}]")
	got, err := s.fails(c)
	if want := "ingest a: a.json: the JSON breaks on line 4, and nothing after it was read; export it again"; err != want || got.Records != 2 {
		t.Errorf("%s\n%+v", err, got)
	}
	s.write("a.json", `{"id": 7}`)
	s.ingest(c)
	s.want([]string{"1", "2", "7"}, "SELECT id FROM raw_records ORDER BY seq")
}

func TestLongValues(t *testing.T) {
	s := newSite(t)
	c := s.config(plainCSV)
	long := strings.Repeat("lorem \n", 400_000)
	s.write("a.csv", "id,v\n1,\""+long+"\"\n2,"+strings.Repeat("x", longest+1)+"\n3,ok\n")
	got := s.ingest(c)
	if got.Records != 2 || got.Quarantined != 1 {
		t.Errorf("%+v", got)
	}
	s.want([]string{"1 true", "3 false"}, "SELECT concat(id, ' ', if(JSONExtractString(payload, 'v') = repeat('lorem \n', 400000), 'true', 'false')) FROM raw_records ORDER BY seq")
	s.want([]string{"400003 the line is longer than 16 MiB 4096"}, "SELECT concat(toString(line), ' ', reason, ' ', toString(length(payload))) FROM quarantine")
}

func TestUnreadableFile(t *testing.T) {
	if os.Geteuid() == 0 {
		t.Log("root reads everything: only the other file is looked at")
	}
	s := newSite(t)
	s.write("a.csv", "id\n1\n")
	s.write("b.csv", "id\n2\n")
	if err := os.Chmod(filepath.Join(s.dir, "a.csv"), 0); err != nil {
		t.Fatal(err)
	}
	r, err := Ingest(context.Background(), s.w, s.config(plainCSV), Options{Now: s.clock})
	if err != nil {
		t.Fatal(err)
	}
	if os.Geteuid() != 0 && (r.Sources[0].Err == nil || !strings.Contains(r.Sources[0].Err.Error(), "give this user the right to read it")) {
		t.Error(r.Sources[0].Err)
	}
	s.want([]string{"2"}, "SELECT id FROM raw_records WHERE JSONExtractString(payload, '_file') = 'b.csv'")
}

// Real exports, where they are there.
func TestRealExports(t *testing.T) {
	for name, want := range map[string]struct {
		rows   uint64
		unique string
	}{"github-status": {819, "819"}, "servicenow-sample": {5998, "890"}} {
		t.Run(name, func(t *testing.T) {
			c, err := configs.Load("../configs/examples/" + name + ".yml")
			if err != nil {
				t.Fatal(err)
			}
			if _, err := os.Stat(c.Resolve("../../../shared/data")); err != nil {
				t.Log("no shared data here:", err)
				return
			}
			s := newSite(t)
			got := s.ingest(c)
			if got.Records != want.rows || got.Quarantined != 0 {
				t.Errorf("%+v", got)
			}
			s.want([]string{want.unique}, "SELECT toString(uniqExact(id)) FROM raw_records")
		})
	}
}
