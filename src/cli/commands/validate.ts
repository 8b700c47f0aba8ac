/** `validate`: checks the definition files and shows every problem with its place. */
import type { Command } from 'commander';
import { exitCodes } from '../../errors.js';
import type { Session } from '../context.js';
import { examples } from '../flags.js';
import { printDocument } from '../output.js';

export function register(program: Command, session: Session): void {
  program
    .command('validate')
    .summary('check the definition files')
    .description('Reads lago.yaml and every file of the plans folder, and shows every problem with file, line and remedy.')
    .option('--strict', 'warnings fail too (exit 9)')
    .addHelpText('after', examples('validate', 'validate --strict --json'))
    .action(async (options: { strict?: boolean }) => {
      const { loadProject } = await import('../project.js');
      const { catalog, warnings } = loadProject(session.paths());
      for (const warning of warnings) session.note(`${session.colors.yellow('warning')} ${warning}`);
      const counts = {
        billable_metrics: catalog.billableMetrics.size,
        plans: catalog.plans.size,
        taxes: catalog.taxes.size,
        coupons: catalog.coupons.size,
        add_ons: catalog.addOns.size,
      };
      const text = Object.entries(counts)
        .map(([kind, count]) => `${count} ${kind.replaceAll('_', ' ')}`)
        .join(', ');
      printDocument(session, { valid: true, hash: catalog.hash, ...counts, warnings }, `valid: ${text}`);
      if (options.strict === true && warnings.length > 0) process.exitCode = exitCodes.findings;
    });
}
