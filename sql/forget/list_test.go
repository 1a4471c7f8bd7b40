package forget

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"
)

var at = time.Date(2026, 11, 1, 0, 0, 0, 0, time.UTC)

// listOf forgets one person by some names that were typed and some that were found.
func listOf(t testing.TB, typed []string, found ...string) (*List, string) {
	t.Helper()
	var names []Name
	for _, text := range typed {
		names = append(names, Typed(text)...)
	}
	for _, text := range found {
		names = append(names, Found(text)...)
	}
	l, pseudonym, err := (*List)(nil).With(names, at)
	if err != nil {
		t.Fatal(err)
	}
	return l, pseudonym
}

// In these texts X stands for what is replaced.
func TestText(t *testing.T) {
	l, pseudonym := listOf(t, []string{"Ada Lovelace", "Renée O'Brien-Åström", "田中太郎", "Ann"}, "712020:5f3db112", "ada", " Ada.L@example.com", "PMVLRNH")
	for _, c := range []struct{ text, want string }{
		{"Ada Lovelace", "X"},
		{"told ADA lovelace, who", "told X, who"},
		{"Lovelace, Ada", "X"},
		{"adalovelace@other.example", "X@other.example"},
		{"ada_lovelace ada.lovelace Ada\u00a0Lovelace Ada-Lovelace", "X X X X"},
		{"Ada  Lovelaces", "Ada  Lovelaces"},
		{"Ada met a Lovelace", "Ada met a Lovelace"},
		{"*Ada* _Lovelace_", "*X_"},
		{"Ada\nLovelace", "X"},
		{`Ada\nLovelace`, "X"},
		{`said:\nAda Lovelace`, `said:\nX`},
		{`said:\\nAda Lovelace`, `said:\\nX`},
		{"?q=ada%20lovelace&x=1 ?q=ada+lovelace ?q=ada%2520lovelace", "?q=X&x=1 ?q=X ?q=X"},
		{"Ada&nbsp;Lovelace Ada&#32;Lovelace", "X X"},
		{"Ren\u00e9e O'Brien-\u00c5str\u00f6m", "X"},
		{"Rene\u0301e O\u2019Brien-A\u030astro\u0308m", "X"},
		{"RENEE O BRIEN ASTROM", "X"},
		{`Ren\u00e9e O\u0027Brien-\u00C5str\u00f6m`, "X"},
		{`Ren\\u00e9e O'Brien-\\u00C5str\\u00f6m`, "X"},
		{"Ren%C3%A9e+O%27Brien-%C3%85str%C3%B6m Ren%E9e O'Brien-%C5str%F6m", "X X"},
		{"Ren&eacute;e O&#39;Brien-&Aring;str&#246;m", "X"},
		{"田中太郎さん", "Xさん"},
		{"田中 太郎", "X"},
		{"田中太", "田中太"},
		{"Ann's Annual Joann ann", "X's Annual Joann X"},
		{"accountId=712020:5f3db112&x", "accountId=X&x"},
		{"712020:5f3db113", "712020:5f3db113"},
		{"users/PMVLRNH pmvlrnhx", "users/X pmvlrnhx"},
		{"QPGE6I|PMVLRNH|2026-09-21 id PMVLRNH, QPGE6I|ada|2026", "QPGE6I|X|2026-09-21 id X, QPGE6I|X|2026"},
		{"mail ada.l@example.com.", "mail X."},
		// md5sum and sha256sum of the address.
		{"https://secure.gravatar.com/avatar/0e0a4f95f46bb367d24438cc552827c8?d=https%3A%2F%2Fx%2F4f2608dc090f4f2199d6537909152cbca2681a8edfd906e656b171a7c1356d25&s=48", "https://secure.gravatar.com/avatar/X?d=https%3A%2F%2Fx%2FX&s=48"},
		{"mail bada.l@example.com.", "mail bada.l@example.com."},
		// A login of one word, where it stands alone.
		{"ada", "X"},
		{"[~ada] @ada, user=ada&x /ada", "[~X] @X, user=X&x /X"},
		{"user%3Dada", "user%3DX"},
		{"[~ada.b] @ada-b @ada_b ada said", "[~ada.b] @ada-b @ada_b ada said"},
		{`"ada"`, `"X"`},
		{`{\"name\":\"ada\"}`, `{\"name\":\"X\"}`},
		{"", ""},
		{"100% & \\", "100% & \\"},
	} {
		if got := strings.ReplaceAll(l.Text(c.text), pseudonym, "X"); got != c.want {
			t.Errorf("%q became %q, not %q", c.text, got, c.want)
		}
		if l.Text(l.Text(c.text)) != l.Text(c.text) {
			t.Errorf("%q changes a second time", c.text)
		}
		if l.Holds([]byte(c.text)) != strings.Contains(c.want, "X") {
			t.Errorf("%q: Holds says otherwise than Text", c.text)
		}
	}
}

func TestJSON(t *testing.T) {
	l, pseudonym := listOf(t, []string{"Ada Lovelace", "True Null"}, "k1815")
	for _, c := range []struct{ document, want string }{
		{`{"who": "Ada Lovelace" , "n":1815}`, `{"who": "X" , "n":1815}`},
		{`{"Ada":"Lovelace","x":["Ada","Lovelace"]}`, `{"Ada":"Lovelace","x":["Ada","Lovelace"]}`},
		{`{"Ada Lovelace":true,"a":null}`, `{"X":true,"a":null}`},
		{`[true, null]`, `[true, null]`},
		{`{"t":"a\\","who":"\nAda\tLovelace\\"}`, `{"t":"a\\","who":"\nX\\"}`},
		{`{"in":"{\"who\":\"Ada Lovelace\",\"t\":\"\\nAda \\u004covelace\"}"}`, `{"in":"{\"who\":\"X\",\"t\":\"\\nX\"}"}`},
		{`{"who":"\u0041da \ud83d\ude00 Lovelace"}`, `{"who":"X"}`},
		{`{"key":"k1815","n":1815}`, `{"key":"X","n":1815}`},
	} {
		got := strings.ReplaceAll(string(l.JSON([]byte(c.document))), pseudonym, "X")
		if got != c.want {
			t.Errorf("%s became %s, not %s", c.document, got, c.want)
		}
	}
}

// TestJSONStays makes documents at random, with names in them in all ways of writing: they stay JSON, other members
// stay as they are, and the names are gone.
func TestJSONStays(t *testing.T) {
	l, pseudonym := listOf(t, []string{"Renée Lovelace"}, "712020:5f3db112")
	seed := uint64(time.Now().UnixNano())
	random := rand.New(rand.NewPCG(seed, 0))
	pieces := []string{"Renée Lovelace", "renee_lovelace", "712020:5f3db112", `a\`, `"`, "\n", "n", "%", "&", "Renée", "lovelace", " ", "u00e9", "\t", "日", "😀", "/", ":"}
	for range 20_000 {
		var texts []string
		for range 3 {
			text := ""
			for range random.IntN(6) {
				text += pieces[random.IntN(len(pieces))]
			}
			texts = append(texts, text)
		}
		document, err := json.Marshal(map[string]any{texts[0]: texts[1], "n": 712020, "list": []any{texts[2], true, nil}})
		if err != nil {
			t.Fatal(err)
		}
		if random.IntN(2) == 0 {
			document = []byte(strings.ReplaceAll(string(document), "é", `\u00e9`))
		}
		got := l.JSON(document)
		var o map[string]any
		if err := json.Unmarshal(got, &o); err != nil || o["n"] != 712020.0 && texts[0] != "n" {
			t.Fatalf("seed %d: %s became %s", seed, document, got)
		}
		if plain := strings.ReplaceAll(string(got), pseudonym, ""); l.Holds([]byte(plain)) && l.Holds([]byte(strings.ReplaceAll(string(got), pseudonym, "X"))) {
			t.Fatalf("seed %d: %s became %s, which still bears a name", seed, document, got)
		}
	}
}

func TestNames(t *testing.T) {
	if n := Typed("10023"); n != nil {
		t.Errorf("a number is forgotten: %v", n)
	}
	l, first := listOf(t, []string{"Ada Lovelace"})
	more, second, err := l.With(append(Typed("Ada Byron"), Typed("Lovelace, Ada")...), at)
	if err != nil || first != second || !more.Knows(Typed("ada byron")) || l.Knows(Typed("ada byron")) {
		t.Errorf("another spelling of %s is %s (%v)", first, second, err)
	}
	var empty *List
	if !empty.Empty() || empty.Text("Ada Lovelace") != "Ada Lovelace" || empty.Holds([]byte("Ada")) {
		t.Error("an empty list changes texts")
	}
}

func TestConnect(t *testing.T) {
	persons := []person{
		{ids: []string{"712020:aa1", "ada@example.com"}, names: []string{"Ada Lovelace"}},
		{ids: []string{"712020:aa1"}, names: []string{"Ada Byron"}},
		{ids: []string{"PADA111", "ADA@example.com"}, names: []string{"A. L."}},
		{ids: []string{"712020:bb2"}, names: []string{"Ada Byron"}},
		{ids: []string{"712020:cc3"}, names: []string{"Adam Lovelace"}},
	}
	for _, typed := range []string{"ada lovelace", "PADA111", "ada@example.com", "712020:AA1"} {
		got := fmt.Sprint(connect(persons, []string{typed}))
		for _, text := range []string{"712020:aa1", "Ada Byron", "PADA111"} {
			if key(text) != key(typed) && !strings.Contains(got, text) {
				t.Errorf("%s is not connected with %s: %s", typed, text, got)
			}
		}
		for _, text := range []string{"712020:bb2", "Adam"} {
			if strings.Contains(got, text) {
				t.Errorf("%s is connected with %s, another person: %s", typed, text, got)
			}
		}
	}
}

func BenchmarkJSON(b *testing.B) {
	l, _ := listOf(b, []string{"Ada Lovelace"}, "712020:5f3db112")
	document := []byte(`{"id":"10001","self":"https://jira.larkspur.example/rest/api/2/issue/10001","key":"CHG-30001","fields":{"created":"2025-08-18T01:03:00.000+1000","creator":{"accountId":"712020:5f3c7bbc","emailAddress":"m.ferrante@larkspur.example","displayName":"M. Ferrante"},"description":"Something broke in a way that takes words to tell, and somebody mended it."}}`)
	b.SetBytes(int64(len(document)))
	for b.Loop() {
		l.JSON(document)
	}
}
