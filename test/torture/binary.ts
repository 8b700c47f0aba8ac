/** Runs the built binary and, where asked, kills it: real processes, real files. */
import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const binary = fileURLToPath(new URL('../../bin/lago-cli.js', import.meta.url));

export interface Ended {
  /** Null when it was killed. */
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
  readonly milliseconds: number;
}

export interface RunOptions {
  readonly killAfterMs?: number;
  readonly environment?: Readonly<Record<string, string>>;
  /** Modules loaded before the program. */
  readonly preload?: readonly string[];
  readonly stdin?: string | Uint8Array;
  readonly uid?: number;
  /** Runs inside a shell that sets limits first: `ulimit -f 100`. */
  readonly limits?: string;
}

export function run(folder: string, args: readonly string[], options: RunOptions = {}): Promise<Ended> {
  const started = performance.now();
  const preload = (options.preload ?? []).flatMap((file) => ['--import', file]);
  const command = [process.execPath, ...preload, binary, ...args];
  const [program, ...rest] =
    options.limits === undefined ? command : ['bash', '-c', `${options.limits}; exec "$@"`, 'bash', ...command];
  const child = spawn(program as string, rest, {
    cwd: folder,
    env: { PATH: process.env.PATH ?? '', TZ: 'Pacific/Auckland', HOME: folder, ...options.environment },
    stdio: ['pipe', 'pipe', 'pipe'],
    ...(options.uid === undefined ? {} : { uid: options.uid, gid: options.uid }),
  });
  const output = { stdout: '', stderr: '' };
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    output.stdout += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    output.stderr += text;
  });
  child.stdin.on('error', () => {});
  child.stdin.end(options.stdin ?? '');
  const timer =
    options.killAfterMs === undefined ? undefined : setTimeout(() => child.kill('SIGKILL'), options.killAfterMs);
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code) => {
      clearTimeout(timer);
      resolve({ code, ...output, milliseconds: performance.now() - started });
    });
  });
}

/** Exit codes of failures that are told in words. */
const TOLD = new Set([2, 4, 5, 9, 10, 11]);

/** What is wrong with how a command failed: it must say what happened, and never show a stack. */
export function failureProblem({ code, stderr, stdout }: Ended): string | null {
  if (code === 0) return 'it did not fail';
  if (code === null || !TOLD.has(code)) return `exit code ${code}: ${stderr}`;
  if (/^\s+at .*:\d+:\d+/m.test(stderr) || stderr.includes('This is a bug')) return `a stack trace: ${stderr}`;
  if (stderr.trim() === '' && stdout.trim() === '') return 'it said nothing';
  return null;
}
