package ingest

import (
	"encoding/csv"
	"encoding/json"
	"io"
	"math/rand/v2"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/google/go-cmp/cmp"
)

// cutAll cuts a text with a window of the given size to begin with.
func cutAll(text string, size int) (records [][]string, lines []uint64, open int) {
	w := newWindow(iotest.HalfReader(strings.NewReader(text)))
	w.size = size
	c := csvText{window: w, delimiter: ','}
	for {
		switch c.cut() {
		case cutEnd:
			return records, lines, open
		case cutOpen, cutTooLong:
			open++
		case cutRecord:
			var record []string
			for i := range c.cells {
				record = append(record, string(c.text(i)))
			}
			records, lines = append(records, record), append(lines, c.at)
		}
	}
}

// Sound CSV is cut as encoding/csv cuts it, wherever the window ends.
func TestCutsLikeEncodingCSV(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	pieces := []string{"a", "bc", "", "\n", "\r\n", ",", "\"", "é", " ", "\t", "long text without end"}
	for range 3000 {
		var b strings.Builder
		w := csv.NewWriter(&b)
		w.UseCRLF = random.IntN(2) == 0
		var want [][]string
		for range 1 + random.IntN(5) {
			record := make([]string, 1+random.IntN(4))
			for i := range record {
				for range random.IntN(4) {
					record[i] += pieces[random.IntN(len(pieces))]
				}
			}
			w.Write(record)
		}
		w.Flush()
		text := b.String()
		if random.IntN(3) == 0 {
			text = strings.TrimRight(text, "\r\n")
		}
		r := csv.NewReader(strings.NewReader(text))
		r.FieldsPerRecord = -1
		var wantLines []uint64
		for {
			record, err := r.Read()
			if err == io.EOF {
				break
			}
			if err != nil {
				t.Fatalf("%q: %v", text, err)
			}
			line, _ := r.FieldPos(0)
			want, wantLines = append(want, record), append(wantLines, uint64(line))
		}
		for _, size := range []int{1, 2, 3, 7, 64, 4096} {
			got, lines, open := cutAll(text, size)
			for _, record := range got {
				for i := range record {
					record[i] = strings.ReplaceAll(record[i], "\r\n", "\n") // encoding/csv does so, we keep them
				}
			}
			if diff := cmp.Diff(want, got) + cmp.Diff(wantLines, lines); diff != "" || open > 0 {
				t.Fatalf("%q, window %d, %d open: %s", text, size, open, diff)
			}
		}
	}
}

func TestCutsTornCSV(t *testing.T) {
	for text, want := range map[string]struct {
		records [][]string
		open    int
	}{
		"1,a\"b\n2,c\n":                {[][]string{{"1", `a"b`}, {"2", "c"}}, 0},
		"1,\"a \"b\" c\",d\n":          {[][]string{{"1", `a "b" c`, "d"}}, 0},
		"1,\"torn\n2,c\n3,d":           {[][]string{{"2", "c"}, {"3", "d"}}, 1},
		"1,\"torn\n2,\"c\"\n3,\"d\"\n": {[][]string{{"2", "c"}, {"3", "d"}}, 1},
		"1,\"a\" ,x\n2,b\n":            {[][]string{{"2", "b"}}, 1},
		"\"\"\n\n\r\n,\n":              {[][]string{{""}, {"", ""}}, 0},
		"\"a\"":                        {[][]string{{"a"}}, 0},
		"\"a\"\r":                      {[][]string{{"a"}}, 0},
		"\"a":                          {nil, 1},
		"a\rb\r\nc\n":                  {[][]string{{"a\rb"}, {"c"}}, 0},
	} {
		for _, size := range []int{1, 2, 5, 4096} {
			got, _, open := cutAll(text, size)
			if diff := cmp.Diff(want.records, got); diff != "" || open != want.open {
				t.Errorf("%q, window %d, %d open: %s", text, size, open, diff)
			}
		}
	}
}

// Whatever the bytes, the cutter ends, keeps within the text, and the JSON made
// of it is JSON.
func FuzzCut(f *testing.F) {
	f.Add("a,b\n1,\"x\ny\"\"\"\n\"", 1)
	f.Add("\"\r\n\"\r", 3)
	f.Fuzz(func(t *testing.T, text string, size int) {
		size = 1 + max(0, size)%64
		whole, lines, open := cutAll(text, 1<<20)
		small, smallLines, smallOpen := cutAll(text, size)
		if diff := cmp.Diff(whole, small) + cmp.Diff(lines, smallLines); diff != "" || open != smallOpen {
			t.Fatalf("the window's size %d matters: %s", size, diff)
		}
		c := csvText{window: newWindow(strings.NewReader(text)), delimiter: ','}
		for {
			end := c.cut()
			if end == cutEnd {
				return
			}
			for i := range c.cells {
				if end != cutRecord {
					break
				}
				value := strings.ToValidUTF8(string(c.record[c.cells[i].from:c.cells[i].to]), "?")
				var back string
				if err := json.Unmarshal(appendJSON(nil, []byte(value), c.cells[i].quoted), &back); err != nil {
					t.Fatal(err)
				}
				if want := strings.ToValidUTF8(string(c.text(i)), "?"); want != back {
					t.Fatalf("%q became %q", want, back)
				}
			}
		}
	})
}
