package ingest

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

const plainCSV = "{name: a, type: file, entity: change, path: '*.csv', fields: {id: id}}"

func TestRowsLandAsTheyAre(t *testing.T) {
	s := newSite(t)
	s.write("x/a.csv", "\xef\xbb\xbfid, name ,tag,tag,\r\n"+
		"1,plain,p,,\r\n"+
		"2,\"two\nlines, \"\"quoted\"\"\",p,q,r\r\n\r\n"+
		"3,5\" disk,\"said \"yes\" twice\",tab\there,back\\slash\r\n"+
		" 4 ,nul\x00byte,Ünïcode €,\u2028,last")
	got := s.ingest(s.config("{name: a, type: file, entity: change, path: 'x/*.csv', fields: {id: id}}"))
	if got.Records != 4 || got.Quarantined != 0 || got.Files != 1 || got.Unchanged != 0 || got.Bytes != uint64(len(s.read("x/a.csv"))) {
		t.Errorf("%+v", got)
	}
	s.want([]string{
		`1 4294967296 2024-05-31 12:00:02.000 {"id":"1","name":"plain","tag":["p",""],"column 5":"","_file":"x/a.csv","_line":2}`,
		`2 4294967297 2024-05-31 12:00:02.000 {"id":"2","name":"two\nlines, \"quoted\"","tag":["p","q"],"column 5":"r","_file":"x/a.csv","_line":3}`,
		`3 4294967298 2024-05-31 12:00:02.000 {"id":"3","name":"5\" disk","tag":["said \"yes\" twice","tab\there"],"column 5":"back\\slash","_file":"x/a.csv","_line":6}`,
		`4 4294967299 2024-05-31 12:00:02.000 {"id":" 4 ","name":"nul\u0000byte","tag":["Ünïcode €","` + "\u2028" + `"],"column 5":"last","_file":"x/a.csv","_line":7}`,
	}, "SELECT concat(id, ' ', toString(seq), ' ', toString(fetched_at), ' ', payload) FROM raw_records ORDER BY seq")
	s.want([]string{"a change 1 0 1"}, "SELECT DISTINCT concat(source, ' ', entity, ' ', toString(run_id), ' ', toString(deleted), ' ', toString(isNull(updated_at))) FROM raw_records")
	s.want([]string{"1 1 1"}, "SELECT concat(toString(min(isValidJSON(payload))), ' ', toString(min(JSONExtractString(payload, '_file') = 'x/a.csv')), ' ', toString(min(JSONExtractUInt(payload, '_line') > 0))) FROM raw_records")
	s.want([]string{"1 a change complete 4 0 2"}, "SELECT concat(toString(run_id), ' ', source, ' ', entity, ' ', status, ' ', toString(records), ' ', toString(quarantined), ' ', toString(version)) FROM sync_runs FINAL")
}

func TestUnchangedFilesAreSkipped(t *testing.T) {
	s := newSite(t)
	c := s.config(plainCSV)
	s.write("a.csv", "id,v\n1,a\n")
	s.write("b.csv", "id,v\n2,b\n")
	s.ingest(c)
	if got := s.ingest(c); got.Unchanged != 2 || got.Records != 0 || got.Bytes != 0 {
		t.Errorf("%+v", got)
	}
	s.write("b.csv", "id,v\n2,B\n") // as long as before
	if got := s.ingest(c); got.Unchanged != 1 || got.Records != 1 {
		t.Errorf("%+v", got)
	}
	s.write("b.csv", "id,v\n2,B\n3,c\n") // the old content is its beginning
	if got := s.ingest(c); got.Unchanged != 1 || got.Records != 2 {
		t.Errorf("%+v", got)
	}
	r, err := Ingest(context.Background(), s.w, c, Options{Now: s.clock, Full: true})
	if err != nil || r.RunID != 5 || r.Sources[0].Records != 3 || r.Sources[0].Unchanged != 0 {
		t.Errorf("%+v %v", r, err)
	}
}

// Whatever was changed when, the current rows are those of reading everything
// afresh: the last row by file order wins.
func TestLastFileWinsAfterAnEarlierOneChanges(t *testing.T) {
	s := newSite(t)
	c := s.config(plainCSV)
	s.write("a.csv", "id,v\n1,a\n2,a\n")
	s.write("b.csv", "id,v\n1,b\n")
	s.ingest(c)
	s.write("a.csv", "id,v\n1,changed\n2,changed\n")
	if got := s.ingest(c); got.Unchanged != 0 {
		t.Errorf("b.csv was not read again: %+v", got)
	}
	want := []string{`{"id":"1","v":"b","_file":"b.csv","_line":2}`, `{"id":"2","v":"changed","_file":"a.csv","_line":3}`}
	if diff := cmp.Diff(want, s.current()); diff != "" {
		t.Error(diff)
	}
	s.write("0.csv", "id,v\n2,new file\n")
	s.ingest(c)
	if diff := cmp.Diff(want, s.current()); diff != "" {
		t.Error(diff)
	}
}

func TestVersionColumnDecidesWhatIsCurrent(t *testing.T) {
	s := newSite(t)
	c := s.config("{name: a, type: file, entity: change, path: '*.csv', latest: upd, times: {layout: dd.MM.yyyy HH:mm, zone: Europe/Berlin}, fields: {id: id}}")
	s.write("a.csv", "id,v,upd\n1,new,02.01.2024 10:00\n1,old,01.01.2024 10:00\n2,x,yesterday\n3,x,\n")
	s.write("b.csv", "id,v,upd\n4,y,03.01.2024 10:00\n")
	got := s.ingest(c)
	if got.Records != 4 || got.Quarantined != 1 {
		t.Errorf("%+v", got)
	}
	// A record that states no version is older than any that does.
	s.want([]string{"new 2024-01-02 09:00:00.000", "old 2024-01-01 09:00:00.000", "x 1970-01-01 00:00:00.000", "y 2024-01-03 09:00:00.000"},
		"SELECT concat(JSONExtractString(payload, 'v'), ' ', toString(updated_at)) FROM raw_records ORDER BY seq")
	s.want([]string{`2 the version in upd is no time: "yesterday"`}, "SELECT concat(id, ' ', reason) FROM quarantine ORDER BY line")
	s.write("a.csv", "id,v,upd\n1,old,01.01.2024 10:00\n")
	if got := s.ingest(c); got.Unchanged != 1 {
		t.Errorf("b.csv was read again although versions decide: %+v", got)
	}
	if got := s.current()[0]; !strings.Contains(got, "new") {
		t.Error(got)
	}
}

func TestBadRowsGoToQuarantine(t *testing.T) {
	s := newSite(t)
	c := s.config("{name: a, type: file, entity: incident, path: '*.csv', nulls: ['', NA], fields: {id: [id, alt], created_at: id}}")
	s.write("a.csv", "id,alt,v\n"+
		"1,,ok\n"+
		"2,,too,many\n"+
		"3\n"+
		" ,NA,no id\n"+
		",5,by alt\n"+
		"6,,\"never closed\n"+
		"7,,fi\xffne\n"+
		"8,,\"ök\"\n"+
		"9,,\"runs\nover\",x\n"+
		"10,,\"open at the end\n")
	got := s.ingest(c)
	if got.Records != 3 || got.Quarantined != 7 || got.NewlyQuarantined != 7 {
		t.Errorf("%+v", got)
	}
	s.want([]string{"1", "5", "8"}, "SELECT id FROM raw_records ORDER BY seq")
	want := []string{
		"|3|4 columns where the header has 3|2,,too,many",
		"|4|1 column where the header has 3|3",
		"|5|the id is empty| ,NA,no id",
		"|7|a quotation mark is opened and never closed|6,,\"never closed",
		"7|8|not UTF-8: mend the row, or set encoding: cp1252|7,,fi\uFFFDne",
		"|10|4 columns where the header has 3|9,,\"runs\nover\",x",
		"|12|a quotation mark is opened and never closed|10,,\"open at the end",
	}
	query := "SELECT concat(id, '|', toString(line), '|', reason, '|', payload) FROM quarantine WHERE source = 'a' AND entity = 'incident' AND file = 'a.csv' ORDER BY line"
	s.want(want, query)

	r, err := Ingest(context.Background(), s.w, c, Options{Now: s.clock, Full: true})
	if err != nil || r.Sources[0].Quarantined != 7 || r.Sources[0].NewlyQuarantined != 0 {
		t.Errorf("%+v %v", r, err)
	}
	s.want(want, query)
	s.want([]string{"2024-05-31 12:00:03.000"}, "SELECT DISTINCT toString(first_seen) FROM quarantine")
}

func TestMendedRowsLeaveQuarantine(t *testing.T) {
	s := newSite(t)
	c := s.config("{name: a, type: file, entity: incident, path: '*.csv', fields: {id: id, created_at: id}}")
	s.write("a.csv", "id,v\n1\n2\n3,ok\n")
	s.write("b.csv", "id,v\n9\n")
	s.ingest(c)
	query := "SELECT concat(file, ':', toString(line), ' ', payload) FROM quarantine ORDER BY file, line"
	s.want([]string{"a.csv:2 1", "a.csv:3 2", "b.csv:2 9"}, query)
	s.write("a.csv", "id,v\n1,mended\n2\n3,ok\n")
	if got := s.ingest(c); got.NewlyQuarantined != 0 || got.Quarantined == 0 {
		t.Errorf("%+v", got)
	}
	s.want([]string{"a.csv:3 2", "b.csv:2 9"}, query)
}

func TestJSONRecordsStayAsTheyAre(t *testing.T) {
	s := newSite(t)
	c := s.config("{name: a, type: file, entity: change, path: a.jsonl, fields: {id: meta.id}}",
		"{name: b, type: file, entity: change, path: b.json, latest: t, fields: {id: id}}")
	s.write("a.jsonl", `{"meta": {"id": "x1"}, "n": 1.50, "é": [ 1 ] }`+"\r\n\n"+
		`{"meta":{"id":12}}`+"\n"+
		`{"meta":{}}`+"\n"+
		`{}`+"\n"+
		`{"meta":`+"\n"+
		`[1]`+"\n"+
		`{"meta":{"id":1}} {"meta":{"id":2}}`+"\n"+
		"{\"meta\":{\"id\":\"\xff\"}}\n"+
		`{"meta":{"id":"a\u0062"}, "meta2":{}}`)
	s.write("b.json", "[\n  {\"id\": 1,\n   \"t\": \"2024-01-01\"},\n  {\n   \"id\": 2, \"t\": \"2024-01-01T00:00:00+01:00\"\n  }, 7,\n {\"t\": true, \"id\": 4}\n]\n")
	r, err := Ingest(context.Background(), s.w, c, Options{Now: s.clock})
	if err != nil || r.Sources[0].Err != nil || r.Sources[1].Err != nil {
		t.Fatal(err, r)
	}
	s.want([]string{
		`x1|{"meta": {"id": "x1"}, "n": 1.50, "é": [ 1 ] ,"_file":"a.jsonl","_line":1}`,
		`12|{"meta":{"id":12},"_file":"a.jsonl","_line":3}`,
		`ab|{"meta":{"id":"a\u0062"}, "meta2":{},"_file":"a.jsonl","_line":10}`,
		"1|{\"id\": 1,\n   \"t\": \"2024-01-01\",\"_file\":\"b.json\",\"_line\":2}",
		"2|{\n   \"id\": 2, \"t\": \"2024-01-01T00:00:00+01:00\"\n  ,\"_file\":\"b.json\",\"_line\":4}",
	}, "SELECT concat(id, '|', payload) FROM raw_records ORDER BY source, seq")
	s.want([]string{
		`|4|the id is empty|{"meta":{}}`,
		`|5|the id is empty|{}`,
		`|6|not JSON: unexpected end of JSON input|{"meta":`,
		`|7|not a JSON object|[1]`,
		`|8|more than one JSON value on the line|{"meta":{"id":1}} {"meta":{"id":2}}`,
		"|9|not UTF-8: mend the record, or set encoding: cp1252|{\"meta\":{\"id\":\"\uFFFD\"}}",
		`|6|not a JSON object|7`,
		`4|7|the version in t is no time: "true"|{"t": true, "id": 4}`,
	}, "SELECT concat(id, '|', toString(line), '|', reason, '|', payload) FROM quarantine ORDER BY source, line")
}

func TestEveryEventRowIsKept(t *testing.T) {
	s := newSite(t)
	c := s.config("{name: a, type: file, entity: incident, shape: events, path: a.tsv, fields: {id: id, at: at, status: to}}")
	s.write("a.tsv", "id\tat\tto\n1\t2024-01-01 10:00\tcreated\n1\t2024-01-01 11:00\tresolved\n")
	s.ingest(c)
	s.want([]string{"1 created", "1 resolved"}, "SELECT concat(id, ' ', JSONExtractString(payload, 'to')) FROM raw_records ORDER BY seq")
}

func TestAnotherIDReplacesTheRows(t *testing.T) {
	s := newSite(t)
	s.write("a.csv", "id,no\n1,x\n")
	s.write("b.csv", "id\n2\n")
	s.ingest(s.config(plainCSV))
	byNo := strings.Replace(plainCSV, "id: id", "id: no, title: id", 1)
	if got, _ := s.fails(s.config(byNo)); got.Records != 1 {
		t.Errorf("%+v", got)
	}
	s.want([]string{"2", "x"}, "SELECT id FROM raw_records ORDER BY id") // b.csv lacks the column, and keeps its row
	s.write("b.csv", "id,no\n2,y\n")
	s.ingest(s.config(byNo))
	s.want([]string{"x", "y"}, "SELECT id FROM raw_records ORDER BY id")
	if got := s.ingest(s.config(strings.Replace(byNo, ", title: id", "", 1))); got.Records != 0 {
		t.Errorf("ids and versions stay the same, so nothing is to be read: %+v", got)
	}
}

func TestAnotherIDReplacesTheRowsOfADeadRunToo(t *testing.T) {
	s := newSite(t)
	c := s.exports()
	s.ingest(c)
	c = s.config(strings.Replace(plainCSV, "id: id", "id: v", 1))
	alive := s.w.Conn
	s.w.Conn = &dying{Conn: alive, table: "positions", left: 3} // the first file's last page is landed, its position is not moved
	if _, err := Ingest(context.Background(), s.w, c, Options{Now: s.clock}); !errors.Is(err, errDead) {
		t.Fatal(err)
	}
	s.w.Conn = alive
	s.ingest(c)
	s.want([]string{"0 1350"}, "SELECT concat(toString(countIf(id != JSONExtractString(payload, 'v'))), ' ', toString(uniqExact(id))) FROM raw_records")
}

func TestOnlyTheSourcesAskedFor(t *testing.T) {
	s := newSite(t)
	c := s.config(plainCSV, strings.Replace(plainCSV, "name: a", "name: b", 1))
	s.write("a.csv", "id\n1\n")
	r, err := Ingest(context.Background(), s.w, c, Options{Now: s.clock, Sources: []string{"b"}})
	if err != nil || len(r.Sources) != 1 || r.Sources[0].Name != "b" {
		t.Errorf("%+v %v", r, err)
	}
	_, err = Ingest(context.Background(), s.w, c, Options{Now: s.clock, Sources: []string{"c"}})
	if want := fmt.Sprintf("ingest: %s has no source \"c\"; it has a, b", c.File()); err == nil || err.Error() != want {
		t.Errorf("got %v", err)
	}
}
