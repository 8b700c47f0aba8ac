/** `customers`: the people and companies that are billed. */
import type { Command } from 'commander';
import type { Customer } from '../../model.js';
import type { CustomerJson } from '../../render/json/customer.js';
import type { InvoiceSummaryJson } from '../../render/json/invoice.js';
import type { Session } from '../context.js';
import {
  changing,
  count,
  examples,
  given,
  inputFromFile,
  integer,
  keyValues,
  required,
  runQuery,
  runVerb,
  usage,
} from '../flags.js';
import { type Columns, money, printList, printOne } from '../output.js';
import { type PageFlags, paged, printPage } from '../paging.js';
import { printCurrentUsage } from '../usageText.js';
import { registerImport } from './customerImport.js';

const columns: Columns<CustomerJson> = [
  { path: 'external_id', header: 'external id', shrinks: false },
  { path: 'name', header: 'name' },
  { path: 'slug', header: 'slug', shrinks: false },
  { path: 'currency', header: 'currency', shrinks: false },
  { path: 'applicable_timezone', header: 'time zone' },
  { path: 'email', header: 'email' },
  { path: 'country', header: 'country', shrinks: false },
];

interface CustomerFlags {
  readonly name?: string;
  readonly email?: string;
  readonly currency?: string;
  readonly timezone?: string;
  readonly legalName?: string;
  readonly legalNumber?: string;
  readonly taxIdentificationNumber?: string;
  readonly addressLine1?: string;
  readonly addressLine2?: string;
  readonly city?: string;
  readonly state?: string;
  readonly zipcode?: string;
  readonly country?: string;
  readonly netPaymentTerm?: number;
  readonly invoiceGracePeriod?: number;
  readonly documentLocale?: string;
  readonly taxCodes?: string;
  readonly metadata?: Record<string, string>;
  readonly fromJson?: string;
  readonly dryRun?: boolean;
}

export function register(program: Command, session: Session): void {
  const customers = program
    .command('customers')
    .summary('create and change customers, see their usage')
    .description('The people and companies that are billed.');

  withAttributes(changing(customers.command('create').argument('[external_id]', 'your own id of the customer')))
    .description('Creates a customer.')
    .addHelpText(
      'after',
      examples('customers create acme --name "Acme Inc." --currency USD --timezone America/New_York'),
    )
    .action(async (externalId: string | undefined, flags: CustomerFlags) => {
      const file = inputFromFile(flags.fromJson, 'customer');
      const named = externalId ?? (file.external_id as string | undefined);
      const external_id = await required(session, named, 'external_id', 'Your id of the customer');
      const input = { ...file, ...attributes(flags), external_id };
      await change('create_customer', external_id, input, flags.dryRun);
    });

  withAttributes(changing(customers.command('update').argument('<external_id>')))
    .description('Changes the attributes that are given, and no others.')
    .addHelpText('after', examples('customers update acme --net-payment-term 30'))
    .action(async (external_id: string, flags: CustomerFlags) => {
      if (Object.keys(flags).every((flag) => flag === 'dryRun')) throw usage('name what to change: see --help');
      const input = { ...inputFromFile(flags.fromJson, 'customer'), ...attributes(flags), external_id };
      await change('update_customer', external_id, input, flags.dryRun);
    });

  registerImport(customers, session);

  paged(customers.command('list'))
    .description('Lists the customers, oldest first.')
    .addHelpText('after', examples('customers list -o csv', 'customers list --limit 100 --page 2'))
    .action(async (flags: PageFlags) => {
      const views = await import('../../operations/views.js');
      await printPage(session, flags, {
        root: 'customers',
        columns,
        empty: 'no customers yet',
        read: (part) => runQuery(session, (context) => views.customers(context, { ...part })),
      });
    });

  customers
    .command('get')
    .argument('<external_id>')
    .description('Shows one customer.')
    .addHelpText('after', examples('customers get acme --json'))
    .action(async (externalId: string) => {
      const views = await import('../../operations/views.js');
      printOne(session, 'customer', await runQuery(session, (context) => views.customer(context, externalId)));
    });

  changing(customers.command('delete').argument('<external_id>'))
    .description('Deletes a customer: active subscriptions are terminated and billed first.')
    .addHelpText('after', examples('customers delete acme --dry-run'))
    .action(async (external_id: string, flags: CustomerFlags) => {
      const views = await import('../../operations/views.js');
      const before = await runQuery(session, (context) => views.customer(context, external_id));
      const run = { verb: 'delete_customer', input: { external_id }, dryRun: flags.dryRun };
      const issued = await runVerb<Customer, InvoiceSummaryJson[]>(session, { ...run, view: views.invoicesIssuedNow });
      printOne(session, 'customer', before);
      for (const { number, total_amount_cents: cents, currency } of issued) {
        session.note(`issued ${number}: ${money(cents, currency)}`);
      }
    });

  customers
    .command('current-usage')
    .argument('<external_id>')
    .requiredOption('--subscription <external_id>', 'the subscription')
    .description('Shows the usage of the running period, priced.')
    .addHelpText('after', examples('customers current-usage acme --subscription acme-pro'))
    .action((external_customer_id: string, flags: { subscription: string }) =>
      printCurrentUsage(session, flags.subscription, { external_customer_id }),
    );

  customers
    .command('past-usage')
    .argument('<external_id>')
    .requiredOption('--subscription <external_id>', 'the subscription')
    .option('--periods <count>', 'only the latest periods', count)
    .description('Shows the usage of invoiced periods, newest first.')
    .addHelpText('after', examples('customers past-usage acme --subscription acme-pro --periods 3'))
    .action(async (external_customer_id: string, flags: { subscription: string; periods?: number }) => {
      const views = await import('../../operations/usageViews.js');
      const { subscription: external_subscription_id, periods: periods_count } = flags;
      const fields = { external_customer_id, external_subscription_id, periods_count };
      printList(session, 'usage_periods', await runQuery(session, (context) => views.pastUsage(context, fields)), [
        { path: 'from_datetime', header: 'from', shrinks: false },
        { path: 'to_datetime', header: 'to', shrinks: false },
        { path: 'amount_cents', header: 'amount (cents)', align: 'right' },
        { path: 'taxes_amount_cents', header: 'taxes (cents)', align: 'right' },
        { path: 'total_amount_cents', header: 'total (cents)', align: 'right' },
        { path: 'currency', header: 'currency' },
      ]);
    });

  async function change(verb: string, externalId: string, input: unknown, dryRun: boolean | undefined): Promise<void> {
    const views = await import('../../operations/views.js');
    const shown = await runVerb(session, {
      verb,
      input,
      dryRun,
      view: (context) => views.customer(context, externalId),
    });
    printOne(session, 'customer', shown);
  }
}

function withAttributes(command: Command): Command {
  return command
    .option('--name <text>')
    .option('--email <text>', 'one or more, separated by commas')
    .option('--currency <code>', 'ISO 4217')
    .option('--timezone <zone>', 'IANA name, such as Europe/Paris')
    .option('--legal-name <text>')
    .option('--legal-number <text>')
    .option('--tax-identification-number <text>')
    .option('--address-line1 <text>')
    .option('--address-line2 <text>')
    .option('--city <text>')
    .option('--state <text>')
    .option('--zipcode <text>')
    .option('--country <code>', 'ISO 3166-1 alpha-2')
    .option('--net-payment-term <days>', 'days until an invoice is due', integer)
    .option('--invoice-grace-period <days>', 'days that an invoice stays a draft', integer)
    .option('--document-locale <code>', 'language of the documents')
    .option('--tax-codes <codes>', 'taxes of this customer, separated by commas')
    .option('--metadata <key=value>', 'several times', keyValues)
    .option('--from-json <file>', 'the whole input as JSON; flags win; - is stdin');
}

function attributes(flags: CustomerFlags): Record<string, unknown> {
  const billing = given({
    invoice_grace_period: flags.invoiceGracePeriod,
    document_locale: flags.documentLocale,
  });
  const metadata = Object.entries(flags.metadata ?? {}).map(([key, value]) => ({
    key,
    value,
    display_in_invoice: false,
  }));
  return given({
    name: flags.name,
    email: flags.email,
    currency: flags.currency,
    timezone: flags.timezone,
    legal_name: flags.legalName,
    legal_number: flags.legalNumber,
    tax_identification_number: flags.taxIdentificationNumber,
    address_line1: flags.addressLine1,
    address_line2: flags.addressLine2,
    city: flags.city,
    state: flags.state,
    zipcode: flags.zipcode,
    country: flags.country,
    net_payment_term: flags.netPaymentTerm,
    tax_codes: flags.taxCodes?.split(',').map((code) => code.trim()),
    metadata: metadata.length === 0 ? undefined : metadata,
    billing_configuration: Object.keys(billing).length === 0 ? undefined : billing,
  });
}
