package warehouse

import (
	"strings"
	"testing"
)

func TestOnCluster(t *testing.T) {
	for statement, want := range map[string]string{
		"CREATE DATABASE IF NOT EXISTS `srekpi`":                                                          "CREATE DATABASE IF NOT EXISTS `srekpi` ON CLUSTER `c`",
		"CREATE TABLE t (a UInt8 COMMENT 'ENGINE = MergeTree; x') ENGINE=MergeTree ORDER BY a":            "CREATE TABLE t ON CLUSTER `c` (a UInt8 COMMENT 'ENGINE = MergeTree; x') ENGINE=ReplicatedMergeTree ORDER BY a",
		"-- why\ncreate table if not exists db.`t x` (a UInt8) ENGINE = ReplacingMergeTree(v) ORDER BY a": "-- why\ncreate table if not exists db.`t x` ON CLUSTER `c` (a UInt8) ENGINE = ReplicatedReplacingMergeTree(v) ORDER BY a",
		"CREATE OR REPLACE TABLE `d`.`t` ENGINE = MergeTree ORDER BY a AS\nWITH x AS (SELECT 1 AS a) SELECT a FROM x": "CREATE OR REPLACE TABLE `d`.`t` ON CLUSTER `c` ENGINE = ReplicatedMergeTree ORDER BY a EMPTY AS\nWITH x AS (SELECT 1 AS a) SELECT a FROM x" +
			"|INSERT INTO `d`.`t`\nWITH x AS (SELECT 1 AS a) SELECT a FROM x",
		"CREATE OR REPLACE VIEW v (a UInt8 COMMENT 'it''s') AS SELECT a FROM t": "CREATE OR REPLACE VIEW v ON CLUSTER `c` (a UInt8 COMMENT 'it''s') AS SELECT a FROM t",
		"CREATE FUNCTION IF NOT EXISTS wilson_low AS (k, n) -> k / n":           "CREATE FUNCTION IF NOT EXISTS wilson_low ON CLUSTER `c` AS (k, n) -> k / n",
		"ALTER TABLE t UPDATE a = 1 WHERE b = 'DELETE'":                         "ALTER TABLE t ON CLUSTER `c` UPDATE a = 1 WHERE b = 'DELETE'",
		"ALTER TABLE t DROP PARTITION 3":                                        "ALTER TABLE t ON CLUSTER `c` DROP PARTITION 3",
		"DELETE FROM t WHERE a = ?":                                             "DELETE FROM t ON CLUSTER `c` WHERE a = ?",
		"EXCHANGE TABLES a AND b":                                               "EXCHANGE TABLES a AND b ON CLUSTER `c`",
		"RENAME TABLE a TO b;":                                                  "RENAME TABLE a TO b ON CLUSTER `c`;",
		"DROP TABLE IF EXISTS t":                                                "DROP TABLE IF EXISTS t ON CLUSTER `c`",
		"DROP FUNCTION f":                                                       "DROP FUNCTION f ON CLUSTER `c`",
		"TRUNCATE TABLE t":                                                      "TRUNCATE TABLE t ON CLUSTER `c`",
		"OPTIMIZE TABLE t FINAL":                                                "OPTIMIZE TABLE t ON CLUSTER `c` FINAL",
		"INSERT INTO t SELECT 1":                                                "INSERT INTO t SELECT 1",
	} {
		got, err := onCluster(statement, "c")
		if err != nil || strings.Join(got, "|") != want {
			t.Errorf("%v\n got %s\nwant %s", err, strings.Join(got, "|"), want)
		}
	}
	for _, statement := range []string{
		"", "ATTACH TABLE t", "CREATE DICTIONARY d (a UInt8) PRIMARY KEY a", "CREATE TEMPORARY TABLE t (a UInt8)", "CREATE TABLE t (a UInt8) ENGINE = Memory",
		"CREATE TABLE t AS u", "DROP DICTIONARY d", "SYSTEM STOP MERGES", "SET readonly = 0", "DROP TABLE t ON CLUSTER x", "ALTER TABLE", "GRANT SELECT ON *.* TO x",
	} {
		if got, err := onCluster(statement, "c"); err == nil {
			t.Errorf("%q became %q", statement, got)
		}
	}
}
