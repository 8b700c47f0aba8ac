import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { allot, type OngoingUsageFee, updateOngoingBalances } from '../../src/credits/ongoingBalance.js';
import { grantCredits, openPurchase, voidCredits, voidCreditsOf } from '../../src/credits/topUp.js';
import { creditOf, transactionsOf } from '../../src/credits/walletBalance.js';
import { allocate, type Bucket } from '../../src/credits/walletStage.js';
import { createWallet, terminateWallet, updateWallet } from '../../src/credits/wallets.js';
import { BillingError } from '../../src/errors.js';
import type { BillingWork } from '../../src/invoicing/work.js';
import type { Wallet, WalletTransaction } from '../../src/model.js';
import { Decimal } from '../../src/money/decimal.js';
import { billing, current, issued, later, tax, wallet } from '../support/billing.js';
import { at } from '../support/terms.js';

const d = (value: string | number) => new Decimal(value);

function codesOf(attempt: () => unknown): string[] {
  try {
    attempt();
  } catch (error) {
    if (error instanceof BillingError) return error.codes();
    throw error;
  }
  return [];
}

const TERMS = {
  name: 'Wallet',
  priority: 50,
  expirationAt: null,
  appliesTo: { feeTypes: [], billableMetricCodes: [] },
  paidTopUpMinAmountCents: null,
  paidTopUpMaxAmountCents: null,
  metadata: null,
  invoiceRequiresSuccessfulPayment: false,
  rules: [],
  currency: 'EUR',
  rateAmount: '1',
  code: null,
};

describe('credits and money', () => {
  test.each([
    ['3', 'EUR', '1.2345', '3.7', 370, '1.23333'],
    ['1', 'EUR', '17.9699999999999988631316', '17.97', 1_797, '17.97'],
    ['100', 'EUR', '4.3789', '437.89', 43_789, '4.3789'],
    ['0.01', 'EUR', '0.4', '0', 0, '0'],
    ['1', 'JPY', '200.0', '200', 200, '200'],
  ])('at %s %s, %s credits are %s', (rateAmount, currency, credits, amount, amountCents, creditAmount) => {
    expect(creditOf({ rateAmount, currency }, d(credits))).toEqual({ amount, amountCents, creditAmount });
  });

  test('voided credits keep five decimals, their amount two', () => {
    const work = billing();
    const { id } = wallet(work, { balanceCents: 10_000 });
    expect(voidCredits(work, id, d('14.28444999'), {})).toMatchObject({ amount: '14.28', creditAmount: '14.28444' });
    expect(work.account.get('wallet', id)).toMatchObject({
      creditsBalance: '85.71556',
      balanceCents: 8_572,
      consumedCredits: '14.28444',
      consumedAmountCents: 1_428,
    });
  });

  test.each([
    ['more than the balance', '10.01', 'insufficient_credits'],
    ['all of the balance', '10', undefined],
  ])('voiding %s', (_, credits, code) => {
    const work = billing();
    const { id } = wallet(work, { balanceCents: 1_000 });
    expect(codesOf(() => voidCredits(work, id, d(credits), {}))[1]).toBe(code);
  });
});

describe('a top-up', () => {
  const limited = (work: BillingWork) =>
    wallet(work, { paidTopUpMinAmountCents: 1_000, paidTopUpMaxAmountCents: 10_000 });

  test.each([
    ['9.99', false, 'amount_below_minimum'],
    ['100.01', false, 'amount_above_maximum'],
    ['10', false, undefined],
    ['100', false, undefined],
    ['5', true, undefined],
  ])('of %s paid credits, limits ignored: %s', (credits, ignoreLimits, code) => {
    const work = billing();
    expect(codesOf(() => openPurchase(work, limited(work).id, d(credits), { ignoreLimits }))[1]).toBe(code);
  });

  test('worth less than half a cent is refused', () => {
    const work = billing();
    const { id } = wallet(work, { rateAmount: '0.01' });
    expect(codesOf(() => grantCredits(work, id, d('0.4'), {}))).toContain('amount_rounds_to_zero');
    expect(transactionsOf(work, id)).toEqual([]);
  });

  test('bought credits wait: the balance does not move', () => {
    const work = billing();
    const { id } = wallet(work);
    expect(openPurchase(work, id, d(15), { ignoreLimits: false })).toMatchObject({
      status: 'pending',
      transactionStatus: 'purchased',
      remainingAmountCents: null,
      priority: 50,
      source: 'manual',
    });
    expect(work.account.get('wallet', id)?.balanceCents).toBe(0);
  });
});

describe('traceability', () => {
  function traced(inbounds: readonly { credits: number; priority: number }[]) {
    const work = billing();
    const { id } = wallet(work, { traceable: true });
    for (const [index, { credits, priority }] of inbounds.entries()) {
      grantCredits({ ...work, at: at(`2024-03-0${index + 1}T00:00:00Z`) }, id, d(credits), { priority });
    }
    return { work, id };
  }
  const remaining = (transactions: readonly WalletTransaction[]) =>
    transactions
      .filter((transaction) => transaction.transactionType === 'inbound')
      .map((transaction) => transaction.remainingAmountCents);

  test('80 of 20 (priority 1) and 25, 25, 30 (priority 2) are 20, 25, 25 and 10', () => {
    const { work, id } = traced([
      { credits: 25, priority: 2 },
      { credits: 25, priority: 2 },
      { credits: 30, priority: 2 },
      { credits: 20, priority: 1 },
    ]);
    const outbound = voidCredits(work, id, d(80), {});
    expect(outbound.consumptions.map((each) => each.consumedAmountCents)).toEqual([2_000, 2_500, 2_500, 1_000]);
    expect(remaining(transactionsOf(work, id))).toEqual([0, 0, 2_000, 0]);
  });

  test('voiding one transaction takes what is left of it', () => {
    const { work, id } = traced([
      { credits: 10, priority: 1 },
      { credits: 20, priority: 2 },
    ]);
    const second = transactionsOf(work, id)[1] as WalletTransaction;
    expect(voidCreditsOf(work, id, second.id, d(5), {})).toMatchObject({ creditAmount: '5' });
    expect(voidCreditsOf(work, id, second.id, null, {})).toMatchObject({ creditAmount: '15' });
    expect(codesOf(() => voidCreditsOf(work, id, second.id, null, {}))).toContain('no_remaining_amount');
    expect(codesOf(() => voidCreditsOf(work, id, 'none', null, {}))).toContain('wallet_transaction_not_found');
    expect(remaining(transactionsOf(work, id))).toEqual([1_000, 0]);
  });

  test('more of one transaction than it holds is refused', () => {
    const { work, id } = traced([
      { credits: 10, priority: 1 },
      { credits: 20, priority: 1 },
    ]);
    const [first] = transactionsOf(work, id) as [WalletTransaction];
    const codes = codesOf(() => voidCreditsOf(work, id, first.id, d(15), {}));
    expect(codes).toContain('exceeds_remaining_transaction_amount');
  });

  test('an invoice tells granted from purchased credits where all wallets are traced', () => {
    const { work } = traced([{ credits: 30, priority: 1 }]);
    expect(issued(work, [{ amountCents: 2_000 }], 'subscription')).toMatchObject({
      prepaidCreditAmountCents: 2_000,
      prepaidGrantedCreditAmountCents: 2_000,
      prepaidPurchasedCreditAmountCents: null,
    });
    wallet(work, { traceable: false });
    expect(issued(work, [{ amountCents: 500 }], 'subscription').prepaidGrantedCreditAmountCents).toBeNull();
  });

  test('whatever is granted and voided, what is left of the parts is the balance', () => {
    const step = fc.record({
      credits: fc.integer({ min: 1, max: 5_000 }),
      priority: fc.integer({ min: 1, max: 3 }),
      voids: fc.boolean(),
    });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 12 }), (steps) => {
        const work = billing();
        const { id } = wallet(work, { traceable: true });
        for (const { credits, priority, voids } of steps) {
          const { balanceCents } = work.account.get('wallet', id) as Wallet;
          if (!voids) grantCredits(work, id, d(credits).div(100), { priority });
          else if (balanceCents > 0) voidCredits(work, id, d(Math.min(credits, balanceCents)).div(100), {});
        }
        const { balanceCents } = work.account.get('wallet', id) as Wallet;
        const left = remaining(transactionsOf(work, id)).reduce<number>((sum, cents) => sum + (cents ?? 0), 0);
        expect(left).toBe(balanceCents);
        expect(balanceCents).toBeGreaterThanOrEqual(0);
      }),
    );
  });
});

describe('prepaid credits on an invoice', () => {
  const metricBuckets = (caps: readonly string[]): Bucket[] =>
    caps.map((cap, index) => ({
      feeType: 'charge',
      billableMetricCode: `m${index}`,
      targetWalletCode: null,
      capCents: d(cap),
    }));
  const used = (shares: ReadonlyMap<Wallet, Decimal>) => [...shares.values()].map((share) => share.toNumber());

  test.each([
    ['W1', Array(8).fill('1.56'), 11, 10_000, 11],
    ['W2', ['1.4', '1.4'], 3, 10_000, 3],
    ['W3', ['106825.4'], 106_826, 200_000, 106_826],
  ])('%s: caps %s and a total of %i', (_, caps, total, balanceCents, expected) => {
    const paying = wallet(billing(), { balanceCents });
    expect(used(allocate([paying], metricBuckets(caps), total))).toEqual([expected]);
  });

  test('W4: a wallet for one metric of ten pays its part, in whole cents', () => {
    const work = billing({ taxes: [tax('vat', 0, { appliedToOrganization: true })] });
    const limited = wallet(work, { balanceCents: 6_600, appliesTo: { feeTypes: [], billableMetricCodes: ['m0'] } });
    expect(used(allocate([limited], metricBuckets(Array(10).fill('68.456')), 680))).toEqual([68.456]);
    const invoice = issued(
      work,
      Array.from({ length: 10 }, (_, index) => ({ code: `m${index}`, amountCents: 68 })),
      'subscription',
    );
    expect(invoice.prepaidCreditAmountCents).toBe(68);
  });

  test('W5: restrictions, priority, then age', () => {
    const work = billing();
    const put = (feeTypes: readonly string[], priority: number) =>
      wallet(work, { balanceCents: 1_000, priority, appliesTo: { feeTypes, billableMetricCodes: [] } }).id;
    const ids = [[], [], ['charge'], ['charge'], ['subscription'], ['subscription']].map((types, index) =>
      put(types, index % 2 === 0 ? 50 : 49),
    );
    issued(work, [{ amountCents: 3_600, feeType: 'subscription' }, { amountCents: 1_550 }], 'subscription');
    expect(ids.map((id) => 1_000 - (work.account.get('wallet', id)?.balanceCents ?? 0))).toEqual([
      1_000, 1_000, 550, 1_000, 600, 1_000,
    ]);
  });

  test('W6: 1429 at 24 % is capped at 1771.96, and the total of 1772 is used', () => {
    const work = billing({ taxes: [tax('vat', 24, { appliedToOrganization: true })] });
    const limited = wallet(work, { balanceCents: 3_900, appliesTo: { feeTypes: [], billableMetricCodes: ['metric'] } });
    const invoice = issued(work, [{ amountCents: 1_429 }], 'subscription');
    expect(invoice).toMatchObject({ prepaidCreditAmountCents: 1_772, totalAmountCents: 0, paymentStatus: 'succeeded' });
    expect(work.account.get('wallet', limited.id)?.balanceCents).toBe(2_128);
  });

  test('a fee with a target wallet is paid by that wallet alone', () => {
    const work = billing();
    wallet(work, { code: 'one', balanceCents: 5_000 });
    const two = wallet(work, { code: 'two', balanceCents: 300 });
    const invoice = issued(work, [{ amountCents: 1_000, targetWalletCode: 'two' }], 'subscription');
    expect(invoice.prepaidCreditAmountCents).toBe(300);
    expect(work.account.get('wallet', two.id)?.balanceCents).toBe(0);
  });

  test('wallets of another currency, empty ones and terminated ones pay nothing', () => {
    const work = billing();
    wallet(work, { currency: 'USD', balanceCents: 5_000 });
    wallet(work, { balanceCents: 0 });
    wallet(work, { status: 'terminated', balanceCents: 5_000 });
    expect(issued(work, [{}], 'subscription').prepaidCreditAmountCents).toBe(0);
  });
});

describe('ongoing balances', () => {
  const usage = (amountCents: number, given: Partial<OngoingUsageFee> = {}): OngoingUsageFee => ({
    feeType: 'charge',
    billableMetricCode: 'metric',
    targetWalletCode: null,
    currency: 'EUR',
    amountCents: d(amountCents),
    ...given,
  });
  const threshold = { trigger: 'threshold', status: 'active' } as never;

  test('balance 1000 and usage 500', () => {
    const work = billing();
    const { id } = wallet(work, { balanceCents: 1_000 });
    const changed = updateOngoingBalances(work, () => [usage(500)]);
    expect(changed.map((each) => each.id)).toEqual([id]);
    expect(work.account.get('wallet', id)).toMatchObject({
      ongoingBalanceCents: 500,
      ongoingUsageBalanceCents: 500,
      creditsOngoingBalance: '5',
      creditsOngoingUsageBalance: '5',
      depletedOngoingBalance: false,
    });
    expect(updateOngoingBalances(work, () => [usage(500)])).toEqual([]);
  });

  test.each([
    ['the last takes what is left, below zero', [50, 150], [], 280, [50, 230]],
    ['a threshold rule takes everything', [50, 150], [0, 1], 80, [80, undefined]],
    ['a threshold rule on the second of three', [50, 50, 50], [1], 200, [50, 150, undefined]],
  ])('%s', (_, balances, rules, cents, expected) => {
    const work = billing();
    const wallets = balances.map((balanceCents, index) =>
      wallet(work, {
        balanceCents,
        priority: index + 1,
        recurringTransactionRules: (rules as readonly number[]).includes(index) ? [threshold] : [],
      }),
    );
    const taken = allot(wallets, [usage(cents)]);
    expect(wallets.map((each) => taken.get(each)?.toNumber() || undefined)).toEqual(expected);
  });

  test('what was billed in advance is taken off its own key, and off the budget', () => {
    const work = billing();
    const only = wallet(work, { balanceCents: 1_000 });
    const taken = allot([only], [usage(300), usage(-300), usage(200, { billableMetricCode: 'other' })]);
    expect(taken.get(only)?.toNumber()).toBe(200);
  });

  test('drafts count, and no longer once they are final', () => {
    const work = billing({ customer: { invoiceGracePeriod: 3 } });
    const { id } = wallet(work, { balanceCents: 1_000 });
    const draft = issued(work, [{ amountCents: 400 }], 'subscription', 'subscription_periodic');
    updateOngoingBalances(work, () => []);
    expect(work.account.get('wallet', id)?.ongoingBalanceCents).toBe(600);
    work.account.put('invoice', { ...current(work, draft), status: 'finalized' });
    updateOngoingBalances(work, () => []);
    expect(work.account.get('wallet', id)?.ongoingBalanceCents).toBe(1_000);
  });
});

describe('a wallet', () => {
  test('takes its code from its name, gives the customer its currency, and is traced', () => {
    const work = billing({ customer: { currency: null } });
    const created = createWallet(work, { ...TERMS, name: 'My Premium Wallet' });
    expect(created).toMatchObject({ code: 'my_premium_wallet', traceable: true, priority: 50, creditsBalance: '0' });
    expect(work.account.customer.currency).toBe('EUR');
    expect(createWallet(work, { ...TERMS, name: null }).code).toBe('default');
  });

  test('is not traced beside one that is not', () => {
    const work = billing();
    wallet(work, { traceable: false });
    expect(createWallet(work, TERMS).traceable).toBe(false);
  });

  test('has a code of its own among the active ones', () => {
    const work = billing();
    const first = createWallet(work, { ...TERMS, code: 'gold' });
    expect(codesOf(() => createWallet(work, { ...TERMS, code: 'gold' }))).toContain('value_already_exist');
    expect(createWallet(work, { ...TERMS, name: 'Gold' }).code).toBe('gold_1709287200');
    terminateWallet(work, first);
    expect(createWallet(work, { ...TERMS, code: 'gold' }).code).toBe('gold');
  });

  test('is the sixth at most', () => {
    const work = billing();
    for (let index = 0; index < 6; index += 1) createWallet(work, { ...TERMS, code: `w${index}` });
    expect(codesOf(() => createWallet(work, TERMS))).toContain('wallet_limit_reached');
  });

  test('ends the rules that an update does not name, and all of them with itself', () => {
    const rule = {
      id: null,
      trigger: 'interval' as const,
      method: 'fixed' as const,
      interval: 'weekly' as const,
      thresholdCredits: null,
      targetOngoingBalance: null,
      grantsTargetTopUp: false,
      paidCredits: '10',
      grantedCredits: '0',
      startedAt: null,
      expirationAt: null,
      transactionName: null,
      transactionMetadata: [],
      invoiceRequiresSuccessfulPayment: false,
      ignorePaidTopUpLimits: false,
    };
    const work = billing();
    const { rules: _, code: __, currency: ___, rateAmount: ____, ...terms } = TERMS;
    const created = createWallet(work, { ...TERMS, rules: [rule] });
    const kept = updateWallet(work, created, {
      ...terms,
      rules: [{ ...rule, id: created.recurringTransactionRules[0]?.id ?? null, paidCredits: '20' }],
    });
    expect(kept.recurringTransactionRules).toMatchObject([{ paidCredits: '20', status: 'active' }]);
    const replaced = updateWallet(later(work, '2024-03-02T00:00:00Z'), kept, { ...terms, rules: [rule] });
    expect(replaced.recurringTransactionRules.map((each) => each.status)).toEqual(['terminated', 'active']);
    expect(terminateWallet(work, replaced)).toMatchObject({ status: 'terminated', terminatedAt: work.at });
  });
});
