import { deflateSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { BillingError } from '../../src/errors.js';
import { recordId } from '../../src/ids.js';
import type { Fee, Invoice } from '../../src/model.js';
import { creditNoteJson } from '../../src/render/json/creditNote.js';
import { invoiceJson } from '../../src/render/json/invoice.js';
import { locales } from '../../src/render/locale.js';
import { renderCreditNotePdf } from '../../src/render/pdf/creditNote.js';
import { renderInvoicePdf } from '../../src/render/pdf/invoice.js';
import { labelsOf } from '../../src/render/pdf/labels.js';
import type { LocalDate } from '../../src/time/localDate.js';
import { pdfPages } from './pdfText.js';
import {
  billingPeriod,
  breakdownFees,
  creditNote,
  customer,
  fee,
  invoice,
  invoiceDocument,
  issuer,
  subscription,
  subscriptionDocument,
  vat,
} from './samples.js';

const pagesOf = (fees: readonly Fee[], changes: Partial<Invoice> = {}) =>
  pdfPages(renderInvoicePdf(invoiceDocument(fees, changes), issuer, { compress: false }));

/** Spaces end the piece before them. */
const linesOf = (fees: readonly Fee[], changes: Partial<Invoice> = {}) =>
  pagesOf(fees, changes).flatMap((page) => page.pieces);

const coupon = {
  id: 'credit',
  amountCents: 1000,
  currency: 'EUR',
  beforeTaxes: true,
  item: { id: 'c', type: 'coupon' as const, code: 'startup', name: 'Startup discount', description: null },
  appliedCouponId: null,
  creditNoteId: null,
  progressiveBillingInvoiceId: null,
};

describe('invoice PDF', () => {
  it('gives the same bytes every time', () => {
    const document = invoiceDocument(breakdownFees());
    const first = renderInvoicePdf(document, issuer);
    renderInvoicePdf(invoiceDocument([fee('other', { name: '東京' })]), issuer);
    expect(renderInvoicePdf(structuredClone(document), issuer).equals(first)).toBe(true);
    expect(first.toString('latin1')).toContain('(D:20250201000000Z)');
  });

  it('says its own characters where a glyph stands for several, whatever was written before it', () => {
    // The ohm sign, the micro sign and the angstrom, and the letters that look the same.
    const lookalikes = ['\u2126\u00b5\u212b', '\u03a9\u03bc\u00c5'];
    for (const name of [...lookalikes, ...lookalikes]) {
      const document = renderInvoicePdf(invoiceDocument([fee('api', { name })]), issuer, { compress: false });
      const pieces = pdfPages(document).flatMap((page) => page.pieces);
      expect(pieces.filter((piece) => lookalikes.includes(piece))).toEqual([name]);
    }
  });

  it('says who bills whom, when, and how much', () => {
    const lines = linesOf([fee('api', { name: 'API calls' })], { purchaseOrderNumber: 'PO-77' });
    expect(lines).toEqual(
      expect.arrayContaining([
        'Invoice',
        'ACM-1234-001-001',
        'PO-77',
        'Feb 01, 2025',
        '30 days',
        'Cost centre',
        'R&D 42',
        'Acme Cloud SAS',
        '75002 Paris',
        'Tax ID FR12812345678',
        'Globex GmbH',
        '10115 Berlin',
        'Germany',
        '€12.00',
        'Due Mar 03, 2025',
        'Fees from Jan 01, 2025 to Jan 31, 2025',
        'API calls',
        'IBAN FR76 3000 6000 0112 3456 7890 189',
        'Page 1 of 1',
      ]),
    );
  });

  it('breaks amounts down by tier, package and transaction, and names true-ups', () => {
    const lines = linesOf(breakdownFees());
    expect(lines).toEqual(
      expect.arrayContaining([
        'First 100,000',
        'Next 100,001 to 1,000,000',
        '1,000,001 and above',
        '€0.0005',
        '€360.00',
        '€5.00 per 100',
        'Rate on the amount',
        '1.2%',
        '4 events',
        'Seats - True-up',
        'Tops usage up to the minimum spend of €100.00',
      ]),
    );
    expect(lines.indexOf('Seats - True-up')).toBeGreaterThan(lines.indexOf('Seats'));
  });

  it('adds up: coupons, taxes, credit notes, prepaid credits, total', () => {
    const changes = {
      credits: [coupon],
      couponsAmountCents: 1000,
      creditNotesAmountCents: 500,
      prepaidCreditAmountCents: 700,
      prepaidGrantedCreditAmountCents: 200,
      prepaidPurchasedCreditAmountCents: 500,
    };
    const lines = linesOf([fee('api', { amountCents: 11000 })], changes);
    const totals = lines.slice(lines.indexOf('Startup discount'));
    expect(totals.slice(0, 16)).toEqual([
      'Startup discount',
      '-€10.00',
      'Subtotal (excl. tax)',
      '€100.00',
      'VAT (20% on €100.00)',
      '€20.00',
      'Subtotal (incl. tax)',
      '€120.00',
      'Credit notes',
      '-€5.00',
      'Free credits',
      '-€2.00',
      'Prepaid credits',
      '-€5.00',
      'Total',
      '€108.00',
    ]);
  });

  it('repeats the table header on every page that the fees run on to', () => {
    const fees = Array.from({ length: 150 }, (_, index) => fee(`m${index}`, { name: `Metric ${index}`, units: '3' }));
    const pages = pagesOf(fees);
    expect(pages.length).toBeGreaterThan(3);
    const withFees = pages.filter((page) => page.pieces.some((piece) => piece.startsWith('Metric')));
    for (const page of withFees) {
      expect(page.pieces.filter((piece) => piece === 'Unit price')).toHaveLength(1);
      expect(page.pieces).toContain('Fees from Jan 01, 2025 to Jan 31, 2025');
    }
    const printed = pages.flatMap((page) => page.pieces.filter((piece) => piece.startsWith('Metric ')));
    expect(new Set(printed).size).toBe(150);
    expect(pages.at(-1)?.pieces).toContain(`Page ${pages.length} of ${pages.length}`);
  });

  it('sums several subscriptions up on the first page and details each on its own', () => {
    const ids = ['sub_1', 'sub_2'];
    const fees = ids.map((id, index) =>
      fee(`api_${index}`, {
        name: 'API calls',
        amountCents: 1000 * (index + 1),
        subscriptionId: recordId('subscription', id),
      }),
    );
    const json = invoiceJson(invoice(fees), {
      fees,
      billingPeriods: ids.map((id) => billingPeriod(id)),
      subscriptions: ids.map((id) => subscriptionDocument(subscription(id, { name: `Workspace ${id}` }))),
    });
    const pages = pdfPages(renderInvoicePdf(json, issuer, { compress: false }));
    expect(pages).toHaveLength(3);
    expect(pages[0]?.pieces).toEqual(
      expect.arrayContaining(['Workspace sub_1', '€10.00', 'Workspace sub_2', '€20.00', 'Total']),
    );
    expect(pages[1]?.pieces).toEqual(expect.arrayContaining(['API calls', 'Total for Workspace sub_1']));
    expect(pages[2]?.pieces).toContain('Total for Workspace sub_2');
  });

  it('hides a base fee of nothing and rows that say nothing', () => {
    const lines = linesOf([
      fee('pro', { name: 'Pro', feeType: 'subscription', amountCents: 0, units: '1' }),
      fee('api', { name: 'API calls' }),
      fee('idle', { name: 'Idle metric', amountCents: 0, units: '0' }),
    ]);
    expect(lines.filter((line) => line === 'Pro')).toEqual(['Pro']);
    expect(lines).not.toContain('Idle metric');
  });

  it.each(locales)('prints in %s', (locale) => {
    const lines = linesOf([fee('api')], { billTo: customer({ documentLocale: locale }) });
    // CJK titles mix fonts only with the figures beside them.
    expect(lines).toContain(labelsOf(locale).invoice);
    expect(lines).toContain(labelsOf(locale).unitPrice);
  });

  it('prints any name, right to left where it reads so, and never breaks on what no font has', () => {
    const lines = linesOf([
      fee('jp', { name: '東京都の測定項目' }),
      fee('ar', { name: 'شركة الأمل' }),
      fee('he', { name: 'חברת דוגמה בע"מ' }),
      fee('kr', { name: '한국어' }),
      fee('hi', { name: 'हिन्दी' }),
      fee('th', { name: 'ภาษาไทย' }),
      fee('none', { name: 'rocket \u{1f680} \u{10ffff} \ud800' }),
      fee('evil', { name: 'pay\u202e 00.1€\u001b[2J\u0007' }),
    ]);
    expect(lines).toEqual(expect.arrayContaining(['東京都の測定項目', '한국어', 'pay 00.1€[2J']));
  });

  it('wraps what is too wide, within words when it must', () => {
    const long = 'unbreakable'.repeat(12);
    const lines = linesOf([fee('long', { name: long })]);
    const parts = lines.filter((line) => long.includes(line) && line.length > 5);
    expect(parts.length).toBeGreaterThan(2);
    expect(parts.join('')).toBe(long);
  });

  it.each([
    ['credit', {}, 'Advance invoice'],
    ['advance_charges', {}, 'Invoice - Paid'],
    ['subscription', { issuer: { ...issuer, country: 'SG' } }, 'Tax invoice'],
    ['subscription', { billTo: customer({ accountType: 'partner' }) }, 'Self-billing invoice'],
  ] as const)('titles a %s invoice', (invoiceType, changes, title) => {
    const document = invoiceDocument([fee('api')], { invoiceType, ...changes });
    const by = 'issuer' in changes ? changes.issuer : issuer;
    expect(pdfPages(renderInvoicePdf(document, by, { compress: false }))[0]?.pieces[0]).toBe(title);
  });

  it('places a transparent PNG logo at once, and refuses what is no image', () => {
    const document = invoiceDocument([fee('api')]);
    const bytes = renderInvoicePdf(document, issuer, { logo: transparentPng(4, 4), compress: false });
    expect(bytes.toString('latin1')).toContain('/Subtype /Image');
    expect(bytes.subarray(-6).toString()).toBe('%%EOF\n');
    const cutJpeg = Buffer.from([0xff, 0xd8, 0xff, 0xe0, 0x00, 0x10, 0x4a, 0x46]);
    for (const logo of [Buffer.from('GIF89a'), Buffer.alloc(800_001), cutJpeg, Buffer.from([0xff, 0xd8])]) {
      expect(() => renderInvoicePdf(document, issuer, { logo })).toThrow(BillingError);
    }
  });
});

describe('credit note PDF', () => {
  it('says what is given back, for which items and how', () => {
    const credited = fee('api', { name: 'API calls' });
    const note = creditNoteJson(
      creditNote(credited.id, {
        description: 'Outage',
        issuingDate: '2025-02-10' as LocalDate,
        totalAmountCents: 1188,
        preciseTotalAmountCents: '1188',
        creditAmountCents: 1188,
        balanceAmountCents: 1188,
        taxesAmountCents: 198,
        preciseTaxesAmountCents: '198',
        subTotalExcludingTaxesAmountCents: 990,
        couponsAdjustmentAmountCents: 10,
        preciseCouponsAdjustmentAmountCents: '10',
        items: [{ id: 'item', feeId: credited.id, amountCents: 1000, preciseAmountCents: '1000' }],
        appliedTaxes: [{ ...vat, amountCents: 198, baseAmountCents: 990 }],
      }),
      { invoice: invoice([credited]), fees: new Map([[credited.id, credited]]) },
    );
    const [page] = pdfPages(renderCreditNotePdf(note, issuer, { compress: false }));
    expect(page?.pieces).toEqual(
      expect.arrayContaining([
        'Credit note',
        'ACM-1234-001-001-CN001',
        'Credited on Feb 10, 2025',
        'API calls',
        '€10.00',
        '-€0.10',
        'VAT (20% on €9.90)',
        'Credited to the balance',
        '€11.88',
        'Outage',
      ]),
    );
    expect(renderCreditNotePdf(note, issuer).equals(renderCreditNotePdf(note, issuer))).toBe(true);
  });
});

/** 8-bit RGBA, half of it transparent. */
function transparentPng(width: number, height: number): Buffer {
  const lines = Buffer.alloc((width * 4 + 1) * height);
  for (let at = 0; at < lines.length; at += 2) lines[at] = at % (width * 4 + 1) === 0 ? 0 : 200;
  for (let row = 0; row < height; row += 1) lines[row * (width * 4 + 1)] = row % 5;
  const header = Buffer.from([0, 0, 0, width, 0, 0, 0, height, 8, 6, 0, 0, 0]);
  const chunk = (type: string, data: Buffer) => {
    const length = Buffer.alloc(4);
    length.writeUInt32BE(data.length);
    return Buffer.concat([length, Buffer.from(type), data, Buffer.alloc(4)]);
  };
  const signature = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
  return Buffer.concat([
    signature,
    chunk('IHDR', header),
    chunk('IDAT', deflateSync(lines)),
    chunk('IEND', Buffer.alloc(0)),
  ]);
}
