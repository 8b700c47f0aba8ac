/**
 * The two ways a computation can fail.
 *
 * A `BillingError` is the user's: an operation that billing rules refuse, or input that they cannot accept. It carries
 * the codes of Lago's API (`value_is_mandatory`, `plan_not_found`, …), changes nothing, and is printed with a remedy.
 * An `AssertionError` is ours: a state that the code promises cannot happen. It ends the process with exit code 1.
 */

/** Where in a file a problem stands. Line and column count from 1. */
export interface SourceLocation {
  readonly file: string;
  readonly line?: number;
  readonly column?: number;
}

/** One problem of one field. `code` is Lago's detail code. */
export interface Problem {
  readonly field: string;
  readonly code: string;
  /** A sentence for people: what was wrong. */
  readonly message: string;
  /** What to do about it. */
  readonly suggestion?: string;
  readonly location?: SourceLocation;
}

export interface BillingErrorOptions {
  readonly message: string;
  readonly suggestion?: string;
  readonly problems?: readonly Problem[];
  readonly location?: SourceLocation;
  readonly exitCode?: number;
  readonly cause?: unknown;
}

export class BillingError extends Error {
  /** The envelope's code: `validation_errors`, `<resource>_not_found`, or the code of a refused operation. */
  readonly code: string;
  readonly problems: readonly Problem[];
  readonly suggestion: string | undefined;
  readonly location: SourceLocation | undefined;
  /** The process's exit code; see `exitCodes`. */
  readonly exitCode: number;

  constructor(code: string, options: BillingErrorOptions) {
    super(options.message, { cause: options.cause });
    this.name = 'BillingError';
    this.code = code;
    this.problems = options.problems ?? [];
    this.suggestion = options.suggestion;
    this.location = options.location;
    this.exitCode = options.exitCode ?? (code.endsWith('_not_found') ? exitCodes.notFound : exitCodes.refused);
  }

  /** Every code a scenario's `fails` may name: the envelope's and those of the fields. */
  codes(): string[] {
    return [this.code, ...this.problems.map((problem) => problem.code)];
  }
}

export const exitCodes = {
  done: 0,
  bug: 1,
  usage: 2,
  notFound: 4,
  refused: 5,
  findings: 9,
  partial: 10,
  ledgerUnavailable: 11,
  interrupted: 130,
} as const;

/** `404 <resource>_not_found`, with what was looked for. */
export function notFound(resource: string, wanted: string, suggestion?: string): BillingError {
  const noun = resource.replaceAll('_', ' ');
  return new BillingError(`${resource}_not_found`, {
    message: `no ${noun} ${JSON.stringify(wanted)}`,
    ...(suggestion === undefined ? {} : { suggestion }),
  });
}

/** `422 validation_errors` with one or more field problems. */
export function invalid(...problems: readonly Problem[]): BillingError {
  return new BillingError('validation_errors', {
    message: problems.map((problem) => `${problem.field}: ${problem.message} (${problem.code})`).join('; '),
    problems,
  });
}

/** The same refusal, saying what it is about. A bug stays as it is. */
export function concerning(subject: string, error: unknown): unknown {
  if (!(error instanceof BillingError) || error.problems.length > 0) return error;
  const { code, message, suggestion, location, exitCode } = error;
  return new BillingError(code, {
    message: `${subject}: ${message}`,
    exitCode,
    cause: error,
    ...(suggestion === undefined ? {} : { suggestion }),
    ...(location === undefined ? {} : { location }),
  });
}

/** A field or verb of the format that this version does not implement. */
export function notSupported(what: string): BillingError {
  return new BillingError('not_supported', {
    message: `${what} is not supported yet`,
    suggestion: 'See CHANGELOG.md for what this version covers.',
  });
}

export class AssertionError extends Error {
  override readonly name = 'AssertionError';
}

/** States what must hold if the code is right. A failure is a bug, never the user's. */
export function assert(condition: unknown, message: string): asserts condition {
  if (!condition) throw new AssertionError(message);
}

/** For the `default` of a `switch` over a closed union. */
export function unreachable(value: never): never {
  throw new AssertionError(`unexpected value ${JSON.stringify(value)}`);
}
