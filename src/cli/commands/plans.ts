/** `plans`: what things cost. */
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Command } from 'commander';
import { definitionNamed } from '../../catalog/named.js';
import { BillingError, invalid } from '../../errors.js';
import { type PlanJson, planJson } from '../../render/json/plan.js';
import type { Session } from '../context.js';
import { examples, readText } from '../flags.js';
import { type Columns, money, printList, printOne, tableOptions } from '../output.js';
import { registerChart } from './chart.js';
import { registerPlansDiff } from './diff.js';
import { registerExport } from './planExport.js';
import { registerPrice } from './price.js';

const columns: Columns<PlanJson> = [
  { path: 'code', header: 'code', shrinks: false },
  { path: 'name', header: 'name' },
  { path: 'interval', header: 'interval', shrinks: false },
  {
    path: 'amount_cents',
    header: 'amount',
    align: 'right',
    show: (plan) => money(plan.amount_cents, plan.amount_currency),
  },
  { path: 'pay_in_advance', header: 'in advance', shrinks: false },
  { path: 'charges', header: 'charges', show: (plan) => plan.charges.map((charge) => charge.code).join(', ') },
];

export function register(program: Command, session: Session): void {
  const plans = program
    .command('plans')
    .summary('list, show and import plans')
    .description('The plans of the definition files: what things cost.');

  plans
    .command('list')
    .description('Lists the plans.')
    .addHelpText('after', examples('plans list'))
    .action(async () => {
      const catalog = await session.catalog();
      const shown = [...catalog.plans.values()].map((plan) => planJson(plan, catalog));
      printList(session, 'plans', shown, columns, 'no plans in the definition files');
    });

  plans
    .command('get')
    .argument('<code>')
    .description('Shows one plan with the prices of its charges.')
    .addHelpText('after', examples('plans get pro --json', 'plans get pro -o yaml'))
    .action(async (code: string) => {
      const catalog = await session.catalog();
      const plan = definitionNamed(catalog.plans, 'plan', code);
      const { describePlan } = await import('../../experiments/planText.js');
      printOne(session, 'plan', planJson(plan, catalog), () => describePlan(plan, tableOptions(session)));
    });

  plans
    .command('import')
    .argument('<file>', 'JSON of a plan, of plans, or of billable metrics, as the API has them; - is stdin')
    .option('--out <file>', 'where to write (default: a file in plans/, by the code)')
    .option('--force', 'replace the file')
    .option('--dry-run', 'print the YAML, write nothing')
    .description('Turns plans of the API, current and legacy, into a definition file, checked together with yours.')
    .addHelpText('after', examples('plans import pro.json', 'plans import - --dry-run < plans.json'))
    .action((file: string, flags: ImportFlags) => importFile(session, file, flags));

  registerExport(plans, session);
  registerPrice(plans, session);
  registerChart(plans, session);
  registerPlansDiff(plans, session);
}

interface ImportFlags {
  readonly out?: string;
  readonly force?: boolean;
  readonly dryRun?: boolean;
}

async function importFile(session: Session, file: string, flags: ImportFlags): Promise<void> {
  const [{ checkedCatalog }, { mergeDefinitions }, { loadDefinitions }, { importDefinitions }, { readSource }] =
    await Promise.all([
      import('../../catalog/catalog.js'),
      import('../../catalog/definitions.js'),
      import('../../catalog/load.js'),
      import('../../catalog/import.js'),
      import('../../catalog/source.js'),
    ]);
  const source = readSource(readText(file), file);
  if (source.problems.length > 0) throw invalid(...source.problems);
  const { yaml: text, definitions, warnings } = importDefinitions(source.content);
  const { written } = loadDefinitions(session.paths());
  const { problems } = checkedCatalog(mergeDefinitions(written, definitions));
  const first = (definitions.plans?.[0] ?? definitions.billable_metrics?.[0]) as
    | { readonly code?: unknown }
    | undefined;
  if (problems.length > 0) throw invalid(...problems);
  for (const warning of warnings) session.note(`${session.colors.yellow('warning')} ${warning}`);
  if (flags.dryRun === true) {
    session.stdout.write(text);
    return;
  }
  const name = String(first?.code ?? 'imported').replace(/[^A-Za-z0-9_-]/g, '_');
  const target = flags.out ?? join(session.paths().plans, `${name}.yaml`);
  if (existsSync(target) && flags.force !== true) {
    throw new BillingError('file_already_exist', {
      message: `${target} is there already`,
      suggestion: 'Name another file with --out, or replace it with --force.',
    });
  }
  writeFileSync(target, text);
  session.note(`wrote ${target}`);
}
