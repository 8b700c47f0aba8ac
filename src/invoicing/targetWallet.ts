/** Which wallet the events of a fee name (usage-and-pricing §5.4, invoicing §4.5). */
import type { Charge } from '../catalog/types.js';
import type { ChargeFeeAmounts } from '../rating/feeAmounts.js';

/** Null where the charge does not let events name a wallet, and where they named none. */
export function targetWalletOf(charge: Charge, fee: Pick<ChargeFeeAmounts, 'groupedBy'>): string | null {
  return charge.acceptsTargetWallet ? (fee.groupedBy.target_wallet_code ?? null) : null;
}
