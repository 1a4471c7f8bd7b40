// Asks srekpi serve with ClickHouse's own client for Node.js; ends with 0 if every answer is right.
import assert from 'node:assert/strict'
import { createClient, ClickHouseLogLevel } from '@clickhouse/client'

const url = process.env.SERVE_URL
const log = { level: ClickHouseLogLevel.OFF } // every rejection is looked at below
const client = createClient({ url, password: process.env.SERVE_SECRET, database: 'srekpi', log })
const rows = async (options) => (await client.query({ format: 'JSONEachRow', ...options })).json()

assert.equal((await client.ping()).success, true)
assert.equal((await client.ping({ select: true })).success, true)

// Formats: rows, one JSON document, and text.
assert.deepEqual(await rows({ query: 'SELECT number AS n FROM numbers(3)' }), [{ n: 0 }, { n: 1 }, { n: 2 }])
const document = await (await client.query({ query: 'SELECT 1 AS n' })).json()
assert.deepEqual([document.rows, document.meta[0].name, document.data[0].n], [1, 'n', 1])
assert.equal(await (await client.query({ query: 'SELECT count() FROM facts', format: 'TabSeparated' })).text(), '200000\n')

// Parameters.
const text = 'tab\t line\n quote\' back\\slash ü'
assert.deepEqual(
  await rows({ query: 'SELECT {t:String} AS t, {l:Array(UInt8)} AS l, {n:Nullable(String)} AS n', query_params: { t: text, l: [1, 2], n: null } }),
  [{ t: text, l: [1, 2], n: null }],
)

// A stream of a million rows.
let lines = 0
let last
const csv = await client.query({ query: 'SELECT number, toString(number) FROM numbers(1000000)', format: 'CSV' })
for await (const chunk of csv.stream()) {
  lines += chunk.length
  last = chunk.at(-1).text
}
assert.deepEqual([lines, last], [1000000, '999999,"999999"'])

// Compressed answers, and a query's own id.
const packed = createClient({ url, password: process.env.SERVE_SECRET, database: 'srekpi', compression: { response: true }, log })
const answer = await packed.query({ query: 'SELECT sum(n) AS s FROM facts', format: 'JSONEachRow', query_id: 'my-id' })
assert.equal(answer.query_id, 'my-id')
assert.deepEqual(await answer.json(), [{ s: 19999900000 }])
await packed.close()

// Errors: the engine's, a refused setting, a refused write, a late one.
await assert.rejects(rows({ query: 'SELECT nope' }), { code: '47', type: 'UNKNOWN_IDENTIFIER' })
await assert.rejects(rows({ query: 'SELECT 1', clickhouse_settings: { max_threads: 1 } }), { code: '164', type: 'READONLY' })
await assert.rejects(client.command({ query: 'DROP TABLE facts' }), { code: '164', type: 'READONLY' })
await assert.rejects(client.insert({ table: 'facts', values: [{ n: 1 }], format: 'JSONEachRow' }))
await assert.rejects(async () => {
  const late = await client.query({ query: 'SELECT throwIf(number = 900000) FROM numbers(1000000)', format: 'JSONEachRow' })
  for await (const _ of late.stream()) {
  }
}, /throwIf/)

// Settings that are honoured.
assert.deepEqual(await rows({ query: 'SELECT 1 AS n', clickhouse_settings: { wait_end_of_query: 1 } }), [{ n: 1 }])
assert.deepEqual(await rows({ query: 'SELECT toUInt64(1) AS n', clickhouse_settings: { output_format_json_quote_64bit_integers: 1 } }), [{ n: '1' }])
await assert.rejects(rows({ query: 'SELECT number FROM numbers(100)', clickhouse_settings: { max_result_rows: '10' } }), { code: '396' })
await assert.rejects(rows({ query: 'SELECT sleep(2)', clickhouse_settings: { max_execution_time: 1 } }), { code: '159' })

// A query that its asker gives up.
const abort = new AbortController()
setTimeout(() => abort.abort(), 200)
await assert.rejects(rows({ query: 'SELECT count() FROM numbers(1000000000000) WHERE sipHash64(number) = 1', abort_signal: abort.signal }), /abort/)
assert.deepEqual(await rows({ query: 'SELECT 1 AS n' }), [{ n: 1 }])

const stranger = createClient({ url, password: 'wrong', log })
await assert.rejects(stranger.query({ query: 'SELECT 1' }), { code: '516' })
await stranger.close()
await client.close()
console.log('ok')
