package prompt

import (
	"bufio"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/peterh/liner"
)

// HistoryFile is where the user's history is kept: in the folder for state of the XDG base directories. It is "" when
// there is neither that nor a home.
func HistoryFile(state, home string) string {
	if !filepath.IsAbs(state) { // the specification says to ignore such a one
		if home == "" {
			return ""
		}
		state = filepath.Join(home, ".local", "state")
	}
	return filepath.Join(state, "srekpi", "sql_history")
}

// history is a file of what was typed, one statement or command a line, for this user only.
type history struct {
	path  string
	lines []string // as it was opened
}

// longest is what of a file's line is read: a longer one was not written by a prompt.
const longest = 1 << 20

func openHistory(path string) (*history, error) {
	fail := func(err error) (*history, error) { return nil, fmt.Errorf("keep the history: %w", err) }
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return fail(err)
	}
	file, err := os.OpenFile(path, os.O_CREATE|os.O_RDONLY, 0o600)
	if err != nil {
		return fail(err)
	}
	defer file.Close()
	if err := file.Chmod(0o600); err != nil {
		return fail(err)
	}
	h := &history{path: path}
	scanner := bufio.NewScanner(file)
	scanner.Buffer(nil, longest)
	for scanner.Scan() {
		h.lines = append(h.lines, scanner.Text())
	}
	if err := scanner.Err(); err != nil {
		return fail(err)
	}
	if len(h.lines) <= 2*liner.HistoryLimit {
		return h, nil
	}
	// The editor remembers no more than that; the file is cut now and then.
	h.lines = slices.Clone(h.lines[len(h.lines)-liner.HistoryLimit:])
	draft := path + ".part"
	if err := errors.Join(os.WriteFile(draft, []byte(strings.Join(h.lines, "\n")+"\n"), 0o600), os.Rename(draft, path)); err != nil {
		return fail(err)
	}
	return h, nil
}

func (h *history) add(line string) error {
	file, err := os.OpenFile(h.path, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err == nil {
		_, err = file.WriteString(line + "\n")
		err = errors.Join(err, file.Close())
	}
	if err != nil {
		return fmt.Errorf("keep the history: %w; what follows is forgotten at the end", err)
	}
	return nil
}

// oneLine is a text without comments and line breaks, so that it can be recalled into one line. A text that cannot be
// written so, such as a heredoc over several lines, is not ok.
func oneLine(text string) (line string, ok bool) {
	var out strings.Builder
	ok = true
	scan(text, func(from, to int, t token) {
		part := text[from:to]
		switch {
		case t == blank:
			if out.Len() > 0 && !strings.HasSuffix(out.String(), " ") {
				out.WriteByte(' ')
			}
			return
		case strings.HasPrefix(part, "'"):
			part = strings.NewReplacer("\n", `\n`, "\t", `\t`).Replace(part)
		}
		ok = ok && !strings.ContainsFunc(part, func(r rune) bool { return r < ' ' })
		out.WriteString(part)
	})
	return strings.TrimSpace(out.String()), ok
}
