/** `validate`: checks the definition files and shows every problem with its place. */
import type { Command } from 'commander';
import { exitCodes } from '../../errors.js';
import type { Session } from '../context.js';
import { describeProblem } from '../failure.js';
import { examples } from '../flags.js';
import { counted, printDocument } from '../output.js';

export function register(program: Command, session: Session): void {
  program
    .command('validate')
    .summary('check the definition files')
    .description(
      'Reads lago.yaml and every file of the plans folder, and shows every problem with file, line and remedy.',
    )
    .option('--strict', 'warnings fail too (exit 9)')
    .addHelpText('after', examples('validate', 'validate --strict --json'))
    .action(async (options: { strict?: boolean }) => {
      const { loadCatalog } = await import('../../catalog/load.js');
      const { catalog, warnings, files } = loadCatalog(session.paths());
      for (const warning of warnings) session.note(describeProblem(warning, session.colors.yellow('warning'), session));
      const counts = {
        billable_metrics: catalog.billableMetrics.size,
        plans: catalog.plans.size,
        taxes: catalog.taxes.size,
        coupons: catalog.coupons.size,
        add_ons: catalog.addOns.size,
      };
      const text = Object.entries(counts)
        .map(([kind, count]) => counted(count, nouns[kind as keyof typeof counts]))
        .join(', ');
      printDocument(session, { valid: true, hash: catalog.hash, files, ...counts, warnings }, `valid: ${text}`);
      if (options.strict === true && warnings.length > 0) process.exitCode = exitCodes.findings;
    });
}

const nouns = {
  billable_metrics: 'billable metric',
  plans: 'plan',
  taxes: 'tax',
  coupons: 'coupon',
  add_ons: 'add-on',
} as const;
