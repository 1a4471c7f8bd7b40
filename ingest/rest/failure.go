package rest

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"strings"
	"syscall"
)

// NetworkError says that no answer came, why, and what to do. It is what every
// failed call of a Client holds, unless the caller's context ended it.
type NetworkError struct {
	Host  string
	Tries int
	Err   error

	secrets secrets
}

func (e *NetworkError) Error() string {
	what, next := reason(e.Err)
	if e.Tries > 1 {
		what += fmt.Sprintf(" after %d attempts", e.Tries)
	}
	text := e.Host + ": " + what
	if e.Host == "" {
		text = what
	}
	if next != "" {
		text += "; " + next
	}
	return e.secrets.hide(oneLine(text))
}

func (e *NetworkError) Unwrap() error { return e.Err }

// Timeout makes url.Error tell a timeout.
func (e *NetworkError) Timeout() bool { return isTimeout(e.Err) }

func isTimeout(err error) bool {
	var t interface{ Timeout() bool }
	return errors.As(err, &t) && t.Timeout()
}

const later = "run it again later: it goes on where it stopped"

// reason says what a failure is, and the next step.
func reason(err error) (what, next string) {
	var (
		refused refusal
		proxy   proxyError
		op      *net.OpError
		dns     *net.DNSError
		invalid x509.CertificateInvalidError
	)
	switch {
	case errors.As(err, &refused):
		return refused.what, refused.next
	case errors.As(err, &proxy):
		return proxy.Error(), proxyHint(int(proxy))
	case errors.As(err, &op) && op.Op == "proxyconnect":
		return "the proxy cannot be reached: " + short(op.Err), "check network.proxy in the config, or HTTPS_PROXY"
	case errors.As(err, new(page)):
		return page{}.Error(), "url in the config leads to a login or a proxy, not to the API"
	case errors.As(err, new(x509.UnknownAuthorityError)):
		return "its certificate is signed by an unknown authority", "set network.ca_file in the config to the authority's PEM file"
	case errors.As(err, new(x509.HostnameError)):
		return "its certificate is for another name", "check url in the config"
	case errors.As(err, &invalid) && invalid.Reason == x509.Expired:
		return "its certificate is expired or not yet valid", "check this machine's clock, then ask who runs the server"
	case errors.As(err, new(*tls.CertificateVerificationError)):
		return "its certificate is not valid: " + short(err), "ask who runs the server"
	case errors.As(err, new(tls.RecordHeaderError)):
		return "it does not speak TLS", "check the scheme and port of url in the config"
	case errors.As(err, &dns) && dns.IsNotFound:
		return "no such host", "check url in the config and the network"
	case errors.As(err, &dns):
		return "its name cannot be looked up", "check the network and its DNS server"
	case errors.Is(err, syscall.ECONNREFUSED):
		return "it refuses the connection", "check url in the config, and that the server runs"
	case errors.Is(err, syscall.ENETUNREACH), errors.Is(err, syscall.EHOSTUNREACH):
		return "it cannot be reached", "check the network"
	case isTimeout(err):
		return timedOut(err), "check the network, or " + later
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, syscall.ECONNRESET), errors.Is(err, syscall.EPIPE):
		return "it broke the connection off", later
	case badHeader(err):
		return "the credential has a character that no header can hold", "look for a line end or a space in the token"
	}
	return short(err), ""
}

func timedOut(err error) string {
	var slow slowness
	if errors.As(err, &slow) {
		return slow.Error()
	}
	return "no answer in time"
}

// short leaves the addresses away that net puts before its errors.
func short(err error) string {
	for {
		var op *net.OpError
		if !errors.As(err, &op) {
			return bare(err.Error())
		}
		err = op.Err
	}
}

func oneLine(text string) string { return strings.Join(strings.Fields(text), " ") }
