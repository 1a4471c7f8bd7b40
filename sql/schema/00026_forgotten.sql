-- +goose Up
-- Who was forgotten, without saying who: keyed hashes of the names, ids and
-- e-mail addresses that ingest replaces by the pseudonym before a record lands.
-- The key is not stored: it stands in a file beside the store, see docs/forget.md.
-- FINAL reads whether what had landed before is rewritten.
CREATE TABLE IF NOT EXISTS forgotten (
    pseudonym    String                  COMMENT 'what stands in the place of the person',
    hash         String                  COMMENT 'HMAC-SHA256 over the words of a name, id or address, in hex',
    words        UInt8                   COMMENT 'how many words those are',
    alone        UInt8                   COMMENT '1: one word that counts only as a whole value or a mention, as @ada',
    first_hint   UInt16                  COMMENT '16 bits over the first word, which let ingest pass other texts; hidden by the key',
    whole_hint   UInt16                  COMMENT 'the same over all words',
    key_id       String                  COMMENT 'tells which key it was: the same in all rows',
    forgotten_at DateTime64(3, 'UTC')    COMMENT 'when that was asked for',
    swept        UInt8                   COMMENT '1: all that was stored by then is rewritten',
    version      UInt64                  COMMENT 'counts how often the list was stored; the highest of a row counts'
) ENGINE = ReplacingMergeTree(version)
ORDER BY (pseudonym, hash)
COMMENT 'state: who was forgotten, as keyed hashes; the key is not stored';

-- +goose Down
DROP TABLE IF EXISTS forgotten;
