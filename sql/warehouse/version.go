package warehouse

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2"
	"github.com/ClickHouse/clickhouse-go/v2/lib/proto"
)

// oldest is the first ClickHouse of long support that knows every setting sent to it: deduplicate_insert came with 26.2.
// All that the models use is older (the functions of 25.4, parameterised views of 23.1).
var oldest = proto.Version{Major: 26, Minor: 3}

// TooOldError is returned when a server is opened on which the models cannot run. Nothing was written.
type TooOldError struct {
	Found string // its version
}

func (e *TooOldError) Error() string {
	return fmt.Sprintf("the server is ClickHouse %s, and srekpi needs %d.%d or newer (for the setting deduplicate_insert); nothing was written. Upgrade the server, or set warehouse.url: chdb://./data, which needs none",
		e.Found, oldest.Major, oldest.Minor)
}

// greet is the first contact: what is wrong with address, credential or version shows here, and at once. An answer that
// breaks off is asked for again twice; nobody at the address is an answer.
func (w *Warehouse) greet(ctx context.Context) error {
	hello, err := w.root.ServerVersion()
	var dial *net.OpError
	for try := 0; try < 2 && lost(err) && !(errors.As(err, &dial) && (dial.Op == "dial" || dial.Timeout())); try++ {
		time.Sleep(waits[try])
		hello, err = w.root.ServerVersion()
	}
	if err == nil {
		return refuse(hello.Version)
	}
	var answered *clickhouse.Exception
	var status *clickhouse.HTTPError
	if (errors.As(err, &answered) || errors.As(err, &status)) && w.options.Protocol == clickhouse.HTTP {
		// An old server stumbles over the driver's greeting. In plain words it can be asked.
		if old := w.askVersion(ctx); old != nil {
			return old
		}
	}
	return w.unreachable(err)
}

func refuse(found proto.Version) error {
	if found.Major > oldest.Major || found.Major == oldest.Major && found.Minor >= oldest.Minor {
		return nil
	}
	return fmt.Errorf("open warehouse: %w", &TooOldError{fmt.Sprintf("%d.%d.%d", found.Major, found.Minor, found.Patch)})
}

// askVersion is nil where the server is new enough or does not say.
func (w *Warehouse) askVersion(ctx context.Context) error {
	address := "http://" + w.options.Addr[0] + w.options.HttpUrlPath
	if w.options.TLS != nil {
		address = "https" + strings.TrimPrefix(address, "http")
	}
	ctx, cancel := context.WithTimeout(ctx, dialPatience)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, address, strings.NewReader("SELECT version()"))
	if err != nil {
		return nil
	}
	request.Header.Set("X-ClickHouse-User", w.options.Auth.Username)
	request.Header.Set("X-ClickHouse-Key", w.options.Auth.Password)
	transport := &http.Transport{TLSClientConfig: w.options.TLS}
	defer transport.CloseIdleConnections()
	response, err := (&http.Client{Transport: transport}).Do(request)
	if err != nil {
		return nil
	}
	defer response.Body.Close()
	text, err := io.ReadAll(io.LimitReader(response.Body, 100))
	if err != nil || response.StatusCode != http.StatusOK {
		return nil
	}
	return refuse(proto.ParseVersion(strings.TrimSpace(string(text))))
}
