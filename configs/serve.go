package configs

import (
	"errors"
	"fmt"
	"io/fs"
	"net"
	"os"
	"strconv"
	"strings"
)

// Serve says how `srekpi serve` answers tools on this machine.
type Serve struct {
	Listen        string `yaml:"listen"`          // host:port of this machine; default 127.0.0.1:8123
	User          string `yaml:"user"`            // default "default", as ClickHouse's own
	Password      Secret `yaml:"password"`        // empty: a token is made in the data folder
	Queries       int    `yaml:"queries"`         // that run at once; others wait; default 8
	MaxTime       Span   `yaml:"max_time"`        // of one query; default 5m
	MaxRows       int    `yaml:"max_rows"`        // in one answer; default 10000000
	MaxMemoryMB   int    `yaml:"max_memory_mb"`   // of one query, in MiB; default 2048
	TotalMemoryMB int    `yaml:"total_memory_mb"` // of all that run at once, in MiB; default 4096
}

func (d *decoder) serve(s Serve) {
	at := func(key string) string { return under("", "serve", key) }
	host, port, err := net.SplitHostPort(s.Listen)
	ip := net.ParseIP(host)
	number, portErr := strconv.Atoi(port)
	switch {
	case err != nil || portErr != nil || number < 0 || number > 65535:
		d.at(at("listen"), fmt.Sprintf("serve.listen %q is no address and port", s.Listen), "write it like 127.0.0.1:8123")
	case host != "localhost" && (ip == nil || !ip.IsLoopback()):
		d.at(at("listen"), fmt.Sprintf("serve.listen %q is not of this machine alone", s.Listen), "write 127.0.0.1:"+port+", and reach it from elsewhere through ssh -L")
	}
	if strings.TrimSpace(s.User) == "" || strings.ContainsAny(s.User, ": \t\n") {
		d.at(at("user"), fmt.Sprintf("serve.user %q is no user name", s.User), "write one word without a colon, or leave the key out for default")
	}
	if s.Password.Env != "" && s.Password.File != "" {
		d.at(at("password"), "serve.password has both env and file", "keep one of them")
	}
	if s.Queries < 1 || s.Queries > 16 {
		d.at(at("queries"), fmt.Sprintf("serve.queries is %d", s.Queries), "give a number from 1 to 16; more clients wait their turn")
	}
	for key, value := range map[string]int{"max_rows": s.MaxRows, "max_memory_mb": s.MaxMemoryMB, "total_memory_mb": s.TotalMemoryMB} {
		if least := map[string]int{"max_rows": 1, "max_memory_mb": 64, "total_memory_mb": 64}[key]; value < least {
			d.at(at(key), fmt.Sprintf("serve.%s is %d", key, value), fmt.Sprintf("give at least %d", least))
		}
	}
	if s.TotalMemoryMB >= 64 && s.MaxMemoryMB > s.TotalMemoryMB {
		d.at(at("max_memory_mb"), "one query may take more memory than all together", "raise serve.total_memory_mb or lower serve.max_memory_mb")
	}
}

// leastPassword keeps out what is guessed at once.
const leastPassword = 12

// ServePassword reads the password of `srekpi serve`; empty when the config names none. The error never shows it.
func (c *Config) ServePassword() (string, error) {
	from := c.Serve.Password
	var password, name string
	switch {
	case from.Env != "":
		name, password = "environment variable "+from.Env, strings.TrimSpace(os.Getenv(from.Env))
	case from.File != "":
		path := c.Resolve(from.File)
		name = "file " + path
		text, err := os.ReadFile(path)
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return "", fmt.Errorf("read serve.password: %w; give this user the right to read it", err)
		}
		password = strings.TrimSpace(string(text))
	default:
		return "", nil
	}
	if len(password) < leastPassword {
		return "", fmt.Errorf("serve.password: the %s holds no password of %d characters or more; put one there, or leave the key out and a token is made", name, leastPassword)
	}
	return password, nil
}
