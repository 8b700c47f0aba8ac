/** `wallets`: prepaid credits that pay invoices. */
import type { Command } from 'commander';
import type { WalletJson } from '../../render/json/wallet.js';
import type { WalletTransactionJson } from '../../render/json/walletTransaction.js';
import type { Session } from '../context.js';
import { changing, examples, given, inputFromFile, integer, runQuery, runVerb } from '../flags.js';
import { type Columns, money, printOne } from '../output.js';
import { type PageFlags, paged, printPage } from '../paging.js';

const columns: Columns<WalletJson> = [
  { path: 'external_customer_id', header: 'customer' },
  { path: 'code', header: 'code', shrinks: false },
  { path: 'name', header: 'name' },
  { path: 'status', header: 'status', shrinks: false },
  { path: 'credits_balance', header: 'credits', align: 'right' },
  {
    path: 'balance_cents',
    header: 'balance',
    align: 'right',
    show: (wallet) => money(wallet.balance_cents, wallet.currency),
  },
  {
    path: 'ongoing_balance_cents',
    header: 'after usage',
    align: 'right',
    show: (wallet) => money(wallet.ongoing_balance_cents, wallet.currency),
  },
  { path: 'expiration_at', header: 'expires', shrinks: false },
];

const transactionColumns: Columns<WalletTransactionJson> = [
  { path: 'created_at', header: 'created', shrinks: false },
  { path: 'transaction_type', header: 'type', shrinks: false },
  { path: 'transaction_status', header: 'kind', shrinks: false },
  { path: 'status', header: 'status', shrinks: false },
  { path: 'credit_amount', header: 'credits', align: 'right' },
  { path: 'amount', header: 'amount', align: 'right' },
  { path: 'name', header: 'name' },
];

interface WalletFlags {
  readonly customer: string;
  readonly wallet?: string;
  readonly code?: string;
  readonly name?: string;
  readonly rate?: string;
  readonly currency?: string;
  readonly paid?: string;
  readonly granted?: string;
  readonly voided?: string;
  readonly expirationAt?: string;
  readonly priority?: number;
  readonly fromJson?: string;
  readonly dryRun?: boolean;
}

export function register(program: Command, session: Session): void {
  const wallets = program
    .command('wallets')
    .summary('prepaid credits')
    .description('Prepaid credits: bought or granted, and drawn on by later invoices.');

  changing(wallets.command('create'))
    .description('Creates a wallet and its first transactions.')
    .requiredOption('--customer <external_id>', 'the customer')
    .option('--rate <amount>', 'money of one credit')
    .option('--currency <code>')
    .option('--code <code>')
    .option('--name <text>')
    .option('--paid <credits>', 'credits that are bought')
    .option('--granted <credits>', 'credits that are given')
    .option('--expiration-at <instant>')
    .option('--priority <number>', '1 is used first', integer)
    .option('--from-json <file>', 'the whole input as JSON; flags win; - is stdin')
    .addHelpText('after', examples('wallets create --customer acme --rate 1.0 --currency USD --granted 100'))
    .action(async (flags: WalletFlags) => {
      const file = inputFromFile(flags.fromJson, 'wallet');
      const input = {
        rate_amount: '1.0',
        ...file,
        ...given({
          external_customer_id: flags.customer,
          rate_amount: flags.rate,
          currency: flags.currency,
          code: flags.code,
          name: flags.name,
          paid_credits: flags.paid,
          granted_credits: flags.granted,
          expiration_at: flags.expirationAt,
          priority: flags.priority,
        }),
      };
      const views = await import('../../operations/creditViews.js');
      const shown = await runVerb(session, {
        verb: 'create_wallet',
        input,
        dryRun: flags.dryRun,
        view: (context) => views.wallets(context, { external_customer_id: flags.customer }).at(-1) as WalletJson,
      });
      printOne(session, 'wallet', shown);
    });

  changing(wallets.command('top-up'))
    .description('Buys, grants or voids credits.')
    .requiredOption('--customer <external_id>', 'the customer')
    .option('--wallet <code>', 'which wallet, when there are several')
    .option('--paid <credits>', 'credits that are bought')
    .option('--granted <credits>', 'credits that are given')
    .option('--voided <credits>', 'credits that are taken back')
    .option('--name <text>', 'shown on the invoice')
    .addHelpText('after', examples('wallets top-up --customer acme --paid 50'))
    .action(async (flags: WalletFlags) => {
      const input = given({
        ...wanted(flags),
        paid_credits: flags.paid,
        granted_credits: flags.granted,
        voided_credits: flags.voided,
        name: flags.name,
      });
      await change('top_up_wallet', input, flags);
    });

  changing(wallets.command('update'))
    .description('Changes the terms of a wallet; its credits are top-ups.')
    .requiredOption('--customer <external_id>', 'the customer')
    .option('--wallet <code>', 'which wallet, when there are several')
    .option('--name <text>')
    .option('--expiration-at <instant>')
    .option('--priority <number>', '1 is used first', integer)
    .option('--from-json <file>', 'the whole input as JSON; flags win; - is stdin')
    .addHelpText('after', examples('wallets update --customer acme --wallet prepaid --priority 1'))
    .action(async (flags: WalletFlags) => {
      const terms = given({ name: flags.name, expiration_at: flags.expirationAt, priority: flags.priority });
      await change('update_wallet', { ...inputFromFile(flags.fromJson, 'wallet'), ...wanted(flags), ...terms }, flags);
    });

  changing(wallets.command('terminate'))
    .description('Ends a wallet: what is left of it pays nothing more.')
    .requiredOption('--customer <external_id>', 'the customer')
    .option('--wallet <code>', 'which wallet, when there are several')
    .addHelpText('after', examples('wallets terminate --customer acme --wallet prepaid'))
    .action(async (flags: WalletFlags) => change('terminate_wallet', wanted(flags), flags));

  paged(wallets.command('list'))
    .description('Lists wallets, customer by customer, oldest first.')
    .option('--customer <external_id>')
    .addHelpText('after', examples('wallets list --customer acme'))
    .action(async (flags: Partial<WalletFlags> & PageFlags) => {
      const views = await import('../../operations/creditViews.js');
      const fields = given({ external_customer_id: flags.customer });
      await printPage(session, flags, {
        root: 'wallets',
        columns,
        empty: 'no wallets',
        read: (part) => runQuery(session, (context) => views.wallets(context, { ...fields, ...part })),
      });
    });

  wallets
    .command('get')
    .description('Shows one wallet.')
    .requiredOption('--customer <external_id>', 'the customer')
    .option('--wallet <code>', 'which wallet, when there are several')
    .addHelpText('after', examples('wallets get --customer acme --json'))
    .action(async (flags: WalletFlags) => {
      const views = await import('../../operations/creditViews.js');
      printOne(session, 'wallet', await runQuery(session, (context) => views.wallet(context, wanted(flags))));
    });

  paged(wallets.command('transactions'))
    .description('Lists what came in and went out, oldest first.')
    .requiredOption('--customer <external_id>', 'the customer')
    .option('--wallet <code>', 'which wallet, when there are several')
    .addHelpText('after', examples('wallets transactions --customer acme'))
    .action(async (flags: WalletFlags & PageFlags) => {
      const views = await import('../../operations/creditViews.js');
      await printPage(session, flags, {
        root: 'wallet_transactions',
        columns: transactionColumns,
        empty: 'no transactions',
        read: (part) =>
          runQuery(session, (context) => views.walletTransactions(context, { ...wanted(flags), ...part })),
      });
    });

  async function change(verb: string, input: Record<string, unknown>, flags: WalletFlags): Promise<void> {
    const views = await import('../../operations/creditViews.js');
    const shown = await runVerb(session, {
      verb,
      input,
      dryRun: flags.dryRun,
      view: (context) => views.wallet(context, wanted(flags)),
    });
    printOne(session, 'wallet', shown);
  }
}

function wanted(flags: WalletFlags): Record<string, unknown> {
  return given({ external_customer_id: flags.customer, wallet: flags.wallet });
}
