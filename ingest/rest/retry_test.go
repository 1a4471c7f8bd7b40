package rest

import (
	"compress/gzip"
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/srekpi/srekpi/ingest/simulate/misbehave"
)

func TestBrokenAnswersAreAskedForAgain(t *testing.T) {
	for name, fault := range map[string]misbehave.Fault{
		"429": misbehave.TooMany, "500": misbehave.Internal500, "502": misbehave.BadGateway502, "503": misbehave.Unavailable503,
		"reset": misbehave.Reset, "reset in mid-body": misbehave.ResetBody, "truncated": misbehave.Truncate, "web page": misbehave.HTML200,
		"drip": misbehave.Drip, "hang": misbehave.Hang,
	} {
		for scheme, start := range map[string]func(*httptest.Server){"http": plain, "https": overTLS} {
			t.Run(name+" "+scheme, func(t *testing.T) {
				var bodies []string
				echo := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
					body, _ := io.ReadAll(r.Body)
					bodies = append(bodies, string(body))
					say(sound).ServeHTTP(w, r)
				})
				server := serve(t, start, misbehave.Handler(echo, misbehave.First(fault, fault, fault)))
				o := Options{CAFile: caFile(t, server)}
				slow := fault == misbehave.Drip || fault == misbehave.Hang
				if slow {
					o.AttemptTimeout = 150 * time.Millisecond
				}
				c := newClient(t, o)
				status, body, err := do(t, c, http.MethodPost, server.URL, `{"jql":"x"}`)
				if status != 200 || body != sound || err != nil {
					t.Fatalf("%d %q %v", status, body, err)
				}
				for _, body := range bodies {
					if body != `{"jql":"x"}` {
						t.Errorf("sent %q", body)
					}
				}
				if got := c.Stats(); !slow && (got.Requests != 4 || got.Retries != 3) || got.Requests < 4 {
					t.Errorf("%+v", got)
				}
			})
		}
	}
}

func TestFaultsThatDoNotEnd(t *testing.T) {
	for name, c := range map[string]struct {
		fault    misbehave.Fault
		requests uint64
		want     string
	}{
		"reset":     {misbehave.Reset, 3, "jira: HOST: it broke the connection off after 3 attempts; run it again later: it goes on where it stopped"},
		"truncated": {misbehave.Truncate, 3, "jira: HOST: it broke the connection off after 3 attempts; run it again later: it goes on where it stopped"},
		"drip":      {misbehave.Drip, 3, "jira: HOST: no whole answer within 100ms after 3 attempts; check the network, or run it again later: it goes on where it stopped"},
		"web page":  {misbehave.HTML200, 3, "jira: HOST: a web page instead of data after 3 attempts; url in the config leads to a login or a proxy, not to the API"},
	} {
		t.Run(name, func(t *testing.T) {
			server := serve(t, plain, misbehave.Handler(say(sound), misbehave.Always(c.fault)))
			o := Options{Retries: 2}
			if c.fault == misbehave.Drip {
				o.AttemptTimeout = 100 * time.Millisecond
			}
			client := newClient(t, o)
			_, _, err := get(t, client, server.URL+"/search?jql=x")
			if err == nil {
				t.Fatal("no error")
			}
			want := strings.Replace(c.want, "HOST", strings.TrimPrefix(server.URL, "http://"), 1)
			if diff := cmp.Diff(want, err.Error()); diff != "" {
				t.Error(diff)
			}
			if errors.Is(err, context.DeadlineExceeded) {
				t.Error("an attempt's timeout looks like the caller's deadline")
			}
			if got := client.Stats(); got.Requests != c.requests {
				t.Errorf("%+v", got)
			}
		})
	}
}

func TestAWebPageIsNotAskedForTooOften(t *testing.T) {
	server := serve(t, plain, misbehave.Handler(say(sound), misbehave.Always(misbehave.HTML200)))
	c := newClient(t, Options{Retries: 20})
	if _, _, err := get(t, c, server.URL); err == nil || c.Stats().Requests != pageTries {
		t.Errorf("%v %+v", err, c.Stats())
	}
}

// The answer of the last attempt is the caller's, with its body.
func TestRetriesEnd(t *testing.T) {
	server := serve(t, plain, misbehave.Handler(say(sound), misbehave.Always(misbehave.TooMany)))
	for retries, requests := range map[int]uint64{0: 7, 2: 3, -1: 1} {
		c := newClient(t, Options{Retries: retries})
		status, body, err := get(t, c, server.URL)
		if status != 429 || body != "Too Many Requests\n" || err != nil || c.Stats().Requests != requests {
			t.Errorf("%d %q %v %+v", status, body, err, c.Stats())
		}
	}
}

func TestSomeStatusesAreFinal(t *testing.T) {
	for _, status := range []int{200, 204, 400, 401, 403, 404, 409, 410, 422, 501} {
		server := serve(t, plain, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Retry-After", "1")
			w.WriteHeader(status)
		}))
		c := newClient(t, Options{})
		if got, _, err := get(t, c, server.URL); got != status || err != nil || c.Stats() != (Stats{Requests: 1}) {
			t.Errorf("%d: %d %v %+v", status, got, err, c.Stats())
		}
	}
}

func TestWaitsAreTheServers(t *testing.T) {
	now := time.Date(2024, 5, 31, 12, 0, 0, 0, time.UTC)
	const late, soon = "Fri, 31 May 2024 12:10:00 GMT", "Fri, 31 May 2024 12:10:30 GMT"
	type headers map[string]string
	for name, c := range map[string]struct {
		status  int
		headers headers
		reset   func(http.Header, time.Time) (time.Duration, bool)
		want    []time.Duration
	}{
		"seconds":                     {429, headers{"Retry-After": "17"}, nil, []time.Duration{17 * time.Second, 17 * time.Second, 17 * time.Second}},
		"seconds of a 503":            {503, headers{"Retry-After": "17"}, nil, []time.Duration{17 * time.Second, 17 * time.Second, 17 * time.Second}},
		"a date, by the server's day": {429, headers{"Retry-After": soon, "Date": late}, nil, []time.Duration{30 * time.Second, 30 * time.Second, 30 * time.Second}},
		"longer than allowed":         {429, headers{"Retry-After": "3600"}, nil, []time.Duration{time.Minute, time.Minute, time.Minute}},
		"zero seconds":                {429, headers{"Retry-After": "0"}, nil, []time.Duration{500 * time.Millisecond, time.Second, 2 * time.Second}},
		"a date that is over":         {429, headers{"Retry-After": late, "Date": soon}, nil, []time.Duration{500 * time.Millisecond, time.Second, 2 * time.Second}},
		"nonsense":                    {429, headers{"Retry-After": "soon"}, nil, []time.Duration{500 * time.Millisecond, time.Second, 2 * time.Second}},
		"nothing":                     {500, nil, nil, []time.Duration{500 * time.Millisecond, time.Second, 2 * time.Second}},
		"Jira's reset":                {429, headers{"X-RateLimit-Reset": "2024-05-31T12:10Z", "Date": "Fri, 31 May 2024 12:09:48 GMT"}, JiraReset, []time.Duration{12 * time.Second, 12 * time.Second, 12 * time.Second}},
		"Retry-After before a reset":  {429, headers{"Retry-After": "5", "Ratelimit-Reset": "40"}, PagerDutyReset, []time.Duration{5 * time.Second, 5 * time.Second, 5 * time.Second}},
		"PagerDuty's reset":           {429, headers{"Ratelimit-Reset": "40", "Ratelimit-Remaining": "0"}, PagerDutyReset, []time.Duration{40 * time.Second, 40 * time.Second, 40 * time.Second}},
		"a reset not meant":           {500, headers{"Ratelimit-Reset": "40"}, PagerDutyReset, []time.Duration{500 * time.Millisecond, time.Second, 2 * time.Second}},
	} {
		t.Run(name, func(t *testing.T) {
			server := serve(t, plain, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				for name, value := range c.headers {
					w.Header().Set(name, value)
				}
				w.WriteHeader(c.status)
			}))
			var w waits
			client := newClient(t, Options{
				Wait: w.wait, Retries: 3, MaxWait: time.Minute, Reset: c.reset,
				Now: func() time.Time { return now }, Jitter: func() float64 { return 0.5 },
			})
			if status, _, err := get(t, client, server.URL); status != c.status || err != nil {
				t.Fatal(status, err)
			}
			if diff := cmp.Diff(c.want, w.all); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestWaitsDoubleUpToTheLongest(t *testing.T) {
	c := newClient(t, Options{MaxWait: 10 * time.Second, Jitter: func() float64 { return 1 }})
	var got []time.Duration
	for tries := 1; tries <= 6; tries++ {
		got = append(got, c.pause(tries, nil)/time.Second)
	}
	if diff := cmp.Diff([]time.Duration{1, 2, 4, 8, 10, 10}, got); diff != "" {
		t.Error(diff)
	}
	if c.pause(1000, nil) != 10*time.Second {
		t.Error(c.pause(1000, nil))
	}
}

func TestNothingIsLostOnABadDay(t *testing.T) {
	echo := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { say(r.RequestURI).ServeHTTP(w, r) })
	faults := []misbehave.Fault{
		misbehave.TooMany, misbehave.Unavailable503, misbehave.Internal500, misbehave.BadGateway502,
		misbehave.Reset, misbehave.ResetBody, misbehave.Truncate, misbehave.HTML200,
	}
	server := serve(t, plain, misbehave.Handler(echo, misbehave.Random(1, 0.5, faults...)))
	c := newClient(t, Options{})
	errs := make(chan error)
	const calls = 200
	for i := range calls {
		go func() {
			path := fmt.Sprintf("/page?at=%d", i)
			status, body, err := get(t, c, server.URL+path)
			if err == nil && (status != 200 || body != path) {
				err = fmt.Errorf("%d %q", status, body)
			}
			errs <- err
		}()
	}
	for range calls {
		if err := <-errs; err != nil {
			t.Error(err)
		}
	}
	if c.Stats().Retries == 0 {
		t.Error("nothing went wrong")
	}
}

func TestWhatCannotPass(t *testing.T) {
	for _, err := range []error{
		&net.DNSError{IsNotFound: true},
		&tls.CertificateVerificationError{Err: x509.CertificateInvalidError{Reason: x509.Expired}},
		x509.UnknownAuthorityError{}, x509.HostnameError{}, tls.RecordHeaderError{},
		proxyError(403), proxyError(407), refusal{},
	} {
		if !permanent(&NetworkError{Err: err}) {
			t.Errorf("%T %v is tried again", err, err)
		}
	}
	for _, err := range []error{
		&net.DNSError{IsTemporary: true}, &net.DNSError{IsTimeout: true}, &net.DNSError{IsNotFound: true, IsTemporary: true},
		proxyError(502), slowness{}, page{}, io.EOF, io.ErrUnexpectedEOF, syscall.ECONNREFUSED, syscall.ECONNRESET, errors.New("else"),
	} {
		if permanent(&NetworkError{Err: err}) {
			t.Errorf("%T %v is not tried again", err, err)
		}
	}
}

func TestGzipIsTransparent(t *testing.T) {
	long := strings.Repeat(sound, 100)
	zipped := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Encoding", "gzip")
		z := gzip.NewWriter(w)
		_, _ = io.WriteString(z, long)
		z.Close()
	})
	server := serve(t, plain, misbehave.Handler(zipped, misbehave.First(misbehave.Truncate)))
	c := newClient(t, Options{})
	if status, body, err := get(t, c, server.URL); status != 200 || body != long || err != nil {
		t.Errorf("%d %q %v", status, body, err)
	}
	if got := c.Stats(); got.Requests != 2 || got.Bytes < uint64(len(long)) {
		t.Errorf("%+v", got)
	}
}

func TestAnAnswerTooLargeEndsAtOnce(t *testing.T) {
	server := serve(t, plain, say(strings.Repeat("x", 3<<20)))
	c := newClient(t, Options{})
	c.maxBody = 2 << 20
	_, _, err := get(t, c, server.URL)
	if err == nil || !strings.Contains(err.Error(), "an answer larger than 2 MiB; check that url") || c.Stats().Requests != 1 {
		t.Errorf("%v %+v", err, c.Stats())
	}
	c.maxBody = 3 << 20
	if _, body, err := get(t, c, server.URL); len(body) != 3<<20 || err != nil {
		t.Error(len(body), err)
	}
}

func TestTheCallersContextEndsACall(t *testing.T) {
	hang := serve(t, plain, misbehave.Handler(say(sound), misbehave.Always(misbehave.Hang)))
	busy := serve(t, plain, misbehave.Handler(say(sound), misbehave.Always(misbehave.TooMany)))
	for name, c := range map[string]struct {
		url string
		o   func(cancel func()) Options
	}{
		"in a wait": {busy.URL, func(cancel func()) Options {
			return Options{Wait: func(ctx context.Context, _ time.Duration) error { cancel(); return sleep(ctx, time.Hour) }}
		}},
		"in an attempt": {hang.URL, func(cancel func()) Options {
			return Options{Authorize: func(*http.Request) { time.AfterFunc(20*time.Millisecond, cancel) }}
		}},
	} {
		ctx, cancel := context.WithCancel(t.Context())
		client := newClient(t, c.o(cancel))
		req, _ := http.NewRequestWithContext(ctx, http.MethodGet, c.url, nil)
		_, err := client.HTTP().Do(req)
		if err = client.Explain(err); !errors.Is(err, context.Canceled) || err.Error() != "jira: context canceled" || client.Stats().Requests != 1 {
			t.Errorf("%s: %v %+v", name, err, client.Stats())
		}
		cancel()
	}

	// In the queue: the other call has the only place until the test ends.
	client := newClient(t, Options{Concurrency: 1})
	leave, err := client.hosts.enter(t.Context(), canonicalHost(&url.URL{Scheme: "http", Host: strings.TrimPrefix(hang.URL, "http://")}))
	if err != nil {
		t.Fatal(err)
	}
	defer leave()
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
	defer cancel()
	req, _ := http.NewRequestWithContext(ctx, http.MethodGet, hang.URL, nil)
	if _, err := client.HTTP().Do(req); !errors.Is(client.Explain(err), context.DeadlineExceeded) || client.Stats().Requests != 0 {
		t.Error(err, client.Stats())
	}

	ctx, cancel = context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	client = newClient(t, Options{})
	req, _ = http.NewRequestWithContext(ctx, http.MethodGet, hang.URL, nil)
	if _, err := client.HTTP().Do(req); !errors.Is(client.Explain(err), context.DeadlineExceeded) {
		t.Error(err)
	}
}

func TestTheLimitHoldsOverConcurrentCallers(t *testing.T) {
	const limit, calls = 3, 30
	var now, peak atomic.Int64
	full := make(chan struct{})
	server := serve(t, plain, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		n := now.Add(1)
		defer now.Add(-1)
		for old := peak.Load(); n > old && !peak.CompareAndSwap(old, n); old = peak.Load() {
		}
		if n == limit && peak.Load() == limit {
			select {
			case <-full:
			default:
				close(full)
			}
		}
		<-full // until the limit is reached, so that it is one
		time.Sleep(time.Millisecond)
		say(sound).ServeHTTP(w, r)
	}))
	c := newClient(t, Options{Concurrency: limit})
	errs := make(chan error, calls)
	for i := range calls {
		go func() {
			_, _, err := get(t, c, fmt.Sprintf("%s/%d", server.URL, i))
			errs <- err
		}()
	}
	for range calls {
		if err := <-errs; err != nil {
			t.Error(err)
		}
	}
	if peak.Load() != limit {
		t.Errorf("%d at the same time", peak.Load())
	}
}

func TestAWaitingCallHoldsNoPlace(t *testing.T) {
	server := serve(t, plain, misbehave.Handler(say(sound), misbehave.First(misbehave.TooMany)))
	waiting, other := make(chan struct{}), make(chan struct{})
	c := newClient(t, Options{Concurrency: 1, Wait: func(context.Context, time.Duration) error {
		close(waiting)
		<-other
		return nil
	}})
	done := make(chan error)
	go func() {
		_, _, err := get(t, c, server.URL)
		done <- err
	}()
	<-waiting
	if _, _, err := get(t, c, server.URL); err != nil {
		t.Error(err)
	}
	close(other)
	if err := <-done; err != nil {
		t.Error(err)
	}
}

func TestServerTime(t *testing.T) {
	here := time.Date(2024, 5, 31, 12, 0, 0, 0, time.UTC)
	date, status := "Fri, 31 May 2024 12:07:00 GMT", 200
	server := serve(t, plain, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header()["Date"] = nil
		if date != "" {
			w.Header().Set("Date", date)
		}
		w.WriteHeader(status)
	}))
	c := newClient(t, Options{Now: func() time.Time { return here }, Retries: -1})
	want := func(ok bool) {
		t.Helper()
		at, known := c.ServerTime()
		skew, knownToo := c.Skew()
		if known != ok || knownToo != ok || ok && (!at.Equal(here.Add(7*time.Minute)) || skew != 7*time.Minute) {
			t.Errorf("%v %v %v %v", at, known, skew, knownToo)
		}
	}
	want(false)
	for _, answer := range []struct {
		date   string
		status int
	}{{date, 200}, {"", 200}, {"nonsense", 200}, {"Fri, 31 May 2024 13:00:00 GMT", 502}} {
		date, status = answer.date, answer.status
		if _, _, err := get(t, c, server.URL); err != nil {
			t.Fatal(err)
		}
		want(true)
	}
}
