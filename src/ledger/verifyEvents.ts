/**
 * What must hold of the events: each has one key and is found by it, each belongs to a series, and the usage projection
 * says of each what its properties say. The projection is compared point by point with what a rebuild would write.
 */
import { nextSlot } from './hash.js';
import { isRemoval } from './pointBatch.js';
import { propertyText } from './propertyText.js';
import { scaledValue } from './scaledValue.js';
import type { Statements } from './statements.js';
import type { MeteredField } from './types.js';

const PAGE = 20_000;
const MISSING_TEXT = 1;

export function eventProblems(statements: Statements, hash: (text: string) => number): string[] {
  const problems: string[] = [];
  const count = (what: string, sql: string) => {
    const found = statements.value<number>(sql) as number;
    if (found > 0) problems.push(`${found} ${what}`);
  };
  count('events without a key', 'SELECT count(*) FROM events WHERE seq NOT IN (SELECT seq FROM event_keys)');
  count('event keys without an event', 'SELECT count(*) FROM event_keys WHERE seq NOT IN (SELECT seq FROM events)');
  count('events with several keys', 'SELECT count(*) - count(DISTINCT seq) FROM event_keys');
  count('events without a series', 'SELECT count(*) FROM events WHERE series_id NOT IN (SELECT id FROM series)');
  problems.push(...displacedKeys(statements, hash));
  if (statements.value<number>('SELECT complete FROM projection') === 1) problems.push(...pointProblems(statements));
  return problems;
}

/** A key stands in its hash's slot, or behind it with every slot between taken: an event that is looked for is found. */
function displacedKeys(statements: Statements, hash: (text: string) => number): string[] {
  const problems: string[] = [];
  const ownerOf = (slot: number) => statements.value<number>('SELECT seq FROM event_keys WHERE hash = ?', [slot]);
  for (const [sequence, id] of pages<[number, string]>(statements, 'SELECT e.seq, e.transaction_id FROM events e')) {
    let slot = hash(id);
    let owner = ownerOf(slot);
    while (owner !== sequence && owner !== undefined) {
      slot = nextSlot(slot);
      owner = ownerOf(slot);
    }
    if (owner === undefined) problems.push(`event ${sequence} (${id}) is not found by its transaction_id`);
  }
  return problems;
}

type PointRow = readonly [
  sequence: number,
  seriesId: number,
  timestamp: number,
  properties: string,
  code: string,
  pointSeries: number | null,
  pointTimestamp: number | null,
  value: number | null,
  wide: string | null,
  text: string | null,
];

function pointProblems(statements: Statements): string[] {
  const problems: string[] = [];
  const fields = new Map(
    statements
      .rows('SELECT code, field_name, kind FROM projected_fields', [])
      .map(([code, fieldName, kind]) => [code, { code, fieldName, kind } as MeteredField]),
  );
  const surplus =
    (statements.value<number>('SELECT count(*) FROM usage_points') as number) -
    (statements.value<number>('SELECT count(*) FROM events') as number);
  if (surplus !== 0)
    problems.push(`the projection has ${Math.abs(surplus)} points too ${surplus > 0 ? 'many' : 'few'}`);
  const sql = `SELECT e.seq, e.series_id, e.timestamp_us, e.properties, s.code, p.series_id, p.timestamp_us, p.value,
      w.value, t.value
    FROM events e JOIN series s ON s.id = e.series_id
    LEFT JOIN usage_points p ON p.series_id = e.series_id AND p.timestamp_us = e.timestamp_us AND p.seq = e.seq
    LEFT JOIN usage_wide_values w ON w.series_id = e.series_id AND w.timestamp_us = e.timestamp_us AND w.seq = e.seq
    LEFT JOIN usage_texts t ON t.id = abs(p.value)`;
  for (const row of pages<PointRow>(statements, sql)) {
    const problem = pointProblem(row, fields.get(row[4]));
    if (problem !== null) problems.push(`event ${row[0]}: ${problem}`);
  }
  return problems;
}

function pointProblem(row: PointRow, field: MeteredField | undefined): string | null {
  const [, , , properties, , pointSeries, , value, wide, text] = row;
  if (pointSeries === null) return 'the projection has no point of it';
  if (field === undefined || field.fieldName === null || field.kind === 'none') {
    return value === null && wide === null ? null : 'the projection gives it a value, its metric reads none';
  }
  const wanted = propertyText(properties, field.fieldName);
  if (field.kind === 'text') {
    const sign = isRemoval(properties) ? -1 : 1;
    const found = value !== null && Math.abs(value) === MISSING_TEXT ? null : text;
    return value !== null && Math.sign(value) === sign && found === wanted ? null : differs(wanted, found);
  }
  const scaled = wanted === null ? null : scaledValue(wanted);
  if (scaled === 'wide') return wide === wanted && value === null ? null : differs(wanted, wide);
  return value === scaled && wide === null ? null : differs(wanted, value === null ? wide : `${value} millionths`);
}

function differs(wanted: string | null, found: string | null): string {
  return `its property is ${JSON.stringify(wanted)}, the projection says ${JSON.stringify(found)}`;
}

/** Rows in order of arrival, some thousands at a time. */
function* pages<R extends readonly [sequence: number, ...rest: unknown[]]>(
  statements: Statements,
  sql: string,
): Iterable<R> {
  for (let last = 0; ; ) {
    const page = statements.rows<R>(`${sql} WHERE e.seq > ? ORDER BY e.seq LIMIT ${PAGE}`, [last]);
    yield* page;
    if (page.length < PAGE) return;
    last = (page.at(-1) as R)[0];
  }
}
