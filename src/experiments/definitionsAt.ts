/**
 * Definitions that are not the project's own of today: those of another folder, or of another revision of the project's
 * git repository (`git:main`, `git:HEAD~1`). Nothing is checked out; the files of the revision are read by `git show`.
 */
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join, relative, resolve } from 'node:path';
import { loadCatalog } from '../catalog/load.js';
import type { Catalog } from '../catalog/types.js';
import { BillingError, notFound } from '../errors.js';

export interface ProjectFiles {
  readonly root: string;
  readonly settings: string;
  readonly plans: string;
}

/** `DIR` or `git:REF`. Errors: `definitions_not_found`, `git_failed`, and every problem of the definitions. */
export function definitionsAt(named: string, project: ProjectFiles): Catalog {
  return named.startsWith('git:') ? ofRevision(named.slice('git:'.length), project) : ofFolder(named, project);
}

/** A project folder (with `lago.yaml` and `plans/`), or a folder of definition files beside this project's settings. */
function ofFolder(folder: string, project: ProjectFiles): Catalog {
  if (!existsSync(folder)) throw notFound('definitions', folder);
  const settings = join(folder, 'lago.yaml');
  const plans = join(folder, 'plans');
  const isProject = existsSync(settings);
  return loadCatalog({
    settings: isProject ? settings : project.settings,
    plans: isProject && existsSync(plans) ? plans : folder,
  }).catalog;
}

function ofRevision(revision: string, project: ProjectFiles): Catalog {
  const root = resolve(project.root);
  const top = git(root, ['rev-parse', '--show-toplevel']).trim();
  const commit = git(
    root,
    ['rev-parse', '--verify', '--quiet', '--end-of-options', `${revision}^{commit}`],
    revision,
  ).trim();
  const inRepository = (path: string) => relative(top, realPath(path));
  const wanted = [project.settings, project.plans].map(inRepository);
  const listed = git(root, ['-C', top, 'ls-tree', '-r', '-z', '--name-only', commit, '--', ...wanted]);
  const files = listed.split('\0').filter((file) => file !== '');
  if (files.length === 0) {
    throw notFound('definitions', `git:${revision}`, `The revision has none of ${wanted.join(', ')}.`);
  }
  const folder = mkdtempSync(join(tmpdir(), 'lago-cli-definitions-'));
  try {
    for (const file of files) {
      const target = join(folder, file);
      mkdirSync(dirname(target), { recursive: true });
      writeFileSync(target, gitBytes(top, ['show', `${commit}:${file}`]));
    }
    const [settings, plans] = wanted.map((path) => join(folder, path)) as [string, string];
    return loadCatalog({ settings: existsSync(settings) ? settings : null, plans }).catalog;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** With the links of the folder followed, as git names its top folder. */
function realPath(path: string): string {
  return join(
    git(dirname(resolve(path)), ['rev-parse', '--show-toplevel']).trim(),
    git(dirname(resolve(path)), ['rev-parse', '--show-prefix']).trim(),
    basename(path),
  );
}

function git(folder: string, args: readonly string[], revision?: string): string {
  return gitBytes(folder, args, revision).toString('utf8');
}

function gitBytes(folder: string, args: readonly string[], revision?: string): Buffer {
  try {
    return execFileSync('git', args, { cwd: folder, stdio: ['ignore', 'pipe', 'pipe'], maxBuffer: 256 << 20 });
  } catch (error) {
    const { code, stderr } = error as { code?: string; stderr?: Buffer };
    if (code === 'ENOENT') {
      throw new BillingError('git_failed', { message: 'git is not installed', suggestion: 'Name a folder instead.' });
    }
    const said = stderr?.toString('utf8').trim() ?? '';
    if (revision !== undefined) throw notFound('git_revision', revision, 'Name a branch, a tag or a commit.');
    throw new BillingError('git_failed', {
      message: said === '' ? `git ${args[0]} failed` : said,
      suggestion: 'The project must lie in a git repository.',
    });
  }
}
