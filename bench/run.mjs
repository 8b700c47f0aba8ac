#!/usr/bin/env node
// `npm run bench`: measures the built command line as processes, beside bare programs that do nothing but the same work.
// See bench/README.md for what is measured and how to read it.
import { cpSync, existsSync, mkdtempSync, rmSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { subscriptionId, writeEvents } from './events.mjs';
import { interleaved, measured, measuredNode } from './measured.mjs';
import { subscribe, writeDefinitions } from './project.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const here = (file) => join(root, 'bench', file);
const sections = { ingest, memory, usage, bill, pdf, startup };

const { values: options } = parseArgs({
  options: {
    events: { type: 'string', default: '1000000' },
    subscriptions: { type: 'string', default: '1000' },
    runs: { type: 'string', default: '3' },
    only: { type: 'string', default: 'ingest,usage,bill,pdf,startup' },
    cli: { type: 'string', default: root },
    harness: { type: 'string' },
    json: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
});
if (options.help) {
  process.stdout.write(
    `npm run bench -- [options]\n
  --events N          events of the month (1,000,000)
  --subscriptions N   subscriptions that they belong to (1,000)
  --runs N            rounds; medians are shown (3)
  --only a,b          ${Object.keys(sections).join(', ')} (all but memory)
  --cli DIR           another copy of the project, built, to measure instead of this one
  --harness FILE      another bare ingestion, run as: node FILE EVENTS.ndjson --points=yes --field=amount
  --json              the figures as one JSON document\n`,
  );
  process.exit(0);
}

const eventCount = Number(options.events);
const subscriptionCount = Number(options.subscriptions);
const rounds = Number(options.runs);
const project = resolve(options.cli);
const cli = join(project, 'bin/lago-cli.js');
const work = mkdtempSync(join(tmpdir(), 'lago-cli-bench-'));
const figures = [];

/** `ratio`: how many times as fast as what it is held beside; `target`: the least that it should be. */
function figure(name, { rate, unit, seconds, cpuSeconds, peakMegabytes, ratio, target }) {
  figures.push({ name, rate, unit, seconds, cpuSeconds, peakMegabytes, ratio, target });
  if (!options.json) process.stdout.write(`${lineOf(figures.at(-1))}\n`);
}

function lineOf({ name, rate, unit, seconds, cpuSeconds, peakMegabytes, ratio, target }) {
  const shown = (value, digits) =>
    value === undefined ? '' : value.toLocaleString('en', { maximumFractionDigits: digits });
  const cells = [
    name.padEnd(52),
    (rate === undefined ? '' : `${shown(rate, 0)} ${unit}`).padStart(20),
    (seconds === undefined ? '' : `${shown(seconds, 3)} s`).padStart(10),
    (cpuSeconds === undefined ? '' : `${shown(cpuSeconds, 2)} s`).padStart(9),
    (peakMegabytes === undefined ? '' : `${shown(peakMegabytes, 0)} MB`).padStart(8),
    (ratio === undefined ? '' : shown(ratio, 2)).padStart(7),
    target === undefined ? '' : ` ≥ ${target} ${ratio >= target ? 'reached' : 'missed'}`,
  ];
  return cells.join('').trimEnd();
}

function note(text) {
  process.stderr.write(`${text}\n`);
}

function eventsFile(count, subscriptions, format = 'ndjson') {
  const file = join(work, `${count}-${subscriptions}.${format}`);
  if (!existsSync(file)) {
    note(`writing ${count.toLocaleString('en')} events of ${subscriptions.toLocaleString('en')} subscriptions …`);
    writeEvents(count, subscriptions, file, format);
  }
  return file;
}

/** A project with its subscriptions; `name` is copied afresh for every run from here. */
async function projectWith(subscriptions) {
  const folder = join(work, `project-${subscriptions}`);
  if (existsSync(folder)) return folder;
  note(`subscribing ${subscriptions.toLocaleString('en')} customers …`);
  writeDefinitions(folder);
  await subscribe(project, folder, subscriptions);
  return folder;
}

function freshCopy(folder) {
  const copy = join(work, 'copy');
  rmSync(copy, { recursive: true, force: true });
  cpSync(folder, copy, { recursive: true });
  return copy;
}

const run = (folder, ...args) => measuredNode([cli, '--project', folder, ...args]);

async function ingest() {
  const file = eventsFile(eventCount, subscriptionCount);
  const csv = eventsFile(eventCount, subscriptionCount, 'csv');
  const folder = await projectWith(subscriptionCount);
  const bare = join(work, 'bare.db');
  const removeBare = () => {
    for (const end of ['', '-wal', '-shm']) rmSync(bare + end, { force: true });
  };
  const sqlite = hasSqlite();
  let copy = '';
  const results = interleaved(rounds, {
    bare: () => {
      removeBare();
      return measuredNode([here('bareIngest.mjs'), file, bare]);
    },
    first: () => {
      copy = freshCopy(folder);
      return run(copy, 'events', 'ingest', file);
    },
    again: () => run(copy, 'events', 'ingest', file),
    csv: () => run(freshCopy(folder), 'events', 'ingest', csv),
    ...(sqlite
      ? {
          import: () => {
            removeBare();
            const table =
              'CREATE TABLE e (transaction_id TEXT PRIMARY KEY, code, subscription, time, user, amount, zone)';
            return measured('sqlite3', [bare, table, '.mode csv', `.import --skip 1 ${csv} e`]);
          },
        }
      : {}),
    ...(options.harness
      ? { harness: () => measuredNode([resolve(options.harness), file, '--points=yes', '--field=amount']) }
      : {}),
  });
  removeBare();
  const rate = ({ seconds }) => eventCount / seconds;
  const show = (name, result, other, target) =>
    figure(name, {
      ...result,
      rate: rate(result),
      unit: 'events/s',
      ...(other ? { ratio: other.seconds / result.seconds, target } : {}),
    });
  show('bare ledger of events', results.bare);
  if (options.harness) show('the other bare ledger', results.harness);
  show('events ingest, NDJSON, beside the bare ledger', results.first, results.harness ?? results.bare, 0.8);
  show('the same file again, beside the first time', results.again, results.first, 1);
  if (sqlite) show('sqlite3 .import of CSV, unique text key', results.import);
  if (sqlite) show('events ingest, NDJSON, beside sqlite3 .import', results.first, results.import, 1);
  show('events ingest, CSV', results.csv);
}

/** Peak memory for the events and for ten times as many. */
async function memory() {
  const folder = await projectWith(subscriptionCount);
  const [few, many] = [eventCount, 10 * eventCount].map((count) =>
    run(freshCopy(folder), 'events', 'ingest', eventsFile(count, subscriptionCount)),
  );
  figure(`memory of ${eventCount.toLocaleString('en')} events, beside 200 MB`, {
    ...few,
    ratio: 200 / few.peakMegabytes,
    target: 1,
  });
  figure('memory of ten times the events, beside the same', {
    ...many,
    ratio: few.peakMegabytes / many.peakMegabytes,
    target: 0.9,
  });
}

/** One subscription has all the events, in one running period; five charges, one for each aggregation. */
async function usage() {
  const folder = freshCopy(await projectWith(1));
  run(folder, 'events', 'ingest', eventsFile(eventCount, 1));
  const [from, to] = [Date.UTC(2026, 9, 1) * 1000, Date.UTC(2026, 10, 1) * 1000 - 1];
  const results = interleaved(Math.max(rounds, 5), {
    bare: () =>
      measuredNode([here('bareUsage.mjs'), join(folder, 'lago.db'), subscriptionId(0), String(from), String(to)]),
    usage: () => run(folder, 'usage', subscriptionId(0), '--at', '2026-10-31T23:59:59Z', '--json'),
  });
  figure('bare query of count, sum, max, unique count, latest', results.bare);
  figure('usage, beside the bare query', {
    ...results.usage,
    ratio: results.bare.seconds / results.usage.seconds,
    target: 0.333,
  });
}

/** Subscriptions and events once, four times and sixteen times: the time should grow as they do. */
async function bill() {
  const most = subscriptionCount * 10;
  const sizes = [16, 4, 1].map((part) => ({
    subscriptions: Math.round(most / part),
    events: Math.round(eventCount / part),
  }));
  let before = null;
  for (const { subscriptions, events } of sizes) {
    const folder = freshCopy(await projectWith(subscriptions));
    run(folder, 'events', 'ingest', eventsFile(events, subscriptions));
    const ingested = `${folder}-ingested`;
    rmSync(ingested, { recursive: true, force: true });
    cpSync(folder, ingested, { recursive: true });
    const { billed } = interleaved(rounds, {
      billed: () => run(freshCopy(ingested), 'bill', '--at', '2026-11-01T00:00:00Z', '-o', 'csv'),
    });
    rmSync(ingested, { recursive: true, force: true });
    const rate = subscriptions / billed.seconds;
    const name = `bill, ${subscriptions.toLocaleString('en')} subscriptions × 5 charges, ${events.toLocaleString('en')} events`;
    const target = subscriptions === most ? { ratio: rate / 2_000, target: 1 } : {};
    figure(name, { ...billed, rate, unit: 'invoices/s', ...target });
    if (before !== null)
      figure('  time beside four times that of the last', { ratio: (before * 4) / billed.seconds, target: 0.8 });
    before = billed.seconds;
  }
}

/** What the documents of one more invoice take in a run: the invoices are issued before, their files are written now. */
async function pdf() {
  const [few, many] = [250, 1_000];
  const documents = {};
  for (const count of [few, many]) {
    const folder = freshCopy(await projectWith(count));
    run(folder, 'events', 'ingest', eventsFile(count * 50, count));
    const at = ['--at', '2026-11-01T00:00:00Z'];
    run(folder, 'bill', ...at, '-o', 'csv');
    const { written } = interleaved(rounds, {
      written: () => run(folder, 'invoices', 'generate', '--period', '2026-10', ...at, '-o', 'csv'),
    });
    documents[count] = written;
  }
  const cpuSeconds = (documents[many].cpuSeconds - documents[few].cpuSeconds) / (many - few);
  figure(`JSON and PDF of ${many} invoices`, documents[many]);
  figure('  CPU of each further invoice, at most 8 ms', { ratio: 0.008 / cpuSeconds, target: 1 });
}

async function startup() {
  const folder = freshCopy(await projectWith(1));
  const plain = (args) => () => measured(process.execPath, args);
  const results = interleaved(15, {
    node: plain(['-e', '0']),
    version: plain([cli, '--version']),
    usage: plain([cli, '--project', folder, 'usage', subscriptionId(0), '--at', '2026-10-15T00:00:00Z']),
  });
  figure('node -e 0', results.node);
  figure('--version, at most 1.5 times that', {
    ...results.version,
    ratio: (results.node.seconds * 1.5) / results.version.seconds,
    target: 1,
  });
  figure('usage of a small ledger, at most 4 times that', {
    ...results.usage,
    ratio: (results.node.seconds * 4) / results.usage.seconds,
    target: 1,
  });
}

function hasSqlite() {
  try {
    measured('sqlite3', ['--version']);
    return true;
  } catch {
    note('sqlite3 is not installed: .import is left out');
    return false;
  }
}

try {
  if (!options.json) {
    process.stdout.write(
      `${'what'.padEnd(52)}${'rate'.padStart(20)}${'time'.padStart(10)}${'CPU'.padStart(9)}${'peak'.padStart(8)}${'ratio'.padStart(7)}\n`,
    );
  }
  for (const name of options.only.split(',')) {
    const section = sections[name.trim()];
    if (section === undefined) throw new Error(`--only ${name}: choose of ${Object.keys(sections).join(', ')}`);
    await section();
  }
  if (options.json) {
    const machine = { node: process.version, cpus: cpus().length, model: cpus()[0]?.model };
    const document = { machine, events: eventCount, subscriptions: subscriptionCount, runs: rounds, figures };
    process.stdout.write(`${JSON.stringify(document, null, 2)}\n`);
  }
} finally {
  rmSync(work, { recursive: true, force: true });
}
