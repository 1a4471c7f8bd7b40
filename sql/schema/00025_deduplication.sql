-- +goose Up
-- A server must know an insert again whose answer was lost. Only inserts that
-- carry a token are held against the window; the embedded engine sends none.
ALTER TABLE raw_records MODIFY SETTING non_replicated_deduplication_window = 1000;
ALTER TABLE sync_runs MODIFY SETTING non_replicated_deduplication_window = 1000;
ALTER TABLE positions MODIFY SETTING non_replicated_deduplication_window = 1000;
ALTER TABLE quarantine MODIFY SETTING non_replicated_deduplication_window = 1000;
ALTER TABLE published_values MODIFY SETTING non_replicated_deduplication_window = 1000;

-- +goose Down
ALTER TABLE raw_records MODIFY SETTING non_replicated_deduplication_window = 0;
ALTER TABLE sync_runs MODIFY SETTING non_replicated_deduplication_window = 0;
ALTER TABLE positions MODIFY SETTING non_replicated_deduplication_window = 0;
ALTER TABLE quarantine MODIFY SETTING non_replicated_deduplication_window = 0;
ALTER TABLE published_values MODIFY SETTING non_replicated_deduplication_window = 0;
