/**
 * An invoice explained: every fee from its events up, then the totals in the order in which they are made
 * (invoicing §1): fees − progressive billing − coupons + taxes − credit notes − prepaid credits.
 */
import type { Account } from '../../accounts/account.js';
import type { Catalog } from '../../catalog/types.js';
import { feeSubTotal } from '../../credits/feeAmounts.js';
import { invalid } from '../../errors.js';
import type { Fee, Invoice } from '../../model.js';
import { ZERO } from '../../money/decimal.js';
import { billingWork } from '../../operations/billingWork.js';
import type { OperationContext } from '../../operations/context.js';
import { catalogOf } from '../../operations/effectiveCatalog.js';
import { resultOf, type Step, step, sumOf } from '../arithmetic.js';
import { amount } from '../figures.js';
import { type Explanation, type Fact, NOTHING } from './explanation.js';
import { type ExplainOptions, explainFee } from './feeExplanation.js';
import type { FeeInHand } from './feeInHand.js';

export interface InvoiceExplainOptions extends ExplainOptions {
  /** Only this fee, by its place from 1. */
  readonly fee: number | null;
}

export function explainInvoice(
  context: OperationContext,
  account: Account,
  invoice: Invoice,
  options: InvoiceExplainOptions,
): Explanation {
  const fees = account.all('fee').filter((fee) => fee.invoiceId === invoice.id);
  const catalog = catalogOfDay(context, invoice);
  const explained = (fee: Fee) => explainFee(inHand({ ...context, catalog }, account, invoice, fee), options);
  if (options.fee !== null) {
    const fee = fees[options.fee - 1];
    if (fee === undefined) {
      const message = `the invoice has ${fees.length} fees, and no fee ${options.fee}`;
      throw invalid({ field: '--fee', code: 'value_is_out_of_range', message });
    }
    return explained(fee);
  }
  return {
    ...NOTHING,
    title: invoice.number === '' ? 'Invoice to be' : `Invoice ${invoice.number}`,
    subtitle: `${invoice.invoiceType}, ${invoice.status}, of ${invoice.issuingDate}`,
    amountCents: invoice.totalAmountCents,
    currency: invoice.currency,
    facts: facts(account, invoice),
    steps: totalSteps(invoice, fees),
    parts: fees.map((fee, index) => ({ ...explained(fee), place: index + 1 })),
  };
}

/** The definitions that the invoice was computed with, which the ledger keeps; today's where it does not. */
function catalogOfDay({ ledger, catalog }: OperationContext, invoice: Invoice): Catalog {
  if (invoice.catalogHash === catalog.hash) return catalog;
  const content = ledger.definitions(invoice.catalogHash);
  return content === undefined ? catalog : catalogOf(content);
}

export function inHand(context: OperationContext, account: Account, invoice: Invoice | null, fee: Fee): FeeInHand {
  const periods = account.all('billing_period');
  const own = periods.find((each) => each.invoiceId === fee.invoiceId && each.subscriptionId === fee.subscriptionId);
  return {
    fee,
    invoice,
    period: own ?? null,
    subscription: fee.subscriptionId === null ? null : (account.get('subscription', fee.subscriptionId) ?? null),
    work: billingWork(context, account),
    arrivals: () => arrivals(context),
  };
}

/** Where each ingestion ended, newest first, from the journal. */
function arrivals({ ledger }: OperationContext): number[] {
  const ends: number[] = [];
  for (const { verb, input } of ledger.journal()) {
    const last = (input as { last_sequence?: number | null }).last_sequence;
    if (verb === 'ingest' && typeof last === 'number') ends.push(last);
  }
  return [...new Set(ends)].reverse();
}

function facts(account: Account, invoice: Invoice): Fact[] {
  const { customer } = account;
  const name = customer.name === null ? customer.externalId : `${customer.name} (${customer.externalId})`;
  return [
    { label: 'customer', text: name },
    { label: 'definitions', text: `${invoice.catalogHash.slice(0, 12)}, those of its day` },
  ];
}

function totalSteps(invoice: Invoice, fees: readonly Fee[]): Step[] {
  const steps = [step('fees', sumOf(fees.map((fee) => fee.amountCents)))];
  const before = [invoice.feesAmountCents, -invoice.progressiveBillingCreditAmountCents];
  for (const credit of invoice.credits.filter((each) => each.item.type === 'coupon')) before.push(-credit.amountCents);
  const reduced = before.filter((each, index) => index === 0 || each !== 0);
  if (reduced.length > 1) steps.push(step('less progressive billing and coupons', sumOf(reduced)));
  const taxes = taxSteps(invoice, fees);
  steps.push(...taxes);
  const total = [
    invoice.subTotalExcludingTaxesAmountCents,
    invoice.taxesAmountCents,
    -invoice.creditNotesAmountCents,
    -invoice.prepaidCreditAmountCents,
  ];
  const label = [
    'total',
    ...(invoice.creditNotesAmountCents === 0 ? [] : ['less credit notes']),
    ...(invoice.prepaidCreditAmountCents === 0 ? [] : ['less prepaid credits']),
  ];
  steps.push(step(`${label.join(', ')}, in cents`, sumOf(total.filter((each, index) => index < 1 || each !== 0))));
  return steps;
}

/** The invoice's tax comes from the fees' sub-totals, each rate on its own, and is rounded once (invoicing §2.3). */
function taxSteps(invoice: Invoice, fees: readonly Fee[]): Step[] {
  if (invoice.appliedTaxes.length === 0) return [];
  const lines = invoice.appliedTaxes.map((tax) => {
    const taxed = fees.filter((fee) => fee.appliedTaxes.some((each) => each.taxCode === tax.taxCode));
    const base = taxed.reduce((sum, fee) => sum.plus(feeSubTotal(fee)), ZERO);
    return step(`${tax.taxName} ${tax.taxRate} %`, `${sumOf([base])} × ${tax.taxRate} %`);
  });
  const total = step('taxes', `round(${sumOf(lines.map((line) => line.result))})`);
  if (resultOf([total]).equals(invoice.taxesAmountCents)) return [...lines, total];
  return [step('taxes, as the fees bear them', sumOf([invoice.taxesAmountCents]))];
}

export function amountText({ amountCents, currency }: Pick<Explanation, 'amountCents' | 'currency'>): string {
  return amountCents === null || currency === null ? '' : amount(amountCents, currency);
}
