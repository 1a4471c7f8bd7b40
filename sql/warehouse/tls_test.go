package warehouse

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"math/big"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// authority signs certificates and writes them, with their keys, into a folder.
type authority struct {
	dir  string
	cert *x509.Certificate
	key  *ecdsa.PrivateKey
}

func newAuthority(t *testing.T) *authority {
	a := &authority{dir: t.TempDir()}
	a.cert, a.key = a.issue(t, "ca", &x509.Certificate{IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign})
	return a
}

func (a *authority) path(name string) string { return filepath.Join(a.dir, name) }

func (a *authority) issue(t *testing.T, name string, c *x509.Certificate) (*x509.Certificate, *ecdsa.PrivateKey) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	must(t, err)
	c.SerialNumber, c.Subject = big.NewInt(time.Now().UnixNano()), pkix.Name{CommonName: name}
	c.NotBefore, c.NotAfter = time.Now().Add(-time.Hour), time.Now().Add(time.Hour)
	parent, signer := a.cert, a.key
	if parent == nil {
		parent, signer = c, key
	}
	der, err := x509.CreateCertificate(rand.Reader, c, parent, &key.PublicKey, signer)
	must(t, err)
	private, err := x509.MarshalPKCS8PrivateKey(key)
	must(t, err)
	must(t, os.WriteFile(a.path(name+".pem"), pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}), 0o600))
	must(t, os.WriteFile(a.path(name+".key"), pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: private}), 0o600))
	made, err := x509.ParseCertificate(der)
	must(t, err)
	return made, key
}

// TestTLS runs against a server with a certificate of its own authority that wants one of the client.
func TestTLS(t *testing.T) {
	ctx := context.Background()
	a := newAuthority(t)
	a.issue(t, "server", &x509.Certificate{DNSNames: []string{"clickhouse.internal"}, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth}})
	a.issue(t, "client", &x509.Certificate{ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth}})
	plain, s := server(t)
	pair, err := tls.LoadX509KeyPair(a.path("server.pem"), a.path("server.key"))
	must(t, err)
	pool := x509.NewCertPool()
	pool.AddCert(a.cert)
	front := httptest.NewUnstartedServer(s)
	front.TLS = &tls.Config{Certificates: []tls.Certificate{pair}, ClientAuth: tls.RequireAndVerifyClientCert, ClientCAs: pool}
	front.StartTLS()
	defer front.Close()

	all := TLS{CAFile: a.path("ca.pem"), CertFile: a.path("client.pem"), KeyFile: a.path("client.key"), ServerName: "clickhouse.internal"}
	o := Options{URL: front.URL + "/srekpi", Schema: schema, State: plain.State, TLS: all}
	w := writer(t, o)
	must(t, Insert(ctx, w, "events", events(1, 10)))
	if n := count(t, w, "SELECT count() FROM events"); n != 10 {
		t.Errorf("%d rows", n)
	}
	must(t, w.Close())

	garbled := a.path("server.key")
	for want, change := range map[string]func(*TLS){
		"warehouse.tls.ca_file":            func(c *TLS) { c.CAFile = "" },
		"warehouse.tls.server_name":        func(c *TLS) { c.ServerName = "" },
		"warehouse.tls.cert_file":          func(c *TLS) { c.CertFile, c.KeyFile = "", "" },
		"holds no PEM certificate":         func(c *TLS) { c.CAFile = garbled },
		"mend warehouse.tls.cert_file and": func(c *TLS) { c.KeyFile = garbled },
	} {
		o.TLS = all
		change(&o.TLS)
		if _, err := OpenReader(ctx, o); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("want %q: %v", want, err)
		}
	}
	if _, err := OpenReader(ctx, Options{URL: plain.URL, TLS: all}); err == nil || !strings.Contains(err.Error(), "asks for none") {
		t.Errorf("TLS without: %v", err)
	}
}
