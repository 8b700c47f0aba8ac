// A bare ledger of events, to hold ingestion beside: what one Node process can write with better-sqlite3 when it does
// nothing but store each event once.
//
//   node bench/bareIngest.mjs EVENTS.ndjson LEDGER.db
//
// It is sound: an event is stored once by its transaction id, compared in full; rows, keys and points change in one
// transaction with synchronous=FULL; a value is exact or absent. It checks nothing else and reports nothing. Lines of the
// generator's own shape, in ASCII, are cut where they lie; any other goes through JSON.parse.
import { openSync, readSync } from 'node:fs';
import Database from 'better-sqlite3';

const [input, file] = process.argv.slice(2);
const batchSize = 250_000;
const rowsAtOnce = 50;

const db = new Database(file);
for (const pragma of ['journal_mode=WAL', 'synchronous=FULL', 'cache_size=-65536', 'wal_autocheckpoint=4000'])
  db.pragma(pragma);
db.exec(`
  CREATE TABLE series (id INTEGER PRIMARY KEY, subscription TEXT NOT NULL, code TEXT NOT NULL);
  CREATE TABLE events (seq INTEGER PRIMARY KEY, series INTEGER NOT NULL, time INTEGER NOT NULL, value INTEGER,
    transaction_id TEXT NOT NULL, properties TEXT NOT NULL);
  CREATE TABLE keys (hash INTEGER PRIMARY KEY, seq INTEGER NOT NULL);
  CREATE TABLE points (series INTEGER, time INTEGER, seq INTEGER, value INTEGER, PRIMARY KEY (series, time, seq)) WITHOUT ROWID;`);

const tuples = (columns, rows) =>
  Array(rows)
    .fill(`(${Array(columns).fill('?').join(',')})`)
    .join(',');
const statement = (sql, columns, rows) => db.prepare(`${sql} VALUES ${tuples(columns, rows)}`);
const addEvent = statement('INSERT INTO events', 6, 1);
const addEvents = statement('INSERT INTO events', 6, rowsAtOnce);
const addPoints = db.prepare(
  'INSERT INTO points SELECT series, time, seq, value FROM events WHERE seq >= ? ORDER BY series, time, seq',
);
const claimOne = statement('INSERT OR IGNORE INTO keys', 2, 1);
const claimMany = statement('INSERT OR IGNORE INTO keys', 2, rowsAtOnce);
const holder = db
  .prepare('SELECT k.seq, e.transaction_id FROM keys k JOIN events e USING (seq) WHERE k.hash = ?')
  .raw();
const remove = db.prepare('DELETE FROM events WHERE seq = ?');
const addSeries = db.prepare('INSERT INTO series (subscription, code) VALUES (?, ?)');

const hashes = new Float64Array(batchSize);
const row = new Array(6 * rowsAtOnce);
let filled = 0;
const seriesIds = new Map();
let sequence = 0;
let length = 0;

function seriesOf(subscription, code) {
  let ofCode = seriesIds.get(code);
  if (ofCode === undefined) {
    ofCode = new Map();
    seriesIds.set(code, ofCode);
  }
  let id = ofCode.get(subscription);
  if (id === undefined) {
    id = Number(addSeries.run(subscription, code).lastInsertRowid);
    ofCode.set(subscription, id);
  }
  return id;
}

function store(transactionId, code, subscription, timestamp, properties, value) {
  if (length === 0) db.exec('BEGIN IMMEDIATE');
  sequence += 1;
  hashes[length] = hash(transactionId);
  length += 1;
  row[filled] = sequence;
  row[filled + 1] = seriesOf(subscription, code);
  row[filled + 2] = timeOf(timestamp);
  row[filled + 3] = value;
  row[filled + 4] = transactionId;
  row[filled + 5] = properties;
  filled += 6;
  if (filled === row.length) {
    addEvents.run(row);
    filled = 0;
  }
  if (length === batchSize) commit();
}

function hash(text) {
  let [a, b] = [0x12345678, 0x9abcdef1];
  for (let i = 0; i < text.length; i += 1) {
    const code = text.charCodeAt(i);
    a = Math.imul(a ^ code, 0x85ebca6b);
    b = Math.imul(b + code, 0xc2b2ae35) ^ (a >>> 15);
  }
  a = Math.imul(a ^ (b >>> 16), 0x27d4eb2f);
  b = Math.imul(b ^ (a >>> 13), 0x165667b1);
  return ((b ^ (b >>> 16)) >>> 11) * 2 ** 32 + ((a ^ (a >>> 15)) >>> 0);
}

let day = '';
let dayStart = 0;
function timeOf(iso) {
  if (!iso.startsWith(day) || day === '') {
    day = iso.slice(0, 11);
    dayStart = Date.parse(`${day}00:00:00Z`);
  }
  const two = (at) => (iso.charCodeAt(at) - 48) * 10 + iso.charCodeAt(at + 1) - 48;
  const milliseconds = iso.length === 24 ? Number(iso.slice(20, 23)) : 0;
  return (dayStart + (two(11) * 3600 + two(14) * 60 + two(17)) * 1000 + milliseconds) * 1000;
}

/** The amount times a million, when that is exact. */
function scaled(text) {
  const point = text.indexOf('.');
  const decimals = point < 0 ? 0 : text.length - point - 1;
  if (decimals > 6 || text.length > 15) return null;
  const digits = point < 0 ? text : text.slice(0, point) + text.slice(point + 1);
  return Number(digits) * 10 ** (6 - decimals);
}

function commit() {
  if (length === 0) return;
  for (let i = 0; i < filled; i += 6) addEvent.run(row.slice(i, i + 6));
  filled = 0;
  const first = sequence - length + 1;
  claimKeys(first);
  addPoints.run(first);
  db.exec('COMMIT');
  length = 0;
}

/** In the order of their hashes, so that each page of the table is touched once. */
function claimKeys(first) {
  const sorted = new Float64Array(length);
  for (let i = 0; i < length; i += 1) sorted[i] = Math.floor(hashes[i] / 2 ** 21) * 2 ** 18 + i;
  sorted.sort();
  const pairs = new Array(2 * rowsAtOnce);
  for (let k = 0; k < length; k += rowsAtOnce) {
    const block = Math.min(rowsAtOnce, length - k);
    for (let j = 0; j < block; j += 1) {
      const i = sorted[k + j] % 2 ** 18;
      pairs[2 * j] = hashes[i];
      pairs[2 * j + 1] = first + i;
    }
    if (block === rowsAtOnce && claimMany.run(pairs).changes === rowsAtOnce) continue;
    for (let j = 0; j < block; j += 1) claim(pairs[2 * j], pairs[2 * j + 1]);
  }
}

const idOf = db.prepare('SELECT transaction_id FROM events WHERE seq = ?').pluck();
function claim(slot, seq) {
  const id = idOf.get(seq);
  for (let hashed = slot; ; hashed += 1) {
    if (claimOne.run(hashed, seq).changes === 1) return;
    const [owner, ownerId] = holder.get(hashed);
    if (owner === seq) return;
    if (ownerId !== id) continue;
    remove.run(seq);
    return;
  }
}

const [idKey, codeKey, subscriptionKey, timeKey, propertiesKey] = [
  '{"transaction_id":"',
  '","code":"',
  '","external_subscription_id":"',
  '","timestamp":"',
  '","properties":',
];
const amountKey = '"amount":"';

function line(text, start, end) {
  const code = text.indexOf(codeKey, start);
  const subscription = text.indexOf(subscriptionKey, code);
  const time = text.indexOf(timeKey, subscription);
  const properties = text.indexOf(propertiesKey, time);
  const plain = text.startsWith(idKey, start) && code > 0 && subscription > 0 && time > 0 && properties > 0;
  if (!plain || properties > end || escapes) return otherLine(text.slice(start, end));
  const json = text.slice(properties + propertiesKey.length, end - 1);
  const amount = json.indexOf(amountKey) + amountKey.length;
  store(
    text.slice(start + idKey.length, code),
    text.slice(code + codeKey.length, subscription),
    text.slice(subscription + subscriptionKey.length, time),
    text.slice(time + timeKey.length, properties),
    json,
    amount < amountKey.length ? null : scaled(json.slice(amount, json.indexOf('"', amount))),
  );
}

function otherLine(text) {
  if (text.trim() === '') return;
  const { transaction_id, code, external_subscription_id, timestamp, properties = {} } = JSON.parse(text);
  const amount = properties.amount === undefined ? null : scaled(String(properties.amount));
  store(transaction_id, code, external_subscription_id, timestamp, JSON.stringify(properties), amount);
}

const descriptor = openSync(input, 'r');
const buffer = Buffer.allocUnsafe(1 << 20);
let rest = '';
let escapes = false;
for (;;) {
  const read = readSync(descriptor, buffer, 0, buffer.length, null);
  if (read === 0) break;
  const text = rest + buffer.latin1Slice(0, read);
  escapes = text.includes('\\');
  let start = 0;
  for (let end = text.indexOf('\n'); end >= 0; end = text.indexOf('\n', start)) {
    line(text, start, end);
    start = end + 1;
  }
  rest = text.slice(start);
}
if (rest !== '') line(rest, 0, rest.length);
commit();
db.pragma('wal_checkpoint(TRUNCATE)');
db.close();
