package warehouse

import (
	"archive/tar"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/klauspost/compress/zstd"
)

var backedUp = func() fstest.MapFS {
	s := maps.Clone(schema)
	s["003_builds.sql"] = &fstest.MapFile{Data: []byte("-- +goose Up\nCREATE TABLE IF NOT EXISTS builds (id UInt32, as_of DateTime64(3, 'UTC')) ENGINE = MergeTree ORDER BY id;\n")}
	return s
}()

// archived is a small store and a backup of it.
func archived(t *testing.T) (Options, string) {
	t.Helper()
	ctx := context.Background()
	o := at(t)
	o.Schema = backedUp
	w := writer(t, o)
	must(t, Insert(ctx, w, "events", events(1, 100)))
	must(t, w.Exec(ctx, "INSERT INTO builds VALUES (1, '2026-10-05 12:00:00'), (2, '2026-10-06 12:00:00')"))
	must(t, w.Exec(ctx, "ALTER TABLE events UPDATE note = 'told in confidence' WHERE n = 1 SETTINGS mutations_sync = 2"))
	must(t, w.Exec(ctx, "ALTER TABLE events UPDATE note = '' WHERE n = 1 SETTINGS mutations_sync = 2"))
	must(t, w.Publish(ctx))
	must(t, w.Exec(ctx, "TRUNCATE TABLE events")) // not published
	must(t, w.Close())
	file := filepath.Join(t.TempDir(), "b.tar.zst")
	m, err := Backup(ctx, o, file, "1.2.3", noon)
	must(t, err)
	if m.Schema != 3 || m.Build != 2 || m.AsOf.Format(time.DateOnly) != "2026-10-06" || m.Version != "1.2.3" || !m.MadeAt.Equal(noon.Truncate(time.Second)) {
		t.Errorf("manifest: %+v", m)
	}
	return o, file
}

func TestBackupAndRestore(t *testing.T) {
	ctx := context.Background()
	o, file := archived(t)
	info, err := os.Stat(file)
	must(t, err)
	if info.Mode().Perm() != 0o600 {
		t.Errorf("others can read it: %v", info.Mode())
	}
	if left, _ := filepath.Glob(file + "*"); len(left) != 1 {
		t.Errorf("beside it lies %v", left)
	}
	if _, err := Backup(ctx, o, file, "", noon); err == nil || !strings.Contains(err.Error(), "is there already") {
		t.Errorf("over another file: %v", err)
	}
	made, err := Backups(o)
	must(t, err)
	if len(made) != 1 || made[0].File != file || !made[0].At.Equal(noon.Truncate(time.Second)) {
		t.Errorf("noted: %+v", made)
	}
	if _, err := Restore(ctx, o, file); err == nil || !strings.Contains(err.Error(), "move it away first: mv ") {
		t.Errorf("over a store: %v", err)
	}

	// What the engine replaced is not in it, though its folder still had it.
	in, err := os.Open(file)
	must(t, err)
	defer in.Close()
	m, err := unpack(ctx, in, func(*Manifest) error { return nil }, nothing)
	must(t, err)
	mutated := 0
	for _, f := range m.Files {
		if strings.Contains(f.Path, "/all_1_1_0/") && slices.ContainsFunc(m.Files, func(g ManifestFile) bool {
			return strings.HasPrefix(g.Path, strings.Split(f.Path, "all_1_1_0/")[0]+"all_1_1_0_")
		}) {
			t.Errorf("it holds an outdated part: %s", f.Path)
		}
		if strings.Contains(f.Path, "/all_1_1_0_") {
			mutated++
		}
	}
	if mutated == 0 {
		t.Error("it does not hold the part that the mutations made")
	}

	other := at(t)
	other.Schema = backedUp
	_, err = Restore(ctx, other, file)
	must(t, err)
	r, err := OpenReader(ctx, other)
	must(t, err)
	defer r.Close()
	if n := count(t, r, "SELECT count() FROM events WHERE kept = 'yes'"); n != 100 {
		t.Errorf("%d rows, 100 were published", n)
	}
}

// rewritten unpacks a backup, lets change work on it, and packs it again.
func rewritten(t *testing.T, file string, change func(*Manifest, *[]entry)) string {
	t.Helper()
	in, err := os.Open(file)
	must(t, err)
	defer in.Close()
	var entries []entry
	spread, err := zstd.NewReader(in)
	must(t, err)
	for packed := tar.NewReader(spread); ; {
		h, err := packed.Next()
		if err == io.EOF {
			break
		}
		must(t, err)
		content, err := io.ReadAll(packed)
		must(t, err)
		entries = append(entries, entry{h, content})
	}
	m := &Manifest{}
	must(t, json.Unmarshal(entries[0].content, m))
	change(m, &entries)
	if entries[0].Name == manifestName {
		entries[0].content, err = json.Marshal(m)
		must(t, err)
	}
	var out bytes.Buffer
	pressed, err := zstd.NewWriter(&out)
	must(t, err)
	packed := tar.NewWriter(pressed)
	for _, e := range entries {
		e.Size = int64(len(e.content))
		must(t, packed.WriteHeader(e.Header))
		_, err := packed.Write(e.content)
		must(t, err)
	}
	must(t, errors.Join(packed.Close(), pressed.Close()))
	name := filepath.Join(t.TempDir(), "changed.tar.zst")
	must(t, os.WriteFile(name, out.Bytes(), 0o600))
	return name
}

type entry struct {
	*tar.Header
	content []byte
}

// last is the last regular file of an archive, with its line in the manifest.
func last(m *Manifest, entries []entry) (*ManifestFile, *entry) {
	for i := len(entries) - 1; ; i-- {
		if entries[i].Typeflag == tar.TypeReg {
			return &m.Files[i-1], &entries[i]
		}
	}
}

// refuses says that a restore fails with a text, and leaves nothing.
func refuses(t *testing.T, file, want string) {
	t.Helper()
	top := t.TempDir()
	o := Options{URL: "chdb://data", Base: top, Schema: backedUp}
	_, err := Restore(context.Background(), o, file)
	if err == nil || !strings.Contains(err.Error(), want) {
		t.Errorf("got %v, want %q", err, want)
	}
	if left, _ := os.ReadDir(top); len(left) > 0 {
		t.Errorf("it left %v", left)
	}
}

func TestRestoreRefuses(t *testing.T) {
	_, file := archived(t)
	whole, err := os.ReadFile(file)
	must(t, err)
	raw := func(change func([]byte) []byte) func(t *testing.T) string {
		return func(t *testing.T) string {
			name := filepath.Join(t.TempDir(), "raw.tar.zst")
			must(t, os.WriteFile(name, change(slices.Clone(whole)), 0o600))
			return name
		}
	}
	changed := func(change func(*Manifest, *[]entry)) func(t *testing.T) string {
		return func(t *testing.T) string { return rewritten(t, file, change) }
	}
	named := func(name string) func(t *testing.T) string {
		return changed(func(m *Manifest, all *[]entry) {
			f, e := last(m, *all)
			f.Path, e.Name = name, name
		})
	}
	for _, c := range []struct {
		name, want string
		make       func(t *testing.T) string
	}{
		{"not there", "no such file", func(t *testing.T) string { return filepath.Join(t.TempDir(), "none.tar.zst") }},
		{"empty", "cut off", raw(func([]byte) []byte { return nil })},
		{"no archive", "damaged", raw(func([]byte) []byte { return []byte(strings.Repeat("no archive", 100)) })},
		{"cut off at the end", "cut off: restore another copy of it, or take another backup", raw(func(b []byte) []byte { return b[:len(b)-5] })},
		{"cut off in the middle", "cut off: restore another copy of it, or take another backup", raw(func(b []byte) []byte { return b[:len(b)/2] })},
		{"a bit changed", "damaged", raw(func(b []byte) []byte { b[len(b)*2/3] ^= 4; return b })},
		{"content changed", "is not what was backed up", changed(func(m *Manifest, all *[]entry) { _, e := last(m, *all); e.content[0] ^= 1 })},
		{"content grown", "was changed after", changed(func(m *Manifest, all *[]entry) { _, e := last(m, *all); e.content = append(e.content, 1) })},
		{"a file left out", "was changed after", changed(func(m *Manifest, all *[]entry) { *all = slices.Delete(*all, 3, 4) })},
		{"the last file left out", "cut off", changed(func(m *Manifest, all *[]entry) { *all = (*all)[:len(*all)-1] })},
		{"a file added", "does not list", changed(func(m *Manifest, all *[]entry) {
			*all = append(*all, entry{&tar.Header{Typeflag: tar.TypeReg, Name: "metadata/more.sql", Mode: 0o600}, []byte("more")})
		})},
		{"no manifest", "no backup made by srekpi", changed(func(m *Manifest, all *[]entry) { *all = (*all)[1:] })},
		{"nothing listed", "no backup made by srekpi", changed(func(m *Manifest, all *[]entry) { m.Files = nil })},
		{"path upwards", "outside the data folder", named("../planted")},
		{"path upwards below", "outside the data folder", named("store/../../planted")},
		{"absolute path", "outside the data folder", named("/tmp/planted")},
		{"listed twice", "listed wrongly", changed(func(m *Manifest, all *[]entry) { m.Files = append(m.Files, m.Files[0]) })},
		{"link out", "leads out", changed(func(m *Manifest, all *[]entry) {
			for i, f := range m.Files {
				if f.Link != "" {
					m.Files[i].Link, (*all)[i+1].Linkname = "../../../../etc", "../../../../etc"
					return
				}
			}
			t.Fatal("the archive has no link")
		})},
		{"a link for a file", "was changed after", changed(func(m *Manifest, all *[]entry) {
			_, e := last(m, *all)
			e.Typeflag, e.Linkname, e.content = tar.TypeSymlink, "/etc/passwd", nil
		})},
		{"a device", "was changed after", changed(func(m *Manifest, all *[]entry) { _, e := last(m, *all); e.Typeflag, e.content = tar.TypeFifo, nil })},
		{"newer schema", "schema version 4, made by a newer srekpi, and this one knows 3", changed(func(m *Manifest, all *[]entry) { m.Schema = 4 })},
		{"newer format", "restore it with srekpi 1.2.3", changed(func(m *Manifest, all *[]entry) { m.Format = 2 })},
		{"too large", "free some space", changed(func(m *Manifest, all *[]entry) { m.Files[len(m.Files)-1].Size = 1 << 60 })},
	} {
		t.Run(c.name, func(t *testing.T) { refuses(t, c.make(t), c.want) })
	}
}

// A folder that was there stays, without what was unpacked; one with too little room says so beforehand.
func TestRestoreOnASmallDisk(t *testing.T) {
	ctx := context.Background()
	o, file := archived(t)
	data := filepath.Join(t.TempDir(), "data")
	must(t, os.Mkdir(data, 0o700))
	if out, err := exec.Command("mount", "-t", "tmpfs", "-o", "size=64k", "none", data).CombinedOutput(); err != nil {
		t.Fatalf("this test mounts a small tmpfs and must run as root, as CI does: %v %s", err, out)
	}
	t.Cleanup(func() { _ = exec.Command("umount", data).Run() })
	_, err := Restore(ctx, Options{URL: "chdb://" + data, Schema: backedUp}, file)
	if err == nil || !strings.Contains(err.Error(), "space") {
		t.Errorf("got %v", err)
	}
	left, err := os.ReadDir(data)
	must(t, err)
	if len(left) != 1 || left[0].Name() != "lock" {
		t.Errorf("it left %v", left)
	}
	// A backup that does not fit leaves nothing either.
	_ = os.WriteFile(filepath.Join(data, "full"), make([]byte, 64<<10), 0o600)
	if _, err = Backup(ctx, o, filepath.Join(data, "b.tar.zst"), "", noon); err == nil || !strings.Contains(err.Error(), "free some space") {
		t.Errorf("got %v", err)
	}
	if left, _ := filepath.Glob(filepath.Join(data, "b.*")); len(left) > 0 {
		t.Errorf("it left %v", left)
	}
}

func TestServersBackUpThemselves(t *testing.T) {
	o := Options{URL: "clickhouse://loader:secret@db.example.com:9440/kpis?secure=true"}
	_, b := Backup(context.Background(), o, "b.tar.zst", "", noon)
	_, r := Restore(context.Background(), o, "b.tar.zst")
	for _, c := range []struct {
		err  error
		want string
	}{{b, "BACKUP DATABASE kpis TO Disk("}, {r, "RESTORE DATABASE kpis FROM Disk("}} {
		var server *ServerError
		if !errors.As(c.err, &server) || !strings.Contains(c.err.Error(), c.want) || strings.Contains(c.err.Error(), "secret") {
			t.Errorf("got %v, want %s", c.err, c.want)
		}
	}
}

func TestPartCoversPart(t *testing.T) {
	for _, c := range []struct {
		newer, older string
		want         bool
	}{
		{"all_1_4_1", "all_2_2_0", true},
		{"all_1_4_1", "all_1_4_1", false},
		{"all_1_1_0_7", "all_1_1_0", true},
		{"all_1_1_0_8", "all_1_1_0_7", true},
		{"all_1_1_0", "all_1_1_0_7", false},
		{"all_1_4_1", "all_5_5_0", false},
		{"all_1_4_1", "2_2_2_0", false},
		{"all_1_4_1_9", "all_3_3_0_12", false}, // mutated further than the merge
	} {
		newer, ok := parsePart(c.newer)
		older, too := parsePart(c.older)
		if !ok || !too || newer.covers(older) != c.want {
			t.Errorf("%s covers %s: %v", c.newer, c.older, !c.want)
		}
	}
	for _, name := range []string{"detached", "tmp_merge_all_1_2_1", "deleting_all_1_1_0", "format_version.txt", "all_1_1"} {
		if _, ok := parsePart(name); ok {
			t.Errorf("%s is read as a part", name)
		}
	}
}
