/** What explaining one fee needs at hand, and what the explainers of the fee types answer. */
import type { BillingWork } from '../../invoicing/work.js';
import type { EventSelection, UsageReader } from '../../metering/usageReader.js';
import type { BillingPeriod, Fee, Invoice, Subscription } from '../../model.js';
import type { Step } from '../arithmetic.js';
import type { Fact } from './explanation.js';

export interface FeeInHand {
  readonly fee: Fee;
  /** Null: the fee stands alone. */
  readonly invoice: Invoice | null;
  readonly period: BillingPeriod | null;
  readonly subscription: Subscription | null;
  /** The account, the usage, and the definitions of the fee's day. */
  readonly work: BillingWork;
  /** Last arrival numbers of the ingestions, newest first. */
  readonly arrivals: () => readonly number[];
}

export interface ExplainedFee {
  readonly facts: readonly Fact[];
  /** The last result is the fee's cents; empty where only the billed figure itself can be shown. */
  readonly steps: readonly Step[];
  /** Which events the units come from. */
  readonly events?: {
    readonly reader: UsageReader;
    readonly selection: EventSelection;
    /** Only events with a number count. */
    readonly isNumeric: boolean;
  };
  /** The last arrival that is in it, where later ones are not; null: all are. */
  readonly through?: number | null;
}
