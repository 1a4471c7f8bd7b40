package reports

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"html"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"sort"
	"strings"
)

// indexed is one page as the index lists it, read from the page itself.
type indexed struct {
	Path, Period, Label, Status, Verdict, AsOf string
	State                                      state
	Turn                                       string // its links to the neighbours, as they stand
}

type indexView struct {
	Title      string
	Dictionary string // its page, where there is one
	Lists      []indexList
	Policy     string
	Style      any
	Starter    any
}

// indexList is the pages of one document, newest first. Those beyond the last
// quarter are folded away, so that the other documents can be seen.
type indexList struct {
	Name, Title  string
	New, Earlier []indexed
}

// newInIndex is how many pages of a document stand open in the index.
const newInIndex = 13

// WriteIndex lists all pages that are on disk, newest first, each with the
// verdict that it carries itself, and links each to its neighbours. It is written
// last, so that it names no page that is not there.
func WriteIndex(o Options) error {
	view := indexView{Title: clip(o.Title, 80)}
	if view.Title == "" {
		view.Title = "Reliability reports"
	}
	for _, d := range []document{weekly(), monthly()} {
		pages, err := pagesOnDisk(o.Dir, d.name)
		if err != nil {
			return fmt.Errorf("write index: %w", err)
		}
		if err := linkNeighbours(o.Dir, pages); err != nil {
			return fmt.Errorf("write index: %w", err)
		}
		open := min(len(pages), newInIndex)
		view.Lists = append(view.Lists, indexList{d.name, d.title, pages[:open], pages[open:]})
	}
	if _, err := os.Stat(filepath.Join(o.Dir, DictionaryPage)); err == nil {
		view.Dictionary = DictionaryPage
	}
	style, starter, err := ownAssets()
	if err != nil {
		return fmt.Errorf("write index: %w", err)
	}
	view.Style, view.Starter = style, starter
	view.Policy = policy(string(style), string(starter))
	var b bytes.Buffer
	if err := templates.ExecuteTemplate(&b, "index", view); err != nil {
		return fmt.Errorf("write index: %w", err)
	}
	if err := write(filepath.Join(o.Dir, "index.html"), b.Bytes()); err != nil {
		return fmt.Errorf("write index: %w", err)
	}
	return nil
}

// pagesOnDisk reads the pages of one document, newest period first. A file that
// is no page of ours is left out.
func pagesOnDisk(dir, document string) ([]indexed, error) {
	files, err := os.ReadDir(filepath.Join(dir, document))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	var out []indexed
	for _, file := range files {
		name := file.Name()
		if file.IsDir() || !strings.HasSuffix(name, ".html") || strings.HasPrefix(name, ".") {
			continue
		}
		one, err := readMeta(filepath.Join(dir, document, name))
		if err != nil {
			return nil, err
		}
		if one.Period == "" {
			continue
		}
		one.Path = document + "/" + name
		out = append(out, one)
	}
	sort.SliceStable(out, func(i, j int) bool { return out[i].Period > out[j].Period })
	return out, nil
}

var metaTag = regexp.MustCompile(`^<meta name="srekpi:([a-z-]+)" content="([^"]*)">$`)

// readMeta reads what a page says of itself, from its first lines.
func readMeta(path string) (indexed, error) {
	file, err := os.Open(path)
	if err != nil {
		return indexed{}, err
	}
	defer file.Close()
	var one indexed
	lines := bufio.NewScanner(file)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		text := lines.Text()
		if strings.HasPrefix(text, "<nav class=\"neighbours\"") {
			one.Turn = text
			break
		}
		if strings.HasPrefix(text, "<main") {
			break
		}
		tag := metaTag.FindStringSubmatch(text)
		if tag == nil {
			continue
		}
		value := html.UnescapeString(tag[2])
		switch tag[1] {
		case "period":
			one.Period = value
		case "label":
			one.Label = strings.TrimSuffix(value, ", 00:00") // the same in every line of a list
		case "status":
			one.Status = value
		case "verdict":
			one.Verdict = value
		case "as-of":
			one.AsOf = value
		}
	}
	if err := lines.Err(); err != nil {
		return indexed{}, fmt.Errorf("read %s: %w", path, err)
	}
	one.State = state{Word: one.Status, Class: "draft", Shape: "open-diamond"}
	switch one.Status {
	case "ISSUED":
		one.State.Class, one.State.Shape = "issued", "disc"
	case "REBUILT":
		one.State.Class, one.State.Shape = "rebuilt", "square"
	}
	return one, nil
}
