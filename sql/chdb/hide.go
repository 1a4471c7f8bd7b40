package chdb

import (
	"context"
	"errors"
	"fmt"

	"github.com/ClickHouse/clickhouse-go/v2"
)

// hidden are system tables that show the machine instead of the warehouse: its folders, its configuration, its
// processes. One of them, stack_trace, sends signals to every thread, which the Go runtime does not expect.
var hidden = []string{
	"asynchronous_loader", "azure_queue_metadata_cache", "azure_queue_settings", "background_schedule_pool", "backups", "certificates",
	"detached_parts", "detached_tables", "disks", "distribution_queue", "dns_cache", "dropped_tables", "dropped_tables_parts", "errors",
	"fail_points", "filesystem_cache", "filesystem_cache_settings", "iceberg_files", "iceberg_history", "jemalloc_bins",
	"jemalloc_profile_text", "jemalloc_stats", "kafka_consumers", "models", "named_collections", "remote_data_paths", "rocksdb",
	"s3_queue_settings", "s3queue_metadata_cache", "schema_inference_cache", "server_settings", "stack_trace", "symbols",
	"user_directories", "warnings",
}

const codeUnknownTable = 60

// hide takes them out of the engine before the first read-only connection: then no name, view or function finds them.
func (e *Engine) hide() error {
	s, err := e.open()
	if err != nil {
		return err
	}
	defer s.close()
	for _, table := range hidden {
		_, err := s.read("DETACH TABLE system."+identifier(table), "Null", nil)
		var ex *clickhouse.Exception
		if err != nil && !(errors.As(err, &ex) && ex.Code == codeUnknownTable) { // another release may not have it
			return fmt.Errorf("hide system.%s: %w", table, err)
		}
	}
	return nil
}

// outside is what a query may not call, in lower case. It starts from all table functions that the engine has, so
// that those of a later release are refused until someone has looked at them.
func (e *Engine) outside(ctx context.Context) (map[string]bool, error) {
	e.mu.Lock()
	names := e.refused
	e.mu.Unlock()
	if names != nil {
		return names, nil
	}
	list, err := e.text(ctx, statement{sql: "SELECT lower(name) FROM system.table_functions", format: "TSV"})
	if err != nil {
		return nil, fmt.Errorf("list table functions: %w", err)
	}
	names = refusedNames(list)
	e.mu.Lock()
	e.refused = names
	e.mu.Unlock()
	return names, nil
}
