/** `subscriptions`: customers on plans. */
import type { Command } from 'commander';
import type { BillingTime, SubscriptionStatus, TerminationCreditNote, TerminationInvoice } from '../../model.js';
import type { SubscriptionJson } from '../../render/json/subscription.js';
import type { Session } from '../context.js';
import { changing, examples, given, inputFromFile, oneOf, required, runQuery, runVerb, usage } from '../flags.js';
import { type Columns, printOne } from '../output.js';
import { type PageFlags, paged, printPage } from '../paging.js';
import { registerChange, registerTimeline } from './subscriptionLife.js';

const columns: Columns<SubscriptionJson> = [
  { path: 'external_id', header: 'external id', shrinks: false },
  { path: 'external_customer_id', header: 'customer' },
  { path: 'plan_code', header: 'plan' },
  { path: 'status', header: 'status', shrinks: false },
  { path: 'billing_time', header: 'billing', shrinks: false },
  { path: 'started_at', header: 'started', shrinks: false },
  { path: 'current_billing_period_ending_at', header: 'period ends', shrinks: false },
  { path: 'terminated_at', header: 'terminated', shrinks: false },
];

interface SubscriptionFlags {
  readonly customer?: string;
  readonly plan?: string;
  readonly name?: string;
  readonly billingTime?: string;
  readonly subscriptionAt?: string;
  readonly endingAt?: string;
  readonly overrides?: string;
  readonly status?: string;
  readonly onTerminationCreditNote?: string;
  readonly onTerminationInvoice?: string;
  readonly dryRun?: boolean;
}

const statuses: readonly SubscriptionStatus[] = ['pending', 'active', 'terminated', 'canceled'];
const billingTimes: readonly BillingTime[] = ['calendar', 'anniversary'];
const creditNotes: readonly TerminationCreditNote[] = ['credit', 'refund', 'offset', 'skip'];
const terminationInvoices: readonly TerminationInvoice[] = ['generate', 'skip'];

export function register(program: Command, session: Session): void {
  const subscriptions = program
    .command('subscriptions')
    .summary('subscribe customers to plans')
    .description('Customers on plans. What a start, a change or an end bills at once is issued by the same command.');

  changing(subscriptions.command('create').argument('[external_id]', 'your own id of the subscription; events name it'))
    .description('Subscribes a customer to a plan. With the id of an active subscription it is a change of plan.')
    .option('--customer <external_id>', 'the customer')
    .option('--plan <code>', 'the plan')
    .addOption(oneOf('--billing-time <time>', 'whether periods follow the calendar or the start', billingTimes))
    .option('--subscription-at <instant>', 'when it starts; the future waits, the past is backdated')
    .option('--ending-at <instant>', 'when it ends')
    .option('--name <text>', 'shown on invoices')
    .option('--overrides <file>', 'JSON with plan_overrides')
    .addHelpText(
      'after',
      examples('subscriptions create acme-pro --customer acme --plan pro --billing-time anniversary'),
    )
    .action(async (given_: string | undefined, flags: SubscriptionFlags) => {
      const external_id = await required(session, given_, 'external_id', 'Your id of the subscription');
      const customer = await required(session, flags.customer, '--customer', 'Which customer?', () => customerIds());
      const plan = await required(session, flags.plan, '--plan', 'Which plan?', () => planCodes());
      const input = { external_id, external_customer_id: customer, plan_code: plan, ...attributes(flags) };
      await change('create_subscription', external_id, input, flags.dryRun);
    });

  changing(subscriptions.command('update').argument('<external_id>'))
    .description('Changes what is given. --plan changes the plan: dearer at once, cheaper at the end of the period.')
    .option('--plan <code>', 'another plan')
    .option('--name <text>')
    .option('--ending-at <instant>')
    .option('--subscription-at <instant>', 'while pending')
    .option('--overrides <file>', 'JSON with plan_overrides')
    .addOption(oneOf('--on-termination-credit-note <what>', 'what becomes of days paid in advance', creditNotes))
    .addOption(oneOf('--on-termination-invoice <what>', 'the last invoice', terminationInvoices))
    .addHelpText('after', examples('subscriptions update acme-pro --ending-at 2027-01-01'))
    .action(async (external_id: string, flags: SubscriptionFlags) => {
      if (Object.keys(flags).every((flag) => flag === 'dryRun')) throw usage('name what to change: see --help');
      if (flags.plan === undefined) {
        await change('update_subscription', external_id, { external_id, ...attributes(flags) }, flags.dryRun);
        return;
      }
      const [standing] = (await list({ external_id })).slice(-1);
      const customer = standing?.external_customer_id;
      const input = { external_id, external_customer_id: customer, plan_code: flags.plan, ...attributes(flags) };
      await change('create_subscription', external_id, input, flags.dryRun);
    });

  changing(subscriptions.command('terminate').argument('<external_id>'))
    .description('Ends a subscription now: final invoice, and a credit note for what was paid in advance.')
    .addOption(oneOf('--status <status>', 'which one, where both bear the id', ['active', 'pending']))
    .addOption(oneOf('--on-termination-credit-note <what>', 'what becomes of days paid in advance', creditNotes))
    .addOption(oneOf('--on-termination-invoice <what>', 'the last invoice', terminationInvoices))
    .addHelpText('after', examples('subscriptions terminate acme-pro --on-termination-credit-note skip'))
    .action(async (external_id: string, flags: SubscriptionFlags) => {
      const input = { external_id, ...attributes(flags), ...given({ status: flags.status }) };
      await change('terminate_subscription', external_id, input, flags.dryRun);
    });

  paged(subscriptions.command('list'))
    .description('Lists subscriptions, customer by customer, oldest first.')
    .option('--customer <external_id>')
    .addOption(oneOf('--status <status>', 'only these', statuses))
    .addHelpText('after', examples('subscriptions list --customer acme --status active'))
    .action(async (flags: SubscriptionFlags & PageFlags) => {
      const fields = given({ external_customer_id: flags.customer, status: flags.status });
      await printPage(session, flags, {
        root: 'subscriptions',
        columns,
        empty: 'no subscriptions',
        read: (part) => list({ ...fields, ...part }),
      });
    });

  subscriptions
    .command('get')
    .argument('<external_id>')
    .description('Shows the newest subscription with this id.')
    .addHelpText('after', examples('subscriptions get acme-pro --json'))
    .action(async (external_id: string) => {
      const shown = (await list({ external_id })).at(-1) as SubscriptionJson;
      printOne(session, 'subscription', shown);
    });

  registerTimeline(subscriptions, session);
  registerChange(subscriptions, session, planCodes);

  async function list(fields: Record<string, unknown>): Promise<SubscriptionJson[]> {
    const views = await import('../../operations/views.js');
    return runQuery(session, (context) => views.subscriptions(context, fields));
  }

  async function change(verb: string, external_id: string, input: unknown, dryRun: boolean | undefined): Promise<void> {
    const views = await import('../../operations/views.js');
    const shown = await runVerb(session, {
      verb,
      input,
      dryRun,
      view: (context) => views.subscriptions(context, { external_id }).at(-1) as SubscriptionJson,
    });
    printOne(session, 'subscription', shown);
  }

  async function customerIds(): Promise<string[]> {
    const { ledger } = await session.context();
    return ledger.customers().map((customer) => customer.externalId);
  }

  async function planCodes(): Promise<string[]> {
    return [...(await session.catalog()).plans.keys()];
  }
}

function attributes(flags: SubscriptionFlags): Record<string, unknown> {
  const overrides = flags.overrides === undefined ? undefined : inputFromFile(flags.overrides, 'plan_overrides');
  return given({
    name: flags.name,
    billing_time: flags.billingTime,
    subscription_at: flags.subscriptionAt,
    ending_at: flags.endingAt,
    on_termination_credit_note: flags.onTerminationCreditNote,
    on_termination_invoice: flags.onTerminationInvoice,
    plan_overrides: overrides,
  });
}
