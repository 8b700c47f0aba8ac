/**
 * What is wrong with definitions, collected: problems refuse them, warnings do not. Each is reported at a path of the
 * written form (`['plans', 0, 'charges', 1, 'properties']`), from which come its sentence's subject and its line.
 */
import type { Problem, SourceLocation } from '../errors.js';
import { nouns } from './schema.js';

export type Path = readonly (string | number)[];

/** Where a path stands in the user's files; undefined when nobody knows. */
export type Locate = (path: Path) => SourceLocation | undefined;

export interface Finding {
  /** Lago's detail code. */
  readonly code: string;
  /** A sentence without its subject: `tier 2 starts at 90`. */
  readonly message: string;
  readonly suggestion?: string;
  /** The last key of the path, unless Lago names another field. */
  readonly field?: string;
}

export class ProblemList {
  readonly problems: Problem[] = [];
  readonly warnings: Problem[] = [];

  private readonly brokenPaths = new Set<string>();

  /** `rejected`: paths whose value was refused already; nothing more is said about them. */
  constructor(
    private readonly written: unknown,
    private readonly locate: Locate | undefined,
    readonly rejected: Set<string> = new Set(),
  ) {}

  report(path: Path, finding: Finding): void {
    if (!this.isRejected(path)) this.problems.push(this.problemAt(path, finding));
    this.brokenPaths.add(itemKey(path));
  }

  warn(path: Path, finding: Finding): void {
    if (!this.isRejected(path)) this.warnings.push(this.problemAt(path, finding));
  }

  /** Reports, and says no more about anything at or below the path. */
  reject(path: Path, finding: Finding): void {
    this.report(path, finding);
    this.rejected.add(pathKey(path));
  }

  /** Quietly: a value had to be dropped because of a problem that was reported inside it. */
  mute(path: Path): void {
    this.rejected.add(pathKey(path));
  }

  /** Items that hold a problem, as `plans 0`; `organization` for its fields. */
  get broken(): ReadonlySet<string> {
    const taken = [...this.rejected].map((key) => itemKey(JSON.parse(key) as Path));
    return new Set([...this.brokenPaths, ...taken]);
  }

  private isRejected(path: Path): boolean {
    if (this.rejected.size === 0) return false;
    return path.some((_step, index) => this.rejected.has(pathKey(path.slice(0, index + 1))));
  }

  private problemAt(path: Path, finding: Finding): Problem {
    const { code, suggestion } = finding;
    const field = finding.field ?? String(path.findLast((step) => typeof step === 'string') ?? 'definitions');
    const subject = subjectOf(path, this.written);
    const message = subject === '' ? finding.message : `${subject}: ${finding.message}`;
    const location = this.locate?.(path);
    return {
      field,
      code,
      message,
      ...(suggestion === undefined ? {} : { suggestion }),
      ...(location === undefined ? {} : { location }),
    };
  }
}

function pathKey(path: Path): string {
  return JSON.stringify(path);
}

function itemKey(path: Path): string {
  const [section, index] = path;
  return typeof index === 'number' ? `${section} ${index}` : String(section);
}

/** `plan "pro", charge "calls", tier 2`. */
function subjectOf(path: Path, written: unknown): string {
  const names: string[] = [];
  let value = written;
  for (const [index, step] of path.entries()) {
    value = isMapping(value) || Array.isArray(value) ? (value as Record<string | number, unknown>)[step] : undefined;
    const list = path[index - 1];
    const noun = typeof list === 'string' ? ITEM_NOUNS[list] : undefined;
    if (typeof step === 'number' && noun !== undefined) names.push(`${noun} ${nameOf(value) ?? step + 1}`);
  }
  return names.join(', ');
}

const ITEM_NOUNS: Readonly<Record<string, string>> = {
  ...nouns,
  charges: 'charge',
  fixed_charges: 'fixed charge',
  filters: 'filter',
  usage_thresholds: 'usage threshold',
  graduated_ranges: 'tier',
  volume_ranges: 'tier',
  graduated_percentage_ranges: 'tier',
};

function nameOf(item: unknown): string | undefined {
  if (!isMapping(item)) return undefined;
  const name = item.code ?? item.external_id ?? item.billable_metric_code ?? item.add_on_code ?? item.key;
  return typeof name === 'string' ? JSON.stringify(name) : undefined;
}

export function isMapping(value: unknown): value is Record<string, unknown> {
  return value !== null && typeof value === 'object' && !Array.isArray(value);
}

/** Null, missing, or nothing but space. */
export function isBlank(value: unknown): boolean {
  return value === null || value === undefined || (typeof value === 'string' && value.trim() === '');
}

/** A written value as it is quoted in a sentence. */
export function shown(value: unknown): string {
  if (value === undefined || value === null) return 'nothing';
  if (Array.isArray(value)) return 'a list';
  if (isMapping(value)) return 'a mapping';
  const json = JSON.stringify(value);
  return json.length > 60 ? `${json.slice(0, 57)}…"` : json;
}
