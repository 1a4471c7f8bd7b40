package warehouse

import (
	"archive/tar"
	"crypto/sha256"
	"encoding/hex"
	"path"
	"strings"
	"testing"
)

// plant adds a file to an archive, well listed.
func plant(m *Manifest, entries *[]entry, name, text string) {
	f := ManifestFile{Path: name}
	f.sign([]byte(text))
	m.Files = append(m.Files, f)
	*entries = append(*entries, entry{&tar.Header{Typeflag: tar.TypeReg, Name: name, Mode: 0o600}, []byte(text)})
}

func (f *ManifestFile) sign(content []byte) {
	sum := sha256.Sum256(content)
	f.Size, f.SHA256 = int64(len(content)), hex.EncodeToString(sum[:])
}

// Whatever an archive defines runs with the rights of whoever asks, so what reaches outside is not restored.
func TestRestoreRefusesDefinitions(t *testing.T) {
	_, file := archived(t)
	changed := func(change func(*Manifest, *[]entry)) func(t *testing.T) string {
		return func(t *testing.T) string { return rewritten(t, file, change) }
	}
	// planted adds a file; tables/ is where the tables' definitions are.
	planted := func(name, text string) func(t *testing.T) string {
		return changed(func(m *Manifest, all *[]entry) {
			if name, ok := strings.CutPrefix(name, "tables/"); ok {
				for _, f := range m.Files {
					if path.Base(f.Path) == "events.sql" && strings.HasPrefix(f.Path, "store/") {
						plant(m, all, path.Join(path.Dir(f.Path), name), text)
						return
					}
				}
				t.Fatal("the archive has no table")
			}
			plant(m, all, name, text)
		})
	}
	defined := func(text string) func(t *testing.T) string { return planted("tables/evil.sql", text) }
	const id = "_ UUID '11111111-2222-4333-8444-555555555555' "
	for _, c := range []struct {
		name, want string
		make       func(t *testing.T) string
	}{
		{"a view on a file", "made by srekpi backup", defined("ATTACH VIEW " + id + "(`a` String) AS SELECT file('/etc/hostname') AS a")},
		{"a view on a file, behind a quoted name", "file reaches outside", defined("ATTACH VIEW " + id + "(`a` String) AS SELECT 1 AS `it's`, file('/etc/hostname') AS a")},
		{"a view on a table function", "url reaches outside", defined("ATTACH VIEW " + id + "(`a` String) AS SELECT * FROM url('http://127.0.0.1:1/', 'LineAsString')")},
		{"a view with settings", "neither a view nor", defined("ATTACH VIEW " + id + "(`a` UInt8) AS SELECT 1 AS a SETTINGS max_execution_time = 0")},
		{"a materialized view", "neither a view nor", defined("ATTACH MATERIALIZED VIEW " + id + "(`a` UInt8) ENGINE = MergeTree ORDER BY a AS SELECT 1 AS a")},
		{"a table of the network", "URL reaches outside", defined("ATTACH TABLE " + id + "(`a` String) ENGINE = URL('http://127.0.0.1:1/', 'LineAsString')")},
		{"a table of files", "File reaches outside", defined("ATTACH TABLE " + id + "(`a` String) ENGINE = File(LineAsString)")},
		{"a table of another engine", "neither a view nor", defined("ATTACH TABLE " + id + "(`a` String) ENGINE = Memory")},
		{"a table of a replica", "neither a view nor", defined("ATTACH TABLE " + id + "(`a` String) ENGINE = ReplicatedMergeTree('/a', 'b') ORDER BY a")},
		{"a table on a disk of its own", "no table of srekpi has", defined("ATTACH TABLE " + id + "(`a` String) ENGINE = MergeTree ORDER BY a SETTINGS disk = 'elsewhere'")},
		{"a default from a file", "file reaches outside", defined("ATTACH TABLE " + id + "(`a` String DEFAULT file('/etc/hostname')) ENGINE = MergeTree ORDER BY tuple()")},
		{"an alias of a file", "file reaches outside", defined("ATTACH TABLE " + id + "(`b` String, `a` String ALIAS file('/etc/hostname')) ENGINE = MergeTree ORDER BY b")},
		{"a TTL by a file", "file reaches outside", defined("ATTACH TABLE " + id + "(`d` Date) ENGINE = MergeTree ORDER BY d TTL d + toIntervalDay(length(file('/etc/hostname')))")},
		{"a dictionary", "made by srekpi backup", defined("ATTACH DICTIONARY " + id + "(`a` UInt64, `b` String) PRIMARY KEY a SOURCE(FILE(PATH '/etc/hostname' FORMAT 'CSV')) LIFETIME(0) LAYOUT(FLAT())")},
		{"two definitions", "made by srekpi backup", defined("ATTACH VIEW " + id + "(`a` UInt8) AS SELECT 1 AS a; ATTACH VIEW b AS SELECT file('x')")},
		{"no definition", "cannot be read", defined("nothing")},
		{"a table that was dropped", "file reaches outside", planted("metadata_dropped/srekpi.a.11111111-2222-4333-8444-555555555555.sql", "ATTACH VIEW "+id+"(`a` String) AS SELECT file('/etc/hostname') AS a")},
		{"a function on a file", "file reaches outside", planted("user_defined/function_evil.sql", "CREATE FUNCTION evil AS x -> file(x)")},
		{"a function that is a program", "made by srekpi backup", planted("user_defined/function_evil.sql", "CREATE FUNCTION evil LANGUAGE WASM FROM 'evil'")},
		{"another database", "keeps nothing", planted("metadata/evil.sql", "ATTACH DATABASE _ UUID '11111111-2222-4333-8444-555555555555' ENGINE = Atomic")},
		{"a database of elsewhere", "defines no Atomic", changed(func(m *Manifest, all *[]entry) {
			for i, f := range m.Files {
				if f.Path == "metadata/srekpi.sql" {
					(*all)[i+1].content = []byte("ATTACH DATABASE _ ENGINE = Memory")
					m.Files[i].sign((*all)[i+1].content)
				}
			}
		})},
		{"a definition half dropped", "keeps nothing", planted("tables/evil.sql.tmp_drop", "ATTACH VIEW "+id+"(`a` UInt8) AS SELECT 1 AS a")},
		{"a definition that is a link", "is a link", changed(func(m *Manifest, all *[]entry) {
			m.Files = append(m.Files, ManifestFile{Path: "store/evil.sql", Link: "../store/evil.txt"})
			*all = append(*all, entry{&tar.Header{Typeflag: tar.TypeSymlink, Name: "store/evil.sql", Linkname: "../store/evil.txt"}, nil})
		})},
		{"a change of rows by a file", "file reaches outside", planted("tables/mutation_99.txt", "format version: 1\ncreate time: 2026-10-05 12:00:00\ncommands: (UPDATE note = file(\\'/etc/hostname\\') WHERE 1)\n")},
		{"a change of rows with an odd escape", "is no change of rows", planted("tables/mutation_99.txt", "format version: 1\ncreate time: 2026-10-05 12:00:00\ncommands: (UPDATE note = f\\x69le(\\'/etc/hostname\\') WHERE 1)\n")},
		{"credentials", "keeps nothing", planted("named_collections/evil.sql", "CREATE NAMED COLLECTION evil AS url = 'http://127.0.0.1:1/'")},
		{"a user", "keeps nothing", planted("access/users.list", "x")},
	} {
		t.Run(c.name, func(t *testing.T) { refuses(t, c.make(t), c.want) })
	}
}
