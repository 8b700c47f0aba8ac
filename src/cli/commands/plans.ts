/** `plans`: what things cost. */
import type { Command } from 'commander';
import { notFound } from '../../errors.js';
import { type PlanJson, planJson } from '../../render/json/plan.js';
import type { Session } from '../context.js';
import { examples } from '../flags.js';
import { type Columns, money, printList, printOne } from '../output.js';

const columns: Columns<PlanJson> = [
  { path: 'code', header: 'code', shrinks: false },
  { path: 'name', header: 'name' },
  { path: 'interval', header: 'interval', shrinks: false },
  { path: 'amount_cents', header: 'amount', align: 'right', show: (plan) => money(plan.amount_cents, plan.amount_currency) },
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
    .description('Shows one plan with its charges.')
    .addHelpText('after', examples('plans get pro --json', 'plans get pro -o yaml'))
    .action(async (code: string) => {
      const catalog = await session.catalog();
      const plan = catalog.plans.get(code);
      if (plan === undefined) throw notFound('plan', code, 'See them with `lago-cli plans list`.');
      printOne(session, 'plan', planJson(plan, catalog));
    });
}
