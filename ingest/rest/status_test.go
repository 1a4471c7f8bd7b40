package rest

import (
	"errors"
	"net/http"
	"strings"
	"testing"
)

func TestTheVendorsMessageIsFound(t *testing.T) {
	for name, c := range map[string]struct{ kind, body, want string }{
		"Jira":           {"application/json", `{"errorMessages":["The value 'X' does not exist."," Next.\n"],"errors":{}}`, "The value 'X' does not exist., Next."},
		"Jira, a field":  {"application/json", `{"errorMessages":[],"errors":{"jql":"is bad","b":"too"}}`, "b: too, jql: is bad"},
		"PagerDuty":      {"application/json", `{"error":{"message":"Invalid Input Provided","code":2001,"errors":["Offset must be small"]}}`, "Invalid Input Provided, Offset must be small"},
		"PagerDuty, odd": {"application/json", `{"error":{"message":"Bad","errors":"one text"}}`, "Bad, one text"},
		"OAuth":          {"application/json", `{"code":401,"message":"Unauthorized; scope does not match"}`, "Unauthorized; scope does not match"},
		"a text":         {"text/plain;charset=UTF-8", "Client must be\nauthenticated", "Client must be authenticated"},
		"a web page":     {"text/html", "<html>no</html>", ""},
		"other JSON":     {"application/json", `{"errorMessages":7,"errors":[{}],"error":null}`, ""},
		"no JSON":        {"application/json", `{"error`, ""},
		"nothing":        {"", "", ""},
		"a long text":    {"text/plain", strings.Repeat("é", 400), strings.Repeat("é", 300) + "…"},
	} {
		server := serve(t, plain, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Content-Type", c.kind)
			w.WriteHeader(http.StatusBadRequest)
			_, _ = w.Write([]byte(c.body))
		}))
		client := newClient(t, Options{})
		resp, err := client.HTTP().Get(server.URL + "/a/b?c=d")
		if err != nil {
			t.Fatal(err)
		}
		var status *StatusError
		if err := client.Check(resp); !errors.As(err, &status) {
			t.Fatalf("%s: %v", name, err)
		}
		if *status != (StatusError{400, "GET", "/a/b", c.want}) {
			t.Errorf("%s: %+v", name, *status)
		}
	}
}

func TestEachStatusHasItsNextStep(t *testing.T) {
	for status, want := range map[int]string{
		200: "", 400: "", 301: "check url", 401: "wrong or has expired", 403: "lacks rights", 404: "wrong url", 407: "network.proxy",
		410: "update srekpi", 429: "rate limit", 500: "trouble", 503: "trouble", 599: "trouble",
	} {
		got := StatusHint(status)
		if want == "" && got != "" || !strings.Contains(got, want) || strings.Contains(got, "\n") {
			t.Errorf("%d: %q", status, got)
		}
	}
	err := &StatusError{Status: 401, Method: "GET", Path: "/rest/api/2/myself", Message: "Not you."}
	if want := "GET /rest/api/2/myself: 401 Unauthorized: Not you; " + StatusHint(401); err.Error() != want {
		t.Error(err)
	}
	c := newClient(t, Options{})
	if err := c.Check(&http.Response{StatusCode: 204}); err != nil {
		t.Error(err)
	}
}
