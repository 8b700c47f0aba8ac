/** Invoices on their way out: billing with its summary line, the table, and the files of JSON and PDF. */
import { join, resolve } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import type { Account } from '../accounts/account.js';
import type { Invoice } from '../model.js';
import type { OperationContext } from '../operations/context.js';
import type { InvoiceJson, InvoiceSummaryJson } from '../render/json/invoice.js';
import { safeJson } from '../render/printable.js';
import type { Session } from './context.js';
import { definitionsByHash, logos, prepareFolder, safeName } from './documentFiles.js';
import { runVerb } from './flags.js';
import { type Columns, counted, money } from './output.js';
import { ProgressLine, progressText } from './progressLine.js';
import { forgetUnwritten, leftUnwritten, noteUnwritten } from './unwrittenInvoices.js';
import { writeWhole } from './wholeFile.js';

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

interface BillRun {
  readonly input: Record<string, unknown>;
  readonly dryRun: boolean | undefined;
  /** Where the caller will write what is issued. */
  readonly folder?: string;
  /** Of what is issued, what to show; all of it where nothing is said. */
  readonly isShown?: (invoice: Invoice, account: Account) => boolean;
}

export interface Billed {
  readonly issued: readonly Invoice[];
  readonly shown: readonly InvoiceSummaryJson[];
}

/** Runs `bill` and says in one line on stderr what came of it. */
export async function billWithSummary(session: Session, run: BillRun): Promise<Billed> {
  const started = performance.now();
  const progress = new ProgressLine(session);
  const show = await invoiceShower(session);
  const { issued, shown } = await runVerb<readonly Invoice[], Billed>(session, {
    verb: 'bill',
    input: run.input,
    dryRun: run.dryRun,
    onProgress: (done, total) => progress.show((seconds) => progressText(done, total, 'customers billed', seconds)),
    view: (context, invoices) => {
      const visible = invoices.filter(({ status }) => status !== 'closed');
      if (run.folder !== undefined) {
        noteUnwritten(
          context.ledger,
          run.folder,
          visible.map(({ id }) => id),
        );
      }
      return { issued: visible, shown: show(context, visible, run.isShown) };
    },
  });
  progress.clear();
  noteIssued(session, issued, ((performance.now() - started) / 1000).toFixed(1));
  return { issued, shown };
}

function noteIssued(session: Session, issued: readonly Invoice[], seconds: string): void {
  const totals = new Map<string, number>();
  for (const { currency, totalAmountCents } of issued) {
    totals.set(currency, (totals.get(currency) ?? 0) + totalAmountCents);
  }
  const sums = [...totals].map(([currency, cents]) => money(cents, currency)).join(' and ');
  const count = counted(issued.length, 'invoice');
  session.note(issued.length === 0 ? `nothing was due (${seconds} s)` : `${count} issued, ${sums} (${seconds} s)`);
}

type InvoiceShower = (
  context: OperationContext,
  invoices: readonly Invoice[],
  isShown?: (invoice: Invoice, account: Account) => boolean,
) => InvoiceSummaryJson[];

/** Whole invoices where the format shows them; a table of ten thousand need not read their fees again. */
export async function invoiceShower(session: Session): Promise<InvoiceShower> {
  const views = await import('../operations/views.js');
  const { invoiceSummaryJson } = await import('../render/json/invoice.js');
  const isBrief = session.format === 'table' || session.format === 'csv';
  return (context, invoices, isShown) => {
    if (isBrief && isShown === undefined) return invoices.map((invoice) => invoiceSummaryJson(invoice));
    const shown: InvoiceSummaryJson[] = [];
    for (const { account, record } of views.withAccounts(context, invoices)) {
      if (isShown !== undefined && !isShown(record, account)) continue;
      shown.push(isBrief ? invoiceSummaryJson(record) : views.invoiceView(context, account, record));
    }
    return shown;
  };
}

/** One JSON and one PDF file each, named by number. Says how many were written. */
export async function writeInvoices(session: Session, invoices: readonly Invoice[], folder: string): Promise<void> {
  const [{ renderInvoicePdf }, views] = await Promise.all([
    import('../render/pdf/invoice.js'),
    import('../operations/views.js'),
  ]);
  const context = await session.context();
  const definitionsOf = await definitionsByHash(context);
  const logoOf = logos(session);
  prepareFolder(folder);
  const progress = new ProgressLine(session);
  let written = 0;
  for (const { account, record } of views.withAccounts(context, invoices)) {
    progress.show((seconds) => progressText(written, invoices.length, 'invoices written', seconds));
    const json = views.invoiceView(context, account, record);
    const path = join(resolve(folder), fileName(json));
    writeWhole(`${path}.json`, `${safeJson({ invoice: json }, 2)}\n`);
    written += 1;
    // A draft may still change: it has no document that could be sent by mistake.
    if (record.status === 'draft') continue;
    const { issuer, catalogHash } = record;
    writeWhole(
      `${path}.pdf`,
      renderInvoicePdf(json, issuer, { definitions: definitionsOf(catalogHash), logo: logoOf(issuer.logo) }),
    );
    // A document is a stream, and lets go of its pages when its last events were given out.
    await setImmediate();
  }
  progress.clear();
  const drafts = invoices.filter(({ status }) => status === 'draft').length;
  const ofThem = drafts === 0 ? '' : `; drafts as JSON alone: ${drafts}`;
  session.note(`wrote ${counted(invoices.length, 'invoice')} to ${folder}, as JSON and PDF${ofThem}`);
}

/** What `bill` has issued just now, and what earlier runs issued into this folder and were cut short before writing. */
export async function writeIssued(session: Session, issued: readonly Invoice[], folder: string): Promise<void> {
  const left = await leftUnwritten(session, folder, issued);
  const invoices = [...left, ...issued];
  if (invoices.length === 0) return;
  await writeInvoices(session, invoices, folder);
  const ids = invoices.map(({ id }) => id);
  await forgetUnwritten(session, folder, ids);
}

export function fileName(invoice: Pick<InvoiceJson, 'number' | 'status' | 'lago_id'>): string {
  // Drafts share a number until they are final.
  const name = invoice.status === 'draft' ? `${invoice.number}-${String(invoice.lago_id).slice(0, 8)}` : invoice.number;
  return safeName(name);
}
