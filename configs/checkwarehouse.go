package configs

import (
	"fmt"
	"net/url"
	"regexp"
	"slices"
	"strings"
)

// clusterName is what ON CLUSTER takes unquoted, or a macro of the servers.
var clusterName = regexp.MustCompile(`^([A-Za-z0-9_.-]+|\{[A-Za-z0-9_]+\})$`)

// warehouse checks where the data lives. Errors leave the URL out: it may hold a password.
func (d *decoder) warehouse(w Warehouse) {
	u, err := url.Parse(w.URL)
	known := []string{"chdb", "clickhouse", "http", "https"}
	at := under("", "warehouse", "url")
	switch {
	case err != nil:
		d.at(at, "warehouse.url is not a URL", "write chdb://./data or clickhouse://user@host:9440/srekpi?secure=true")
	case !slices.Contains(known, u.Scheme):
		d.at(at, fmt.Sprintf("warehouse.url begins with %q", u.Scheme+"://"), instead(u.Scheme, known))
	case u.Scheme == "chdb":
		d.ofServers(w)
	default:
		d.server(u, w)
	}
}

// ofServers refuses, for the embedded engine, the keys that only a server has.
func (d *decoder) ofServers(w Warehouse) {
	for _, k := range []struct {
		name  string
		given bool
	}{{"password", w.Password != (Secret{})}, {"tls", w.TLS != (TLS{})}, {"cluster", w.Cluster != ""}} {
		if k.given {
			d.at(under("", "warehouse", k.name), fmt.Sprintf("warehouse.%s is of servers and does not go with chdb://", k.name), "remove it, or set warehouse.url to a server's")
		}
	}
}

func (d *decoder) server(u *url.URL, w Warehouse) {
	password := under("", "warehouse", "password")
	_, inURL := u.User.Password()
	switch given := w.Password != (Secret{}); {
	case w.Password.Env != "" && w.Password.File != "":
		d.at(password, "password has both env and file", "keep one of them")
	case given && (inURL || u.Query().Has("password")):
		d.at(password, "warehouse.url holds a password too", "take it out of the URL")
	case given && u.User.Username() == "" && !u.Query().Has("username"):
		d.at(password, "warehouse.url names no user to go with the password", "write "+u.Scheme+"://user@host:port/srekpi")
	}
	t, tls := w.TLS, under("", "warehouse", "tls")
	secure := u.Scheme == "https" || u.Query().Has("secure") && u.Query().Get("secure") != "false"
	switch {
	case t != (TLS{}) && !secure:
		d.at(tls, "warehouse.tls goes with an encrypted connection and the URL asks for none", "write https://… or clickhouse://…?secure=true, with the server's port for it")
	case (t.CertFile == "") != (t.KeyFile == ""):
		d.at(tls, "a client certificate has two parts: cert_file and key_file", "give both, or neither")
	}
	if strings.TrimSpace(w.Cluster) != "" && !clusterName.MatchString(w.Cluster) {
		d.at(under("", "warehouse", "cluster"), fmt.Sprintf("%q is no name of a cluster", w.Cluster), "write it as SELECT cluster FROM system.clusters shows it")
	}
}

// WarehousePassword reads the password of the warehouse's user; empty where the config names none. The error never shows it.
func (c *Config) WarehousePassword() (string, error) {
	if c.Warehouse.Password == (Secret{}) {
		return "", nil
	}
	return c.reveal("password", c.Warehouse.Password)
}
