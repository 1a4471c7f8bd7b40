package prompt

import (
	"bytes"
	"io"
	"regexp"
	"unicode/utf8"
)

// Screen passes text on to a terminal with every control character made visible, as ^[ for escape: a ticket's title
// must not move the cursor, set the window's title or answer for the user. The engine's own bold and grey stay.
type Screen struct {
	Out  io.Writer
	rest []byte // the beginning of a character or of a style, whose end comes with the next write
}

// styles are what the engine's Pretty formats use.
var (
	styles = regexp.MustCompile(`^\x1b\[(?:0|1|4|22|24|90)?m`)
	begun  = regexp.MustCompile(`^\x1b(?:\[\d{0,2})?$`)
)

func (s *Screen) Write(p []byte) (int, error) {
	text := append(s.rest, p...)
	s.rest = nil
	var shown bytes.Buffer
	for len(text) > 0 {
		c := text[0]
		switch {
		case c == '\n' || c == '\t' || c >= ' ' && c < 0x7f:
			shown.WriteByte(c)
			text = text[1:]
		case c == 0x1b && styles.Match(text):
			n := len(styles.Find(text))
			shown.Write(text[:n])
			text = text[n:]
		case c == 0x1b && begun.Match(text), c >= 0x80 && !utf8.FullRune(text):
			s.rest, text = bytes.Clone(text), nil
		case c < ' ' || c == 0x7f:
			shown.Write([]byte{'^', c ^ 0x40})
			text = text[1:]
		default:
			r, n := utf8.DecodeRune(text)
			if hidden(r) || r == utf8.RuneError && n == 1 {
				r = utf8.RuneError
			}
			shown.WriteRune(r)
			text = text[n:]
		}
	}
	if _, err := s.Out.Write(shown.Bytes()); err != nil {
		return 0, err
	}
	return len(p), nil
}

// Flush shows what was held back for a rest that never came.
func (s *Screen) Flush() error {
	rest := s.rest
	s.rest = nil
	for _, c := range rest {
		mark := []byte(string(utf8.RuneError))
		if c < ' ' {
			mark = []byte{'^', c ^ 0x40}
		} else if c < 0x7f {
			mark = []byte{c}
		}
		if _, err := s.Out.Write(mark); err != nil {
			return err
		}
	}
	return nil
}

// hidden are the control characters above ASCII and those that turn the direction of writing.
func hidden(r rune) bool {
	return r >= 0x80 && r < 0xa0 || r >= 0x202a && r <= 0x202e || r >= 0x2066 && r <= 0x2069
}
