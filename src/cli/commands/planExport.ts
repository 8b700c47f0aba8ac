/** `plans export`: plans as Lago's API has them, for its `POST /plans` or for another project's `plans import`. */
import { writeFileSync } from 'node:fs';
import type { Command } from 'commander';
import { definitionNamed } from '../../catalog/named.js';
import { planJson } from '../../render/json/plan.js';
import { safeJson } from '../../render/printable.js';
import type { Session } from '../context.js';
import { examples } from '../flags.js';

export function registerExport(plans: Command, session: Session): void {
  plans
    .command('export')
    .argument('[plan]', 'its code (default: all plans)')
    .option('--out <file>', 'write there instead of stdout')
    .description("Prints Lago's JSON of a plan, or of all plans, whatever the output format.")
    .addHelpText('after', examples('plans export pro', 'plans export --out plans.json'))
    .action(async (code: string | undefined, flags: { out?: string }) => {
      const catalog = await session.catalog();
      const found = code === undefined ? [...catalog.plans.values()] : [definitionNamed(catalog.plans, 'plan', code)];
      const shown = found.map((plan) => planJson(plan, catalog));
      const text = `${safeJson(code === undefined ? { plans: shown } : { plan: shown[0] }, 2)}\n`;
      if (flags.out === undefined) session.stdout.write(text);
      else {
        writeFileSync(flags.out, text);
        session.note(`wrote ${flags.out}`);
      }
    });
}
