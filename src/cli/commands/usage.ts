/** `usage SUBSCRIPTION`: what the running period would bill for usage. */
import type { Command } from 'commander';
import type { Session } from '../context.js';
import { examples } from '../flags.js';
import { printCurrentUsage } from '../usageText.js';

export function register(program: Command, session: Session): void {
  program
    .command('usage')
    .summary('the current usage of a subscription')
    .description('Shows the usage of the running period, priced as if the period ended now.')
    .argument('<subscription>', 'its external id')
    .addHelpText('after', examples('usage acme-pro', 'usage acme-pro --at 2026-10-31T23:59:59Z --json'))
    .action((subscription: string) => printCurrentUsage(session, subscription));
}
