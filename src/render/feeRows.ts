/**
 * A fee as rows of an invoice: one line, or a line with its tier breakdown and a subtotal (invoicing §8, "Charge details").
 * The breakdown is read from `amount_details`, whose shape tells the charge model.
 */
import { Decimal } from '../money/decimal.js';
import type { DocumentContext } from './documentContext.js';
import type { FeeJson } from './json/fee.js';
import { formatAmount, formatMajor, formatPricingUnits, formatRate, formatUnitPrice, formatUnits } from './money.js';
import { fill } from './pdf/labels.js';

export interface BodyRow {
  readonly kind: 'item' | 'detail' | 'subtotal';
  readonly label: string;
  /** Small lines under the label. */
  readonly notes: readonly string[];
  readonly units: string;
  readonly unitPrice: string;
  readonly tax: string;
  readonly amount: string;
}

type Details = Readonly<Record<string, unknown>>;

export function feeRows(fee: FeeJson, label: string, notes: readonly string[], context: DocumentContext): BodyRow[] {
  const { labels, locale } = context;
  const tax = formatRate(fee.taxes_rate, locale);
  const units = formatUnits(fee.units, locale);
  const unit = fee.pricing_unit_details;
  const amount = formatAmount(fee.amount_cents, fee.amount_currency, locale);
  const shownAmount = unit === null ? amount : formatPricingUnits(pricingUnitAmount(fee), unit.short_name, locale);
  const details = fee.amount_cents === 0 ? [] : detailRows(fee, tax, context);
  const rows: BodyRow[] = [];
  if (details.length === 0) {
    const price =
      unit === null
        ? formatUnitPrice(fee.precise_unit_amount, fee.amount_currency, locale)
        : formatPricingUnits(unit.precise_unit_amount, unit.short_name, locale);
    rows.push({ kind: 'item', label, notes, units, unitPrice: price, tax, amount: shownAmount });
  } else {
    rows.push({ kind: 'item', label, notes, units: '', unitPrice: '', tax: '', amount: '' }, ...details);
    rows.push({ kind: 'subtotal', label: labels.subtotal, notes: [], units, unitPrice: '', tax, amount: shownAmount });
  }
  if (unit !== null) {
    const rate = formatUnitPrice(unit.conversion_rate, fee.amount_currency, locale);
    const conversion = fill(labels.conversion, { rate });
    rows.push({ kind: 'subtotal', label: conversion, notes: [], units: '', unitPrice: '', tax, amount });
  }
  return rows;
}

/** Pricing units count in hundredths, whatever the currency. */
function pricingUnitAmount(fee: FeeJson): Decimal {
  return new Decimal(fee.pricing_unit_details?.precise_amount_cents ?? 0).div(100).toDecimalPlaces(2);
}

function detailRows(fee: FeeJson, tax: string, context: DocumentContext): BodyRow[] {
  const details = fee.amount_details as Details;
  const row = rowMaker(fee, tax, context);
  if (Array.isArray(details.graduated_ranges)) return tierRows(details.graduated_ranges, row, context, false);
  if (Array.isArray(details.graduated_percentage_ranges)) {
    return tierRows(details.graduated_percentage_ranges, row, context, true);
  }
  if ('per_package_size' in details) return packageRows(fee, details, row, context);
  if ('fixed_fee_unit_amount' in details) return percentageRows(details, row, context);
  if ('flat_unit_amount' in details) return volumeRows(fee, details, row, context);
  return [];
}

interface RowMaker {
  readonly money: (amount: unknown) => string;
  readonly price: (amount: unknown) => string;
  readonly make: (label: string, units: unknown, unitPrice: string, amount: unknown) => BodyRow;
}

/** Amounts in the breakdown of a charge priced in pricing units are such units. */
function rowMaker(fee: FeeJson, tax: string, { locale }: DocumentContext): RowMaker {
  const unit = fee.pricing_unit_details?.short_name;
  const money = (amount: unknown) =>
    unit === undefined
      ? formatMajor(figure(amount), fee.amount_currency, locale)
      : formatPricingUnits(figure(amount), unit, locale);
  const price = (amount: unknown) =>
    unit === undefined
      ? formatUnitPrice(figure(amount), fee.amount_currency, locale)
      : formatPricingUnits(figure(amount), unit, locale);
  return {
    money,
    price,
    make: (label, units, unitPrice, amount) => ({
      kind: 'detail',
      label,
      notes: [],
      units: formatUnits(figure(units), locale),
      unitPrice,
      tax,
      amount: money(amount),
    }),
  };
}

function tierRows(tiers: readonly unknown[], row: RowMaker, context: DocumentContext, percent: boolean): BodyRow[] {
  const { labels, locale } = context;
  const perUnit: BodyRow[] = [];
  const flat: BodyRow[] = [];
  for (const tier of tiers as readonly Details[]) {
    const label = tierLabel(tier, context);
    const price = percent ? formatRate(figure(tier.rate), locale) : row.price(tier.per_unit_amount);
    perUnit.push(row.make(label, tier.units, price, tier.per_unit_total_amount));
    if (figure(tier.flat_unit_amount).greaterThan(0)) {
      const flatLabel = `${labels.flatFee} (${label})`;
      flat.push(row.make(flatLabel, 1, row.price(tier.flat_unit_amount), tier.flat_unit_amount));
    }
  }
  return [...perUnit, ...flat];
}

function tierLabel(tier: Details, { labels, locale }: DocumentContext): string {
  const from = figure(tier.from_value);
  const bound = (value: unknown) => formatUnits(figure(value), locale);
  if (tier.to_value === null || tier.to_value === undefined) {
    return from.isZero() ? labels.allUnits : fill(labels.unitsAbove, { from: bound(from) });
  }
  if (from.lessThanOrEqualTo(0)) return fill(labels.firstUnits, { to: bound(tier.to_value) });
  return fill(labels.nextUnits, { from: bound(from), to: bound(tier.to_value) });
}

function volumeRows(fee: FeeJson, details: Details, row: RowMaker, { labels }: DocumentContext): BodyRow[] {
  const flat = details.flat_unit_amount;
  const rows = [row.make(labels.perUnit, fee.units, row.price(details.per_unit_amount), details.per_unit_total_amount)];
  if (figure(flat).greaterThan(0)) rows.push(row.make(labels.flatFee, 1, row.price(flat), flat));
  return rows;
}

function packageRows(fee: FeeJson, details: Details, row: RowMaker, context: DocumentContext): BodyRow[] {
  const { labels, locale } = context;
  const rows: BodyRow[] = [];
  if (figure(details.free_units).greaterThan(0)) {
    rows.push(row.make(labels.freeUnits, details.free_units, row.price(0), 0));
  }
  const price = fill(labels.pricePerPackage, {
    price: row.price(details.per_package_unit_amount),
    size: formatUnits(figure(details.per_package_size), locale),
  });
  const unit = fee.pricing_unit_details;
  rows.push(
    row.make(labels.packages, details.paid_units, price, unit === null ? fee.precise_amount : pricingUnitAmount(fee)),
  );
  return rows;
}

function percentageRows(details: Details, row: RowMaker, { labels, locale }: DocumentContext): BodyRow[] {
  const rows: BodyRow[] = [];
  const some = (value: unknown) => !figure(value).isZero();
  if (some(details.free_units)) rows.push(row.make(labels.freeUnits, details.free_units, row.price(0), 0));
  const rate = formatRate(figure(details.rate), locale);
  rows.push(row.make(labels.rateOnAmount, details.paid_units, rate, details.per_unit_total_amount));
  if (some(details.fixed_fee_total_amount)) {
    const price = row.price(details.fixed_fee_unit_amount);
    rows.push(row.make(labels.fixedFee, details.paid_events, price, details.fixed_fee_total_amount));
  }
  if (some(details.min_max_adjustment_total_amount)) {
    const adjustment = details.min_max_adjustment_total_amount;
    rows.push(row.make(labels.minMaxAdjustment, 1, row.price(adjustment), adjustment));
  }
  return rows;
}

/** `amount_details` holds decimals as text or numbers, and leaves out what is nothing. */
function figure(value: unknown): Decimal {
  if (value instanceof Decimal) return value;
  if (typeof value === 'number') return new Decimal(value);
  if (typeof value === 'string' && /^-?\d+(\.\d+)?(e[+-]?\d+)?$/i.test(value)) return new Decimal(value);
  return new Decimal(0);
}
