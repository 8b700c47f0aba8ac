/** Invoices on their way out: billing with its summary line, the table, and the files of JSON and PDF. */
import { accessSync, constants, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { Catalog } from '../catalog/types.js';
import type { Invoice } from '../model.js';
import type { OperationContext } from '../operations/context.js';
import type { Definitions } from '../render/documentContext.js';
import type { InvoiceJson, InvoiceSummaryJson } from '../render/json/invoice.js';
import { safeJson } from '../render/printable.js';
import type { Session } from './context.js';
import { runVerb } from './flags.js';
import { makeFolder } from './makeFolder.js';
import { type Columns, counted, money } from './output.js';
import { ProgressLine, progressText } from './progressLine.js';
import { forgetUnwritten, leftUnwritten, noteUnwritten } from './unwrittenInvoices.js';
import { writeWhole } from './wholeFile.js';

export interface IssuedInvoice {
  readonly json: InvoiceJson;
  readonly record: Invoice;
}

export const invoiceColumns: Columns<InvoiceSummaryJson> = [
  { path: 'number', header: 'number', shrinks: false },
  { path: 'customer.external_id', header: 'customer' },
  { path: 'invoice_type', header: 'type', shrinks: false },
  { path: 'status', header: 'status', shrinks: false },
  { path: 'payment_status', header: 'payment', shrinks: false },
  { path: 'issuing_date', header: 'issued', shrinks: false },
  {
    path: 'total_amount_cents',
    header: 'total',
    align: 'right',
    show: (invoice) => money(invoice.total_amount_cents, invoice.currency),
  },
];

/** Runs `bill` and says in one line on stderr what came of it. `folder`: where the caller will write what is issued. */
export async function billWithSummary(
  session: Session,
  input: Record<string, unknown>,
  dryRun: boolean | undefined,
  folder?: string,
): Promise<IssuedInvoice[]> {
  const views = await import('../operations/views.js');
  const issued = await billed(session, input, dryRun, (context, shown) => {
    const ids = shown.map(({ id }) => id);
    if (folder !== undefined) noteUnwritten(context.ledger, folder, ids);
    return Array.from(views.withAccounts(context, shown), ({ account, record }) => ({
      json: views.invoiceView(context, account, record),
      record,
    }));
  });
  return [...issued];
}

/** The same for who shows a list alone: a run of ten thousand invoices need not read them all again. */
export async function billInBrief(
  session: Session,
  input: Record<string, unknown>,
  dryRun: boolean | undefined,
): Promise<readonly InvoiceSummaryJson[]> {
  const { invoiceSummaryJson } = await import('../render/json/invoice.js');
  const issued = await billed(session, input, dryRun, (_context, shown) =>
    shown.map((record) => ({ json: invoiceSummaryJson(record), record })),
  );
  return issued.map(({ json }) => json);
}

async function billed<Json>(
  session: Session,
  input: Record<string, unknown>,
  dryRun: boolean | undefined,
  show: (context: OperationContext, invoices: readonly Invoice[]) => readonly { json: Json; record: Invoice }[],
): Promise<readonly { json: Json; record: Invoice }[]> {
  const started = performance.now();
  const progress = new ProgressLine(session);
  const issued = await runVerb<readonly Invoice[], readonly { json: Json; record: Invoice }[]>(session, {
    verb: 'bill',
    input,
    dryRun,
    onProgress: (done, total) => progress.show((seconds) => progressText(done, total, 'customers billed', seconds)),
    view: (context, invoices) =>
      show(
        context,
        invoices.filter(({ status }) => status !== 'closed'),
      ),
  });
  progress.clear();
  const seconds = ((performance.now() - started) / 1000).toFixed(1);
  const totals = new Map<string, number>();
  for (const { record } of issued) {
    totals.set(record.currency, (totals.get(record.currency) ?? 0) + record.totalAmountCents);
  }
  const sums = [...totals].map(([currency, cents]) => money(cents, currency)).join(' and ');
  const count = counted(issued.length, 'invoice');
  session.note(issued.length === 0 ? `nothing was due (${seconds} s)` : `${count} issued, ${sums} (${seconds} s)`);
  return issued;
}

/** One JSON and one PDF file each, named by number. Answers how many were written, and says so. */
export async function writeInvoices(
  session: Session,
  invoices: readonly IssuedInvoice[],
  folder: string,
): Promise<void> {
  const { renderInvoicePdf } = await import('../render/pdf/invoice.js');
  const context = await session.context();
  const definitionsOf = await definitionsByHash(context);
  const logos = new Map<string, Buffer | null>();
  prepareFolder(folder);
  const progress = new ProgressLine(session);
  for (const [index, { json, record }] of invoices.entries()) {
    progress.show((seconds) => progressText(index, invoices.length, 'invoices written', seconds));
    const path = join(resolve(folder), fileName(json));
    const issuer = record.issuer;
    if (issuer.logo !== null && !logos.has(issuer.logo)) logos.set(issuer.logo, readLogo(session, issuer.logo));
    const logo = issuer.logo === null ? null : (logos.get(issuer.logo) ?? null);
    writeWhole(`${path}.json`, `${safeJson({ invoice: json }, 2)}\n`);
    // A draft may still change: it has no document that could be sent by mistake.
    if (record.status === 'draft') continue;
    writeWhole(`${path}.pdf`, renderInvoicePdf(json, issuer, { definitions: definitionsOf(record.catalogHash), logo }));
  }
  progress.clear();
  const count = counted(invoices.length, 'invoice');
  const drafts = invoices.filter(({ record }) => record.status === 'draft').length;
  const ofThem = drafts === 0 ? '' : `; drafts as JSON alone: ${drafts}`;
  session.note(`wrote ${count} to ${folder}, as JSON and PDF${ofThem}`);
}

/** What `bill` has issued just now, and what earlier runs issued into this folder and were cut short before writing. */
export async function writeIssued(session: Session, issued: readonly IssuedInvoice[], folder: string): Promise<void> {
  const left = await leftUnwritten(session, folder, issued);
  const invoices = [...left, ...issued];
  if (invoices.length === 0) return;
  await writeInvoices(session, invoices, folder);
  const ids = invoices.map(({ record }) => record.id);
  await forgetUnwritten(session, folder, ids);
}

/** The folder, made if need be and found writable. Called before billing, so that nothing is billed and then not written. */
export function prepareFolder(folder: string): void {
  makeFolder(folder);
  accessSync(folder, constants.W_OK);
}

/** Only letters, digits, `.`, `_` and `-`, and never a leading dot: no number leads out of the folder. */
export function fileName(invoice: Pick<InvoiceJson, 'number' | 'status' | 'lago_id'>): string {
  // Drafts share a number until they are final.
  const name = invoice.status === 'draft' ? `${invoice.number}-${String(invoice.lago_id).slice(0, 8)}` : invoice.number;
  return name.replace(/[^A-Za-z0-9._-]/g, '_').replace(/^\.+/, '_');
}

/** The definitions that an invoice was computed with, from the ledger, as the documents read them. */
async function definitionsByHash({ ledger }: OperationContext): Promise<(hash: string) => Definitions> {
  const [{ catalogOf }, { planJson }, { billableMetricJson }, { couponJson }] = await Promise.all([
    import('../operations/effectiveCatalog.js'),
    import('../render/json/plan.js'),
    import('../render/json/billableMetric.js'),
    import('../render/json/coupon.js'),
  ]);
  const known = new Map<string, Definitions>();
  return (hash) => {
    let definitions = known.get(hash);
    if (definitions === undefined) {
      const content = ledger.definitions(hash);
      definitions = content === undefined ? {} : read(catalogOf(content));
      known.set(hash, definitions);
    }
    return definitions;
  };

  function read(catalog: Catalog): Definitions {
    return {
      plans: [...catalog.plans.values()].map((plan) => planJson(plan, catalog)),
      billableMetrics: [...catalog.billableMetrics.values()].map((metric) => billableMetricJson(metric)),
      coupons: [...catalog.coupons.values()].map((coupon) => couponJson(coupon)),
    };
  }
}

function readLogo(session: Session, path: string): Buffer | null {
  try {
    return readFileSync(path);
  } catch (error) {
    session.note(`${session.colors.yellow('warning')} the logo ${path} cannot be read: ${(error as Error).message}`);
    return null;
  }
}
