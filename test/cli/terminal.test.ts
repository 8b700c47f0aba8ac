import { spawn, spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { commandLine, project } from './commandLine.js';

const binary = fileURLToPath(new URL('../../bin/lago-cli.js', import.meta.url));
const hasScript = spawnSync('script', ['-qec', 'true', '/dev/null']).status === 0;

/** At a terminal of its own: `script` makes one. Each answer is typed when its question has appeared. */
function atTerminal(folder: string, line: string, answers: readonly (readonly [question: string, typed: string])[]) {
  const child = spawn('script', ['-qec', `${process.execPath} ${binary} ${line}`, '/dev/null'], {
    cwd: folder,
    env: { PATH: process.env.PATH ?? '', TERM: 'xterm' },
  });
  const overdue = setTimeout(() => child.kill(), 25_000);
  const left = [...answers];
  let shown = '';
  let seen = 0;
  child.stdout.on('data', (data: Buffer) => {
    shown += data.toString();
    const [next] = left;
    if (next === undefined || !shown.slice(seen).includes(next[0])) return;
    left.shift();
    seen = shown.length;
    child.stdin.write(next[1]);
  });
  return new Promise<{ code: number | null; shown: string }>((resolve) => {
    child.on('close', (code) => {
      clearTimeout(overdue);
      resolve({ code, shown });
    });
  });
}

describe.skipIf(!hasScript)('at a terminal', () => {
  it('asks for what is missing, with what there is to choose from', async () => {
    const folder = project();
    const created = await atTerminal(folder, 'customers create', [['Your id of the customer', 'acme\r']]);
    expect(created.code).toBe(0);
    const subscribed = await atTerminal(folder, 'subscriptions create --at 2026-10-01', [
      ['Your id of the subscription', 'sub\r'],
      ['Which customer?', '\r'],
      ['Which plan?', '\r'],
    ]);
    expect(subscribed.code, subscribed.shown).toBe(0);
    const { subscriptions } = JSON.parse(commandLine(folder)(['subscriptions', 'list', '--json']).stdout);
    expect(subscriptions).toMatchObject([{ external_id: 'sub', external_customer_id: 'acme', plan_code: 'pro' }]);
  });

  it('ends with 130 when a question is interrupted, and changes nothing', async () => {
    const folder = project();
    const { code } = await atTerminal(folder, 'customers create', [['Your id of the customer', '\u0003']]);
    expect(code).toBe(130);
    expect(JSON.parse(commandLine(folder)(['customers', 'list', '--json']).stdout).customers).toEqual([]);
  });

  it('has colours, unless NO_COLOR or --no-color says otherwise', async () => {
    const folder = project();
    const coloured = '\u001b[31m';
    expect((await atTerminal(folder, 'customers get nobody', [])).shown).toContain(coloured);
    expect((await atTerminal(folder, 'customers get nobody --no-color', [])).shown).not.toContain(coloured);
    expect(commandLine(folder)(['customers', 'get', 'nobody']).stderr).not.toContain(coloured);
    expect(commandLine(folder, { FORCE_COLOR: '1' })(['customers', 'get', 'nobody']).stderr).toContain(coloured);
    const both = { FORCE_COLOR: '1', NO_COLOR: '1' };
    expect(commandLine(folder, both)(['customers', 'get', 'nobody']).stderr).not.toContain(coloured);
  });
});
