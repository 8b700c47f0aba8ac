/**
 * Definition files → catalog: `lago.yaml` and every file of the plans folder, read in the order of their names, with
 * every problem of every file in one list.
 *
 * Any file may hold any section. `lago.yaml` may also write the organization's fields at its top level.
 */
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import type { Problem } from '../errors.js';
import { type BuiltCatalog, checkedCatalog, definitionsRefused } from './catalog.js';
import { organizationSchema } from './organizationSchema.js';
import { isMapping, type Path, shown } from './problems.js';
import { nouns, type Section, sections } from './schema.js';
import { readSource, type Source } from './source.js';
import { nearest } from './suggest.js';

export interface DefinitionPaths {
  /** `lago.yaml`; null where there is none. */
  readonly settings: string | null;
  /** A folder of definition files, or one such file; null or missing where there is none. */
  readonly plans: string | null;
}

export interface LoadedDefinitions extends BuiltCatalog {
  /** The files that were read, in order. */
  readonly files: readonly string[];
  /** Everything that they hold, as one set of definitions. */
  readonly written: Readonly<Record<string, unknown>>;
}

export function loadDefinitions(paths: DefinitionPaths): LoadedDefinitions {
  const merged = new MergedFiles();
  const files = [...(paths.settings === null ? [] : [paths.settings]), ...definitionFiles(paths)];
  for (const file of files) merged.add(read(file), file === paths.settings);
  const built = checkedCatalog(merged.written, (path) => merged.locate(path));
  return {
    catalog: built.catalog,
    problems: inFileOrder([...merged.problems, ...built.problems], files),
    warnings: inFileOrder([...merged.warnings, ...built.warnings], files),
    files,
    written: merged.written,
  };
}

/** The same, refused with every problem when there is one. */
export function loadCatalog(paths: DefinitionPaths): LoadedDefinitions {
  const loaded = loadDefinitions(paths);
  if (loaded.problems.length > 0) throw definitionsRefused(loaded.problems);
  return loaded;
}

function definitionFiles({ settings, plans }: DefinitionPaths): string[] {
  if (plans === null || !existsSync(plans)) return [];
  if (!statSync(plans).isDirectory()) return [plans];
  return readdirSync(plans)
    .filter((name) => /^[^.].*\.(ya?ml|json)$/i.test(name))
    .sort()
    .map((name) => join(plans, name))
    .filter((file) => settings === null || resolve(file) !== resolve(settings));
}

function read(file: string): Source {
  try {
    return readSource(new TextDecoder('utf-8', { fatal: true }).decode(readFileSync(file)), file);
  } catch (error) {
    const problem: Problem = {
      field: file,
      code: 'unreadable_file',
      ...unreadable(error as NodeJS.ErrnoException),
      location: { file },
    };
    return { file, content: null, problems: [problem], warnings: [], locate: () => ({ file }) };
  }
}

function unreadable({ code, message }: NodeJS.ErrnoException): Pick<Problem, 'message' | 'suggestion'> {
  switch (code) {
    case 'EISDIR':
      return { message: 'is a folder, not a file', suggestion: 'Rename it, or put its files beside it.' };
    case 'EACCES':
    case 'EPERM':
      return { message: 'may not be read', suggestion: 'Check its permissions.' };
    case 'ERR_ENCODING_INVALID_ENCODED_DATA':
      return { message: 'is not UTF-8 text', suggestion: 'Save it as UTF-8.' };
    default:
      return { message: `cannot be read: ${message}`, suggestion: 'Check the file.' };
  }
}

/** Where a piece of the merged definitions came from. */
interface Origin {
  readonly source: Source;
  readonly path: Path;
}

class MergedFiles {
  /** Without a prototype: keys are the user's. */
  readonly written: Record<string, unknown> = Object.create(null);
  readonly problems: Problem[] = [];
  readonly warnings: Problem[] = [];
  private readonly origins = new Map<string, Origin>();

  add(source: Source, isSettings: boolean): void {
    this.problems.push(...source.problems);
    this.warnings.push(...source.warnings);
    if (source.content === null) return;
    if (!isMapping(source.content)) {
      this.report({ source, path: [] }, 'definitions', `${shown(source.content)} is not a mapping of definitions`);
      return;
    }
    for (const [key, value] of Object.entries(source.content)) {
      const origin = { source, path: [key] };
      if (sections.includes(key as Section)) this.addItems(key as Section, value, origin);
      else if (key === 'organization' && (isMapping(value) || value === null)) {
        for (const [field, given] of Object.entries(value ?? {})) {
          this.addOrganization(field, given, { source, path: [key, field] });
        }
      } else if (isSettings && isOrganizationField(key)) this.addOrganization(key, value, origin);
      else {
        this.written[key] = value;
        this.origins.set(key, origin);
      }
    }
  }

  locate(path: Path): ReturnType<Source['locate']> | undefined {
    const [section, step, ...rest] = path;
    const origin = this.origins.get(`${section} ${step}`);
    if (origin !== undefined) return origin.source.locate([...origin.path, ...rest]);
    const whole = this.origins.get(String(section));
    return whole?.source.locate([...whole.path, ...path.slice(1)]);
  }

  private addItems(section: Section, value: unknown, origin: Origin): void {
    if (value === null) return;
    if (!Array.isArray(value)) {
      this.report(
        origin,
        section,
        `${section} is a list, not ${shown(value)}`,
        `Start each ${nouns[section]} with "- ".`,
      );
      return;
    }
    this.written[section] ??= [];
    const items = this.written[section] as unknown[];
    for (const [index, item] of value.entries()) {
      this.origins.set(`${section} ${items.length}`, { source: origin.source, path: [section, index] });
      items.push(item);
    }
  }

  private addOrganization(field: string, value: unknown, origin: Origin): void {
    this.written.organization ??= Object.create(null);
    const organization = this.written.organization as Record<string, unknown>;
    const earlier = this.origins.get(`organization ${field}`);
    if (earlier !== undefined) {
      const { file, line } = earlier.source.locate(earlier.path);
      this.report(
        origin,
        field,
        `${field} of the organization is given in ${file}:${line} already`,
        'Keep one of them.',
      );
      return;
    }
    this.origins.set(`organization ${field}`, origin);
    this.origins.set('organization', { source: origin.source, path: origin.path.slice(0, -1) });
    organization[field] = field === 'logo' ? this.logo(value, origin) : value;
  }

  /** A logo is named from the folder of its file. */
  private logo(value: unknown, origin: Origin): unknown {
    if (typeof value !== 'string' || value === '') return value;
    const logo = resolve(dirname(origin.source.file), value);
    if (!existsSync(logo)) {
      this.warnings.push({
        field: 'logo',
        code: 'logo_not_found',
        message: `there is no file ${logo}; invoices are printed without a logo`,
        suggestion: 'Paths are from the folder of this file.',
        location: origin.source.locate(origin.path),
      });
    }
    return logo;
  }

  private report(origin: Origin, field: string, message: string, suggestion?: string): void {
    this.problems.push({
      field,
      code: 'value_is_invalid',
      message,
      ...(suggestion === undefined ? {} : { suggestion }),
      location: origin.source.locate(origin.path),
    });
  }
}

/** Misspelt ones too, unless they are nearer to a section. */
function isOrganizationField(key: string): boolean {
  const fields = Object.keys(organizationSchema.shape);
  const near = nearest(key, [...fields, ...sections]);
  return fields.includes(key) || (near !== undefined && fields.includes(near));
}

function inFileOrder(problems: readonly Problem[], files: readonly string[]): Problem[] {
  const rank = ({ location }: Problem): number[] => [
    location === undefined ? files.length : files.indexOf(location.file),
    location?.line ?? 0,
    location?.column ?? 0,
  ];
  return problems
    .map((problem) => ({ problem, rank: rank(problem) }))
    .sort((a, b) => compare(a.rank, b.rank))
    .map(({ problem }) => problem);
}

function compare(a: readonly number[], b: readonly number[]): number {
  const index = a.findIndex((value, position) => value !== b[position]);
  return index === -1 ? 0 : (a[index] as number) - (b[index] as number);
}
