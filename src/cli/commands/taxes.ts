/** `taxes`: the taxes of the definition files. */
import type { Command } from 'commander';
import { definitionNamed } from '../../catalog/named.js';
import { type TaxJson, taxJson } from '../../render/json/tax.js';
import type { Session } from '../context.js';
import { examples } from '../flags.js';
import { type Columns, printList, printOne } from '../output.js';

const columns: Columns<TaxJson> = [
  { path: 'code', header: 'code', shrinks: false },
  { path: 'name', header: 'name' },
  { path: 'rate', header: 'rate %', align: 'right' },
  { path: 'applied_to_organization', header: 'default', shrinks: false },
];

export function register(program: Command, session: Session): void {
  const taxes = program.command('taxes').summary('list taxes').description('The taxes of the definition files.');
  taxes
    .command('list')
    .description('Lists the taxes.')
    .addHelpText('after', examples('taxes list'))
    .action(async () => {
      const catalog = await session.catalog();
      const shown = [...catalog.taxes.values()].map((tax) => taxJson(tax));
      printList(session, 'taxes', shown, columns, 'no taxes in the definition files');
    });
  taxes
    .command('get')
    .argument('<code>')
    .description('Shows one tax.')
    .addHelpText('after', examples('taxes get vat_20 --json'))
    .action(async (code: string) => {
      const tax = definitionNamed((await session.catalog()).taxes, 'tax', code);
      printOne(session, 'tax', taxJson(tax));
    });
}
