/** `usage SUBSCRIPTION`: what the running period would bill for usage. */
import type { Command } from 'commander';
import type { Session } from '../context.js';
import { collect, examples, given, keyValues } from '../flags.js';
import { printCurrentUsage } from '../usageText.js';

interface UsageFlags {
  readonly charge?: string;
  readonly metric?: string;
  readonly group?: Readonly<Record<string, string>>;
  readonly grouping: boolean;
  readonly presentation?: readonly string[];
  readonly full?: boolean;
  readonly taxes: boolean;
  readonly projected?: boolean;
}

export function register(program: Command, session: Session): void {
  program
    .command('usage')
    .summary('the current usage of a subscription')
    .description('Shows the usage of the running period, priced as if the period ended now.')
    .argument('<subscription>', 'its external id')
    .option('--charge <code>', 'only this charge')
    .option('--metric <code>', 'only the charges of this billable metric')
    .option('--group <key=value>', 'only the events of this group; repeatable', keyValues)
    .option('--no-grouping', 'all groups of a charge as one')
    .option('--presentation <key>', 'break units down by this presentation key only; repeatable', collect)
    .option('--full', 'since the start of the subscription (with --charge, --metric or --group)')
    .option('--no-taxes', 'without taxes')
    .option('--projected', 'what the period would come to if usage went on as it did so far')
    .addHelpText(
      'after',
      examples(
        'usage acme-pro',
        'usage acme-pro --projected',
        'usage acme-pro --metric api_calls --group region=eu',
        'usage acme-pro --at 2026-10-31T23:59:59Z --json',
      ),
    )
    .action((subscription: string, flags: UsageFlags) =>
      printCurrentUsage(
        session,
        subscription,
        given({
          charge_code: flags.charge,
          billable_metric_code: flags.metric,
          group: flags.group,
          skip_grouping: !flags.grouping,
          filter_by_presentation: flags.presentation,
          full_usage: flags.full,
          apply_taxes: flags.taxes,
          projected: flags.projected,
        }),
      ),
    );
}
