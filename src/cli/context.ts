/**
 * The only place that meets the process: streams, environment, the clock, and where the project's files are.
 * A command asks its session for the catalog, the ledger and the instant; nothing below reads any of them by itself.
 */
import { existsSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { Chalk, type ChalkInstance } from 'chalk';
import type { Catalog } from '../catalog/types.js';
import { BillingError, exitCodes, invalid, notFound } from '../errors.js';
import type { Ledger } from '../ledger/types.js';
import type { OperationContext } from '../operations/context.js';
import type { OutputFormat } from '../render/list.js';
import { safeText } from '../render/printable.js';
import { type Instant, instant, instantForms, parseInstant } from '../time/instant.js';

export interface GlobalOptions {
  readonly project?: string;
  readonly ledger?: string;
  readonly plans?: string;
  readonly at?: string;
  readonly output?: OutputFormat;
  readonly json?: boolean;
  readonly color?: boolean;
}

export interface ProjectPaths {
  readonly root: string;
  readonly settings: string;
  readonly plans: string;
  readonly ledger: string;
}

export interface Session {
  readonly stdin: NodeJS.ReadStream;
  readonly stdout: NodeJS.WriteStream;
  readonly stderr: NodeJS.WriteStream;
  /** A person is there to answer: input and output are terminals. */
  readonly interactive: boolean;
  /** Progress may be drawn on stderr. */
  readonly progress: boolean;
  /** For stderr and for tables; without colour in a pipe. */
  readonly colors: ChalkInstance;
  readonly format: OutputFormat;
  configure(options: GlobalOptions): void;
  /** `--at`, else the clock. */
  at(): Instant;
  paths(): ProjectPaths;
  catalog(): Promise<Catalog>;
  /** Opens the ledger; the same one for the whole command. */
  context(): Promise<OperationContext>;
  /** Says something to the person, on stderr. */
  note(text: string): void;
  close(): void;
}

export function processSession(): Session {
  const { stdin, stdout, stderr, env } = process;
  let options: GlobalOptions = {};
  let ledger: Ledger | undefined;
  let catalog: Catalog | undefined;
  let now: Instant | undefined;

  const session: Session = {
    stdin,
    stdout,
    stderr,
    get interactive() {
      return Boolean(stdin.isTTY && stdout.isTTY) && !env.CI;
    },
    get progress() {
      return Boolean(stderr.isTTY) && !env.CI;
    },
    get colors() {
      return new Chalk({ level: colorLevel(options) });
    },
    get format() {
      return options.json === true ? 'json' : (options.output ?? outputFormatOf(variable('OUTPUT')));
    },
    configure(given) {
      options = given;
    },
    at() {
      now ??= options.at === undefined ? atOf(variable('AT'), 'LAGO_CLI_AT') : atOf(options.at, '--at');
      return now;
    },
    paths: () => projectPaths(options),
    async catalog() {
      if (catalog !== undefined) return catalog;
      const { loadCatalog } = await import('../catalog/load.js');
      const loaded = loadCatalog(session.paths());
      catalog = loaded.catalog;
      return loaded.catalog;
    },
    async context() {
      const at = session.at();
      const definitions = await session.catalog();
      if (ledger === undefined) {
        const { openLedger } = await import('../ledger/open.js');
        ledger = openLedger(session.paths().ledger);
      }
      return { ledger, catalog: definitions, at };
    },
    note(text) {
      stderr.write(`${safeText(text, session.colors.level > 0)}\n`);
    },
    close() {
      ledger?.close();
      ledger = undefined;
    },
  };
  return session;
}

/** The nearest folder with a `lago.yaml`, from the current one upward, unless flags or the environment name another. */
function projectPaths(options: GlobalOptions): ProjectPaths {
  const named = options.project ?? variable('PROJECT');
  const root = named === undefined ? findProject(process.cwd()) : resolve(named);
  if (root === null || !existsSync(join(root, 'lago.yaml'))) {
    throw new BillingError('project_not_found', {
      message: `there is no lago.yaml in ${root ?? `${process.cwd()} or any folder above it`}`,
      suggestion: 'Make a project with `lago-cli init`, or name one with --project.',
    });
  }
  const ledger = options.ledger ?? variable('LEDGER');
  const plans = options.plans ?? variable('PLANS');
  if (plans !== undefined && !existsSync(plans)) {
    throw notFound('definitions_folder', plans, 'Name a folder of YAML files, or one file, with --plans.');
  }
  return {
    root,
    settings: fromHere(join(root, 'lago.yaml')),
    plans: plans === undefined ? fromHere(join(root, 'plans')) : plans,
    ledger: ledger === undefined ? fromHere(join(root, 'lago.db')) : ledger,
  };
}

/** Paths as a person in this folder would write them: messages name files by them. */
function fromHere(path: string): string {
  const short = relative(process.cwd(), path);
  return short.length < path.length ? short : path;
}

function findProject(from: string): string | null {
  for (let folder = resolve(from); ; folder = dirname(folder)) {
    if (existsSync(join(folder, 'lago.yaml'))) return folder;
    if (dirname(folder) === folder) return null;
  }
}

/** `LAGO_CLI_<name>`; an empty one counts as not set. */
function variable(name: string): string | undefined {
  const value = process.env[`LAGO_CLI_${name}`];
  return value === '' ? undefined : value;
}

function atOf(given: string | undefined, field: string): Instant {
  if (given === undefined) return instant(Date.now() * 1000);
  const at = parseInstant(given);
  if (at !== null) return at;
  throw invalid({
    field,
    code: 'invalid_date',
    message: `${JSON.stringify(given)} is not an ISO 8601 instant`,
    suggestion: instantForms,
  });
}

function outputFormatOf(given: string | undefined): OutputFormat {
  const formats: readonly OutputFormat[] = ['table', 'json', 'ndjson', 'csv', 'yaml', 'markdown'];
  const known = formats.find((format) => format === given);
  if (given !== undefined && known === undefined) {
    throw new BillingError('usage', {
      message: `LAGO_CLI_OUTPUT is ${JSON.stringify(given)}, which is none of ${formats.join(', ')}`,
      exitCode: exitCodes.usage,
    });
  }
  return known ?? 'table';
}

/** NO_COLOR and --no-color win, then FORCE_COLOR; else colour at a terminal only. */
function colorLevel(options: GlobalOptions): 0 | 1 {
  const { env, stdout, stderr } = process;
  if (options.color === false || (env.NO_COLOR !== undefined && env.NO_COLOR !== '')) return 0;
  if (env.FORCE_COLOR !== undefined && env.FORCE_COLOR !== '') return env.FORCE_COLOR === '0' ? 0 : 1;
  return stdout.isTTY && stderr.isTTY ? 1 : 0;
}
