package chdb

import (
	"context"
	"errors"
	"os"
	"testing"

	"github.com/ClickHouse/clickhouse-go/v2"
)

var allowed = []string{
	"SELECT 1", "SELECT 1;", "SELECT 1; -- over", "-- first\nSELECT 1 /* ; DROP TABLE t */", "(SELECT 1)", "FROM numbers(1) SELECT *",
	"SHOW TABLES", "SHOW DATABASES", "SHOW CREATE TABLE gated", "DESCRIBE gated", "DESCRIBE TABLE gated", "EXISTS gated", "EXISTS TABLE gated",
	"EXPLAIN SELECT * FROM gated", "EXPLAIN SYNTAX SELECT 1", "EXPLAIN AST SELECT 1", "EXPLAIN ESTIMATE SELECT * FROM gated", "EXPLAIN PIPELINE SELECT 1", "EXPLAIN indexes = 1, actions = 1 SELECT * FROM gated WHERE n = 1",
	"WITH 1 AS x SELECT x", "WITH t AS (SELECT 1 AS a) SELECT * FROM t", "SELECT 1 UNION ALL SELECT 2", "SELECT 1 EXCEPT SELECT 2", "SELECT 1 INTERSECT SELECT 1",
	"SELECT file, count() AS files, lower(file) FROM gated GROUP BY file", "SELECT file FROM gated AS file", "SELECT arrayMap(x -> concat(x, file), ['a']) FROM gated",
	"SELECT 'file(''x'')', '; DROP TABLE t', 'INTO OUTFILE', 'SETTINGS a = 1'", "SELECT 1 AS `INTO OUTFILE x`",
	"SELECT 1 AS `x\n                    Identifier file`", "SELECT '\n                    Identifier file\n Set'",
	"SELECT 1 FORMAT JSON", "SELECT * FROM system.tables LIMIT 1", "SELECT getSetting('max_threads')", "SELECT * FROM numbers(3)",
	"SELECT format('{}', 1)", "SELECT * FROM values('a Int8', 1)", "SELECT settings FROM (SELECT 1 AS settings)",
	"SELECT {name:String}", "SELECT * FROM {table:Identifier}", "SELECT * FROM parameterised(least = 1)",
	"SELECT quantile(0.5)(n), argMax(file, n) FROM gated", "SELECT file FROM gated INTERSECT SELECT file FROM gated",
}

var forbidden = []string{
	// named in the design
	"SELECT 1 INTO OUTFILE '/tmp/gate-out'", "SELECT file('/etc/hostname')", "KILL QUERY WHERE 1", "SELECT 1; DROP TABLE gated",
	"EXPLAIN AST SELECT 1; DROP TABLE gated", "INSERT INTO gated VALUES (1, 'x')", "DROP TABLE gated", "SELECT * FROM file('/etc/hostname')", "SELECT * FROM url('http://127.0.0.1:1/')",
	// other writing
	"WITH t AS (SELECT 1) INSERT INTO gated SELECT 1, 'x'", "INSERT INTO FUNCTION file('/tmp/gate-out') SELECT 1", "SELECT 1 INTO/**/OUTFILE '/tmp/gate-out'",
	"SELECT 1 into\noutfile '/tmp/gate-out' TRUNCATE FORMAT CSV", "EXPLAIN AST SELECT 1 INTO OUTFILE '/tmp/gate-out'", "EXPLAIN SELECT 1 INTO OUTFILE '/tmp/gate-out'",
	"SHOW TABLES INTO OUTFILE '/tmp/gate-out'", "DESCRIBE gated INTO OUTFILE '/tmp/gate-out'", "SELECT 1 UNION ALL SELECT 2 INTO OUTFILE '/tmp/gate-out'",
	"CREATE TABLE t (a Int8) ENGINE = Memory", "CREATE TEMPORARY TABLE t (a Int8)", "CREATE FUNCTION f AS x -> x", "ALTER TABLE gated DELETE WHERE 1", "TRUNCATE TABLE gated",
	"RENAME TABLE gated TO t", "OPTIMIZE TABLE gated", "EXPLAIN INSERT INTO gated SELECT 1, 'x'", "EXPLAIN AST DROP TABLE gated", "BACKUP DATABASE default TO File('/tmp/gate-out')",
	// the engine itself
	"SET readonly = 0", "USE system", "SYSTEM SHUTDOWN", "SYSTEM FLUSH LOGS", "ATTACH TABLE t", "DETACH TABLE gated", "GRANT ALL ON *.* TO default", "BEGIN TRANSACTION",
	"CHECK TABLE gated", "EXECUTE AS default SELECT 1", "SELECT 1 PARALLEL WITH SELECT 2",
	// lifting the limits
	"SELECT 1 SETTINGS max_execution_time = 0", "SELECT 1 FORMAT JSON SETTINGS max_threads = 1", "SELECT * FROM (SELECT 1 SETTINGS max_memory_usage = 0)",
	"WITH t AS (SELECT 1 SETTINGS readonly = 0) SELECT * FROM t", "EXPLAIN SELECT 1 SETTINGS max_threads = 1",
	// reading a file in an expression
	"SELECT/**/file/**/('/etc/hostname')", "SELECT `file`('/etc/hostname')", "SELECT \"file\"('/etc/hostname')", "SELECT (SELECT file('/etc/hostname'))",
	"SELECT arrayMap(x -> file(x), ['/etc/hostname'])", "SELECT arrayMap(file, ['/etc/hostname'])", "SELECT arrayMap((file), ['/etc/hostname'])", "SELECT arrayMap(`file`, ['/etc/hostname'])",
	"SELECT mapApply(file, map('a', 'b'))", "SELECT * APPLY file FROM (SELECT '/etc/hostname')", "SELECT * APPLY(file) FROM (SELECT '/etc/hostname')",
	"SELECT * APPLY(x -> file(x)) FROM (SELECT '/etc/hostname')", "SELECT COLUMNS('a') APPLY (file) FROM (SELECT '/etc/hostname' AS a)", "SELECT * APPLY(x -> concat(')', file(x))) FROM (SELECT 1)",
	"SELECT * REPLACE(file('/etc/hostname') AS a) FROM (SELECT 1 AS a)", "SELECT 1 ORDER BY file('/etc/hostname')", "SELECT quantile(length(file('/etc/hostname')))(1)",
	"SELECT number FROM numbers(1) ORDER BY number WITH FILL FROM length(file('/etc/hostname'))", "SELECT number AS n FROM numbers(1) ORDER BY n WITH FILL INTERPOLATE (n AS file('/etc/hostname'))",
	"SELECT sum(1) OVER (PARTITION BY file('/etc/hostname'))", "SELECT sum(1) OVER w WINDOW w AS (ORDER BY file('/etc/hostname'))", "SELECT 1 LIMIT length(file('/etc/hostname'))",
	"SELECT 1 WHERE 1 IN (SELECT length(file('/etc/hostname')))", "SELECT 1 PREWHERE file('/etc/hostname') = ''", "SELECT 1 QUALIFY file('/etc/hostname') = ''",
	"WITH file('/etc/hostname') AS x SELECT x", "WITH (x -> file(x)) AS f SELECT f('/etc/hostname')", "EXPLAIN SELECT file('/etc/hostname')", "EXPLAIN QUERY TREE SELECT file('/etc/hostname')",
	"SELECT * FROM (EXPLAIN SELECT 1)", "DESCRIBE (SELECT file('/etc/hostname'))", "SELECT * FROM (EXPLAIN SELECT file('/etc/hostname'))", "SELECT * FROM view(SELECT file('/etc/hostname'))",
	"SELECT * FROM gated LIMIT 1 BY file('/etc/hostname')", "SELECT * FROM gated ARRAY JOIN [file('/etc/hostname')] AS x", "SELECT * FROM gated JOIN (SELECT 1 AS n) AS b ON file('/etc/hostname') = ''",
	"SELECT arrayMap({f:Identifier}, ['/etc/hostname'])",
	// elsewhere
	"DESCRIBE file('/etc/hostname')", "DESCRIBE TABLE url('http://127.0.0.1:1/')", "SELECT * FROM s3('http://127.0.0.1:1/b/x')", "SELECT * FROM remote('127.0.0.1', system.one)",
	"SELECT * FROM mysql('127.0.0.1:1', 'a', 'b', 'c', 'd')", "SELECT * FROM postgresql('127.0.0.1:1', 'a', 'b', 'c', 'd')", "SELECT * FROM executable('cat', 'TSV', 'a String')",
	"SELECT * FROM sqlite('/tmp/x', 'y')", "SELECT * FROM filesystem('/etc')", "SELECT * FROM eval('SELECT 1')", "SELECT * FROM input('a String')", "SELECT * FROM dictionary('d')",
	"SELECT 1 IN url('http://127.0.0.1:1/')", "SELECT catboostEvaluate('/etc/hostname', 1)", "SELECT reverseDNSQuery('127.0.0.1')", "SELECT hasColumnInTable('127.0.0.1', 'a', 'b', 'c')",
	"SELECT * FROM fileCluster('c', '/etc/hostname')", "SELECT * FROM deltaLakeLocal('/tmp')", "SELECT * FROM loop(gated)", "SELECT aiGenerate('x')",
	"SELECT number AS `'` FROM numbers(1) ORDER BY `'` WITH FILL FROM length(file('/etc/hostname'))", "SELECT 1 AS `'` INTO OUTFILE '/tmp/gate-out'",
	"SELECT 1\x00; DROP TABLE gated", "EXPLAIN indexes = 1 SELECT file('/etc/hostname')", "EXPLAIN indexes = 1 SELECT * FROM (SELECT 1 SETTINGS max_threads = 1)",
}

func TestReadOnly(t *testing.T) {
	e := another(t, openGated)
	ctx := context.Background()
	params := map[string]string{"name": "n", "table": "gated", "f": "file"}
	for _, sql := range allowed {
		if err := e.Gate(ctx, sql, params); err != nil {
			t.Errorf("allowed %q: %v", sql, err)
			continue
		}
		body, err := e.Query(ctx, sql, "TSV", params)
		if err != nil {
			t.Errorf("run %q: %v", sql, err)
			continue
		}
		body.Close()
	}
	for _, sql := range forbidden {
		var no *RefusedError
		if err := e.Gate(ctx, sql, params); !errors.As(err, &no) || no.Reason == "" {
			t.Errorf("forbidden %q: %v", sql, err)
		}
	}
	if _, err := os.Stat("/tmp/gate-out"); err == nil {
		t.Error("the gate wrote a file")
	}
	// A mistake in the SQL is the engine's answer, not a refusal.
	var no *RefusedError
	err := e.Gate(ctx, "SELEKT 1")
	if errors.As(err, &no) {
		t.Errorf("a mistake is refused: %v", err)
	}
	wantCode(t, err, 62)

	conn := dial(t, e, "default")
	for _, sql := range []string{"INSERT INTO gated VALUES (1, 'x')", "DROP TABLE gated", "CREATE DATABASE x", "SET readonly = 0", "SET max_threads = 1", "SELECT 1 SETTINGS readonly = 0"} {
		wantCode(t, conn.Exec(ctx, sql), 164)
	}
	wantCode(t, conn.Exec(clickhouse.Context(ctx, clickhouse.WithSettings(clickhouse.Settings{"readonly": 0})), "SELECT 1"), 164)
	wantCode(t, conn.QueryRow(ctx, "SELECT sum(length(x)) FROM (SELECT groupArray(number) AS x FROM numbers(1000000000))").Err(), 241, 159)
	_, err = conn.Query(ctx, "SELECT count() FROM numbers(1000000000000) WHERE sipHash64(number) = 1")
	wantCode(t, err, 159)
	rows, err := conn.Query(ctx, "SELECT number FROM numbers(100000)")
	if err == nil {
		for rows.Next() {
		}
		err = rows.Err()
		rows.Close()
	}
	wantCode(t, err, 396)
	deadline, cancel := context.WithTimeout(ctx, 60e9)
	defer cancel()
	must(t, conn.Exec(deadline, "SELECT 1")) // the driver adds max_execution_time
	if n := one(t, conn, "SELECT count() FROM gated"); n != 1 {
		t.Errorf("%d rows", n)
	}
}

func openGated(t *testing.T, lib, dir string) *Engine {
	t.Helper()
	e, err := Open(lib, dir)
	must(t, err)
	conn := dial(t, e, "default")
	for _, sql := range []string{
		"CREATE TABLE gated (n UInt8, file String) ENGINE = MergeTree ORDER BY n", "INSERT INTO gated VALUES (1, 'a')",
		"CREATE VIEW parameterised AS SELECT n FROM gated WHERE n >= {least:UInt8}",
	} {
		must(t, conn.Exec(context.Background(), sql))
	}
	must(t, e.Close())
	e, err = OpenReadOnly(lib, dir, Limits{MaxExecutionTime: 1e9, MaxMemoryUsage: 100 << 20, MaxResultRows: 50_000})
	must(t, err)
	return e
}
