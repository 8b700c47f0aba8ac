/** One fee explained: its steps, the events behind it, and its shares of coupons and taxes. */
import { feeSubTotal } from '../../credits/feeAmounts.js';
import type { Fee } from '../../model.js';
import { Decimal } from '../../money/decimal.js';
import { formatInstantMs } from '../../time/instant.js';
import type { ZoneName } from '../../time/zone.js';
import { resultOf, type Step, step, sumOf } from '../arithmetic.js';
import { chargeFeeSteps } from './chargeFeeSteps.js';
import { type ExplainedEvent, type Explanation, type Fact, NOTHING } from './explanation.js';
import type { ExplainedFee, FeeInHand } from './feeInHand.js';
import { localTime } from './localTime.js';
import {
  baseFeeSteps,
  commitmentSteps,
  fixedChargeSteps,
  lineSteps,
  storedSteps,
  trueUpSteps,
} from './otherFeeSteps.js';

export interface ExplainOptions {
  /** How many events to list of each fee; 0 lists none. */
  readonly events: number;
}

export function explainFee(hand: FeeInHand, options: ExplainOptions): Explanation {
  const { fee } = hand;
  const zone = hand.period?.timezone ?? hand.work.account.customer.timezone ?? hand.work.catalog.organization.timezone;
  const explained = stepsOf(hand, zone);
  const { steps, facts } = settled(fee, explained);
  const { events, leftOut } = options.events > 0 ? listEvents(explained, options.events, zone) : NO_EVENTS;
  return {
    ...NOTHING,
    title: titleOf(fee),
    subtitle: subtitleOf(fee),
    amountCents: fee.amountCents,
    currency: fee.currency,
    facts,
    steps,
    shares: shareSteps(fee),
    events,
    eventsLeftOut: leftOut,
  };
}

function stepsOf(hand: FeeInHand, zone: ZoneName): ExplainedFee {
  const { fee, work, subscription } = hand;
  const plan =
    subscription === null ? null : (subscription.childPlan ?? work.catalog.plans.get(subscription.planCode) ?? null);
  if (fee.adjusted) return { facts: [{ label: 'adjusted', text: 'set by hand on the draft' }], steps: [] };
  switch (fee.feeType) {
    case 'charge': {
      if (fee.trueUpParentFeeId !== null) return trueUpSteps(hand, plan, zone);
      const charge = plan?.charges.find((each) => each.id === fee.chargeId);
      const metric = work.catalog.billableMetrics.get(fee.item.code);
      if (plan === null || charge === undefined || metric === undefined) return { facts: [GONE], steps: [] };
      return chargeFeeSteps(hand, { plan, charge, metric, zone });
    }
    case 'subscription':
      return baseFeeSteps(hand, plan, zone);
    case 'fixed_charge': {
      const fixedCharge = plan?.fixedCharges.find((each) => each.id === fee.fixedChargeId) ?? null;
      return fixedCharge === null ? { facts: [GONE], steps: [] } : fixedChargeSteps(hand, fixedCharge, zone);
    }
    case 'commitment':
      return commitmentSteps(hand, plan, zone);
    case 'add_on':
    case 'credit':
      return lineSteps(hand);
  }
}

const GONE: Fact = { label: 'definitions', text: 'what priced it is no longer in the definitions' };

/** Steps that do not come to the figure are shown as what they are, and the figure as it was stored. */
function settled(fee: Fee, explained: ExplainedFee): Pick<ExplainedFee, 'facts' | 'steps'> {
  const { steps, facts } = explained;
  if (steps.length > 0 && resultOf(steps).equals(fee.amountCents)) return { steps, facts };
  if (steps.length === 0) return { steps: storedSteps(fee), facts };
  const today = `${sumOf([resultOf(steps)])} cents today`;
  const differs = facts.some(({ label }) => label === 'differs')
    ? []
    : [{ label: 'differs', text: 'what the ledger holds today comes to another figure' }];
  return { steps: storedSteps(fee), facts: [...facts, ...differs, { label: 'computed', text: today }] };
}

function titleOf(fee: Fee): string {
  const filter = fee.item.filterInvoiceDisplayName;
  const groups = Object.values(fee.item.groupedBy).filter((value) => value !== null);
  const parts = [...(filter === null ? [] : [filter]), ...groups];
  const name = fee.item.invoiceDisplayName ?? fee.item.name;
  const trueUp = fee.trueUpParentFeeId === null ? '' : ', true-up to the minimum';
  return `${name}${parts.length === 0 ? '' : ` (${parts.join('; ')})`}${trueUp}`;
}

const KINDS: Readonly<Record<Fee['feeType'], string>> = {
  charge: 'usage',
  subscription: 'base fee',
  fixed_charge: 'fixed charge',
  commitment: 'minimum commitment',
  add_on: 'add-on',
  credit: 'prepaid credits',
};

function subtitleOf(fee: Fee): string {
  const model = fee.chargeModel === null ? '' : `, ${fee.chargeModel}${fee.prorated ? ' prorated' : ''}`;
  const whose = fee.externalSubscriptionId === null ? '' : `, ${fee.externalSubscriptionId}`;
  return `${KINDS[fee.feeType]} ${fee.item.code}${model}${whose}`;
}

/** What the invoice does with the fee. */
function shareSteps(fee: Fee): Step[] {
  const steps: Step[] = [];
  const coupons = new Decimal(fee.preciseCouponsAmountCents);
  if (!coupons.isZero())
    steps.push(step('less coupons and progressive billing', `${fee.amountCents} − ${coupons.toFixed()}`));
  const base = feeSubTotal(fee);
  for (const tax of fee.appliedTaxes) {
    steps.push(step(`${tax.taxName} ${tax.taxRate} %`, `round(${sumOf([base])} × ${tax.taxRate} %)`));
  }
  return steps;
}

const NO_EVENTS = { events: [] as ExplainedEvent[], leftOut: 0 };

function listEvents({ events: source }: ExplainedFee, limit: number, zone: ZoneName): typeof NO_EVENTS {
  if (source === undefined) return NO_EVENTS;
  const events: ExplainedEvent[] = [];
  let leftOut = 0;
  const counted = source.selection.fieldName === null;
  for (const event of source.reader.events(source.selection)) {
    if (events.length === limit) {
      leftOut += 1;
      continue;
    }
    events.push({
      transactionId: event.transactionId,
      timestamp: formatInstantMs(event.timestamp),
      localTime: localTime(event.timestamp, zone),
      value: counted ? null : event.text,
      counts: !source.isNumeric || event.value !== null,
    });
  }
  return { events, leftOut };
}
