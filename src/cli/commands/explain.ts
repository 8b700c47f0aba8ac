/** `explain WHAT`: the arithmetic of an invoice, a subscription's next invoice, or one event, which `events explain` names. */
import type { Command } from 'commander';
import { notFound } from '../../errors.js';
import type { Explanation } from '../../experiments/explain/explanation.js';
import type { OperationContext } from '../../operations/context.js';
import type { Session } from '../context.js';
import { examples, integer } from '../flags.js';
import { printDocument, tableOptions } from '../output.js';

interface ExplainFlags {
  readonly fee?: number;
  readonly events?: number | true;
}

/** Events listed of each fee where no number is given. */
const USUAL_EVENTS = 100;

export function register(program: Command, session: Session): void {
  program
    .command('explain')
    .summary('the arithmetic of every figure')
    .description(
      'Explains an invoice (by its number), a subscription and its next invoice (by its external id), or an event (by its ' +
        'transaction id): windows, events, units, tiers, proration, roundings, coupons, taxes. Every line re-adds.',
    )
    .argument('<what>', 'invoice number or lago_id, subscription external id, or transaction id')
    .option('--fee <place>', 'only this fee of the invoice, from 1', integer)
    .option('--events [count]', `list the events behind each fee (default: ${USUAL_EVENTS} of each)`, integer)
    .addHelpText(
      'after',
      examples(
        'explain NW-001-002',
        'explain NW-001-002 --fee 2 --events',
        'explain sub_acme',
        'explain tx-0001 --json',
      ),
    )
    .action(async (what: string, flags: ExplainFlags) => {
      const events = flags.events === true ? USUAL_EVENTS : (flags.events ?? 0);
      await printExplanation(session, await explain(session, what, { events, fee: flags.fee ?? null }));
    });
}

/** `events explain`: what became of an event, whatever else bears its id. */
export function registerExplainEvent(events: Command, session: Session): void {
  events
    .command('explain')
    .argument('<transaction_id>')
    .description(
      'Says what became of one event: its metric, subscription, charge, filter and group, the invoice that counted it, or ' +
        'why none did.',
    )
    .addHelpText('after', examples('events explain tx-0001', 'events explain tx-0001 --json'))
    .action(async (transactionId: string) => {
      const [{ explainTransaction }, { rehearse }, { eventNamed }] = await Promise.all([
        import('../../experiments/explain/transactionExplanation.js'),
        import('../../experiments/rehearsal.js'),
        import('../../operations/eventViews.js'),
      ]);
      const found = rehearse(await session.context(), (context) => {
        return explainTransaction(context, eventNamed(context, transactionId));
      });
      await printExplanation(session, found);
    });
}

async function printExplanation(session: Session, found: Explanation): Promise<void> {
  const [{ explanationJson }, { renderExplanation }] = await Promise.all([
    import('../../experiments/explain/explanation.js'),
    import('../../experiments/explain/explanationText.js'),
  ]);
  const text = renderExplanation(found, tableOptions(session));
  printDocument(session, { explanation: explanationJson(found) }, text);
}

async function explain(
  session: Session,
  what: string,
  options: { events: number; fee: number | null },
): Promise<Explanation> {
  const [{ rehearse }, views, { explainInvoice }, { explainSubscription }, { explainTransaction, isNothingFound }] =
    await Promise.all([
      import('../../experiments/rehearsal.js'),
      import('../../operations/views.js'),
      import('../../experiments/explain/invoiceExplanation.js'),
      import('../../experiments/explain/subscriptionExplanation.js'),
      import('../../experiments/explain/transactionExplanation.js'),
    ]);
  const invoiceOf = (context: OperationContext) => {
    try {
      return views.invoiceNamed(context, what);
    } catch (error) {
      if (isNothingFound(error)) return null;
      throw error;
    }
  };
  return rehearse(await session.context(), (context) => {
    const named = invoiceOf(context);
    if (named !== null) return explainInvoice(context, named.account, named.record, options);
    const account = context.ledger.accountOfSubscription(what);
    if (account !== undefined) return explainSubscription(context, account, what, options);
    const event = context.ledger.event(what);
    if (event !== undefined) return explainTransaction(context, event);
    throw notFound('invoice', what, 'It is no invoice, no subscription and no transaction of this ledger.');
  });
}
