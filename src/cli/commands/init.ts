/** `init`: a new project folder. */
import { copyFileSync, existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Command } from 'commander';
import { stringify } from 'yaml';
import { BillingError } from '../../errors.js';
import { isCurrency } from '../../money/currency.js';
import { isZone } from '../../time/zone.js';
import type { Session } from '../context.js';
import { examples, usage } from '../flags.js';
import { makeFolder } from '../makeFolder.js';
import { printDocument } from '../output.js';
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
      refuseUnknown(flags);
      const template = await chosenTemplate(session, flags.template);
      const files = templateFiles(template).map((file) => [file, join(root, 'plans', basename(file))] as const);
      for (const [, target] of files) if (existsSync(target)) throw alreadyThere(target);
      makeFolder(join(root, 'plans'));
      for (const [file, target] of files) copyFileSync(file, target);
      writeSettings(root, flags);
      writeSchemas(root);
      if (!existsSync(join(root, '.gitignore'))) writeFileSync(join(root, '.gitignore'), 'lago.db*\ninvoices/\n');
      const where = dir === '.' ? '' : `cd ${dir} && `;
      printDocument(session, { project: { root, template } }, `Made ${root} from the template ${template}.`);
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

function alreadyThere(file: string): BillingError {
  return new BillingError('file_already_exist', {
    message: `${file} is there already`,
    suggestion: 'Choose another folder, or the template blank.',
  });
}

/** Before anything is written: a project that does not validate is none. */
function refuseUnknown({ currency, timezone }: InitFlags): void {
  if (!isCurrency(currency)) {
    throw usage(`--currency ${JSON.stringify(currency)} is not a currency`, 'Use ISO 4217: EUR, USD.');
  }
  if (!isZone(timezone)) {
    throw usage(`--timezone ${JSON.stringify(timezone)} is not a time zone`, 'Use an IANA name: UTC, Europe/Paris.');
  }
}

async function chosenTemplate(session: Session, given: string | undefined): Promise<string> {
  const known = templates();
  if (given !== undefined) {
    if (known.includes(given)) return given;
    throw usage(`there is no template ${JSON.stringify(given)}`, `Choose one of ${known.join(', ')}.`);
  }
  if (!session.interactive) return 'basic';
  const { select } = await import('@inquirer/prompts');
  return select({ message: 'Which template?', choices: known });
}

/** The files of the package's plans/, by name, and `blank`. */
function templates(): string[] {
  return [
    ...readdirSync(shipped).flatMap((name) => (isDefinitionFile(name) ? [name.replace(/\.yaml$/, '')] : [])),
    'blank',
  ];
}

function templateFiles(template: string): string[] {
  return template === 'blank' ? [] : [join(shipped, `${template}.yaml`)];
}

function isDefinitionFile(name: string): boolean {
  return name.endsWith('.yaml');
}

/** The shipped settings, with what was given in the place of their examples. */
function writeSettings(root: string, flags: InitFlags): void {
  const given: Readonly<Record<string, string>> = {
    name: flags.name ?? basename(root),
    timezone: flags.timezone,
    default_currency: flags.currency,
  };
  const template = readFileSync(join(shipped, 'lago.yaml.template'), 'utf8');
  const settings = template.replace(/^(name|timezone|default_currency): \S+/gm, (_line, key: string) =>
    stringify({ [key]: given[key] }, { lineWidth: 0 }).trimEnd(),
  );
  writeFileSync(join(root, 'lago.yaml'), settings);
}
