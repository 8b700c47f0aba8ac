/**
 * Past usage: the invoiced periods of a subscription with their stored charge fees, newest first.
 *
 * The amount is the invoice's whole fees amount, its subscription fee included; the taxes are the sum of what each fee
 * carries.
 * Source: usage-and-pricing §7.4.
 */
import type { Account } from '../accounts/account.js';
import type { Catalog } from '../catalog/types.js';
import { invalid, notFound } from '../errors.js';
import type { ChargeUsage, UsageView } from '../metering/usageView.js';
import type { BillingPeriod, Fee, Invoice } from '../model.js';
import { Decimal } from '../money/decimal.js';
import { type UsageLine, usageLevels } from './usageLevels.js';

export interface PastUsageOptions {
  readonly billableMetricCode?: string | null;
  /** The newest periods only. */
  readonly periodsCount?: number | null;
}

type PastCatalog = Pick<Catalog, 'billableMetrics' | 'plans'>;

export function pastUsage(
  account: Account,
  catalog: PastCatalog,
  externalSubscriptionId: string,
  options: PastUsageOptions = {},
): UsageView[] {
  const { billableMetricCode = null, periodsCount = null } = options;
  if (externalSubscriptionId === '') {
    throw invalid({
      field: 'external_subscription_id',
      code: 'value_is_mandatory',
      message: 'past usage is that of one subscription',
    });
  }
  if (billableMetricCode !== null && !catalog.billableMetrics.has(billableMetricCode)) {
    throw notFound('billable_metric', billableMetricCode);
  }
  const periods = account
    .all('billing_period')
    .filter((period) => period.externalSubscriptionId === externalSubscriptionId && coversUsage(period))
    .flatMap((period) => {
      const invoice = account.get('invoice', period.invoiceId);
      return invoice !== undefined && isVisible(invoice) ? [{ period, invoice }] : [];
    })
    .sort((a, b) => usageFrom(b.period) - usageFrom(a.period));
  const fees = account.all('fee');
  return periods
    .slice(0, periodsCount ?? periods.length)
    .map(({ period, invoice }) => pastPeriod(period, invoice, fees, catalog, billableMetricCode));
}

/** A single event's invoice bills no period. */
function coversUsage(period: BillingPeriod): boolean {
  return period.chargesFromDatetime !== null && period.invoicingReason !== 'in_advance_charge';
}

function isVisible(invoice: Invoice): boolean {
  return invoice.invoiceType === 'subscription' && (invoice.status === 'draft' || invoice.status === 'finalized');
}

function usageFrom(period: BillingPeriod): number {
  return period.chargesFromDatetime ?? period.fromDatetime;
}

function pastPeriod(
  period: BillingPeriod,
  invoice: Invoice,
  fees: readonly Fee[],
  catalog: PastCatalog,
  billableMetricCode: string | null,
): UsageView {
  const ofInvoice = fees.filter((fee) => fee.invoiceId === invoice.id);
  const ofUsage = ofInvoice.filter(
    (fee) =>
      fee.feeType === 'charge' &&
      fee.subscriptionId === period.subscriptionId &&
      (billableMetricCode === null || fee.item.code === billableMetricCode),
  );
  const taxesAmountCents = ofInvoice.reduce((sum, fee) => sum + fee.taxesAmountCents, 0);
  return {
    fromDatetime: period.chargesFromDatetime ?? period.fromDatetime,
    toDatetime: period.chargesToDatetime ?? period.toDatetime,
    issuingDate: invoice.issuingDate,
    invoiceId: invoice.id,
    currency: invoice.currency,
    amountCents: invoice.feesAmountCents,
    taxesAmountCents,
    totalAmountCents: invoice.feesAmountCents + taxesAmountCents,
    projectedAmountCents: null,
    chargesUsage: chargesUsage(ofUsage, period.planCode, catalog),
  };
}

function chargesUsage(fees: readonly Fee[], planCode: string, catalog: PastCatalog): ChargeUsage[] {
  const byCharge = new Map<string, Fee[]>();
  for (const fee of fees) {
    const key = fee.chargeId ?? '';
    const known = byCharge.get(key);
    if (known === undefined) byCharge.set(key, [fee]);
    else known.push(fee);
  }
  return [...byCharge.values()].map((ofCharge) => chargeUsage(ofCharge, planCode, catalog)).sort(byMetricName);
}

function chargeUsage(fees: readonly Fee[], planCode: string, catalog: PastCatalog): ChargeUsage {
  const { item, chargeId, chargeCode, chargeModel, currency } = fees[0] as Fee;
  const charge = catalog.plans.get(planCode)?.charges.find((each) => each.id === chargeId);
  const hasFilters = fees.some((fee) => fee.chargeFilterId !== null) || (charge?.filters.length ?? 0) > 0;
  return {
    ...usageLevels(fees.map(usageLine), hasFilters),
    charge: { id: chargeId ?? '', code: chargeCode, chargeModel, invoiceDisplayName: item.invoiceDisplayName },
    billableMetric: {
      id: item.id,
      name: item.name,
      code: item.code,
      aggregationType: catalog.billableMetrics.get(item.code)?.aggregationType ?? null,
    },
    currency,
  };
}

function usageLine(fee: Fee): UsageLine {
  const units = new Decimal(fee.units);
  const { filters: values, filterInvoiceDisplayName: invoiceDisplayName } = fee.item;
  return {
    filter: fee.chargeFilterId === null ? null : { id: fee.chargeFilterId, values: values ?? {}, invoiceDisplayName },
    groupedBy: fee.item.groupedBy,
    units,
    totalAggregatedUnits: fee.totalAggregatedUnits === null ? units : new Decimal(fee.totalAggregatedUnits),
    eventsCount: fee.eventsCount ?? 0,
    amountCents: fee.amountCents,
    pricingUnit: fee.pricingUnit,
    presentationBreakdowns: fee.presentationBreakdowns.map(({ presentationBy, units: ofValue }) => ({
      presentationBy,
      units: new Decimal(ofValue),
    })),
    projected: null,
  };
}

function byMetricName(a: ChargeUsage, b: ChargeUsage): number {
  const [x, y] = [a.billableMetric.name.toLowerCase(), b.billableMetric.name.toLowerCase()];
  return x < y ? -1 : x > y ? 1 : 0;
}
