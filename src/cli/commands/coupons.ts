/** `coupons`: discounts, and who has them. */
import type { Command } from 'commander';
import { definitionNamed } from '../../catalog/named.js';
import type { AppliedCouponJson } from '../../render/json/appliedCoupon.js';
import { type CouponJson, couponJson } from '../../render/json/coupon.js';
import type { Session } from '../context.js';
import { changing, examples, given, integer, oneOf, runVerb, usage } from '../flags.js';
import { type Columns, money, printOne } from '../output.js';
import { type PageFlags, paged, printPage } from '../paging.js';

const columns: Columns<CouponJson> = [
  { path: 'code', header: 'code', shrinks: false },
  { path: 'name', header: 'name' },
  { path: 'coupon_type', header: 'type', shrinks: false },
  {
    path: 'amount_cents',
    header: 'amount',
    align: 'right',
    show: (coupon) => money(coupon.amount_cents, coupon.amount_currency),
  },
  { path: 'percentage_rate', header: 'percent', align: 'right' },
  { path: 'frequency', header: 'frequency', shrinks: false },
  { path: 'expiration_at', header: 'expires', shrinks: false },
];

const appliedColumns: Columns<AppliedCouponJson> = [
  { path: 'external_customer_id', header: 'customer' },
  { path: 'coupon_code', header: 'coupon', shrinks: false },
  { path: 'status', header: 'status', shrinks: false },
  {
    path: 'amount_cents',
    header: 'amount',
    align: 'right',
    show: (coupon) => money(coupon.amount_cents, coupon.amount_currency),
  },
  { path: 'percentage_rate', header: 'percent', align: 'right' },
  { path: 'frequency', header: 'frequency', shrinks: false },
];

interface CouponFlags {
  readonly customer: string;
  readonly amountCents?: number;
  readonly percentageRate?: string;
  readonly frequency?: string;
  readonly frequencyDuration?: number;
  readonly applied?: boolean;
  readonly dryRun?: boolean;
}

export function register(program: Command, session: Session): void {
  const coupons = program
    .command('coupons')
    .summary('list coupons and apply them to customers')
    .description('Discounts written in the definition files, and the customers who have them.');

  paged(coupons.command('list'))
    .description('Lists the coupons of the definition files; with --applied, the coupons that customers have.')
    .option('--applied', 'the coupons that customers have')
    .option('--customer <external_id>', 'with --applied: only this customer')
    .addHelpText('after', examples('coupons list', 'coupons list --applied --customer acme'))
    .action(async (flags: Partial<CouponFlags> & PageFlags) => {
      if (flags.applied === true) {
        const fields = given({ external_customer_id: flags.customer });
        return printPage(session, flags, {
          root: 'applied_coupons',
          columns: appliedColumns,
          empty: 'no coupon is applied',
          read: (part) => applied({ ...fields, ...part }),
        });
      }
      if (flags.customer !== undefined) throw usage('--customer needs --applied');
      const { coupons: defined } = await session.catalog();
      return printPage(session, flags, {
        root: 'coupons',
        columns,
        empty: 'no coupons in the definition files',
        read: async ({ offset = 0, limit = defined.size }) =>
          [...defined.values()].slice(offset, offset + limit).map((coupon) => couponJson(coupon)),
      });
    });

  coupons
    .command('get')
    .argument('<code>')
    .description('Shows one coupon of the definition files.')
    .addHelpText('after', examples('coupons get welcome --json'))
    .action(async (code: string) => {
      const coupon = definitionNamed((await session.catalog()).coupons, 'coupon', code);
      printOne(session, 'coupon', couponJson(coupon));
    });

  changing(coupons.command('apply').argument('<coupon>', 'its code'))
    .description('Gives a coupon to a customer: the next invoices are reduced by it.')
    .requiredOption('--customer <external_id>', 'the customer')
    .option('--amount-cents <cents>', 'another amount than the coupon says', integer)
    .option('--percentage-rate <percent>', 'another rate')
    .addOption(oneOf('--frequency <frequency>', 'another frequency', ['once', 'recurring', 'forever']))
    .option('--frequency-duration <periods>', 'for recurring: how many invoices', integer)
    .addHelpText('after', examples('coupons apply welcome --customer acme'))
    .action(async (coupon_code: string, flags: CouponFlags) => {
      const input = given({
        external_customer_id: flags.customer,
        coupon_code,
        amount_cents: flags.amountCents,
        percentage_rate: flags.percentageRate,
        frequency: flags.frequency,
        frequency_duration: flags.frequencyDuration,
      });
      await change('apply_coupon', input, flags);
    });

  changing(coupons.command('remove').argument('<coupon>', 'its code'))
    .description('Takes a coupon away: later invoices are not reduced by it.')
    .requiredOption('--customer <external_id>', 'the customer')
    .addHelpText('after', examples('coupons remove welcome --customer acme'))
    .action(async (coupon_code: string, flags: CouponFlags) => {
      await change('remove_coupon', { external_customer_id: flags.customer, coupon_code }, flags);
    });

  async function applied(fields: Record<string, unknown>): Promise<AppliedCouponJson[]> {
    const [{ query }, views] = await Promise.all([
      import('../../operations/perform.js'),
      import('../../operations/creditViews.js'),
    ]);
    return query(await session.context(), (context) => views.appliedCoupons(context, fields));
  }

  async function change(verb: string, input: Record<string, unknown>, flags: CouponFlags): Promise<void> {
    const views = await import('../../operations/creditViews.js');
    const shown = await runVerb(session, {
      verb,
      input,
      dryRun: flags.dryRun,
      view: (context) =>
        views
          .appliedCoupons(context, { external_customer_id: flags.customer })
          .findLast((candidate) => candidate.coupon_code === input.coupon_code) as AppliedCouponJson,
    });
    printOne(session, 'applied_coupon', shown);
  }
}
