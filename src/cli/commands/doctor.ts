/** `doctor`: whether this machine and this project are fit to bill. */
import { accessSync, constants, statSync } from 'node:fs';
import { dirname } from 'node:path';
import type { Command } from 'commander';
import { BillingError, exitCodes } from '../../errors.js';
import { formatInstant, type Instant, instant } from '../../time/instant.js';
import { isZone } from '../../time/zone.js';
import type { Session } from '../context.js';
import { examples } from '../flags.js';
import { counted, printDocument } from '../output.js';

interface Finding {
  readonly check: string;
  readonly state: 'ok' | 'warning' | 'problem';
  readonly found: string;
  /** What to do about it. */
  readonly remedy?: string;
}

export function register(program: Command, session: Session): void {
  program
    .command('doctor')
    .summary('check this machine and this project')
    .description('Checks Node, SQLite, time zones, fonts, the clock, the definitions and the ledger.')
    .addHelpText('after', `${examples('doctor', 'doctor --json')}\n\nExit code 9 when there is a problem.`)
    .action(async () => {
      const findings = [nodeVersion(), await sqlite(), zones(), fonts(), ...(await projectFindings(session))];
      const healthy = findings.every(({ state }) => state !== 'problem');
      printDocument(session, { healthy, findings }, findings.map((finding) => line(session, finding)).join('\n'));
      if (!healthy) process.exitCode = exitCodes.findings;
    });
}

function line({ colors }: Session, { check, state, found, remedy }: Finding): string {
  const paint = { ok: colors.green, warning: colors.yellow, problem: colors.red }[state];
  return `${paint(state.padEnd(7))}  ${check.padEnd(11)}  ${found}${remedy === undefined ? '' : `\n${' '.repeat(22)}${remedy}`}`;
}

function nodeVersion(): Finding {
  const major = Number(process.versions.node.split('.')[0]);
  const found = `${process.version} on ${process.platform} ${process.arch}`;
  if (major >= 20) return { check: 'Node', state: 'ok', found };
  return { check: 'Node', state: 'problem', found, remedy: 'Install Node 20 or later.' };
}

async function sqlite(): Promise<Finding> {
  try {
    const { default: Database } = await import('better-sqlite3');
    const database = new Database(':memory:');
    const version = database.prepare('SELECT sqlite_version()').pluck().get() as string;
    database.close();
    return { check: 'SQLite', state: 'ok', found: version };
  } catch (error) {
    const remedy = 'Run `npm rebuild better-sqlite3` in the folder of lago-cli.';
    return { check: 'SQLite', state: 'problem', found: (error as Error).message.split('\n')[0] ?? '', remedy };
  }
}

function zones(): Finding {
  const missing = ['America/New_York', 'Asia/Kolkata', 'Pacific/Auckland'].filter((zone) => !isZone(zone));
  if (missing.length === 0)
    return { check: 'time zones', state: 'ok', found: `tz ${process.versions.tz ?? 'of the system'}` };
  const remedy = 'Use a Node with full ICU data.';
  return { check: 'time zones', state: 'problem', found: `${missing.join(', ')} unknown`, remedy };
}

function fonts(): Finding {
  const folder = new URL('../../../assets/fonts/', import.meta.url);
  try {
    statSync(new URL('Inter-Regular.ttf', folder));
    return { check: 'fonts', state: 'ok', found: 'there' };
  } catch {
    return { check: 'fonts', state: 'problem', found: `not in ${folder.pathname}`, remedy: 'Install lago-cli again.' };
  }
}

async function projectFindings(session: Session): Promise<Finding[]> {
  let paths: ReturnType<Session['paths']>;
  try {
    paths = session.paths();
  } catch (error) {
    if (!(error instanceof BillingError)) throw error;
    const remedy = error.suggestion ?? '';
    return [{ check: 'project', state: 'warning', found: error.message, remedy }];
  }
  const { loadDefinitions } = await import('../../catalog/load.js');
  const { catalog, problems, warnings, files } = loadDefinitions(paths);
  const zone = `${formatInstant(session.at())}, periods by ${catalog.organization.timezone}`;
  return [
    { check: 'project', state: 'ok', found: paths.root },
    definitionsFinding(files.length, problems.length, warnings.length),
    ...(await ledgerFindings(session, paths.ledger, zone)),
  ];
}

function definitionsFinding(files: number, problems: number, warnings: number): Finding {
  const found = [counted(files, 'file'), counted(problems, 'problem'), counted(warnings, 'warning')].join(', ');
  if (problems + warnings === 0) return { check: 'definitions', state: 'ok', found };
  const remedy = '`lago-cli validate` shows them with their lines.';
  return { check: 'definitions', state: problems > 0 ? 'problem' : 'warning', found, remedy };
}

async function ledgerFindings(session: Session, file: string, zone: string): Promise<Finding[]> {
  const clock: Finding = { check: 'clock', state: 'ok', found: zone };
  const { openLedger } = await import('../../ledger/open.js');
  try {
    const ledger = openLedger(file, { readOnly: true });
    try {
      let last: Instant | null = null;
      for (const entry of ledger.journal()) last = instant(Math.max(last ?? 0, entry.at));
      return [clockFinding(clock, session.at(), last), fileFinding(file)];
    } finally {
      ledger.close();
    }
  } catch (error) {
    if (!(error instanceof BillingError)) throw error;
    if (error.code === 'ledger_not_found')
      return [clock, { check: 'ledger', state: 'ok', found: `${file} is not there yet` }];
    const remedy = error.suggestion ?? '';
    return [clock, { check: 'ledger', state: 'problem', found: error.message, remedy }];
  }
}

/** Bills that were made in the future, or a clock that is wrong: what falls due now may have been issued already. */
function clockFinding(clock: Finding, at: Instant, last: Instant | null): Finding {
  if (last === null || last <= at) return clock;
  const found = `${clock.found}; the ledger's latest operation is of ${formatInstant(last)}, which is later`;
  return { ...clock, state: 'warning', found, remedy: 'Check the clock, or name the instant with --at.' };
}

function fileFinding(file: string): Finding {
  try {
    accessSync(file, constants.W_OK);
    accessSync(dirname(file), constants.W_OK);
  } catch {
    const remedy = 'Check the permissions of the file and of its folder.';
    return { check: 'ledger', state: 'warning', found: `${file} may be read, not written`, remedy };
  }
  const others = (statSync(file).mode & 0o077) !== 0 && process.platform !== 'win32';
  if (!others) return { check: 'ledger', state: 'ok', found: file };
  const found = `${file} may be read by other users of this machine`;
  return { check: 'ledger', state: 'warning', found, remedy: `It holds customers' data: chmod 600 ${file}` };
}
