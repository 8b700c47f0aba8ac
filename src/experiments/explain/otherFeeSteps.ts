/**
 * Fees that are not usage: base fee, fixed charge, true-up, minimum commitment, add-on, wallet purchase.
 *
 * Proration by the day runs in doubles, as it is billed: `double(12000 ÷ 31 × 17)`. Each explainer answers steps only when
 * they come to the fee's own figure.
 */
import type { FixedCharge, Plan } from '../../catalog/types.js';
import type { Fee } from '../../model.js';
import { subunit, toCents } from '../../money/currency.js';
import { Decimal } from '../../money/decimal.js';
import { fixedUnits } from '../../rating/fixedUnits.js';
import { price } from '../../rating/price.js';
import { prorate } from '../../subscriptions/baseFee.js';
import { unitsInWindow } from '../../subscriptions/fixedChargeUnits.js';
import { periodEnd, periodStart } from '../../subscriptions/periodGrid.js';
import { planGrid } from '../../subscriptions/terms.js';
import { billedDays, endOfDay, localDateOf, startOfDay, type ZoneName } from '../../time/zone.js';
import { resultOf, type Step, step, sumOf } from '../arithmetic.js';
import { amount, units as shown } from '../figures.js';
import { plain, priceSteps, signed } from '../priceSteps.js';
import type { Fact } from './explanation.js';
import type { ExplainedFee, FeeInHand } from './feeInHand.js';
import { windowText } from './localTime.js';

const NO_STEPS: ExplainedFee = { facts: [], steps: [] };

export function baseFeeSteps(hand: FeeInHand, plan: Plan | null, zone: ZoneName): ExplainedFee {
  const { fee, period } = hand;
  const planCents = Number(fee.amountDetails.plan_amount_cents ?? plan?.amountCents ?? fee.amountCents);
  const days = period?.basePeriodDays ?? 0;
  const facts: Fact[] =
    fee.fromAt === null || fee.toAt === null ? [] : [{ label: 'window', text: windowText(fee.fromAt, fee.toAt, zone) }];
  facts.push({ label: 'plan amount', text: amount(planCents, fee.currency) });
  if (fee.amountCents === planCents) return { facts, steps: [step('a whole period, in cents', String(planCents))] };
  for (let part = 0; part < days; part += 1) {
    const { preciseAmountCents } = prorate(planCents, part, days);
    if (!preciseAmountCents.toDecimalPlaces(15).equals(fee.preciseAmountCents)) continue;
    const label = part === 0 ? 'no day of the period is billed' : `${part} of ${days} days`;
    const precise = step(label, `double(${planCents} ÷ ${days} × ${part})`);
    return { facts, steps: [precise, step('in cents', `round(${precise.result})`)] };
  }
  return { facts, steps: [] };
}

export function fixedChargeSteps(hand: FeeInHand, fixedCharge: FixedCharge | null, zone: ZoneName): ExplainedFee {
  const { fee, work, period } = hand;
  if (fixedCharge === null || fee.fromAt === null || fee.toAt === null) return NO_STEPS;
  const window = { from: fee.fromAt, to: fee.toAt, durationDays: period?.fixedChargesDurationDays ?? 1, zone };
  const log = work.account.all('fixed_charge_units').filter((each) => each.subscriptionId === fee.subscriptionId);
  const { full, billed } = unitsInWindow(fixedCharge, log, window);
  const usage = fixedUnits(full, billed, fixedCharge.prorated);
  const facts: Fact[] = [
    { label: 'window', text: windowText(fee.fromAt, fee.toAt, zone) },
    {
      label: 'units',
      text: full.equals(billed) ? shown(full) : `${shown(full)} held, weighing ${billed.toFixed()} by the days`,
    },
  ];
  const priced = price(fixedCharge.prices, usage, fee.currency);
  const steps = [
    ...priceSteps(fixedCharge.prices, usage, priced, fee.currency),
    step('in cents', `round(${signed(priced.amount)} × ${subunit(fee.currency)})`),
  ];
  const whole = toCents(priced.amount, fee.currency);
  if (whole === fee.amountCents) return { facts, steps };
  if (whole < fee.amountCents) return { facts, steps: [] };
  return {
    facts,
    steps: [...steps, step('less what was paid for these days before', `${whole} − ${whole - fee.amountCents}`)],
  };
}

/** The minimum of the days, less what the charge's other fees came to. */
export function trueUpSteps(hand: FeeInHand, plan: Plan | null, zone: ZoneName): ExplainedFee {
  const { fee, work, period } = hand;
  const charge = plan?.charges.find((each) => each.id === fee.chargeId);
  if (charge === undefined || fee.fromAt === null || fee.toAt === null || fee.pricingUnit !== null) return NO_STEPS;
  const used = work.account
    .all('fee')
    .filter((each) => each.invoiceId === fee.invoiceId && each.chargeId === fee.chargeId)
    .filter((each) => each.subscriptionId === fee.subscriptionId && each.id !== fee.id)
    .reduce((sum, each) => sum + each.amountCents, 0);
  const total = period?.chargesDurationDays ?? 1;
  const days = billedDays(fee.fromAt, fee.toAt, zone) - (period?.situation === 'upgraded' ? 1 : 0);
  const minimum = step(`minimum of ${days} of ${total} days`, `double(${charge.minAmountCents} ÷ ${total} × ${days})`);
  return {
    facts: [
      { label: 'window', text: windowText(fee.fromAt, fee.toAt, zone) },
      { label: 'minimum', text: `${amount(charge.minAmountCents, fee.currency)} a period` },
    ],
    steps: [minimum, step('less used, in cents', `round(${minimum.result} − ${used})`)],
  };
}

/** The commitment of the days, less the fees of the period: the coefficient is a quotient of days in doubles. */
export function commitmentSteps(hand: FeeInHand, plan: Plan | null, zone: ZoneName): ExplainedFee {
  const { fee, subscription } = hand;
  const commitment = plan?.minimumCommitment ?? null;
  if (commitment === null || plan === null || subscription === null || fee.fromAt === null || fee.toAt === null)
    return NO_STEPS;
  const grid = planGrid({ subscription, plan, zone });
  const first = periodStart(grid, localDateOf(fee.fromAt, zone));
  const [from, to] = [startOfDay(first, zone), endOfDay(periodEnd(grid, first), zone)];
  const started = subscription.startedAt ?? subscription.subscriptionAt;
  const begins = started > from ? startOfDay(localDateOf(started, zone), zone) : from;
  const ended = subscription.terminatedAt;
  const days = billedDays(begins, ended !== null && ended < to ? ended : to, zone);
  const total = billedDays(from, to, zone);
  const required = step(`${days} of ${total} days`, `round(double(${commitment.amountCents} × (${days} ÷ ${total})))`);
  const counted = resultOf([required]).minus(fee.amountCents);
  return {
    facts: [
      { label: 'window', text: windowText(from, to, zone) },
      { label: 'commitment', text: `${amount(commitment.amountCents, fee.currency)} a period` },
      { label: 'billed', text: `${amount(counted, fee.currency)} of base, usage and fixed charges in the period` },
    ],
    steps: counted.isNegative()
      ? []
      : [required, step('less the fees of the period, in cents', `${required.result} − ${plain(counted)}`)],
  };
}

/** Units at a price: add-ons and purchases of credits. */
export function lineSteps({ fee }: FeeInHand): ExplainedFee {
  const cents = step(
    'units × price, in cents',
    `round(${signed(fee.units)} × ${plain(fee.preciseUnitAmount)} × ${subunit(fee.currency)})`,
  );
  return { facts: [], steps: [cents] };
}

/** The figure that the fee itself holds, rounded: always right, and all that can be said of a fee set by hand. */
export function storedSteps(fee: Fee): Step[] {
  const precise = new Decimal(fee.preciseAmountCents);
  const rounded = precise.toDecimalPlaces(0);
  if (rounded.equals(fee.amountCents)) return [step('as billed, in cents', `round(${sumOf([precise])})`)];
  return [step('as billed, in cents', sumOf([fee.amountCents]))];
}
