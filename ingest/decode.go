package ingest

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"io"
	"strings"
	"unicode/utf8"

	"github.com/srekpi/srekpi/configs"
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/unicode"
)

// hashed tells the hash of all that was read through it so far.
type hashed struct {
	r   io.Reader
	sum hash.Hash
	n   int64
}

func newHashed(r io.Reader) *hashed { return &hashed{r: r, sum: sha256.New()} }

func (h *hashed) Read(b []byte) (int, error) {
	n, err := h.r.Read(b)
	h.sum.Write(b[:n])
	h.n += int64(n)
	return n, err
}

func (h *hashed) hex() string { return hex.EncodeToString(h.sum.Sum(nil)) }

const sample = 64 << 10

// decoded gives a file's text in UTF-8, without its byte order mark. Errors say
// what the file is instead of what it should be.
func decoded(r io.Reader, name, encoding string) (io.Reader, error) {
	raw := bufio.NewReaderSize(r, 256<<10)
	magic, err := raw.Peek(2)
	if err != nil && err != io.EOF {
		return nil, err
	}
	switch zipped := bytes.Equal(magic, []byte{0x1f, 0x8b}); {
	case zipped:
		unzipped, err := gzip.NewReader(raw)
		if err != nil {
			return nil, fmt.Errorf("the gzip header is damaged; export it again")
		}
		raw = bufio.NewReaderSize(gzipErrors{unzipped}, 256<<10)
	case strings.HasSuffix(strings.ToLower(name), ".gz") && len(magic) > 0:
		return nil, fmt.Errorf("it is named .gz but is not gzip; rename it or export it again")
	}
	head, err := raw.Peek(sample)
	if err != nil && err != io.EOF {
		return nil, err
	}
	utf8Mark := bytes.HasPrefix(head, []byte("\xef\xbb\xbf"))
	utf16Mark := bytes.HasPrefix(head, []byte("\xff\xfe")) || bytes.HasPrefix(head, []byte("\xfe\xff"))
	switch encoding {
	case configs.EncodingUTF16:
		if len(head) > 0 && !utf16Mark && !bytes.Contains(head, []byte{0}) {
			return nil, fmt.Errorf("it is not UTF-16; set encoding: utf-8 or cp1252")
		}
		return unicode.UTF16(unicode.LittleEndian, unicode.UseBOM).NewDecoder().Reader(raw), nil
	case configs.EncodingCP1252:
		if utf8Mark || utf16Mark {
			return nil, fmt.Errorf("it begins with a Unicode mark, so it is not cp1252; set encoding: %s", map[bool]string{true: "utf-8", false: "utf-16"}[utf8Mark])
		}
		return charmap.Windows1252.NewDecoder().Reader(raw), nil
	}
	switch {
	case utf16Mark || bytes.Count(head, []byte{0}) > len(head)/4:
		return nil, fmt.Errorf("it is not UTF-8 but UTF-16; set encoding: utf-16")
	case !mostlyUTF8(head):
		return nil, fmt.Errorf("it is not UTF-8; set encoding: cp1252, or export it as UTF-8")
	case utf8Mark:
		raw.Discard(3)
	}
	return raw, nil
}

// mostlyUTF8 tells a text with damaged rows (which go to quarantine) from one in
// another encoding: there the sequences that are no UTF-8 prevail.
func mostlyUTF8(head []byte) bool {
	good, bad := 0, 0
	for len(head) > 0 {
		if head[0] < utf8.RuneSelf {
			head = head[1:]
			continue
		}
		if !utf8.FullRune(head) {
			break // cut by the sample's end
		}
		r, n := utf8.DecodeRune(head)
		if r == utf8.RuneError && n == 1 {
			bad++
		} else {
			good++
		}
		head = head[n:]
	}
	return bad <= good
}

// gzipErrors says what to do about an archive that breaks off.
type gzipErrors struct{ r io.Reader }

func (g gzipErrors) Read(b []byte) (int, error) {
	n, err := g.r.Read(b)
	switch {
	case errors.Is(err, io.ErrUnexpectedEOF):
		err = fmt.Errorf("the gzip data breaks off; copy or export it again")
	case errors.Is(err, gzip.ErrChecksum), errors.Is(err, gzip.ErrHeader):
		err = fmt.Errorf("the gzip data is damaged; copy or export it again")
	}
	return n, err
}
