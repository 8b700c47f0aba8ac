/**
 * The ledger's real history under other prices: what each customer was billed in a span of days, what they would have
 * been, and who gains and who loses. "Was" are the ledger's own invoices; "would be" those of the replay.
 */
import type { Catalog } from '../catalog/types.js';
import type { Ledger } from '../ledger/types.js';
import { Decimal } from '../money/decimal.js';
import { billedInvoices, type CustomerBilled, type DaySpan } from './billedInvoices.js';
import { type LeftOutStep, replay } from './replay.js';

export interface CustomerChange {
  readonly externalCustomerId: string;
  readonly name: string | null;
  readonly currency: string;
  readonly wasCents: number;
  readonly wouldBeCents: number;
  readonly changeCents: number;
  /** Null where nothing was billed before. */
  readonly changePercent: number | null;
  /** No figure of any invoice differs. */
  readonly identical: boolean;
}

export interface CurrencyTotals {
  readonly currency: string;
  readonly customers: number;
  readonly wasCents: number;
  readonly wouldBeCents: number;
  readonly payMore: number;
  readonly payLess: number;
  readonly same: number;
  readonly distribution: readonly Band[];
}

/** Customers whose change lies in `(from, to]` percent; 0 stands alone. */
export interface Band {
  readonly label: string;
  readonly customers: number;
}

export interface Backtest {
  readonly span: DaySpan;
  readonly customers: readonly CustomerChange[];
  readonly totals: readonly CurrencyTotals[];
  readonly byPlan: readonly {
    readonly planCode: string;
    readonly currency: string;
    readonly wasCents: number;
    readonly wouldBeCents: number;
  }[];
  /** No figure of any customer differs. */
  readonly identical: boolean;
  readonly steps: number;
  readonly leftOut: readonly LeftOutStep[];
}

export interface BacktestOptions {
  readonly span: DaySpan;
  readonly definitions: (historic: Catalog) => Catalog;
  readonly onProgress?: (done: number) => void;
}

export function backtest(ledger: Ledger, catalog: Catalog, options: BacktestOptions): Backtest {
  const { span } = options;
  const { timezone, defaultCurrency } = catalog.organization;
  const replayed = replay(ledger, options);
  const was = billedInvoices(ledger, timezone, defaultCurrency, span);
  const wouldBe = billedInvoices(replayed.ledger, timezone, defaultCurrency, span);
  const customers = [...was.values()].map((before) => changeOf(before, wouldBe.get(before.externalCustomerId)));
  return {
    span,
    customers,
    totals: totals(customers),
    byPlan: byPlan([...was.values()], wouldBe),
    identical: customers.every((each) => each.identical),
    steps: replayed.steps,
    leftOut: replayed.leftOut,
  };
}

function changeOf(before: CustomerBilled, after: CustomerBilled | undefined): CustomerChange {
  const wouldBeCents = after?.billedCents ?? 0;
  const changeCents = wouldBeCents - before.billedCents;
  return {
    externalCustomerId: before.externalCustomerId,
    name: before.name,
    currency: before.currency,
    wasCents: before.billedCents,
    wouldBeCents,
    changeCents,
    changePercent: percent(before.billedCents, wouldBeCents),
    identical: before.fingerprint === after?.fingerprint,
  };
}

/** 10000 → 11250: 12.5. */
export function percent(was: number, wouldBe: number): number | null {
  if (was === wouldBe) return 0;
  if (was === 0) return null;
  return new Decimal(wouldBe - was).div(Math.abs(was)).times(100).toDecimalPlaces(2).toNumber();
}

const BANDS: readonly (readonly [label: string, upTo: number])[] = [
  ['−50 % and below', -50],
  ['−50 to −20 %', -20],
  ['−20 to −5 %', -5],
  ['−5 to 0 %', 0],
  ['no change', 0],
  ['0 to +5 %', 5],
  ['+5 to +20 %', 20],
  ['+20 to +50 %', 50],
  ['above +50 %', Number.POSITIVE_INFINITY],
];

function bandOf({ changeCents, changePercent }: CustomerChange): number {
  if (changeCents === 0) return 4;
  const value = changePercent ?? Number.POSITIVE_INFINITY;
  if (changeCents > 0) return 5 + [5, 20, 50].filter((bound) => value > bound).length;
  return [-50, -20, -5].filter((bound) => value > bound).length;
}

function totals(customers: readonly CustomerChange[]): CurrencyTotals[] {
  const currencies = [...new Set(customers.map((each) => each.currency))].sort();
  return currencies.map((currency) => {
    const own = customers.filter((each) => each.currency === currency);
    const counts = BANDS.map(() => 0);
    for (const each of own) counts[bandOf(each)] = (counts[bandOf(each)] as number) + 1;
    return {
      currency,
      customers: own.length,
      wasCents: own.reduce((sum, each) => sum + each.wasCents, 0),
      wouldBeCents: own.reduce((sum, each) => sum + each.wouldBeCents, 0),
      payMore: own.filter((each) => each.changeCents > 0).length,
      payLess: own.filter((each) => each.changeCents < 0).length,
      same: own.filter((each) => each.changeCents === 0).length,
      distribution: BANDS.map(([label], index) => ({ label, customers: counts[index] as number })),
    };
  });
}

function byPlan(was: readonly CustomerBilled[], wouldBe: ReadonlyMap<string, CustomerBilled>): Backtest['byPlan'] {
  const rows = new Map<string, { planCode: string; currency: string; wasCents: number; wouldBeCents: number }>();
  const add = (billed: CustomerBilled, key: 'wasCents' | 'wouldBeCents') => {
    for (const [planCode, cents] of billed.feesByPlan) {
      const name = JSON.stringify([planCode, billed.currency]);
      const row = rows.get(name) ?? { planCode, currency: billed.currency, wasCents: 0, wouldBeCents: 0 };
      rows.set(name, { ...row, [key]: row[key] + cents });
    }
  };
  for (const billed of was) add(billed, 'wasCents');
  for (const billed of wouldBe.values()) add(billed, 'wouldBeCents');
  return [...rows.values()].filter((row) => row.planCode !== '').sort((a, b) => (a.planCode < b.planCode ? -1 : 1));
}

/** By change, the largest increase first. */
export function worst(customers: readonly CustomerChange[], count: number): CustomerChange[] {
  return customers
    .filter((each) => each.changeCents > 0)
    .sort((a, b) => b.changeCents - a.changeCents)
    .slice(0, count);
}

export function best(customers: readonly CustomerChange[], count: number): CustomerChange[] {
  return customers
    .filter((each) => each.changeCents < 0)
    .sort((a, b) => a.changeCents - b.changeCents)
    .slice(0, count);
}

/** Customers who would pay more by more than this percentage; those who paid nothing count too. */
export function above(customers: readonly CustomerChange[], limitPercent: number): CustomerChange[] {
  return customers.filter(
    (each) => each.changeCents > 0 && (each.changePercent ?? Number.POSITIVE_INFINITY) > limitPercent,
  );
}
