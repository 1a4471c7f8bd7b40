package warehouse

import (
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"os"
)

// TLS says whom to trust and who to be, with absolute paths of PEM files. Empty: as the system trusts.
type TLS struct {
	CAFile, CertFile, KeyFile, ServerName string
}

// onto puts it on what the URL asks for. Errors name the file, never its content.
func (t TLS) onto(config *tls.Config) error {
	if t.ServerName != "" {
		config.ServerName = t.ServerName
	}
	if t.CAFile != "" {
		pem, err := os.ReadFile(t.CAFile)
		if err != nil {
			return fmt.Errorf("read the server's authority: %w; mend warehouse.tls.ca_file", err)
		}
		config.RootCAs = x509.NewCertPool()
		if !config.RootCAs.AppendCertsFromPEM(pem) {
			return fmt.Errorf("read the server's authority: %s holds no PEM certificate; mend warehouse.tls.ca_file", t.CAFile)
		}
	}
	if t.CertFile != "" {
		pair, err := tls.LoadX509KeyPair(t.CertFile, t.KeyFile)
		if err != nil {
			return fmt.Errorf("read the client certificate: %w; mend warehouse.tls.cert_file and key_file", err)
		}
		config.Certificates = []tls.Certificate{pair}
	}
	return nil
}
