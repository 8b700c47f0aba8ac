/** What a user may rely on about files, networks and dependencies. */
import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openLedger } from '../../src/ledger/open.js';
import { run } from './binary.js';
import { makeProject, removeFolder, steps, temporaryFolder } from './world.js';

const locked = [fileURLToPath(new URL('./networkLocked.mjs', import.meta.url))];

let folder: string;
beforeAll(() => {
  folder = temporaryFolder();
});
afterAll(() => removeFolder(folder));

describe('customers’ data', () => {
  it('is its owner’s alone, even where files are everybody’s: the ledger, its log, backups and rejects', async () => {
    makeProject(folder, 100);
    removeFolder(join(folder, 'lago.db'));
    writeFileSync(join(folder, 'bad.ndjson'), 'nonsense\n');
    const limits = 'umask 000';
    expect((await run(folder, ['customers', 'create', 'new'], { limits })).code).toBe(0);
    expect((await run(folder, ['ingest', 'bad.ndjson', '--rejects', 'rejects.ndjson'], { limits })).code).toBe(10);
    expect((await run(folder, ['db', 'backup', 'backup.db'], { limits })).code).toBe(0);
    // While somebody reads, the log and the shared memory stay.
    const reader = openLedger(join(folder, 'lago.db'), { readOnly: true });
    reader.journal()[Symbol.iterator]().next();
    expect((await run(folder, ['customers', 'create', 'another'], { limits })).code).toBe(0);
    const names = ['lago.db', 'lago.db-wal', 'lago.db-shm', 'rejects.ndjson', 'backup.db'];
    const modes = names.map((name) => [name, statSync(join(folder, name)).mode & 0o777]);
    reader.close();
    expect(modes).toEqual(names.map((name) => [name, 0o600]));
  }, 60_000);
});

describe('a network', () => {
  it('is never used: not by billing, not for documents, not for a logo that is an address', async () => {
    const project = join(folder, 'offline');
    makeProject(project, 100);
    const settings = readFileSync(join(project, 'lago.yaml'), 'utf8');
    writeFileSync(join(project, 'lago.yaml'), `${settings}logo: http://169.254.169.254/logo.png\n`);
    // A step of the history that needs an invoice's number is left out.
    for (const { args } of steps.filter((step) => step.name !== 'void')) {
      const ended = await run(project, args, { preload: locked });
      expect([args[0], ended.code, ended.stderr]).toEqual([args[0], 0, expect.any(String)]);
    }
    const reading = [
      'status',
      'doctor',
      'invoices list',
      'usage sub_acme',
      'explain sub_acme',
      'db verify',
      'plans list',
    ];
    const read = await Promise.all(reading.map((line) => run(project, line.split(' '), { preload: locked })));
    for (const [index, { code, stderr }] of read.entries()) {
      expect([reading[index], code, stderr]).toEqual([reading[index], 0, expect.not.stringContaining('network')]);
    }
    const validated = await run(project, ['validate'], { preload: locked });
    expect([validated.code, `${validated.stdout}${validated.stderr}`]).toEqual([0, expect.stringContaining('logo')]);
  }, 60_000);
});

describe('what is installed', () => {
  it('runs one install script, for developers too: that of better-sqlite3, which builds or fetches its binary', () => {
    const lock = readFileSync(fileURLToPath(new URL('../../package-lock.json', import.meta.url)), 'utf8');
    const { packages } = JSON.parse(lock) as {
      packages: Record<string, { hasInstallScript?: boolean; dev?: boolean; resolved?: string; integrity?: string }>;
    };
    const entries = Object.entries(packages).filter(([path]) => path !== '');
    const scripts = entries.filter(([, { hasInstallScript }]) => hasInstallScript === true).map(([path]) => path);
    expect(scripts).toEqual(['node_modules/better-sqlite3']);
    for (const [path, { integrity }] of entries)
      expect([path, integrity]).toEqual([path, expect.stringMatching(/^sha\d+-/)]);
  });
});
