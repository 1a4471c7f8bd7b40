package forget

import (
	"bytes"
	"html"
	"strconv"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// maxGap is how many characters may stand between two words of one name: a comma and a blank, a dot, markup.
const maxGap = 4

// Classes of a byte.
const (
	apart   = iota // parts words
	letter         // an ASCII letter or digit
	escapes        // may begin an escape
	beyond         // not ASCII
)

var classes, lower = func() (class [256]uint8, low [256]byte) {
	for i := range 256 {
		c := byte(i)
		low[i] = c
		switch {
		case 'A' <= c && c <= 'Z':
			class[i], low[i] = letter, c+'a'-'A'
		case 'a' <= c && c <= 'z', '0' <= c && c <= '9':
			class[i] = letter
		case c == '\\', c == '%', c == '&':
			class[i] = escapes
		case c >= utf8.RuneSelf:
			class[i] = beyond
		}
	}
	return class, low
}()

// unit reads the character at i, behind whatever escape, and says where it ends. A raw quotation mark is itself;
// an escaped one is a blank: it ends no string.
func unit(text []byte, i int) (r rune, end int) {
	c := text[i]
	switch {
	case c == '\\':
		return backslashed(text, i)
	case c == '%':
		return percent(text, i)
	case c == '&':
		return entity(text, i)
	case c < utf8.RuneSelf:
		return rune(c), i + 1
	}
	r, n := utf8.DecodeRune(text[i:])
	return r, i + n
}

// backslashed reads \u00e9 and \n at any depth: a payload may hold JSON as a text.
func backslashed(text []byte, i int) (rune, int) {
	j := i
	for j < len(text) && text[j] == '\\' {
		j++
	}
	if j == len(text) {
		return ' ', j
	}
	switch text[j] {
	case 'u':
		if r, ok := number(text, j+1, j+5, 16); ok {
			if high := r; high >= 0xD800 && high < 0xDC00 {
				k := j + 5
				for k < len(text) && text[k] == '\\' {
					k++
				}
				if low, ok := number(text, k+1, k+5, 16); ok && k > j+5 && text[k] == 'u' && low >= 0xDC00 && low < 0xE000 {
					return (high-0xD800)<<10 + (low - 0xDC00) + 0x10000, k + 5
				}
			}
			return r, j + 5
		}
	case 'n', 'r', 't', 'b', 'f':
		return ' ', j + 1
	case '"':
		if (j-i)%2 == 1 {
			return ' ', j + 1
		}
	}
	return ' ', j
}

func number(text []byte, from, to, base int) (rune, bool) {
	if to > len(text) {
		return 0, false
	}
	n, err := strconv.ParseUint(string(text[from:to]), base, 32)
	return rune(n), err == nil
}

// percent reads a character of a URL, also of one inside another.
func percent(text []byte, i int) (rune, int) {
	first, end, ok := percentByte(text, i)
	if !ok {
		return '%', i + 1
	}
	buf := []byte{first}
	for n := expected(first); len(buf) < n; {
		next, e, ok := percentByte(text, end)
		if !ok || next&0xC0 != 0x80 {
			break
		}
		buf, end = append(buf, next), e
	}
	if r, n := utf8.DecodeRune(buf); r != utf8.RuneError && n == len(buf) {
		return r, end
	}
	_, end, _ = percentByte(text, i)
	return rune(first), end // Latin 1
}

func percentByte(text []byte, i int) (byte, int, bool) {
	if i >= len(text) || text[i] != '%' {
		return 0, i, false
	}
	i++
	for i+2 < len(text) && text[i] == '2' && text[i+1] == '5' {
		if _, ok := number(text, i+2, i+4, 16); !ok {
			break
		}
		i += 2
	}
	n, ok := number(text, i, i+2, 16)
	return byte(n), i + 2, ok
}

func expected(first byte) int {
	switch {
	case first >= 0xF0:
		return 4
	case first >= 0xE0:
		return 3
	case first >= 0xC0:
		return 2
	}
	return 1
}

// longestEntity bounds the look for the end of &CounterClockwiseContourIntegral; and its like.
const longestEntity = 12

func entity(text []byte, i int) (rune, int) {
	n := bytes.IndexByte(text[i:min(len(text), i+longestEntity)], ';')
	if n < 0 {
		return '&', i + 1
	}
	raw := string(text[i : i+n+1])
	plain := html.UnescapeString(raw)
	if r, size := utf8.DecodeRuneInString(plain); plain != raw && size == len(plain) {
		if r == '"' {
			r = ' '
		}
		return r, i + n + 1
	}
	return '&', i + 1
}

// single are scripts that write no blanks between words: each of their characters is a word.
var single = []*unicode.RangeTable{unicode.Han, unicode.Hiragana, unicode.Katakana, unicode.Thai, unicode.Lao, unicode.Khmer, unicode.Myanmar}

func inWord(r rune) bool {
	if r < utf8.RuneSelf {
		return classes[r] == letter
	}
	return r != utf8.RuneError && unicode.In(r, unicode.Letter, unicode.Number, unicode.Mark, unicode.Cf)
}

// word reads the word that begins at i, as it is compared, and says where it ends.
func word(text []byte, i int) (folded []byte, end int) {
	for end = i; end < len(text) && classes[text[end]] == letter; end++ {
		folded = append(folded, lower[text[end]])
	}
	if end > i && (end == len(text) || classes[text[end]] == apart) {
		return folded, end
	}
	var buf []byte
	for end = i; end < len(text); {
		r, e := unit(text, end)
		if !inWord(r) {
			break
		}
		if unicode.In(r, single...) {
			if len(buf) > 0 {
				break
			}
			return fold(utf8.AppendRune(nil, r)), e
		}
		buf, end = utf8.AppendRune(buf, r), e
	}
	return fold(buf), end
}

// fold makes words equal that differ in case or accents.
func fold(text []byte) []byte {
	folded := make([]byte, 0, len(text))
	for _, r := range string(norm.NFKD.Bytes(text)) {
		switch {
		case r >= 0x300 && r < 0x370, unicode.Is(unicode.Cf, r):
		case r == 'ß' || r == 'ẞ':
			folded = append(folded, "ss"...)
		default:
			folded = utf8.AppendRune(folded, unicode.ToLower(unicode.ToUpper(r)))
		}
	}
	return folded
}

// gap skips what may stand between two words of a name, and says where the next begins.
func gap(text []byte, i int) (next int, ok bool) {
	for n := 0; i < len(text); n++ {
		r, end := unit(text, i)
		switch {
		case inWord(r):
			return i, true
		case r == '"', n == maxGap:
			return i, false
		}
		i = end
	}
	return i, false
}

// Words are those of a text, as they are compared.
func Words(text string) []string {
	var words []string
	b := []byte(text)
	for i := 0; i < len(b); {
		r, end := unit(b, i)
		if inWord(r) {
			var w []byte
			if w, end = word(b, i); len(w) > 0 {
				words = append(words, string(w))
			}
		}
		i = end
	}
	return words
}
