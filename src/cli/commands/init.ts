/** `init`: a new project folder. */
import { copyFileSync, existsSync, mkdirSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Command } from 'commander';
import { stringify } from 'yaml';
import { BillingError } from '../../errors.js';
import type { Session } from '../context.js';
import { examples, usage } from '../flags.js';
import { writeSchemas } from './schema.js';

const shipped = fileURLToPath(new URL('../../../plans', import.meta.url));

interface InitFlags {
  readonly template?: string;
  readonly name?: string;
  readonly currency: string;
  readonly timezone: string;
}

export function register(program: Command, session: Session): void {
  program
    .command('init')
    .summary('make a new project folder from a template')
    .description('Makes a project: lago.yaml, plans/ and the schemas that editors complete from.')
    .argument('[dir]', 'the folder', '.')
    .option('--template <name>', `${templates().join(', ')} (asked for at a terminal; basic elsewhere)`)
    .option('--name <text>', "the organization's name (default: the folder's)")
    .option('--currency <code>', "the organization's currency", 'USD')
    .option('--timezone <zone>', "the organization's time zone", 'UTC')
    .addHelpText(
      'after',
      examples('init acme --template segment', 'init . --template blank --name "Acme Inc." --currency EUR'),
    )
    .action(async (dir: string, flags: InitFlags) => {
      const root = resolve(dir);
      refuseExisting(root);
      const template = await chosenTemplate(session, flags.template);
      mkdirSync(join(root, 'plans'), { recursive: true });
      for (const file of templateFiles(template)) copyInto(root, file);
      writeSettings(root, flags);
      writeSchemas(root);
      if (!existsSync(join(root, '.gitignore'))) writeFileSync(join(root, '.gitignore'), 'lago.db*\ninvoices/\n');
      const where = dir === '.' ? '' : `cd ${dir} && `;
      session.stdout.write(`Made ${root} from the template ${template}.\n`);
      session.note(`Next: ${where}lago-cli validate, then lago-cli customers create`);
    });
}

function refuseExisting(root: string): void {
  if (existsSync(root) && !statSync(root).isDirectory()) throw usage(`${root} is a file`);
  if (!existsSync(join(root, 'lago.yaml'))) return;
  throw new BillingError('project_already_exist', {
    message: `${root} is a project already`,
    suggestion: 'Choose another folder.',
  });
}

async function chosenTemplate(session: Session, given: string | undefined): Promise<string> {
  const known = templates();
  if (given !== undefined) {
    if (known.includes(given)) return given;
    throw usage(`there is no template ${JSON.stringify(given)}`, `Choose one of ${known.join(', ')}.`);
  }
  if (!session.interactive) return known.includes('basic') ? 'basic' : 'blank';
  const { select } = await import('@inquirer/prompts');
  return select({ message: 'Which template?', choices: known });
}

/** What the package's plans/ holds, a folder or a file each, and `blank`. */
function templates(): string[] {
  const names = existsSync(shipped) ? readdirSync(shipped) : [];
  const found = names.filter((name) => statSync(join(shipped, name)).isDirectory() || isDefinitionFile(name));
  return [...new Set(found.map((name) => name.replace(/\.ya?ml$/, ''))), 'blank'].filter(
    (name, index, all) => all.indexOf(name) === index,
  );
}

function templateFiles(template: string): string[] {
  const folder = join(shipped, template);
  if (existsSync(folder)) {
    return readdirSync(folder)
      .filter(isDefinitionFile)
      .map((name) => join(folder, name));
  }
  return ['.yaml', '.yml'].map((extension) => `${folder}${extension}`).filter((file) => existsSync(file));
}

function isDefinitionFile(name: string): boolean {
  return /\.ya?ml$/.test(name);
}

/** A template's own lago.yaml is the project's; everything else is definitions. */
function copyInto(root: string, file: string): void {
  const name = basename(file);
  copyFileSync(file, name === 'lago.yaml' ? join(root, name) : join(root, 'plans', name));
}

function writeSettings(root: string, flags: InitFlags): void {
  const file = join(root, 'lago.yaml');
  if (existsSync(file)) return;
  const settings = {
    name: flags.name ?? basename(root),
    timezone: flags.timezone,
    default_currency: flags.currency,
  };
  const head =
    '# yaml-language-server: $schema=./schema/lago.schema.json\n# Who issues the invoices, and how they are numbered.\n';
  writeFileSync(file, head + stringify(settings));
}
