/** `events ingest` and `ingest`: files of events into the ledger, with progress, one summary, and every record accounted for. */
import type { Command } from 'commander';
import { exitCodes } from '../errors.js';
import { type InputFormat, inputFormats } from '../ingest/format.js';
import type { IngestSummary } from '../ingest/run.js';
import type { IngestProgress } from '../operations/ingest.js';
import { printable } from '../render/printable.js';
import type { Session } from './context.js';
import { fileName } from './failure.js';
import { examples, oneOf, usage } from './flags.js';
import { counted, printDocument } from './output.js';
import { ProgressLine } from './progressLine.js';

interface IngestFlags {
  readonly format?: InputFormat;
  readonly map?: string;
  readonly rejects?: string;
  readonly atomic?: boolean;
  readonly strict?: boolean;
  readonly asStored?: boolean;
  readonly dryRun?: boolean;
}

export function addIngest(command: Command, session: Session): void {
  command
    .description(
      'Stores usage events from NDJSON, JSON or CSV files, gzip or not; - is stdin. An event that is there already is ' +
        'skipped, so running it again is safe. Good records are stored beside bad ones, which are counted and shown.',
    )
    .argument('[files...]', 'files; - is stdin, which is read too when a pipe names none')
    .addOption(oneOf('--format <format>', 'of the files (default: told from the content)', inputFormats))
    .option('--map <preset|file>', 'how foreign records become events')
    .option('--rejects <file>', 'write refused records there, as NDJSON; - is stdout, and the summary goes to stderr')
    .option('--atomic', 'all or nothing')
    .option('--strict', 'refuse events that no invoice would show')
    .option('--as-stored', 'take properties as they are: `events export` wrote them after expressions')
    .option('--dry-run', 'read and check everything, store nothing')
    .addHelpText(
      'after',
      `${examples('ingest events.ndjson', 'ingest usage.csv.gz --rejects rejected.ndjson', 'ingest - < events.json')}\n\nExit code 10 when some records were refused.`,
    )
    .action(async (named: string[], flags: IngestFlags) => {
      if (named.length === 0 && process.stdin.isTTY) throw usage('no files', 'Name files; - is stdin.');
      const files = named.length === 0 ? ['-'] : named;
      const { performIngest } = await import('../operations/perform.js');
      const context = await session.context();
      const started = performance.now();
      const line = new ProgressLine(session);
      const stop = new AbortController();
      // What runs as one transaction never pauses to hear a signal: there the interrupt ends the process, and undoes it.
      if (flags.atomic !== true && flags.dryRun !== true) process.once('SIGINT', () => stop.abort());
      const summary = await performIngest(context, files, {
        format: flags.format ?? null,
        map: flags.map ?? null,
        rejects: flags.rejects ?? null,
        atomic: flags.atomic ?? false,
        strict: flags.strict ?? false,
        asStored: flags.asStored ?? false,
        dryRun: flags.dryRun ?? false,
        signal: stop.signal,
        ...(session.progress ? { onProgress: progressOf(line) } : {}),
      });
      line.clear();
      report(flags.rejects === '-' ? besides(session) : session, summary, (performance.now() - started) / 1000);
    });
}

/** The same session with stderr for its data: stdout carries the refused records. */
function besides(session: Session): Session {
  return Object.create(session, { stdout: { value: session.stderr } }) as Session;
}

function progressOf(line: ProgressLine) {
  return ({ bytesRead, bytesTotal, records }: IngestProgress): void =>
    line.show((seconds) => {
      const rate = Math.round(records / seconds).toLocaleString('en');
      const share = bytesTotal === null ? null : bytesRead / Math.max(bytesTotal, 1);
      const left = share === null || share === 0 ? '' : `, ${Math.ceil((seconds / share) * (1 - share))} s left`;
      const percent = share === null ? '' : ` ${Math.floor(share * 100)} %,`;
      return `${percent} ${records.toLocaleString('en')} events, ${rate} a second${left}`;
    });
}

function report(session: Session, summary: IngestSummary, seconds: number): void {
  printDocument(session, summaryJson(summary), summaryLines(summary).join('\n'));
  for (const line of findings(summary)) session.note(`${session.colors.yellow('warning')} ${printable(line)}`);
  const rate = Math.round(summary.records / Math.max(seconds, 0.001)).toLocaleString('en');
  session.note(`${counted(summary.records, 'record')} in ${seconds.toFixed(1)} s, ${rate} a second`);
  if (!summary.committed) session.note('nothing was stored');
  if (summary.interrupted) process.exitCode = exitCodes.interrupted;
  else if (summary.rejected.count + summary.conflicts.count > 0) process.exitCode = exitCodes.partial;
}

function summaryLines(summary: IngestSummary): string[] {
  const { stored, duplicates, conflicts, rejected, skipped } = summary;
  const counts: readonly [number, string][] = [
    [stored, 'stored'],
    [duplicates, 'already there'],
    [conflicts.count, 'in conflict with another event of the same id'],
    [rejected.count, 'refused'],
    [skipped.count, 'left out by the mapping'],
  ];
  const shown = counts.filter(([count, name]) => count > 0 || name === 'stored');
  return [shown.map(([count, name]) => `${count.toLocaleString('en')} ${name}`).join(', ')];
}

/** What people must know: events that will not count, conflicts and refusals with their lines. */
function findings(summary: IngestSummary): string[] {
  const { unmatched, conflicts, rejected } = summary;
  const total = (counts: Readonly<Record<string, number>>) =>
    Object.values(counts).reduce((sum, count) => sum + count, 0);
  const named = (counts: Readonly<Record<string, number>>) => {
    const names = Object.entries(counts).sort((a, b) => b[1] - a[1]);
    const shown = names.slice(0, 5).map(([name, count]) => `${name === '' ? '(none)' : name} ${count}`);
    return names.length > 5 ? `${shown.join(', ')}, and ${names.length - 5} more` : shown.join(', ');
  };
  const unmatchedKinds = [
    [unmatched.unknownMetric, 'name an unknown billable metric and will not be billed'],
    [unmatched.unknownSubscription, 'name an unknown subscription and will not be billed until it exists'],
    [unmatched.missingField, 'lack the property that their metric reads'],
    [unmatched.nonNumericField, 'have no number where their metric reads one'],
    [unmatched.unreadableAmount, 'have an unreadable precise_total_amount_cents and count as 0'],
  ] as const;
  return [
    ...unmatchedKinds.flatMap(([counts, what]) =>
      total(counts) === 0 ? [] : [`events that ${what}: ${total(counts)} (${named(counts)})`],
    ),
    ...conflicts.samples.map(
      ({ file, line, arrived }) =>
        `${fileName(file)}:${line} ${arrived.transactionId}: another event has this transaction_id; the first one is kept`,
    ),
    ...rejected.samples.map(({ file, line, field, code, message, hint }) =>
      [`${fileName(file)}:${line} ${field}: ${message} (${code})`, hint].filter((part) => part !== null).join('. '),
    ),
  ];
}

function summaryJson(summary: IngestSummary): unknown {
  const { conflicts, rejected, skipped, unmatched } = summary;
  return {
    ingestion: {
      files: summary.files,
      bytes: summary.bytes,
      lines: summary.lines,
      records: summary.records,
      stored: summary.stored,
      duplicates: summary.duplicates,
      conflicts: {
        count: conflicts.count,
        samples: conflicts.samples.map(({ file, line, arrived, stored }) => ({
          file,
          line,
          transaction_id: arrived.transactionId,
          stored_sequence: stored.sequence,
        })),
      },
      rejected: { count: rejected.count, by_code: rejected.byCode, samples: rejected.samples },
      skipped: { count: skipped.count, by_reason: skipped.byReason },
      unmatched: {
        unknown_metric: unmatched.unknownMetric,
        unknown_subscription: unmatched.unknownSubscription,
        missing_field: unmatched.missingField,
        non_numeric_field: unmatched.nonNumericField,
        unreadable_amount: unmatched.unreadableAmount,
      },
      committed: summary.committed,
      interrupted: summary.interrupted,
    },
  };
}
