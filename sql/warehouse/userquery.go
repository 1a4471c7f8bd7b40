package warehouse

import (
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/ClickHouse/clickhouse-go/v2"
	"github.com/srekpi/srekpi/sql/chdb"
)

// UserQuery runs text that a user typed and writes its result in the given format. Open the warehouse with [OpenQuery].
// A [*chdb.RefusedError] says what of the text is not allowed, a [*QueryError] what the engine found wrong with it.
func (w *Warehouse) UserQuery(ctx context.Context, sql, format string, params map[string]string, out io.Writer) error {
	if w.limits == nil {
		return errors.New("run query: this warehouse is not open for a user's text; open it with OpenQuery")
	}
	result, err := w.userResult(ctx, sql, format, params)
	if err != nil {
		return queryError(err)
	}
	defer result.Close()
	if _, err := io.Copy(out, result); err != nil {
		return fmt.Errorf("run query: %w", queryError(err))
	}
	return nil
}

func (w *Warehouse) userResult(ctx context.Context, sql, format string, params map[string]string) (io.ReadCloser, error) {
	if w.engine != nil {
		if err := w.engine.Gate(ctx, sql, params); err != nil {
			return nil, err
		}
		return w.engine.Query(ctx, sql, format, params)
	}
	// The server has the user's rights to enforce; readonly and the limits are settings of this connection.
	return w.serverResult(clickhouse.Context(ctx, clickhouse.WithParameters(escaped(params))), format, sql)
}

// limitSettings are a server's form of the limits. With readonly = 2 the query may change settings, but not that one.
func limitSettings(limits *Limits) clickhouse.Settings {
	settings := clickhouse.Settings{}
	if limits == nil {
		return settings
	}
	settings["readonly"] = 2
	if limits.MaxExecutionTime > 0 {
		settings["max_execution_time"] = limits.MaxExecutionTime.Seconds()
	}
	if limits.MaxMemoryUsage > 0 {
		settings["max_memory_usage"] = limits.MaxMemoryUsage
	}
	if limits.MaxResultRows > 0 {
		settings["max_result_rows"] = limits.MaxResultRows
	}
	return settings
}

// escaped are the parameters as a server reads them: TSV-escaped text.
func escaped(params map[string]string) clickhouse.Parameters {
	values := clickhouse.Parameters{}
	for name, value := range params {
		values[name] = chdb.Escape(value)
	}
	return values
}
