/** `invoices`: what was billed, what would be, and what happens to it afterwards. */
import type { Command } from 'commander';
import type { Account } from '../../accounts/account.js';
import { BillingError } from '../../errors.js';
import type { Invoice, InvoiceStatus, InvoiceType } from '../../model.js';
import type { OperationContext } from '../../operations/context.js';
import { invoiceMonth } from '../../operations/invoiceMonth.js';
import type { InvoiceJson } from '../../render/json/invoice.js';
import { formatInstant } from '../../time/instant.js';
import type { Session } from '../context.js';
import { prepareFolder } from '../documentFiles.js';
import {
  changing,
  collect,
  examples,
  given,
  inputFromFile,
  integer,
  keyValues,
  oneOf,
  required,
  runQuery,
  runVerb,
  usage,
} from '../flags.js';
import { billWithSummary, invoiceColumns, invoiceShower, writeInvoices } from '../invoiceFiles.js';
import { printInvoice } from '../invoiceText.js';
import { printList } from '../output.js';
import { type PageFlags, paged, printPage } from '../paging.js';
import { registerVerify } from '../verifyCommand.js';

interface ListFlags extends PageFlags {
  readonly customer?: string;
  readonly subscription?: string;
  readonly status?: string;
  readonly type?: string;
}

interface ChangeFlags {
  readonly paymentStatus?: string;
  readonly metadata?: Record<string, string>;
  readonly generateCreditNote?: boolean;
  readonly creditAmount?: number;
  readonly refundAmount?: number;
  readonly dryRun?: boolean;
}

const statuses: readonly InvoiceStatus[] = ['draft', 'finalized', 'voided', 'closed', 'open'];
const types: readonly InvoiceType[] = ['subscription', 'one_off', 'credit', 'advance_charges', 'progressive_billing'];

export function register(program: Command, session: Session): void {
  const invoices = program
    .command('invoices')
    .summary('list, preview, finalize, void and download invoices')
    .description(
      'Invoices. `lago-cli bill` issues what is due; `invoices generate` is what a script calls each month.',
    );

  registerGenerate(invoices, session);
  registerPreview(invoices, session);
  registerCreate(invoices, session);

  paged(invoices.command('list'))
    .description('Lists invoices, customer by customer, oldest first.')
    .option('--customer <external_id>')
    .option('--subscription <external_id>', 'those that bill this subscription')
    .addOption(oneOf('--status <status>', 'closed and open ones are shown only when asked for', statuses))
    .addOption(oneOf('--type <type>', 'only these', types))
    .addHelpText('after', examples('invoices list --customer acme', 'invoices list --status draft -o csv'))
    .action(async (flags: ListFlags) => {
      const views = await import('../../operations/views.js');
      const fields = given({
        external_customer_id: flags.customer,
        external_subscription_id: flags.subscription,
        status: flags.status,
        invoice_type: flags.type,
      });
      await printPage(session, flags, {
        root: 'invoices',
        columns: invoiceColumns,
        empty: 'no invoices',
        read: (part) => runQuery(session, (context) => views.invoiceSummaries(context, { ...fields, ...part })),
      });
    });

  invoices
    .command('get')
    .argument('<invoice>', 'its number or lago_id')
    .description('Shows one invoice, line by line.')
    .addHelpText('after', examples('invoices get ACM-1234-001-003', 'invoices get ACM-1234-001-003 --json'))
    .action(async (named: string) => {
      const views = await import('../../operations/views.js');
      const shown = await runQuery(session, (context) => views.invoice(context, named));
      printInvoice(session, shown);
    });

  changing(invoices.command('finalize').argument('<invoice>', 'its number or lago_id'))
    .description('Makes a draft final before its grace period is over.')
    .addHelpText('after', examples('invoices finalize 7a6c4f1e-2f0b-5a3c-8d6e-1b2c3d4e5f60'))
    .action((invoice: string, flags: ChangeFlags) => change('finalize_invoice', { invoice }, flags));

  changing(invoices.command('refresh').argument('<invoice>', 'its number or lago_id'))
    .description('Computes a draft anew, with the events and definitions of now.')
    .addHelpText('after', examples('invoices refresh 7a6c4f1e-2f0b-5a3c-8d6e-1b2c3d4e5f60'))
    .action((invoice: string, flags: ChangeFlags) => change('refresh_invoice', { invoice }, flags));

  changing(invoices.command('void').argument('<invoice>', 'its number or lago_id'))
    .description('Voids an issued invoice. Its number is not given again.')
    .option('--generate-credit-note', 'give back what was paid, as a credit note')
    .option('--credit-amount <cents>', 'of the credit note: becomes credit', integer)
    .option('--refund-amount <cents>', 'of the credit note: is paid back', integer)
    .addHelpText('after', examples('invoices void ACM-1234-001-003 --dry-run'))
    .action((invoice: string, flags: ChangeFlags) =>
      change(
        'void_invoice',
        given({
          invoice,
          generate_credit_note: flags.generateCreditNote,
          credit_amount: flags.creditAmount,
          refund_amount: flags.refundAmount,
        }),
        flags,
      ),
    );

  changing(invoices.command('regenerate').argument('<invoice>', 'number or lago_id of a voided invoice'))
    .description(
      'Issues a new invoice in place of a voided one, with all its fees; every credit and tax is applied anew.',
    )
    .addHelpText('after', examples('invoices regenerate ACM-1234-001-003 --dry-run'))
    .action((invoice: string, flags: ChangeFlags) => change('regenerate_invoice', { invoice }, flags));

  changing(invoices.command('lose-dispute').argument('<invoice>', 'its number or lago_id'))
    .description('Notes that the dispute over the payment is lost: the invoice is not called overdue any more.')
    .addHelpText('after', examples('invoices lose-dispute ACM-1234-001-003'))
    .action((invoice: string, flags: ChangeFlags) => change('lose_invoice_dispute', { invoice }, flags));

  changing(invoices.command('update').argument('<invoice>', 'its number or lago_id'))
    .description('Sets the payment status or the metadata of an issued invoice.')
    .addOption(oneOf('--payment-status <status>', 'what became of it', ['pending', 'succeeded', 'failed']))
    .option('--metadata <key=value>', 'several times; replaces what was there', keyValues)
    .addHelpText('after', examples('invoices update ACM-1234-001-003 --payment-status succeeded'))
    .action((invoice: string, flags: ChangeFlags) => {
      const metadata = Object.entries(flags.metadata ?? {}).map(([key, value]) => ({ key, value }));
      return change(
        'update_invoice',
        given({
          invoice,
          payment_status: flags.paymentStatus,
          metadata: flags.metadata === undefined ? undefined : metadata,
        }),
        flags,
      );
    });

  registerVerify(invoices, session);

  invoices
    .command('download')
    .argument('<invoices...>', 'numbers or lago_ids')
    .option('--out <dir>', 'the folder', 'invoices')
    .description('Writes invoices as JSON and PDF, by their numbers.')
    .addHelpText('after', examples('invoices download ACM-1234-001-003 --out invoices'))
    .action(async (named: string[], flags: { out: string }) => {
      const views = await import('../../operations/views.js');
      const found = await runQuery(session, (context) =>
        named.map((each) => {
          const { record } = views.invoiceNamed(context, each);
          if (record.status === 'draft') throw isDraft(each);
          return record;
        }),
      );
      await writeInvoices(session, found, flags.out);
    });

  async function change(verb: string, input: { invoice?: unknown }, flags: ChangeFlags): Promise<void> {
    const views = await import('../../operations/views.js');
    const view = (context: OperationContext, result: Invoice) => views.invoice(context, result.id);
    const shown = await runVerb<Invoice, InvoiceJson>(session, { verb, input, dryRun: flags.dryRun, view });
    printInvoice(session, shown);
  }
}

function isDraft(named: string): BillingError {
  return new BillingError('is_draft', {
    message: `invoice ${named} is a draft: it has no document yet`,
    suggestion: 'Finalize it with `lago-cli invoices finalize`, or look at it with `lago-cli invoices get`.',
  });
}

function registerGenerate(invoices: Command, session: Session): void {
  changing(invoices.command('generate'))
    .description(
      'Bills what is due, then writes each invoice of the period as JSON and PDF. An invoice is of the month in which ' +
        'the usage period that it bills ends; invoices without usage, of the month that they are dated in.',
    )
    .requiredOption('--period <YYYY-MM>', 'the month')
    .option('--out <dir>', 'the folder', 'invoices')
    .option('--customer <external_id>', 'only this customer')
    .addHelpText('after', examples('invoices generate --period 2026-10 --out invoices'))
    .action(async (flags: { period: string; out: string; customer?: string; dryRun?: boolean }) => {
      if (!/^\d{4}-(0[1-9]|1[0-2])$/.test(flags.period)) throw usage('--period is a month, such as 2026-10');
      if (formatInstant(session.at()).slice(0, 7) <= flags.period) {
        session.note(`${session.colors.yellow('warning')} ${flags.period} is not over: later usage is not billed yet`);
      }
      const fields = given({ external_customer_id: flags.customer });
      const isOfMonth = (invoice: Invoice, account: Account) => invoiceMonth(invoice, account) === flags.period;
      const nothing = `no invoices of ${flags.period}`;
      if (flags.dryRun !== true) prepareFolder(flags.out);
      const { shown } = await billWithSummary(session, { input: fields, dryRun: flags.dryRun, isShown: isOfMonth });
      if (flags.dryRun === true) {
        printList(session, 'invoices', shown, invoiceColumns, nothing);
        return;
      }
      const { invoiceRecords } = await import('../../operations/views.js');
      const show = await invoiceShower(session);
      const found = await runQuery(session, (context) => {
        const ofMonth = invoiceRecords(context, fields, (record, account) =>
          isOfMonth(record, account) ? record : [],
        );
        const invoices = ofMonth.flat();
        return { invoices, shown: show(context, invoices) };
      });
      printList(session, 'invoices', found.shown, invoiceColumns, nothing);
      await writeInvoices(session, found.invoices, flags.out);
    });
}

function registerPreview(invoices: Command, session: Session): void {
  invoices
    .command('preview')
    .description(
      'Shows the invoice that would be: the next one, the last one after a termination, or the first of a plan.',
    )
    .option('--customer <external_id>', 'all their active subscriptions, or with --plan a new one')
    .option('--subscription <external_id>', 'several times for one invoice together', collect)
    .option('--plan <code>', 'a plan to start, or to change to')
    .addOption(oneOf('--billing-time <time>', 'of the plan that would start', ['calendar', 'anniversary']))
    .option('--subscription-at <instant>', 'when the plan would start')
    .option('--terminated-at <instant>', 'when the subscription would end')
    .addHelpText(
      'after',
      examples(
        'invoices preview --subscription acme-pro',
        'invoices preview --customer acme',
        'invoices preview --customer acme --plan pro --json',
      ),
    )
    .action(async (flags: Record<string, string> & { subscription?: string[] }) => {
      const views = await import('../../operations/usageViews.js');
      const subscriptions =
        flags.subscription ?? (flags.plan === undefined ? await activeOf(flags.customer) : undefined);
      const fields = given({
        external_customer_id: flags.customer,
        external_subscription_ids: subscriptions,
        plan_code: flags.plan,
        billing_time: flags.billingTime,
        subscription_at: flags.subscriptionAt,
        terminated_at: flags.terminatedAt,
      });
      const shown = await runQuery(session, (context) => views.previewInvoice(context, fields));
      printInvoice(session, shown);
    });

  async function activeOf(customer: string | undefined): Promise<string[]> {
    if (customer === undefined) throw usage('name --subscription, --customer or --plan: see --help for an example');
    const views = await import('../../operations/views.js');
    const fields = { external_customer_id: customer, status: 'active' };
    const active = await runQuery(session, (context) => views.subscriptions(context, fields));
    if (active.length > 0) return active.map(({ external_id }) => external_id);
    throw usage(`customer ${JSON.stringify(customer)} has no active subscription`, 'Name the --plan that would start.');
  }
}

function registerCreate(invoices: Command, session: Session): void {
  changing(invoices.command('create'))
    .description('Issues a one-off invoice of add-ons.')
    .option('--customer <external_id>')
    .option('--currency <code>')
    .option('--add-on <code[=units]>', 'several times', collect)
    .option('--from-json <file>', 'the whole input as JSON; - is stdin')
    .addHelpText('after', examples('invoices create --customer acme --add-on setup --add-on training=3'))
    .action(
      async (flags: {
        customer?: string;
        currency?: string;
        addOn?: string[];
        fromJson?: string;
        dryRun?: boolean;
      }) => {
        const file = inputFromFile(flags.fromJson, 'invoice');
        const named = flags.customer ?? (file.external_customer_id as string | undefined);
        const customer = await required(session, named, '--customer', 'Which customer?');
        const fees = (flags.addOn ?? []).map((each) => {
          const [code, units] = each.split('=');
          return given({ add_on_code: code, units });
        });
        const input = {
          ...file,
          ...given({
            external_customer_id: customer,
            currency: flags.currency,
            fees: fees.length > 0 ? fees : undefined,
          }),
        };
        const views = await import('../../operations/views.js');
        const view = (context: OperationContext, result: Invoice) => views.invoice(context, result.id);
        const run = { verb: 'create_invoice', input, dryRun: flags.dryRun, view };
        const shown = await runVerb<Invoice, InvoiceJson>(session, run);
        printInvoice(session, shown);
      },
    );
}
