package warehouse

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
)

// partName is a part as the engine names its folder: partition, first and last block, level, and the mutation that
// made it. See ClickHouse's MergeTreePartInfo.
var partName = regexp.MustCompile(`^([^_]+)_(\d+)_(\d+)_(\d+)(?:_(\d+))?$`)

type part struct {
	partition                    string
	first, last, level, mutation uint64
}

func parsePart(name string) (part, bool) {
	m := partName.FindStringSubmatch(name)
	if m == nil {
		return part{}, false
	}
	p := part{partition: m[1]}
	for i, into := range []*uint64{&p.first, &p.last, &p.level, &p.mutation} {
		if m[i+2] == "" {
			continue
		}
		n, err := strconv.ParseUint(m[i+2], 10, 64)
		if err != nil {
			return part{}, false
		}
		*into = n
	}
	return p, true
}

// covers says that a part was made of another, which therefore holds nothing any more.
func (p part) covers(q part) bool {
	return p != q && p.partition == q.partition && p.first <= q.first && p.last >= q.last && p.level >= q.level && p.mutation >= q.mutation
}

// dropOutdated removes from a copy the parts that others of it replace. The engine leaves them in its folder for some
// minutes, with what was deleted or emptied; nobody would read them again.
func dropOutdated(store string) error {
	tables, err := filepath.Glob(filepath.Join(store, "store", "*", "*"))
	if err != nil {
		return err
	}
	for _, table := range tables {
		names, err := outdated(table)
		if err != nil {
			return err
		}
		for _, name := range names {
			if err := os.RemoveAll(filepath.Join(table, name)); err != nil {
				return err
			}
		}
	}
	return nil
}

// outdated names the parts in a table's folder that others of it replace.
func outdated(dir string) ([]string, error) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil, err
	}
	var parts []part
	var names, found []string
	for _, entry := range entries {
		if p, ok := parsePart(entry.Name()); ok && entry.IsDir() {
			parts, names = append(parts, p), append(names, entry.Name())
		}
	}
	for i, p := range parts {
		if slices.ContainsFunc(parts, func(other part) bool { return other.covers(p) }) {
			found = append(found, names[i])
		}
	}
	return found, nil
}
