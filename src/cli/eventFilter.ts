/** Which events a command is about: the same four flags for all of them. */
import type { Command } from 'commander';
import type { EventFilter } from '../ledger/types.js';
import { instantFlag } from './flags.js';

export interface EventFilterFlags {
  readonly subscription?: string;
  readonly code?: string;
  readonly from?: string;
  readonly to?: string;
}

export function withEventFilter(command: Command): Command {
  return command
    .option('--subscription <external_id>')
    .option('--code <code>', 'of the billable metric')
    .option('--from <instant>', 'not before')
    .option('--to <instant>', 'not after');
}

export function eventFilter(flags: EventFilterFlags): EventFilter {
  return {
    ...(flags.subscription === undefined ? {} : { externalSubscriptionId: flags.subscription }),
    ...(flags.code === undefined ? {} : { code: flags.code }),
    ...(flags.from === undefined ? {} : { from: instantFlag('--from', flags.from) }),
    ...(flags.to === undefined ? {} : { to: instantFlag('--to', flags.to) }),
  };
}
