/**
 * The verbs that expect: what each looks at, through the same views that the commands print with `--json`, and what it
 * states about it. Source: the scenario format, "Verbs that expect".
 */
import { invalid, notSupported } from '../errors.js';
import type { OperationContext } from '../operations/context.js';
import * as creditViews from '../operations/creditViews.js';
import { estimateFees } from '../operations/estimateFees.js';
import * as usageViews from '../operations/usageViews.js';
import * as views from '../operations/views.js';
import { type Difference, differences } from './match.js';

type Fields = Readonly<Record<string, unknown>>;

/** Every difference between what the step states and what the ledger answers at this instant. */
export function expect(context: OperationContext, verb: string, fields: Fields): Difference[] {
  switch (verb) {
    case 'expect_invoices':
      return expectList(fields, views.invoices(context, fields));
    case 'expect_fees':
      return expectList(fields, views.fees(context, fields));
    case 'expect_credit_notes':
      return expectList(fields, creditViews.creditNotes(context, fields));
    case 'expect_applied_coupons':
      return expectList(fields, creditViews.appliedCoupons(context, fields));
    case 'expect_past_usage':
      return expectList(fields, usageViews.pastUsage(context, fields));
    case 'expect_estimate':
      return expectList(fields, estimateFees(context, fields));
    case 'expect_subscription':
      return expectSubscription(fields, views.subscriptions(context, fields));
    case 'expect_usage':
      return differences(fields.match, usageViews.currentUsage(context, fields), 'match');
    case 'expect_preview':
      return differences(fields.match, usageViews.previewInvoice(context, fields), 'match');
    case 'expect_wallet':
      return expectWallet(context, fields);
    default:
      throw notSupported(`the verb ${verb}`);
  }
}

function expectList(fields: Fields, actual: readonly unknown[]): Difference[] {
  const found: Difference[] = [];
  if (fields.count !== undefined) found.push(...differences(fields.count, actual.length, 'count'));
  if (fields.first !== undefined) found.push(...differences(fields.first, actual[0], 'first'));
  if (fields.last !== undefined) found.push(...differences(fields.last, actual.at(-1), 'last'));
  if (fields.all !== undefined) found.push(...differences(fields.all, actual, 'all', true));
  return found;
}

function expectSubscription(fields: Fields, oldestFirst: readonly unknown[]): Difference[] {
  const found: Difference[] = [];
  if (fields.match !== undefined) found.push(...differences(fields.match, oldestFirst.at(-1), 'match'));
  if (fields.all !== undefined) found.push(...differences(fields.all, oldestFirst, 'all', true));
  return found;
}

function expectWallet(context: OperationContext, fields: Fields): Difference[] {
  const found: Difference[] = [];
  if (fields.match === undefined && fields.transactions === undefined) {
    throw invalid({ field: 'match', code: 'value_is_mandatory', message: 'expect_wallet states nothing' });
  }
  if (fields.match !== undefined)
    found.push(...differences(fields.match, creditViews.wallet(context, fields), 'match'));
  if (fields.transactions !== undefined) {
    const actual = creditViews.walletTransactions(context, fields);
    found.push(...differences(fields.transactions, actual, 'transactions', true));
  }
  return found;
}
