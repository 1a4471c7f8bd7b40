package rest

import (
	"net/http"
	"testing"
	"time"
)

func TestVendorsResets(t *testing.T) {
	now := time.Date(2024, 5, 31, 12, 0, 0, 0, time.UTC)
	type headers map[string]string
	for name, c := range map[string]struct {
		reset   func(http.Header, time.Time) (time.Duration, bool)
		headers headers
		want    time.Duration // 0: says nothing
	}{
		"Jira, to the minute":           {JiraReset, headers{"X-RateLimit-Reset": "2024-05-31T12:01Z"}, time.Minute},
		"Jira, to the second":           {JiraReset, headers{"X-RateLimit-Reset": "2024-05-31T12:00:09Z"}, 9 * time.Second},
		"Jira, with an offset":          {JiraReset, headers{"X-RateLimit-Reset": "2024-05-31T14:00:09+02:00"}, 9 * time.Second},
		"Jira, over":                    {JiraReset, headers{"X-RateLimit-Reset": "2024-05-31T11:59Z"}, 0},
		"Jira, no header":               {JiraReset, nil, 0},
		"Jira, quota used up":           {JiraReset, headers{"Beta-RateLimit": `"global-app-quota";r=0;t=600`}, 10 * time.Minute},
		"Jira, of two quotas":           {JiraReset, headers{"Beta-RateLimit": `"tenant";r=4;t=900, "global-app-quota"; r=0; t=60`}, time.Minute},
		"Jira, some of the quota left":  {JiraReset, headers{"Beta-RateLimit": `"global-app-quota";r=11000;t=600`}, 0},
		"Jira, far from the quota":      {JiraReset, headers{"Beta-RateLimit": `"global-app-quota";t=600`}, 0},
		"PagerDuty":                     {PagerDutyReset, headers{"ratelimit-reset": "23", "ratelimit-remaining": "0"}, 23 * time.Second},
		"PagerDuty, remainder not told": {PagerDutyReset, headers{"ratelimit-reset": "23"}, 23 * time.Second},
		"PagerDuty, some left":          {PagerDutyReset, headers{"ratelimit-reset": "23", "ratelimit-remaining": "955"}, 0},
		"PagerDuty, nonsense":           {PagerDutyReset, headers{"ratelimit-reset": "-1"}, 0},
		"PagerDuty, no header":          {PagerDutyReset, nil, 0},
	} {
		h := http.Header{}
		for name, value := range c.headers {
			h.Set(name, value)
		}
		if got, ok := c.reset(h, now); got != c.want || ok != (c.want > 0) {
			t.Errorf("%s: %v %v", name, got, ok)
		}
	}
}
