package main

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"io/fs"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/srekpi/srekpi/ingest/simulate"
	"github.com/srekpi/srekpi/ingest/simulate/jiraapi"
	"github.com/srekpi/srekpi/ingest/simulate/pagerdutyapi"
	"github.com/srekpi/srekpi/sql/warehouse"
)

// Tokens that are written otherwise in URLs, in JSON and in headers. Their length
// is such that a text of them, cut to 300 characters, ends in the middle of one.
const (
	oddJira  = `jO"9%41'ßÜ/x+q=7&Ж\zk8Wv5`
	oddPager = `pD"3%2F'öé/y-w=2&Я\hm6Tn4`
)

// TestSecretsStayHidden has servers tell what they were sent, in all the ways in
// which they refuse. Nothing that is written anywhere has a token in it.
func TestSecretsStayHidden(t *testing.T) {
	t.Parallel()
	c := serve(t, simulate.AsOf.AddDate(0, 0, -20), simulate.AsOf, pagerdutyapi.Options{})
	c.jira.Update(func(s *jiraapi.Site) { s.Token = oddJira })
	c.pagerduty.Update(func(a *pagerdutyapi.Account) { a.Token = oddPager })
	dir := c.trial(t, three)
	write(t, filepath.Join(dir, "jira.token"), oddJira+"\n")
	write(t, filepath.Join(dir, "pagerduty.token"), oddPager+"\n")

	// A piece of a token is one too many.
	var secrets []string
	for _, token := range []string{oddJira, oddPager} {
		runes := []rune(token)
		for _, part := range []string{string(runes[:8]), string(runes[len(runes)-8:])} {
			quoted, err := json.Marshal(part)
			if err != nil {
				t.Fatal(err)
			}
			secrets = append(secrets, part, url.QueryEscape(part), url.PathEscape(part), strings.Trim(string(quoted), `"`))
		}
		secrets = append(secrets, base64.StdEncoding.EncodeToString([]byte(simulate.JiraUser + ":" + token))[:40])
	}
	seen := 0
	clean := func(where, text string) {
		t.Helper()
		seen += len(text)
		for _, secret := range secrets {
			if strings.Contains(text, secret) {
				t.Errorf("%s shows %s:\n%s", where, secret, text)
				return
			}
		}
	}
	ingest := func(what string, code int) {
		t.Helper()
		got, log := logged(t, dir, "ingest")
		if got != code {
			t.Errorf("%s: exit code %d\n%s", what, got, log)
		}
		clean(what, log)
	}

	// echo refuses with what it was sent, where SENT stands in the body.
	echo := func(token string, status int, kind, body string) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			sent := strings.Repeat(token+" ", 20) + r.Header.Get("Authorization") + " " + url.QueryEscape(token) + " " + url.PathEscape(token)
			if strings.Contains(kind, "json") {
				quoted, _ := json.Marshal(sent)
				sent = strings.Trim(string(quoted), `"`)
			}
			w.Header().Set("Content-Type", kind)
			w.Header().Set("Location", "https://larkspur.invalid/"+url.PathEscape(token)+"?t="+url.QueryEscape(token))
			w.WriteHeader(status)
			_, _ = w.Write([]byte(strings.ReplaceAll(body, "SENT", sent)))
		})
	}
	refused := func(h http.Handler, f *front, path string) {
		f.put(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if strings.Contains(r.URL.Path, path) {
				h.ServeHTTP(w, r)
				return
			}
			f.behind.ServeHTTP(w, r)
		}))
	}
	for _, x := range []struct {
		status     int
		kind, body string
	}{
		{400, "application/json", `{"errorMessages":["SENT"],"errors":{"jql":"SENT"}}`},
		{401, "application/json", `{"error":{"message":"SENT","code":1,"errors":["SENT"]}}`},
		{401, "text/plain", "SENT"},
		{403, "application/json", `{"message":"SENT"}`},
		{404, "application/json", `{"error":{"message":"SENT","code":1,"errors":["SENT"]}}`},
		{410, "application/json", `{"errorMessages":["SENT"]}`},
		{302, "text/html", "<a>SENT</a>"},
		{200, "application/json", `SENT`},
		{200, "application/json", `{"incidents":[{"SENT":SENT}],"issues":[SENT]}`},
	} {
		refused(echo(oddJira, x.status, x.kind, x.body), &c.atJira, "/search")
		refused(echo(oddPager, x.status, x.kind, x.body), &c.atPagerDuty, "/incidents")
		ingest(x.kind+" "+http.StatusText(x.status), exitPartial)
	}
	c.atJira.put(nil)
	c.atPagerDuty.put(nil)

	write(t, filepath.Join(dir, "jira.token"), oddJira+"x\n")
	write(t, filepath.Join(dir, "pagerduty.token"), oddPager+"\nx\n")
	ingest("wrong tokens", exitPartial)
	write(t, filepath.Join(dir, "jira.token"), oddJira)
	write(t, filepath.Join(dir, "pagerduty.token"), oddPager)
	ingest("right tokens", exitDone)

	// A run in which one source fails, with all that it writes.
	refused(echo(oddPager, 401, "application/json", `{"error":{"message":"SENT","code":1}}`), &c.atPagerDuty, "/incidents")
	cmd := command(t, dir, "run", "--as-of", asOf)
	out, _ := cmd.CombinedOutput()
	if code := cmd.ProcessState.ExitCode(); code != exitPartial {
		t.Fatalf("exit code %d\n%s", code, out)
	}
	clean("run", string(out))
	cmd = command(t, dir, "check")
	out, _ = cmd.CombinedOutput()
	clean("check", string(out))
	files := 0
	if err := filepath.WalkDir(filepath.Join(dir, "public"), func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		text, err := os.ReadFile(path)
		clean(path, string(text))
		files++
		return err
	}); err != nil || files < 3 {
		t.Errorf("%d files, %v", files, err)
	}

	folder.Lock()
	defer folder.Unlock()
	w, err := warehouse.OpenReader(context.Background(), warehouse.Options{URL: "chdb://data", Base: dir})
	if err != nil {
		t.Fatal(err)
	}
	defer w.Close()
	tables := texts(t, w, "SELECT name, name FROM system.tables WHERE database = currentDatabase() AND empty(parameterized_view_parameters)")
	for table := range tables {
		for _, secret := range secrets {
			quoted := strings.NewReplacer(`\`, `\\`, `'`, `\'`).Replace(secret)
			if n := number(t, w, "SELECT countIf(position(concat(toString(tuple(*)), formatRowNoNewline('JSONEachRow', *)), '"+quoted+"') > 0) FROM "+table); n > 0 {
				t.Errorf("%s shows %s", table, secret)
			}
		}
	}
	if n := number(t, w, "SELECT count() FROM sync_runs WHERE message LIKE '%***%'"); len(tables) < 30 || n < 10 || seen < 10_000 {
		t.Errorf("the test does not see enough: %d tables, %v messages with something hidden, %d bytes", len(tables), n, seen)
	}
}
