/** `credit-notes`: money given back on an invoice. */
import type { Command } from 'commander';
import type { CreditNote } from '../../model.js';
import type { OperationContext } from '../../operations/context.js';
import type { EstimatedCreditNote } from '../../operations/creditNotes.js';
import type { CreditNoteJson } from '../../render/json/creditNote.js';
import type { Session } from '../context.js';
import { changing, collect, examples, given, integer, oneOf, runQuery, runVerb, usage } from '../flags.js';
import { type Columns, money, printOne } from '../output.js';
import { type PageFlags, paged, printPage } from '../paging.js';

const columns: Columns<CreditNoteJson> = [
  { path: 'number', header: 'number', shrinks: false },
  { path: 'invoice_number', header: 'invoice', shrinks: false },
  { path: 'customer.external_id', header: 'customer' },
  { path: 'issuing_date', header: 'issued', shrinks: false },
  { path: 'reason', header: 'reason' },
  { path: 'credit_status', header: 'status', shrinks: false },
  {
    path: 'total_amount_cents',
    header: 'total',
    align: 'right',
    show: (note) => money(note.total_amount_cents, note.currency),
  },
  {
    path: 'balance_amount_cents',
    header: 'balance',
    align: 'right',
    show: (note) => money(note.balance_amount_cents, note.currency),
  },
];

interface CreditNoteFlags extends PageFlags {
  readonly customer?: string;
  readonly reason?: string;
  readonly description?: string;
  readonly creditCents?: number;
  readonly refundCents?: number;
  readonly offsetCents?: number;
  readonly refundStatus?: string;
  readonly item?: string[];
  readonly dryRun?: boolean;
}

export function register(program: Command, session: Session): void {
  const notes = program
    .command('credit-notes')
    .summary('give money back on an invoice')
    .description('Credit notes: what a customer gets back of an issued invoice.');

  changing(notes.command('create').argument('<invoice>', 'its number'))
    .description(
      'Creates a credit note. Items name a fee of the invoice by its index (from 0) and an amount before taxes.',
    )
    .requiredOption('--item <fee=cents>', 'a fee by its index, and cents of it; several times', collect)
    .option('--credit-cents <cents>', 'becomes credit for later invoices (default: what the items come to)', integer)
    .option('--refund-cents <cents>', 'is paid back', integer)
    .option('--offset-cents <cents>', 'settles the invoice itself', integer)
    .addOption(oneOf('--reason <reason>', 'why', reasons))
    .option('--description <text>')
    .addHelpText(
      'after',
      examples('credit-notes create ACM-1234-001-003 --item 0=1500 --credit-cents 1800 --reason order_change'),
    )
    .action(async (invoice: string, flags: CreditNoteFlags) => {
      const items = (flags.item ?? []).map(readItem);
      const split = [flags.creditCents, flags.refundCents, flags.offsetCents];
      const undecided = split.every((cents) => cents === undefined);
      const input = given({
        invoice,
        items,
        credit_amount_cents: undecided ? (await estimate(invoice, items)).maxCreditableAmountCents : flags.creditCents,
        refund_amount_cents: flags.refundCents,
        offset_amount_cents: flags.offsetCents,
        reason: flags.reason,
        description: flags.description,
      });
      await change('create_credit_note', input, flags);
    });

  notes
    .command('estimate')
    .argument('<invoice>', 'its number')
    .description('Shows what items would come to: their taxes, their share of coupons, and how much may be refunded.')
    .requiredOption('--item <fee=cents>', 'a fee by its index, and cents of it; several times', collect)
    .addHelpText('after', examples('credit-notes estimate ACM-1234-001-003 --item 0=1500'))
    .action(async (invoice: string, flags: CreditNoteFlags) => {
      const { creditNoteEstimateJson } = await import('../../render/json/creditNote.js');
      const estimated = await estimate(invoice, (flags.item ?? []).map(readItem));
      const items = estimated.items.map(({ fee, preciseAmountCents }) => ({
        feeId: fee.id,
        amountCents: preciseAmountCents.toNumber(),
      }));
      const { currency } = estimated.invoice;
      printOne(
        session,
        'estimated_credit_note',
        creditNoteEstimateJson({ ...estimated, currency, items }, estimated.invoice),
      );
    });

  changing(notes.command('void').argument('<number>', 'of the credit note'))
    .description('Voids what is left of a credit note.')
    .addHelpText('after', examples('credit-notes void ACM-1234-001-003-CN001'))
    .action(async (number: string, flags: CreditNoteFlags) => {
      const { lago_id, customer } = await named(number);
      const own = await list({ external_customer_id: customer.external_id });
      const index = own.findIndex((note) => note.lago_id === lago_id);
      const input = { external_customer_id: customer.external_id, index };
      await change('void_credit_note', input, flags);
    });

  changing(notes.command('update').argument('<number>', 'of the credit note'))
    .description('Tells what became of the refund of a credit note.')
    .addOption(
      oneOf('--refund-status <status>', 'what became of it', ['pending', 'succeeded', 'failed']).makeOptionMandatory(),
    )
    .addHelpText('after', examples('credit-notes update ACM-1234-001-003-CN001 --refund-status succeeded'))
    .action(async (number: string, flags: CreditNoteFlags) => {
      const note = await named(number);
      const input = {
        external_customer_id: note.customer.external_id,
        credit_note: note.lago_id,
        refund_status: flags.refundStatus,
      };
      await change('update_credit_note', input, flags);
    });

  paged(notes.command('list'))
    .description('Lists credit notes, oldest first; those of drafts too.')
    .option('--customer <external_id>')
    .addHelpText('after', examples('credit-notes list --customer acme'))
    .action(async (flags: CreditNoteFlags) => {
      const fields = given({ external_customer_id: flags.customer });
      await printPage(session, flags, {
        root: 'credit_notes',
        columns,
        empty: 'no credit notes',
        read: (part) => list({ ...fields, ...part }),
      });
    });

  notes
    .command('get')
    .argument('<number>')
    .description('Shows one credit note.')
    .addHelpText('after', examples('credit-notes get ACM-1234-001-003-CN001 --json'))
    .action(async (number: string) => {
      printOne(session, 'credit_note', await named(number));
    });

  notes
    .command('download')
    .argument('<numbers...>', 'their numbers')
    .option('--out <dir>', 'the folder', 'credit-notes')
    .description('Writes credit notes as JSON and PDF, by their numbers.')
    .addHelpText('after', examples('credit-notes download ACM-1234-001-003-CN001 --out credit-notes'))
    .action(async (numbers: string[], flags: { out: string }) => {
      const { writeCreditNotes } = await import('../creditNoteFiles.js');
      await writeCreditNotes(session, numbers, flags.out);
    });

  async function named(number: string): Promise<CreditNoteJson> {
    const views = await import('../../operations/creditViews.js');
    return runQuery(session, (context) => views.creditNote(context, number));
  }

  async function list(fields: Record<string, unknown>): Promise<CreditNoteJson[]> {
    const views = await import('../../operations/creditViews.js');
    return runQuery(session, (context) => views.creditNotes(context, fields));
  }

  /** What the items come to, with their taxes and after their share of the coupons. */
  async function estimate(invoice: string, items: readonly NamedItem[]): Promise<EstimatedCreditNote> {
    const { estimateCreditNote } = await import('../../operations/creditNotes.js');
    return runQuery(session, (context) => estimateCreditNote(context, { invoice, items }));
  }

  async function change(verb: string, input: unknown, flags: CreditNoteFlags): Promise<void> {
    const views = await import('../../operations/creditViews.js');
    const view = (context: OperationContext, { id }: CreditNote) => views.creditNote(context, id);
    const shown = await runVerb<CreditNote, CreditNoteJson>(session, { verb, input, dryRun: flags.dryRun, view });
    printOne(session, 'credit_note', shown);
  }
}

const reasons = [
  'duplicated_charge',
  'product_unsatisfactory',
  'order_change',
  'order_cancellation',
  'fraudulent_charge',
  'other',
];

interface NamedItem {
  readonly fee: number;
  readonly amount_cents: number;
}

function readItem(text: string): NamedItem {
  const [fee, cents] = text.split('=');
  if (fee === undefined || cents === undefined) throw usage(`--item ${text} must be written fee=cents, such as 0=1500`);
  return { fee: integer(fee), amount_cents: integer(cents) };
}
