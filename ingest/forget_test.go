package ingest

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"testing"

	"github.com/srekpi/srekpi/sql/forget"
)

// TestForgottenLandsNot lands rows that name somebody who was forgotten, good and bad ones, from a file named after
// that person. A second reading finds the file unchanged, under the name that it is stored by.
func TestForgottenLandsNot(t *testing.T) {
	ctx, s := context.Background(), newSite(t)
	list, pseudonym, err := (*forget.List)(nil).With(forget.Typed("Ada Lovelace"), s.clock())
	if err == nil {
		err = list.Save(ctx, s.w, true)
	}
	if err != nil {
		t.Fatal(err)
	}
	rows := "id,who\n1,Ada Lovelace\nada.lovelace,x\n2,\"Lovelace, Ada\"\n3,Ada Lovelace,too many\n,by ada lovelace\n4,Adam Lovelace\n"
	if err := os.WriteFile(filepath.Join(s.dir, "ada-lovelace.csv"), []byte(rows), 0o600); err != nil {
		t.Fatal(err)
	}
	c := s.config("{name: a, type: file, entity: change, path: '*.csv', fields: {id: id}}")
	for round, landed := range []uint64{4, 0} {
		r, err := Ingest(ctx, s.w, c, Options{Now: s.clock})
		if err != nil || r.Sources[0].Err != nil || r.Sources[0].Records != landed || r.Sources[0].NewlyQuarantined != uint64(2-2*round) {
			t.Fatalf("round %d: %v %+v", round, err, r)
		}
	}
	for query, want := range map[string]uint64{
		"SELECT count() FROM raw_records WHERE multiSearchAnyCaseInsensitive(concat(id, payload), ['ada lovelace', 'ada.lovelace', 'ada-lovelace', 'lovelace, ada'])": 0,
		"SELECT count() FROM raw_records WHERE JSONExtractString(payload, 'who') = '" + pseudonym + "'":                                                               2,
		"SELECT count() FROM raw_records WHERE JSONExtractString(payload, '_file') = '" + pseudonym + ".csv'":                                                         4,
		"SELECT count() FROM raw_records WHERE id = '" + pseudonym + "'":                                                                                              1,
		"SELECT count() FROM raw_records WHERE payload LIKE '%Adam Lovelace%'":                                                                                        1,
		"SELECT count() FROM quarantine WHERE payload LIKE '%" + pseudonym + "%' AND file LIKE '" + pseudonym + "%'":                                                  2,
		"SELECT count() FROM positions WHERE stream ILIKE '%lovelace%'":                                                                                               0,
	} {
		var got uint64
		if err := s.w.QueryRow(ctx, query).Scan(&got); err != nil || got != want {
			t.Errorf("%s: %d, not %d (%v)", query, got, want, err)
		}
	}
	// Without the key the person would land again.
	key, err := s.w.ForgetKey()
	if err == nil {
		err = os.Rename(key, key+".away")
	}
	if err != nil {
		t.Fatal(err)
	}
	var missing *forget.KeyError
	if r, err := Ingest(ctx, s.w, c, Options{Now: s.clock, Full: true}); !errors.As(err, &missing) || r != nil {
		t.Errorf("without the key: %v, %+v", err, r)
	}
	files, err := Naming(ctx, c, list)
	if err != nil || len(files) != 1 {
		t.Errorf("files that name the person: %v, %v", files, err)
	}
}
