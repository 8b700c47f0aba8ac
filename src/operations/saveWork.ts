/** The end of every operation on an account: wallets meet the usage as it stands now, then everything is saved. */
import { ongoingUsage } from '../invoicing/runningUsage.js';
import { refreshOngoingBalances } from '../invoicing/walletRules.js';
import type { BillingWork } from '../invoicing/work.js';
import type { OperationContext } from './context.js';

export function saveWork(context: OperationContext, work: BillingWork): void {
  refreshOngoingBalances(work, ongoingUsage);
  context.ledger.saveAccount(work.account);
}
