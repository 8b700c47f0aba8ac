// One process that opens a ledger and asks for the usage of a subscription by the best single query: what `usage` is held
// beside.
//
//   node bench/bareUsage.mjs LEDGER.db SUBSCRIPTION FROM TO     (microseconds)
import Database from 'better-sqlite3';

const [file, subscription, from, to] = process.argv.slice(2);
const db = new Database(file, { readonly: true });
const points = (code) =>
  `FROM usage_points WHERE series_id = (SELECT id FROM series WHERE code = '${code}' AND external_subscription_id = @subscription)
   AND timestamp_us BETWEEN @from AND @to`;
const row = db
  .prepare(`SELECT
    (SELECT count(*) ${points('requests')}) AS requests,
    (SELECT sum(value) ${points('traffic')}) AS traffic,
    (SELECT max(value) ${points('memory')}) AS memory,
    (SELECT count(DISTINCT value) ${points('users')}) AS users,
    (SELECT value ${points('storage')} ORDER BY timestamp_us DESC, seq DESC LIMIT 1) AS storage`)
  .safeIntegers()
  .get({ subscription, from: BigInt(from), to: BigInt(to) });
process.stdout.write(`${JSON.stringify(row, (_, value) => (typeof value === 'bigint' ? String(value) : value))}\n`);
