/** The totals of an invoice, line by line, for paper and for the terminal (invoicing §8, "Totals block"). */
import type { DocumentContext, InvoiceDocument } from './documentContext.js';
import { formatAmount, formatRate } from './money.js';
import { fill, type Labels } from './pdf/labels.js';

export interface TotalLine {
  readonly label: string;
  readonly amount: string;
  readonly kind: 'plain' | 'subtotal' | 'total';
}

export function invoiceTotals(document: InvoiceDocument, context: DocumentContext): TotalLine[] {
  const { labels, locale, currency } = context;
  const lines: TotalLine[] = [];
  const add = (label: string, cents: number, kind: TotalLine['kind'] = 'plain') =>
    lines.push({ label, amount: formatAmount(cents, currency, locale), kind });

  const alreadyBilled = document.progressive_billing_credit_amount_cents;
  if (alreadyBilled !== 0) add(labels.alreadyBilled, -alreadyBilled);
  for (const credit of document.credits) {
    if (credit.item.type !== 'coupon') continue;
    add(`${credit.item.name}${couponValue(credit.item.code, context)}`, -credit.amount_cents);
  }
  add(labels.subtotalExcludingTax, document.sub_total_excluding_taxes_amount_cents, 'subtotal');
  if (document.invoice_type !== 'credit') lines.push(...taxLines(document, context));
  add(labels.subtotalIncludingTax, document.sub_total_including_taxes_amount_cents, 'subtotal');
  if (document.credit_notes_amount_cents !== 0) add(labels.creditNotes, -document.credit_notes_amount_cents);
  const granted = document.prepaid_granted_credit_amount_cents;
  const purchased = document.prepaid_purchased_credit_amount_cents;
  if (granted !== null || purchased !== null) {
    if (granted) add(labels.freeCredits, -granted);
    if (purchased) add(labels.purchasedCredits, -purchased);
  } else if (document.prepaid_credit_amount_cents !== 0) {
    add(labels.prepaidCredits, -document.prepaid_credit_amount_cents);
  }
  add(labels.total, document.total_amount_cents, 'total');
  return lines;
}

/** What the coupon is worth, where its definition is at hand: ` (20.00%)`, ` (€10.00)`. */
function couponValue(code: string, { coupons, locale }: DocumentContext): string {
  const coupon = coupons.get(code);
  if (coupon === undefined) return '';
  if (coupon.percentage_rate !== null) return ` (${formatRate(coupon.percentage_rate, locale, 2)})`;
  if (coupon.amount_cents === null || coupon.amount_currency === null) return '';
  return ` (${formatAmount(coupon.amount_cents, coupon.amount_currency, locale)})`;
}

/** Highest rate first. Without any tax there is a line of 0, so that nobody wonders. */
function taxLines(document: InvoiceDocument, context: DocumentContext): TotalLine[] {
  const { labels, locale, currency } = context;
  const money = (cents: number) => formatAmount(cents, currency, locale);
  if (document.applied_taxes.length === 0) {
    return [{ label: fill(labels.noTax, { rate: formatRate(0, locale) }), amount: money(0), kind: 'plain' }];
  }
  return [...document.applied_taxes]
    .sort((a, b) => b.tax_rate - a.tax_rate)
    .map((tax) => {
      const special = specialTaxLabel(tax.tax_code, labels);
      if (special !== undefined) return { label: special, amount: '', kind: 'plain' as const };
      const rate = formatRate(tax.tax_rate, locale);
      const base = money(tax.fees_amount_cents);
      return {
        label: fill(labels.taxOn, { name: tax.tax_name, rate, base }),
        amount: money(tax.amount_cents),
        kind: 'plain' as const,
      };
    });
}

/** Codes that say something of the whole invoice print as words alone. */
function specialTaxLabel(code: string, labels: Labels): string | undefined {
  switch (code) {
    case 'reverse_charge':
      return labels.reverseCharge;
    case 'customer_exempt':
      return labels.customerExempt;
    case 'transaction_exempt':
      return labels.transactionExempt;
    case 'not_collecting':
      return labels.notCollecting;
    default:
      return undefined;
  }
}
