package rest

import (
	"context"
	"errors"
	"math/rand/v2"
	"net/http"
	"time"

	"github.com/hashicorp/go-retryablehttp"
)

// Options say how a source is reached.
type Options struct {
	Source    string              // name of the source, for messages
	Authorize func(*http.Request) // puts the credentials on a request; may be nil
	Secrets   []string            // texts that must never stand in an error: replaced by ***; add what is derived from them, such as the base64 of user:token

	// Reset reads from a vendor's rate-limit headers how long to wait; nil:
	// Retry-After alone. now is the server's time where its answer has one.
	Reset func(h http.Header, now time.Time) (time.Duration, bool)

	Concurrency    int           // requests under way to one host; default 4
	Proxy          string        // URL for all hosts; empty: HTTPS_PROXY, HTTP_PROXY and NO_PROXY of the environment
	CAFile         string        // PEM of authorities to trust besides the system's
	AttemptTimeout time.Duration // for one attempt with its whole body; default 60 s
	MaxWait        time.Duration // longest wait between two attempts; default 2 min
	Retries        int           // attempts after the first; default 6, negative: none

	Wait   func(context.Context, time.Duration) error // nil: sleep; tests make it instant
	Now    func() time.Time                           // nil: the machine's clock
	Jitter func() float64                             // in [0, 1); nil: random
}

// The defaults of Options.
const (
	concurrency    = 4
	attemptTimeout = 60 * time.Second
	maxWait        = 2 * time.Minute
	retries        = 6
)

// Client is a retrying HTTP client for one source. It is safe for concurrent use.
type Client struct {
	o        Options
	secrets  secrets
	hosts    hosts
	count    counters
	clock    clock
	maxBody  int64
	standard *http.Client
}

// New makes a client. It reads Options.CAFile and reaches nothing.
func New(o Options) (*Client, error) {
	if o.Concurrency <= 0 {
		o.Concurrency = concurrency
	}
	if o.AttemptTimeout <= 0 {
		o.AttemptTimeout = attemptTimeout
	}
	if o.MaxWait <= 0 {
		o.MaxWait = maxWait
	}
	if o.Retries == 0 {
		o.Retries = retries
	}
	if o.Wait == nil {
		o.Wait = sleep
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Jitter == nil {
		o.Jitter = rand.Float64
	}
	c := &Client{o: o, secrets: newSecrets(o.Secrets, o.Proxy), maxBody: maxBody}
	c.hosts.limit = o.Concurrency
	transport, err := newTransport(o)
	if err != nil {
		return nil, Explain(o.Source, err)
	}

	r := retryablehttp.NewClient()
	r.HTTPClient = &http.Client{Transport: &attempt{c, transport}, CheckRedirect: checkRedirect}
	r.Logger = nil
	r.RetryMax = max(o.Retries, 0)
	r.CheckRetry = c.again
	// The library's own wait cannot be replaced, so it gets none, and the wait
	// that again found is kept before the next attempt.
	r.Backoff = func(_, _ time.Duration, _ int, _ *http.Response) time.Duration { return 0 }
	r.PrepareRetry = c.beforeRetry
	r.ErrorHandler = retryablehttp.PassthroughErrorHandler
	c.standard = r.StandardClient()
	c.standard.Transport = &calls{c, c.standard.Transport, transport.CloseIdleConnections}
	return c, nil
}

// HTTP is what goes under a vendor's client. Its errors go through Explain.
func (c *Client) HTTP() *http.Client { return c.standard }

// calls is the outermost transport: one round trip is one call with all its
// attempts.
type calls struct {
	c        *Client
	retrying http.RoundTripper
	idle     func() // closes idle connections
}

// CloseIdleConnections makes that of http.Client reach the transport.
func (t *calls) CloseIdleConnections() { t.idle() }

// call is what is known of a call between its attempts. One goroutine uses it.
type call struct {
	tries int
	pages int           // answers that were web pages
	wait  time.Duration // before the next attempt
}

type callKey struct{}

func (t *calls) RoundTrip(req *http.Request) (*http.Response, error) {
	var now call
	resp, err := t.retrying.RoundTrip(req.WithContext(context.WithValue(req.Context(), callKey{}, &now)))
	if err == nil {
		return resp, nil
	}
	// A refused redirect comes with its answer; net/http wants one of the two.
	if req.Context().Err() != nil {
		return nil, err
	}
	var failure *NetworkError
	if !errors.As(err, &failure) {
		failure = &NetworkError{Host: req.URL.Host, Err: err, secrets: t.c.secrets}
	}
	failure.Tries = now.tries
	return nil, failure
}

func sleep(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-timer.C:
		return nil
	}
}
