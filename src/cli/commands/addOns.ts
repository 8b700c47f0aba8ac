/** `add-ons`: the one-off items of the definition files. */
import type { Command } from 'commander';
import { definitionNamed } from '../../catalog/named.js';
import { type AddOnJson, addOnJson } from '../../render/json/addOn.js';
import type { Session } from '../context.js';
import { examples } from '../flags.js';
import { type Columns, money, printList, printOne } from '../output.js';

const columns: Columns<AddOnJson> = [
  { path: 'code', header: 'code', shrinks: false },
  { path: 'name', header: 'name' },
  {
    path: 'amount_cents',
    header: 'amount',
    align: 'right',
    show: (addOn) => money(addOn.amount_cents, addOn.amount_currency),
  },
];

export function register(program: Command, session: Session): void {
  const addOns = program.command('add-ons').summary('list add-ons').description('The add-ons of the definition files.');
  addOns
    .command('list')
    .description('Lists the add-ons.')
    .addHelpText('after', examples('add-ons list'))
    .action(async () => {
      const catalog = await session.catalog();
      const shown = [...catalog.addOns.values()].map((addOn) => addOnJson(addOn, catalog.taxes));
      printList(session, 'add_ons', shown, columns, 'no add-ons in the definition files');
    });
  addOns
    .command('get')
    .argument('<code>')
    .description('Shows one add-on.')
    .addHelpText('after', examples('add-ons get setup --json'))
    .action(async (code: string) => {
      const catalog = await session.catalog();
      const addOn = definitionNamed(catalog.addOns, 'add_on', code);
      printOne(session, 'add_on', addOnJson(addOn, catalog.taxes));
    });
}
