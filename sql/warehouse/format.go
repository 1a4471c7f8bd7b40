package warehouse

import (
	"context"
	"fmt"
	"regexp"

	"github.com/ClickHouse/clickhouse-go/v2"
)

// BinaryError says that a result is not for a terminal.
type BinaryError struct {
	Format string
}

func (e *BinaryError) Error() string {
	return fmt.Sprintf("%s is a binary format, which a terminal cannot show; send it to a file: srekpi sql --format %s … > FILE", e.Format, e.Format)
}

// ownFormat finds the clause of the whole statement in the engine's print of it, where it starts a line of its own and
// no literal holds a line break.
var ownFormat = regexp.MustCompile(`(?m)^FORMAT (\w+)$`)

// ForTerminal is the format in which the result of a query will come: the given one, or that of the query's own FORMAT
// clause. A binary one is a [*BinaryError]. A mistake in the query is left to [Warehouse.UserQuery].
func (w *Warehouse) ForTerminal(ctx context.Context, sql, format string) (string, error) {
	var printed string
	ask := func(name, value string) context.Context {
		return clickhouse.Context(ctx, clickhouse.WithParameters(escaped(map[string]string{name: value})))
	}
	if err := w.QueryRow(ask("sql", sql), "SELECT ifNull(formatQueryOrNull({sql:String}), '')").Scan(&printed); err != nil {
		return "", fmt.Errorf("look at the query's format: %w", queryError(err))
	}
	if own := ownFormat.FindStringSubmatch(printed); own != nil {
		format = own[1]
	}
	var binary uint64
	err := w.QueryRow(ask("format", format), "SELECT count() FROM system.formats WHERE lower(name) = lower({format:String}) AND is_output AND NOT is_tty_friendly").Scan(&binary)
	if err != nil {
		return "", fmt.Errorf("look at the query's format: %w", queryError(err))
	}
	if binary > 0 {
		return "", &BinaryError{Format: format}
	}
	return format, nil
}
