/** `journal`: every operation that changed the ledger, in order. */
import type { Command } from 'commander';
import { formatInstantMs } from '../../time/instant.js';
import type { Session } from '../context.js';
import { count, examples, oneOf, usage } from '../flags.js';
import { printList } from '../output.js';

export function register(program: Command, session: Session): void {
  program
    .command('journal')
    .summary('every operation that changed the ledger')
    .description('Lists every operation that changed the ledger: when, which verb, and with what input.')
    .option('--limit <count>', 'only the latest', count)
    .option('--verb <verb>', 'only this verb')
    .addOption(oneOf('--as <form>', "a customer's history as a scenario file for `test`", ['scenario']))
    .option('--customer <external_id>', 'with --as scenario: whose history')
    .addHelpText(
      'after',
      examples(
        'journal --limit 20',
        'journal --verb bill -o ndjson',
        'journal --as scenario --customer acme > tests/acme.yaml',
      ),
    )
    .action(async (flags: { limit?: number; verb?: string; as?: string; customer?: string }) => {
      const { ledger } = await session.context();
      if (flags.as === 'scenario') {
        const { journalScenario } = await import('../../experiments/journalScenario.js');
        if (flags.customer === undefined) throw usage('--as scenario needs --customer');
        session.stdout.write(journalScenario(ledger, flags.customer));
        return;
      }
      if (flags.verb !== undefined) await checkVerb(flags.verb);
      const entries = [...ledger.journal()]
        .filter((entry) => flags.verb === undefined || entry.verb === flags.verb)
        .map(({ sequence, at, verb, input }) => ({ sequence, at: formatInstantMs(at), verb, input }));
      const shown = flags.limit === undefined ? entries : entries.slice(-flags.limit);
      printList(session, 'entries', shown, [
        { path: 'sequence', header: '#', align: 'right' },
        { path: 'at', header: 'at', shrinks: false },
        { path: 'verb', header: 'verb', shrinks: false },
        { path: 'input', header: 'input' },
      ]);
    });
}

async function checkVerb(verb: string): Promise<void> {
  const { operations } = await import('../../operations/verbs.js');
  const verbs = ['define', ...Object.keys(operations)];
  if (!verbs.includes(verb))
    throw usage(`there is no verb ${JSON.stringify(verb)}`, `Choose one of ${verbs.join(', ')}.`);
}
