package simulate

import (
	"io"
	"net/http"
	"strings"
	"testing"
)

func TestServe(t *testing.T) {
	w := New(Seed, AsOf)
	tools, err := w.Serve()
	if err != nil {
		t.Fatal(err)
	}
	ask := func(url string, header map[string]string) (int, string) {
		r, err := http.NewRequest(http.MethodGet, url, nil)
		if err != nil {
			t.Fatal(err)
		}
		if header["user"] != "" {
			r.SetBasicAuth(header["user"], JiraToken)
			delete(header, "user")
		}
		for k, v := range header {
			r.Header.Set(k, v)
		}
		answer, err := http.DefaultClient.Do(r)
		if err != nil {
			return 0, err.Error()
		}
		defer answer.Body.Close()
		body, _ := io.ReadAll(answer.Body)
		return answer.StatusCode, string(body)
	}
	if code, body := ask(tools.JiraURL+"/rest/api/2/issue/INC-10001", map[string]string{"user": JiraUser}); code != 200 || !strings.Contains(body, `"key":"INC-10001"`) {
		t.Errorf("%d %s", code, body)
	}
	if code, body := ask(tools.JiraURL+"/rest/api/2/issue/INC-10001", map[string]string{"user": "somebody"}); code == 200 {
		t.Errorf("anybody may read: %s", body)
	}
	if code, body := ask(tools.PagerDutyURL+"/services", map[string]string{"Authorization": "Token token=" + PagerDutyToken}); code != 200 || !strings.Contains(body, badService) {
		t.Errorf("%d %s", code, body)
	}
	if err := tools.Close(); err != nil {
		t.Error(err)
	}
	if code, _ := ask(tools.JiraURL+"/rest/api/2/myself", map[string]string{}); code != 0 {
		t.Error("it goes on after Close")
	}
}
