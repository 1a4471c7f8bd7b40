// Package rest is the one HTTP client under the vendors' clients (go-jira,
// go-pagerduty). Put Client.HTTP under a vendor's client and forget the network:
// what comes back is a complete answer or an error that says what to do.
//
// # What it promises
//
//   - An answer's body is read whole inside the attempt. A connection that is
//     reset, cut or slowed down in mid-body is an attempt that failed, never half
//     a page. (An answer of HTTP/1.0 without a length cannot be told from half of
//     one; no vendor sends those.)
//   - An attempt ends within its timeout, whatever the server does.
//   - What can pass is tried again: broken connections, timeouts, 408, 429, 500,
//     502, 503, 504. It waits as long as the server asks (Retry-After, then the
//     vendor's own headers), else a random part of a doubling time; never longer
//     than Options.MaxWait at once.
//   - What cannot pass ends at once: other statuses, which the caller reads from
//     the answer, a certificate that is not trusted, a host that does not exist.
//   - A 2xx answer that is a web page is an error: behind it stands a login or a
//     proxy, no API. It gets three more tries only.
//   - At most Options.Concurrency requests are under way to one host. A request
//     that waits for its next attempt holds no place.
//   - Credentials go to the scheme-and-port's host of the first request only,
//     wherever it redirects to; from https no redirect leads to http.
//   - No error holds a text of Options.Secrets, a query or a password of a URL
//     once it went through Explain; http.Client itself puts the URL in front of
//     every error, so pass each one through it.
//
// Every request may be sent more than once, a POST too. Send only what reads.
package rest
