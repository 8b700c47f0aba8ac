import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { beforeAll, describe, expect, it } from 'vitest';

const root = fileURLToPath(new URL('../..', import.meta.url));

/** The published files alone, with this folder's dependencies: SQLite's bindings are not compiled a second time. */
describe('the package', () => {
  const home = mkdtempSync(join(tmpdir(), 'lago-cli-package-'));
  const folder = join(home, 'package');
  let files: string[] = [];

  const lago = (args: readonly string[], cwd = home) => {
    const env = { PATH: process.env.PATH ?? '', TZ: 'UTC' };
    const binary = join(folder, 'bin/lago-cli.js');
    const { status, stdout, stderr } = spawnSync(process.execPath, [binary, ...args], { cwd, encoding: 'utf8', env });
    return { code: status, stdout, stderr };
  };

  beforeAll(() => {
    const pack = ['pack', '--ignore-scripts', '--json', '--loglevel', 'error', '--pack-destination', home];
    const [packed] = JSON.parse(execFileSync('npm', pack, { cwd: root, encoding: 'utf8' })) as [
      { filename: string; files: { path: string }[] },
    ];
    files = packed.files.map(({ path }) => path);
    mkdirSync(folder);
    execFileSync('tar', ['-xzf', join(home, packed.filename), '-C', home]);
    symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'), 'dir');
  }, 120_000);

  it('holds what runs and what is read at run time, and no sources or tests', () => {
    const needed = ['bin/lago-cli.js', 'dist/cli/main.js', 'plans/segment.yaml', 'plans/lago.yaml.template', 'LICENSE'];
    expect(files).toEqual(expect.arrayContaining([...needed, 'assets/fonts/Inter-Regular.ttf', 'README.md']));
    expect(files.filter((path) => /^(src|test|bench|demo)\/|\.ts$|\.db/.test(path))).toEqual([]);
  });

  it('has a dependency for every module that it imports', () => {
    const manifest = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
    const imported = new Set<string>();
    for (const path of files.filter((file) => file.startsWith('dist/') && file.endsWith('.js'))) {
      const text = readFileSync(join(folder, path), 'utf8');
      for (const [, specifier] of text.matchAll(
        /(?:^(?:import|export)\b[^'\n]* from |^import |\bimport\()'([^'\n]+)'/gm,
      )) {
        const name = /^(?:@[^/]+\/)?[^/]+/.exec(specifier as string)?.[0] as string;
        if (!/^(?:\.|node:)/.test(name)) imported.add(name);
      }
    }
    expect([...imported].sort()).toEqual(Object.keys(manifest.dependencies).sort());
  });

  it('says its version, makes a project, bills, and writes a PDF', () => {
    const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
    expect(lago(['--version'])).toEqual({ code: 0, stdout: `${version}\n`, stderr: '' });
    expect(lago(['init', 'shop', '--template', 'segment'])).toMatchObject({ code: 0 });
    const shop = join(home, 'shop');
    expect(lago(['customers', 'create', 'acme', '--at', '2026-09-01'], shop).code).toBe(0);
    const flags = ['--customer', 'acme', '--plan', 'segment_team', '--at', '2026-09-01'];
    expect(lago(['subscriptions', 'create', 'sub', ...flags], shop).code).toBe(0);
    const billed = lago(['bill', '--at', '2026-10-01', '--out', 'invoices', '--json'], shop);
    expect(billed).toMatchObject({ code: 0 });
    for (const { number } of JSON.parse(billed.stdout).invoices) {
      const pdf = readFileSync(join(shop, 'invoices', `${number}.pdf`));
      expect(pdf.subarray(0, 5).toString()).toBe('%PDF-');
      expect(existsSync(join(shop, 'invoices', `${number}.json`))).toBe(true);
    }
    expect(JSON.parse(billed.stdout).invoices.length).toBeGreaterThan(0);
    expect(lago(['doctor'], shop)).toMatchObject({ code: 0 });
  });
});
