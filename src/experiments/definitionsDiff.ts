/** What changed between two versions of definitions, in pricing words: this price from 0.012 to 0.015, that trial gone. */
import type { Catalog, Charge, FixedCharge, Plan } from '../catalog/types.js';
import { Decimal } from '../money/decimal.js';
import { chargeParts, fixedChargeParts, type Part, planParts } from './priceWords.js';

export interface DefinitionChange {
  /** `plan pro`, `plan pro, charge calls`, `tax vat` */
  readonly subject: string;
  readonly kind: 'added' | 'removed' | 'changed';
  /** The part that changed; null where the whole subject came or went. */
  readonly part: string | null;
  readonly before: string | null;
  readonly after: string | null;
  /** Of a figure; null where it is none, or came from 0. */
  readonly percent: number | null;
}

export function diffPlans(before: Plan, after: Plan): DefinitionChange[] {
  const subject = before.code === after.code ? `plan ${after.code}` : `plan ${before.code} → ${after.code}`;
  const sameCurrency = before.amountCurrency === after.amountCurrency;
  const currency = sameCurrency
    ? []
    : changesOfParts(subject, [word('currency', before.amountCurrency)], [word('currency', after.amountCurrency)]);
  return [
    ...currency,
    ...changesOfParts(subject, planParts(before), planParts(after)),
    ...diffItems(subject, 'charge', matched(before.charges, after.charges), (charge) =>
      chargeParts(charge, after.amountCurrency),
    ),
    ...diffItems(subject, 'fixed charge', matched(before.fixedCharges, after.fixedCharges), fixedChargeParts),
  ];
}

export function diffCatalogs(before: Catalog, after: Catalog): DefinitionChange[] {
  const plans = pairs(before.plans, after.plans).flatMap(([old, next]): DefinitionChange[] => {
    if (old === undefined || next === undefined) return [cameOrWent(`plan ${(old ?? next)?.code}`, old === undefined)];
    return diffPlans(old, next);
  });
  return [
    ...plans,
    ...diffMaps('billable metric', before.billableMetrics, after.billableMetrics, ['id', 'code']),
    ...diffMaps('tax', before.taxes, after.taxes, ['id', 'code']),
    ...diffMaps('coupon', before.coupons, after.coupons, ['id', 'code']),
    ...diffMaps('add-on', before.addOns, after.addOns, ['id', 'code']),
    ...diffMaps('pricing unit', before.pricingUnits, after.pricingUnits, ['id', 'code']),
    ...changesOfParts('organization', fieldParts(before.organization, []), fieldParts(after.organization, [])),
  ];
}

interface Pair<Item> {
  readonly before: Item | undefined;
  readonly after: Item | undefined;
}

/** By code; what is left by metric or add-on, so that a charge of another plan finds its counterpart. */
function matched<Item extends Charge | FixedCharge>(before: readonly Item[], after: readonly Item[]): Pair<Item>[] {
  const thing = (item: Item) => ('addOnCode' in item ? item.addOnCode : item.billableMetricCode);
  const left = new Set(after);
  const found: Pair<Item>[] = before.map((old) => {
    const next =
      [...left].find((each) => each.code === old.code) ??
      [...left].find((each) => thing(each) === thing(old) && !before.some((other) => other.code === each.code));
    if (next !== undefined) left.delete(next);
    return { before: old, after: next };
  });
  return [...found, ...[...left].map((next) => ({ before: undefined, after: next }))];
}

function diffItems<Item extends { readonly code: string }>(
  subject: string,
  noun: string,
  items: readonly Pair<Item>[],
  partsOf: (item: Item) => Part[],
): DefinitionChange[] {
  return items.flatMap(({ before, after }): DefinitionChange[] => {
    const named = `${subject}, ${noun} ${(before ?? after)?.code}`;
    if (before !== undefined && after !== undefined) return changesOfParts(named, partsOf(before), partsOf(after));
    const text = partsOf((before ?? after) as Item)
      .filter((part) => part.figure !== null)
      .map((part) => `${part.name} ${part.text}`)
      .join('; ');
    return [
      { ...cameOrWent(named, before === undefined), ...(before === undefined ? { after: text } : { before: text }) },
    ];
  });
}

function changesOfParts(subject: string, before: readonly Part[], after: readonly Part[]): DefinitionChange[] {
  const names = [...new Set([...before, ...after].map((part) => part.name))];
  return names.flatMap((name): DefinitionChange[] => {
    const [old, next] = [before, after].map((parts) => parts.find((part) => part.name === name));
    if (old?.text === next?.text) return [];
    return [
      {
        subject,
        kind: 'changed',
        part: name,
        before: old?.text ?? null,
        after: next?.text ?? null,
        percent: percentOf(old, next),
      },
    ];
  });
}

function percentOf(before: Part | undefined, after: Part | undefined): number | null {
  if (before?.figure == null || after?.figure == null || before.figure.isZero()) return null;
  return after.figure.minus(before.figure).div(before.figure.abs()).times(100).toDecimalPlaces(2).toNumber();
}

function cameOrWent(subject: string, isNew: boolean): DefinitionChange {
  return { subject, kind: isNew ? 'added' : 'removed', part: null, before: null, after: null, percent: null };
}

function pairs<Item>(
  before: ReadonlyMap<string, Item>,
  after: ReadonlyMap<string, Item>,
): (readonly [Item | undefined, Item | undefined])[] {
  const codes = [...new Set([...before.keys(), ...after.keys()])];
  return codes.map((code) => [before.get(code), after.get(code)] as const);
}

function diffMaps<Item extends { readonly code: string }>(
  noun: string,
  before: ReadonlyMap<string, Item>,
  after: ReadonlyMap<string, Item>,
  leaveOut: readonly string[],
): DefinitionChange[] {
  return pairs(before, after).flatMap(([old, next]): DefinitionChange[] => {
    const subject = `${noun} ${(old ?? next)?.code}`;
    if (old === undefined || next === undefined) return [cameOrWent(subject, old === undefined)];
    return changesOfParts(subject, fieldParts(old, leaveOut), fieldParts(next, leaveOut));
  });
}

/** Every field under its name in the files. */
function fieldParts(item: object, leaveOut: readonly string[]): Part[] {
  return Object.entries(item)
    .filter(([key]) => !leaveOut.includes(key))
    .map(([key, value]) => {
      const name = key.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
      const figure = typeof value === 'number' ? new Decimal(value) : null;
      return {
        name,
        text: value === null ? 'none' : typeof value === 'object' ? JSON.stringify(value) : String(value),
        figure,
      };
    });
}

function word(name: string, text: string): Part {
  return { name, text, figure: null };
}
