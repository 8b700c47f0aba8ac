/**
 * The words of an invoice and of a credit note in nine languages (invoicing §8). `{name}` marks what `fill` puts in.
 * Names of plans, metrics, add-ons and coupons are never translated.
 */
import type { Locale } from '../locale.js';
import { de } from './labels/de.js';
import { en } from './labels/en.js';
import { es } from './labels/es.js';
import { fr } from './labels/fr.js';
import { it } from './labels/it.js';
import { nb } from './labels/nb.js';
import { ptBR } from './labels/ptBR.js';
import { sv } from './labels/sv.js';
import { zhTW } from './labels/zhTW.js';

export interface Labels {
  // Titles and facts.
  readonly invoice: string;
  readonly taxInvoice: string;
  readonly advanceInvoice: string;
  readonly selfBillingInvoice: string;
  readonly creditNote: string;
  readonly paid: string;
  readonly invoiceNumber: string;
  readonly creditNoteNumber: string;
  readonly purchaseOrder: string;
  readonly issueDate: string;
  readonly paymentTerm: string;
  readonly paymentTermDays: string;
  readonly paymentTermOneDay: string;
  readonly from: string;
  readonly billTo: string;
  readonly legalNumber: string;
  readonly taxId: string;
  readonly dueOn: string;
  readonly alreadyPaid: string;
  readonly voided: string;

  // Tables.
  readonly item: string;
  readonly units: string;
  readonly unitPrice: string;
  readonly tax: string;
  readonly amount: string;
  readonly feesFromTo: string;
  readonly fees: string;
  readonly subscriptions: string;
  readonly total: string;
  readonly totalOf: string;
  readonly subtotal: string;

  // Rows.
  readonly weekly: string;
  readonly monthly: string;
  readonly quarterly: string;
  readonly semiannual: string;
  readonly yearly: string;
  readonly subscription: string;
  readonly trueUp: string;
  readonly minimumSpend: string;
  readonly minimumCommitment: string;
  readonly prorated: string;
  readonly weighted: string;
  readonly events: string;
  readonly prepaidCreditsItem: string;

  // Tier breakdowns.
  readonly allUnits: string;
  readonly firstUnits: string;
  readonly nextUnits: string;
  readonly unitsAbove: string;
  readonly flatFee: string;
  readonly perUnit: string;
  readonly freeUnits: string;
  readonly packages: string;
  readonly pricePerPackage: string;
  readonly rateOnAmount: string;
  readonly fixedFee: string;
  readonly minMaxAdjustment: string;
  readonly conversion: string;

  // Totals.
  readonly alreadyBilled: string;
  readonly subtotalExcludingTax: string;
  readonly taxOn: string;
  readonly noTax: string;
  readonly subtotalIncludingTax: string;
  readonly creditNotes: string;
  readonly prepaidCredits: string;
  readonly freeCredits: string;
  readonly purchasedCredits: string;
  readonly reverseCharge: string;
  readonly customerExempt: string;
  readonly transactionExempt: string;
  readonly notCollecting: string;

  // Notes.
  readonly euExempt: string;
  readonly euReverseCharge: string;
  readonly thresholdPassed: string;
  readonly page: string;

  // Credit notes.
  readonly creditedOn: string;
  readonly refundedOn: string;
  readonly offsetOn: string;
  readonly issuedOn: string;
  readonly coupons: string;
  readonly credited: string;
  readonly refunded: string;
  readonly offset: string;
}

const LABELS: Readonly<Record<Locale, Labels>> = { en, de, fr, es, it, nb, 'pt-BR': ptBR, sv, 'zh-TW': zhTW };

export function labelsOf(locale: Locale): Labels {
  return LABELS[locale];
}

/** `fill('Due {date}', {date: 'Feb 28, 2025'})` → `Due Feb 28, 2025`. */
export function fill(template: string, values: Readonly<Record<string, string | number>>): string {
  return template.replace(/\{(\w+)\}/g, (whole, name: string) => (name in values ? String(values[name]) : whole));
}
