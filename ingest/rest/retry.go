package rest

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"net"
	"net/http"
	"strings"
	"time"
)

const (
	firstWait = time.Second // the longest wait before the second attempt; it doubles
	pageTries = 4           // attempts that may end in a web page
)

// again says whether another attempt can help, and finds the wait before it.
func (c *Client) again(ctx context.Context, resp *http.Response, err error) (bool, error) {
	if ctx.Err() != nil {
		return false, ctx.Err()
	}
	now := ctx.Value(callKey{}).(*call)
	now.tries++
	if err != nil {
		if errors.As(err, new(page)) {
			now.pages++
		}
		if permanent(err) || now.pages >= pageTries {
			return false, nil
		}
		resp = nil
	} else if !passing(resp.StatusCode) {
		return false, nil
	}
	now.wait = c.pause(now.tries, resp)
	return true, nil
}

// beforeRetry keeps the wait that again found.
func (c *Client) beforeRetry(req *http.Request) error {
	if err := c.o.Wait(req.Context(), req.Context().Value(callKey{}).(*call).wait); err != nil {
		return err
	}
	c.count.retries.Add(1)
	return nil
}

// pause is the wait after a number of attempts: what the server asks for, else
// full jitter, so that callers that failed together do not come back together.
func (c *Client) pause(tries int, resp *http.Response) time.Duration {
	if resp != nil {
		if asked, ok := c.asked(resp); ok {
			return min(asked, c.o.MaxWait)
		}
	}
	longest := c.o.MaxWait
	if tries <= 20 { // else the shift overflows
		longest = min(longest, firstWait<<(tries-1))
	}
	return time.Duration(c.o.Jitter() * float64(longest))
}

// asked is the wait that an answer asks for. Times of day are held against the
// server's clock: ours may be minutes off.
func (c *Client) asked(resp *http.Response) (time.Duration, bool) {
	now := c.o.Now()
	if date, err := http.ParseTime(resp.Header.Get("Date")); err == nil {
		now = date
	}
	if wait, ok := retryAfter(resp.Header, now); ok {
		return wait, true
	}
	// Vendors send these with each answer, but they are about limits only.
	if c.o.Reset != nil && (resp.StatusCode == http.StatusTooManyRequests || resp.StatusCode == http.StatusServiceUnavailable) {
		return c.o.Reset(resp.Header, now)
	}
	return 0, false
}

// passing are the statuses that may be another one next time.
func passing(status int) bool {
	switch status {
	case http.StatusRequestTimeout, http.StatusTooManyRequests, http.StatusInternalServerError,
		http.StatusBadGateway, http.StatusServiceUnavailable, http.StatusGatewayTimeout:
		return true
	}
	return false
}

// permanent are the failures that the next attempt would only repeat. All others
// are tried again: the ways in which a connection can break have no end.
func permanent(err error) bool {
	var own interface{ permanent() bool }
	if errors.As(err, &own) {
		return own.permanent()
	}
	var dns *net.DNSError
	if errors.As(err, &dns) {
		return dns.IsNotFound && !dns.IsTemporary
	}
	return errors.As(err, new(*tls.CertificateVerificationError)) ||
		errors.As(err, new(x509.UnknownAuthorityError)) ||
		errors.As(err, new(x509.HostnameError)) ||
		errors.As(err, new(x509.CertificateInvalidError)) ||
		errors.As(err, new(tls.RecordHeaderError)) ||
		badHeader(err)
}

// badHeader is net/http's refusal of a header, for which it has no type. It
// names the header only.
func badHeader(err error) bool {
	for next := err; next != nil; next = errors.Unwrap(err) {
		err = next
	}
	return strings.Contains(err.Error(), "invalid header field")
}
