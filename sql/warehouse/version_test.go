package warehouse

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

const oldConfig = `<yandex>
<logger><level>warning</level><log>DIR/server.log</log><errorlog>DIR/error.log</errorlog></logger>
<http_port>HTTP</http_port><tcp_port>NATIVE</tcp_port><listen_host>127.0.0.1</listen_host>
<path>DIR/data/</path><tmp_path>DIR/tmp/</tmp_path><mark_cache_size>10000000</mark_cache_size>
<users_config>users.xml</users_config><default_profile>default</default_profile><default_database>default</default_database>
</yandex>`

const oldUsers = `<yandex><profiles><default/></profiles><quotas><default/></quotas>
<users><loader><password>hunter2</password><networks><ip>127.0.0.1</ip></networks><profile>default</profile><quota>default</quota></loader></users></yandex>`

// oldServer starts Debian's ClickHouse 18.16, which answers both protocols.
func oldServer(t *testing.T) (native, http string) {
	t.Helper()
	out, err := exec.Command("sh", "../../.ci/clickhouse-old").Output()
	if err != nil {
		var exit *exec.ExitError
		errors.As(err, &exit)
		t.Fatalf("%v: %s", err, exit.Stderr)
	}
	root, dir := strings.TrimSpace(string(out)), t.TempDir()
	native, http = freePort(t), freePort(t)
	config := strings.NewReplacer("DIR", dir, "HTTP", http, "NATIVE", native).Replace(oldConfig)
	must(t, os.WriteFile(filepath.Join(dir, "config.xml"), []byte(config), 0o600))
	must(t, os.WriteFile(filepath.Join(dir, "users.xml"), []byte(oldUsers), 0o600))
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Minute)
	cmd := exec.CommandContext(ctx, filepath.Join(root, "usr/sbin/clickhouse-server"), "--config-file=config.xml")
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), fmt.Sprintf("LD_LIBRARY_PATH=%[1]s/usr/lib/x86_64-linux-gnu:%[1]s/lib/x86_64-linux-gnu", root))
	var log strings.Builder
	cmd.Stdout, cmd.Stderr = &log, &log
	must(t, cmd.Start())
	t.Cleanup(func() { cancel(); _ = cmd.Wait() })
	for range 300 {
		if conn, err := net.Dial("tcp", "127.0.0.1:"+native); err == nil {
			conn.Close()
			return native, http
		}
		time.Sleep(100 * time.Millisecond)
	}
	cancel()
	_ = cmd.Wait()
	t.Fatalf("the old server does not start:\n%s", log.String())
	return "", ""
}

func freePort(t *testing.T) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	must(t, err)
	defer listener.Close()
	_, port, err := net.SplitHostPort(listener.Addr().String())
	must(t, err)
	return port
}

func TestAnOldServerIsRefused(t *testing.T) {
	ctx := context.Background()
	native, http := oldServer(t)
	for _, url := range []string{"clickhouse://loader:hunter2@127.0.0.1:" + native + "/srekpi", "http://loader:hunter2@127.0.0.1:" + http + "/srekpi"} {
		o := Options{URL: url, Schema: schema, State: t.TempDir()}
		_, writing := OpenWriter(ctx, o)
		_, reading := OpenReader(ctx, o)
		_, asking := OpenQuery(ctx, o, Limits{MaxExecutionTime: time.Second})
		for _, err := range []error{writing, reading, asking} {
			var old *TooOldError
			if !errors.As(err, &old) || !strings.HasPrefix(old.Found, "18.16.") || !strings.Contains(err.Error(), "needs 26.3 or newer") || !strings.Contains(err.Error(), "nothing was written") {
				t.Errorf("%s: %v", url, err)
			}
		}
	}
	patient := dialPatience
	dialPatience = 2 * time.Second
	defer func() { dialPatience = patient }()
	// The other protocol's port, and a wrong password, are told apart from age.
	for url, want := range map[string]string{
		"clickhouse://loader:hunter2@127.0.0.1:" + http + "/srekpi":   "check host and port",
		"http://loader:hunter2@127.0.0.1:" + native + "/srekpi":       "check host and port",
		"clickhouse://loader:hunter3@127.0.0.1:" + native + "/srekpi": "check the user",
	} {
		_, err := OpenReader(ctx, Options{URL: url})
		if err == nil || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "hunter") {
			t.Errorf("%s: %v", url, err)
		}
	}
}
