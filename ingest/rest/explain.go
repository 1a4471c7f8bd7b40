package rest

import (
	"context"
	"errors"
	"net"
	"net/url"
	"regexp"
	"strings"
)

// Explain makes one line of an error of a call: the source, what happened, the
// next step. What callers and vendors' clients put around it stays, but for the
// URL that net/http puts in front. The error still unwraps to what it was.
// Only Client.Explain knows what is secret.
func Explain(source string, err error) error { return explain(source, err, nil) }

// Explain is the function of this name for the client's source, with its
// secrets hidden.
func (c *Client) Explain(err error) error { return explain(c.o.Source, err, c.secrets) }

func explain(source string, err error, s secrets) error {
	if err == nil {
		return nil
	}
	text := err.Error()
	stopped := errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded)
	if !stopped && !errors.As(err, new(*NetworkError)) { // of another client: it is not explained yet
		var request *url.Error
		var op *net.OpError
		if errors.As(err, &request) {
			host := ""
			if u, err := url.Parse(request.URL); err == nil {
				host = u.Host
			}
			text = strings.Replace(text, request.Error(), (&NetworkError{Host: host, Err: request.Err}).Error(), 1)
		} else if errors.As(err, &op) {
			text = strings.Replace(text, op.Error(), (&NetworkError{Err: op}).Error(), 1)
		}
	}
	text = s.hide(oneLine(bare(text)))
	if source != "" && text != source && !strings.HasPrefix(text, source+": ") {
		text = source + ": " + text
	}
	return &explained{text, err}
}

type explained struct {
	text string
	err  error
}

func (e *explained) Error() string { return e.text }
func (e *explained) Unwrap() error { return e.err }

var (
	// requestPrefix is what url.Error puts in front of an error, and go-pagerduty
	// in front of that; it keeps the text only, not the error.
	requestPrefix = regexp.MustCompile(`(error calling the API endpoint: )?\b(Get|Head|Post|Put|Patch|Delete) "[^"]*": `)
	urlSecrets    = regexp.MustCompile(`\b(https?://)(?:[^\s/@"]*@)?([^\s?"]*)(?:\?[^\s"]*)?`)
)

// bare takes from a text the URLs that stand before errors, and from other URLs
// what may be secret.
func bare(text string) string {
	return urlSecrets.ReplaceAllString(requestPrefix.ReplaceAllString(text, ""), "$1$2")
}
