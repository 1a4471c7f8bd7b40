package chdb

import (
	"fmt"
	"strconv"
	"strings"
	"time"
)

// Limits bound what one query of a user may take. A zero field is no limit.
type Limits struct {
	MaxExecutionTime time.Duration
	MaxMemoryUsage   uint64 // bytes
	MaxResultRows    uint64
	MaxResultBytes   uint64
	MaxRowsToRead    uint64
	MaxBytesToRead   uint64

	MaxMemoryTotal    uint64 // bytes, of the whole engine, with results that are held until they are read
	MaxTemporaryTotal uint64 // bytes on disk, of all sorts and groups that did not fit into memory
}

// settings are the limits in the engine's words.
func (l Limits) settings() map[string]string {
	set := map[string]string{}
	if l.MaxExecutionTime > 0 {
		set["max_execution_time"] = seconds(l.MaxExecutionTime)
	}
	for name, value := range map[string]uint64{
		"max_memory_usage":                         l.MaxMemoryUsage,
		"max_result_rows":                          l.MaxResultRows,
		"max_result_bytes":                         l.MaxResultBytes,
		"max_rows_to_read":                         l.MaxRowsToRead,
		"max_bytes_to_read":                        l.MaxBytesToRead,
		"max_temporary_data_on_disk_size_for_user": l.MaxTemporaryTotal,
	} {
		if value > 0 {
			set[name] = strconv.FormatUint(value, 10)
		}
	}
	return set
}

// guards end what takes long before a limit of time is looked at, while a text is read and planned, and keep functions
// away that show the process instead of the warehouse.
var guards = map[string]string{
	"max_subquery_depth": "20", "max_ast_elements": "20000", "max_expanded_ast_elements": "100000", "max_parser_backtracks": "200000",
	"allow_introspection_functions": "0",
}

func seconds(d time.Duration) string { return strconv.FormatFloat(d.Seconds(), 'f', -1, 64) }

// admit says which of the settings that come with a user's query are set for it. A limit that is higher than ours,
// or none, stays ours; a setting of the transport has no meaning here and is dropped; what is neither a limit nor a
// format is refused as a read-only user of a server would be.
func (l Limits) admit(asked map[string]string) (map[string]string, error) {
	ours := l.settings()
	set := map[string]string{}
	for name, value := range asked {
		switch {
		case transport(name) || name == "readonly" && (value == "1" || value == "2"):
		case name == "max_execution_time":
			theirs, err := strconv.ParseFloat(value, 64)
			if err != nil || !(theirs >= 0) {
				return nil, exceptionf(codeCannotParse, "Cannot parse %.40q as the setting %s. (CANNOT_PARSE_NUMBER)", value, name)
			}
			own, bound := strconv.ParseFloat(ours[name], 64)
			if theirs > 0 && (bound != nil || theirs < own) {
				set[name] = strconv.FormatFloat(theirs, 'f', -1, 64)
			}
		case lowered[name]:
			theirs, err := strconv.ParseUint(value, 10, 64)
			if err != nil {
				return nil, exceptionf(codeCannotParse, "Cannot parse %.40q as the setting %s. (CANNOT_PARSE_NUMBER)", value, name)
			}
			own, bound := strconv.ParseUint(ours[name], 10, 64)
			if theirs > 0 && (bound != nil || theirs < own) {
				set[name] = value
			}
		case ofFormat(name):
			set[name] = value
		default:
			return nil, exceptionf(codeReadonly, "Cannot modify '%.60s' setting in readonly mode. (READONLY)", name)
		}
	}
	return set, nil
}

// lowered are the limits that a query may bring along.
var lowered = map[string]bool{
	"max_memory_usage": true, "max_result_rows": true, "max_result_bytes": true, "max_rows_to_read": true, "max_bytes_to_read": true,
}

// formats are settings of the output that do not begin like the others.
var formats = map[string]bool{
	"date_time_output_format": true, "date_time_input_format": true, "interval_output_format": true,
	"date_time_64_output_format_cut_trailing_zeros_align_to_groups_of_thousands": true,
	"bool_true_representation": true, "bool_false_representation": true, "extremes": true, "session_timezone": true,
	// What a limit does when it is reached: the answer ends there, or fails.
	"result_overflow_mode": true, "read_overflow_mode": true, "timeout_overflow_mode": true,
}

// elsewhere are settings of formats that read or write files, or ask a server, or show what is hidden.
var elsewhere = map[string]bool{
	"input_format_record_errors_file_path": true, "output_format_schema": true, "output_format_avro_confluent_subject": true,
	"format_schema": true, "format_schema_source": true, "format_schema_message_name": true,
	"format_template_resultset": true, "format_template_row": true,
	"format_display_secrets_in_show_and_select": true,
}

func ofFormat(name string) bool {
	if elsewhere[name] || strings.HasPrefix(name, "format_avro_schema_registry_") || !settingName.MatchString(name) {
		return false
	}
	return formats[name] || strings.HasPrefix(name, "output_format_") || strings.HasPrefix(name, "input_format_") || strings.HasPrefix(name, "format_")
}

// transport says that a URL parameter of ClickHouse's HTTP interface is no setting of the query itself. A pooled
// connection has no session, user or quota, so those are read and dropped.
func transport(name string) bool {
	return notSettings[name] || strings.HasPrefix(name, "http_")
}

var notSettings = map[string]bool{
	"query": true, "database": true, "default_format": true, "query_id": true, "client_protocol_version": true,
	"session_id": true, "session_timeout": true, "session_check": true, "close_session": true,
	"user": true, "password": true, "role": true, "quota_key": true, "stacktrace": true,
	"buffer_size": true, "wait_end_of_query": true, "compress": true, "decompress": true,
	"log_comment":             true, // names the connection, see session.mark
	"enable_http_compression": true, "send_progress_in_http_headers": true, "network_compression_method": true,
	"network_zstd_compression_level": true, "cancel_http_readonly_queries_on_client_close": true, "add_http_cors_header": true,
	"connect_timeout": true, "receive_timeout": true, "send_timeout": true,
}

// change is one setting as SET takes it.
func change(name, value string) string { return fmt.Sprintf("%s = %s", name, quote(value)) }
