/** `subscriptions`: customers on plans. */
import { type Command, Option } from 'commander';
import type { SubscriptionJson } from '../../render/json/subscription.js';
import type { Session } from '../context.js';
import { changing, examples, given, inputFromFile, required, runQuery, runVerb, usage } from '../flags.js';
import { type Columns, printList, printOne } from '../output.js';
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

export function register(program: Command, session: Session): void {
  const subscriptions = program
    .command('subscriptions')
    .summary('subscribe customers to plans')
    .description('Customers on plans. What a start, a change or an end bills at once is issued by the same command.');

  changing(subscriptions.command('create').argument('[external_id]', 'your own id of the subscription; events name it'))
    .description('Subscribes a customer to a plan. With the id of an active subscription it is a change of plan.')
    .option('--customer <external_id>', 'the customer')
    .option('--plan <code>', 'the plan')
    .option('--billing-time <calendar|anniversary>', 'whether periods follow the calendar or the start')
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
    .option('--on-termination-credit-note <credit|refund|offset|skip>')
    .option('--on-termination-invoice <generate|skip>')
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
    .addOption(new Option('--status <status>', 'which one, where both bear the id').choices(['active', 'pending']))
    .option('--on-termination-credit-note <credit|refund|offset|skip>')
    .option('--on-termination-invoice <generate|skip>')
    .addHelpText('after', examples('subscriptions terminate acme-pro --on-termination-credit-note skip'))
    .action(async (external_id: string, flags: SubscriptionFlags) => {
      const input = { external_id, ...attributes(flags), ...given({ status: flags.status }) };
      await change('terminate_subscription', external_id, input, flags.dryRun);
    });

  subscriptions
    .command('list')
    .description('Lists subscriptions, customer by customer, oldest first.')
    .option('--customer <external_id>')
    .addOption(new Option('--status <status>').choices(['pending', 'active', 'terminated', 'canceled']))
    .addHelpText('after', examples('subscriptions list --customer acme --status active'))
    .action(async (flags: SubscriptionFlags) => {
      const fields = given({ external_customer_id: flags.customer, status: flags.status });
      printList(session, 'subscriptions', await list(fields), columns, 'no subscriptions');
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
