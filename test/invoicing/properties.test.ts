/** Whatever happens to a customer, in whatever order: money is neither made nor lost. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Account } from '../../src/accounts/account.js';
import { BillingError } from '../../src/errors.js';
import { deviationsOfTotals } from '../../src/invoicing/verify.js';
import { openLedger } from '../../src/ledger/open.js';
import type { Ledger } from '../../src/ledger/types.js';
import type { Invoice } from '../../src/model.js';
import { Decimal } from '../../src/money/decimal.js';
import { type DefinitionState, defineInitially } from '../../src/operations/define.js';
import { perform, query } from '../../src/operations/perform.js';
import { verifyInvoices } from '../../src/operations/verifyInvoices.js';
import { addMicroseconds, DAY, type Instant } from '../../src/time/instant.js';
import { at } from '../support/terms.js';

const DEFINITIONS = {
  organization: { name: 'Acme' },
  taxes: [
    { code: 'vat', name: 'VAT', rate: 19.6, applied_to_organization: true },
    { code: 'low', name: 'Low', rate: 5.5 },
  ],
  billable_metrics: [
    { code: 'calls', name: 'Calls', aggregation_type: 'sum_agg', field_name: 'n' },
    { code: 'bytes', name: 'Bytes', aggregation_type: 'sum_agg', field_name: 'n' },
  ],
  plans: [
    {
      code: 'pro',
      name: 'Pro',
      interval: 'monthly',
      amount_cents: 1999,
      amount_currency: 'EUR',
      pay_in_advance: true,
      usage_thresholds: [{ amount_cents: 2500 }, { amount_cents: 4000, recurring: true }],
      charges: [
        { billable_metric_code: 'calls', charge_model: 'standard', properties: { amount: '0.033' } },
        {
          billable_metric_code: 'bytes',
          charge_model: 'standard',
          properties: { amount: '0.017' },
          tax_codes: ['low', 'vat'],
        },
      ],
    },
  ],
  coupons: [
    {
      code: 'once',
      name: 'Once',
      coupon_type: 'fixed_amount',
      amount_cents: 700,
      amount_currency: 'EUR',
      frequency: 'once',
    },
    {
      code: 'share',
      name: 'Share',
      coupon_type: 'percentage',
      percentage_rate: 15,
      frequency: 'recurring',
      frequency_duration: 2,
    },
    {
      code: 'calls',
      name: 'On calls',
      coupon_type: 'percentage',
      percentage_rate: 33.3,
      frequency: 'forever',
      applies_to: { billable_metric_codes: ['calls'] },
    },
  ],
  add_ons: [{ code: 'setup', name: 'Setup', amount_cents: 3333, amount_currency: 'EUR' }],
  customers: [{ external_id: 'c', name: 'C', currency: 'EUR' }],
};

interface Step {
  readonly verb: string;
  readonly input: unknown;
  /** Days that pass before it. */
  readonly after: number;
}

const invoice = fc.record({ external_customer_id: fc.constant('c'), index: fc.integer({ min: -3, max: 2 }) });
const cents = fc.integer({ min: 1, max: 4000 });
const credits = fc.integer({ min: 1, max: 6000 }).map((hundredths) => String(hundredths / 100));

function input(verb: string, fields: Record<string, fc.Arbitrary<unknown>>): fc.Arbitrary<Step> {
  return fc.record({ verb: fc.constant(verb), input: fc.record(fields), after: fc.integer({ min: 0, max: 12 }) });
}

const customer = { external_customer_id: fc.constant('c') };

const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 3, arbitrary: input('bill', {}) },
  {
    weight: 3,
    arbitrary: fc.record({
      verb: fc.constant('ingest'),
      input: fc.array(
        fc.record({
          code: fc.constantFrom('calls', 'bytes'),
          external_subscription_id: fc.constant('s'),
          properties: fc.record({ n: fc.integer({ min: 1, max: 900 }) }),
        }),
        { minLength: 1, maxLength: 2 },
      ),
      after: fc.integer({ min: 0, max: 5 }),
    }),
  },
  input('apply_coupon', { ...customer, coupon_code: fc.constantFrom('once', 'share', 'calls') }),
  input('create_wallet', {
    ...customer,
    rate_amount: fc.constantFrom('1', '0.3'),
    paid_credits: credits,
    granted_credits: credits,
  }),
  input('top_up_wallet', { ...customer, granted_credits: credits }),
  input('top_up_wallet', { ...customer, voided_credits: credits }),
  input('create_invoice', {
    ...customer,
    fees: fc.constant([{ add_on_code: 'setup', units: 0.7 }, { add_on_code: 'setup' }]),
  }),
  input('update_invoice', { invoice, payment_status: fc.constantFrom('succeeded', 'failed') }),
  input('record_payment', { invoice, amount_cents: cents, reference: fc.constant('r') }),
  {
    weight: 2,
    arbitrary: fc
      .tuple(
        invoice,
        fc.integer({ min: 0, max: 1 }),
        cents,
        fc.constantFrom(1.196, 1, 1.251),
        fc.integer({ min: 0, max: 12 }),
      )
      .map(([of, fee, amount, withTax, after]) => ({
        verb: 'create_credit_note',
        input: {
          invoice: of,
          credit_amount_cents: Math.round(amount * withTax),
          items: [{ fee, amount_cents: amount }],
        },
        after,
      })),
  },
  input('void_credit_note', { ...customer, index: fc.integer({ min: -2, max: 1 }) }),
  { weight: 2, arbitrary: input('void_invoice', { invoice }) },
);

interface World {
  readonly ledger: Ledger;
  readonly definitions: DefinitionState;
  at: Instant;
}

/** Runs a step; a refusal changes nothing and counts as done. */
function take(world: World, { verb, input: raw, after }: Step): boolean {
  world.at = addMicroseconds(world.at, after * DAY);
  try {
    perform(contextOf(world), verb, raw);
    return true;
  } catch (error) {
    if (error instanceof BillingError) return false;
    throw error;
  }
}

function contextOf({ ledger, definitions, at: now }: World) {
  return { ledger, catalog: definitions.catalog, at: now };
}

function accountOf(world: World): Account {
  const account = world.ledger.account('c');
  if (account === undefined) throw new Error('no customer c');
  return account;
}

function inWorld(steps: readonly Step[], check: (world: World, step: Step, before: Account) => void): void {
  const ledger = openLedger(':memory:');
  try {
    const start = at('2024-01-03T10:00:00Z');
    const world: World = { ledger, definitions: defineInitially(ledger, DEFINITIONS, start), at: start };
    take(world, {
      verb: 'create_subscription',
      input: { external_customer_id: 'c', external_id: 's', plan_code: 'pro' },
      after: 0,
    });
    for (const each of steps) {
      const before = accountOf(world);
      for (const kind of ['invoice', 'wallet', 'credit_note', 'applied_coupon', 'wallet_transaction'] as const)
        before.all(kind);
      if (take(world, each)) check(world, each, before);
    }
  } finally {
    ledger.close();
  }
}

const RUNS = { numRuns: 40, seed: 20_240_103 };
const manySteps = fc.array(step, { minLength: 8, maxLength: 22 });

test('fees less credits, with taxes, less notes and prepaid credits, are the total of every invoice', () => {
  fc.assert(
    fc.property(manySteps, (steps) => {
      inWorld(steps, (world) => {
        const account = accountOf(world);
        for (const each of account.all('invoice')) {
          expect(deviationsOfTotals({ account }, each)).toEqual([]);
          expect(totalOf(each)).toBe(each.totalAmountCents);
          expect(each.totalAmountCents).toBeGreaterThanOrEqual(0);
        }
      });
    }),
    RUNS,
  );
}, 20_000);

test('wallets hold what came in less what went out, and never less than nothing', () => {
  fc.assert(
    fc.property(manySteps, (steps) => {
      inWorld(steps, (world) => {
        const account = accountOf(world);
        for (const wallet of account.all('wallet')) {
          const settled = account
            .all('wallet_transaction')
            .filter((each) => each.walletId === wallet.id && each.status === 'settled');
          const sign = (each: (typeof settled)[number]) => (each.transactionType === 'inbound' ? 1 : -1);
          const balance = settled.reduce((sum, each) => sum + sign(each) * each.amountCents, 0);
          const inCredits = settled.reduce(
            (sum, each) => sum.plus(new Decimal(each.creditAmount).times(sign(each))),
            new Decimal(0),
          );
          const remaining = settled.reduce((sum, each) => sum + (each.remainingAmountCents ?? 0), 0);
          expect(wallet.balanceCents).toBe(balance);
          expect(wallet.balanceCents).toBe(remaining);
          expect(wallet.balanceCents).toBeGreaterThanOrEqual(0);
          expect(new Decimal(wallet.creditsBalance).toNumber()).toBeCloseTo(inCredits.toNumber(), 3);
        }
      });
    }),
    RUNS,
  );
}, 20_000);

test('a credit note holds what it gave less what invoices consumed, or nothing once it is void', () => {
  fc.assert(
    fc.property(manySteps, (steps) => {
      inWorld(steps, (world) => {
        const account = accountOf(world);
        for (const note of account.all('credit_note')) {
          const consumed = account
            .all('invoice')
            .flatMap((each) => each.credits)
            .filter((credit) => credit.creditNoteId === note.id)
            .reduce((sum, credit) => sum + credit.amountCents, 0);
          expect(consumed).toBeLessThanOrEqual(note.creditAmountCents);
          expect(note.balanceAmountCents).toBe(note.creditStatus === 'voided' ? 0 : note.creditAmountCents - consumed);
          expect(note.totalAmountCents).toBe(note.creditAmountCents + note.refundAmountCents + note.offsetAmountCents);
        }
      });
    }),
    RUNS,
  );
}, 20_000);

test('voiding gives coupons and prepaid credits back, and consumed notes not', () => {
  fc.assert(
    fc.property(manySteps, (steps) => {
      inWorld(steps, (world, { verb }, before) => {
        if (verb !== 'void_invoice') return;
        const account = accountOf(world);
        const voided = account
          .all('invoice')
          .find((each) => each.voidedAt !== null && before.get('invoice', each.id)?.voidedAt === null);
        expect(voided).toBeDefined();
        expect(sumOfBalances(account) - sumOfBalances(before)).toBe(voided?.prepaidCreditAmountCents);
        for (const note of account.all('credit_note'))
          expect(note.balanceAmountCents).toBe(before.get('credit_note', note.id)?.balanceAmountCents);
        for (const { appliedCouponId } of voided?.credits ?? []) {
          if (appliedCouponId === null) continue;
          const was = before.get('applied_coupon', appliedCouponId);
          const is = account.get('applied_coupon', appliedCouponId);
          if (is?.frequency === 'forever') continue;
          expect(is?.status).toBe('active');
          if (is?.frequency === 'recurring')
            expect(is.frequencyDurationRemaining).toBe((was?.frequencyDurationRemaining ?? 0) + 1);
        }
      });
    }),
    RUNS,
  );
}, 20_000);

test('billing again issues nothing, and every invoice verifies', () => {
  fc.assert(
    fc.property(manySteps, (steps) => {
      inWorld([...steps, { verb: 'bill', input: {}, after: 30 }], (world, { verb }) => {
        if (verb !== 'bill') return;
        const count = accountOf(world).all('invoice').length;
        take(world, { verb: 'bill', input: {}, after: 0 });
        expect(accountOf(world).all('invoice')).toHaveLength(count);
        expect(query(contextOf(world), (context) => verifyInvoices(context, {})).findings).toEqual([]);
      });
    }),
    RUNS,
  );
}, 20_000);

function totalOf(each: Invoice): number {
  return (
    each.feesAmountCents -
    each.progressiveBillingCreditAmountCents -
    each.couponsAmountCents +
    each.taxesAmountCents -
    each.creditNotesAmountCents -
    each.prepaidCreditAmountCents
  );
}

function sumOfBalances(account: Account): number {
  return account.all('wallet').reduce((sum, wallet) => sum + wallet.balanceCents, 0);
}
