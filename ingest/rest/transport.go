package rest

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"net/http"
	"net/url"
	"os"
	"slices"
	"time"
)

// newTransport opens the connections, through a proxy if there is one.
func newTransport(o Options) (*http.Transport, error) {
	t := &http.Transport{
		Proxy:                  http.ProxyFromEnvironment,
		DialContext:            (&net.Dialer{Timeout: 15 * time.Second, KeepAlive: 30 * time.Second}).DialContext,
		TLSHandshakeTimeout:    15 * time.Second,
		ResponseHeaderTimeout:  o.AttemptTimeout,
		ExpectContinueTimeout:  time.Second,
		IdleConnTimeout:        90 * time.Second,
		MaxIdleConnsPerHost:    o.Concurrency,
		ForceAttemptHTTP2:      true,
		MaxResponseHeaderBytes: 1 << 20,
		// Else a connection that died silently is used again by the next attempt.
		HTTP2: &http.HTTP2Config{SendPingTimeout: 15 * time.Second, PingTimeout: 15 * time.Second},
		OnProxyConnectResponse: func(_ context.Context, _ *url.URL, _ *http.Request, resp *http.Response) error {
			if resp.StatusCode == http.StatusOK {
				return nil
			}
			return proxyError(resp.StatusCode)
		},
	}
	if o.Proxy != "" {
		// The errors of url.Parse hold the URL, hence its password.
		proxy, err := url.Parse(o.Proxy)
		if err != nil || proxy.Host == "" || !slices.Contains([]string{"http", "https", "socks5", "socks5h"}, proxy.Scheme) {
			return nil, errors.New("network.proxy is not the URL of a proxy; write it as http://host:port")
		}
		t.Proxy = http.ProxyURL(proxy)
	}
	if o.CAFile != "" {
		pool, err := trusted(o.CAFile)
		if err != nil {
			return nil, err
		}
		t.TLSClientConfig = &tls.Config{RootCAs: pool}
	}
	return t, nil
}

// trusted is the system's authorities and those of a PEM file.
func trusted(file string) (*x509.CertPool, error) {
	pem, err := os.ReadFile(file)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, fmt.Errorf("network.ca_file: there is no file %s; put the authority's PEM file there", file)
	case err != nil:
		return nil, fmt.Errorf("network.ca_file: %w; give this user the right to read it", err)
	}
	pool, err := x509.SystemCertPool()
	if err != nil {
		pool = x509.NewCertPool()
	}
	if !pool.AppendCertsFromPEM(pem) {
		return nil, fmt.Errorf("network.ca_file: %s has no certificate; it must be PEM (-----BEGIN CERTIFICATE-----)", file)
	}
	return pool, nil
}

// proxyError is the status with which a proxy refused to open a tunnel.
type proxyError int

func (e proxyError) Error() string {
	return fmt.Sprintf("proxy answers %s", statusText(int(e)))
}

// permanent: a proxy's 5xx passes as a server's does.
func (e proxyError) permanent() bool { return !passing(int(e)) }
