/** `journal`: every operation that changed the ledger, in order. */
import type { Command } from 'commander';
import { formatInstantMs } from '../../time/instant.js';
import type { Session } from '../context.js';
import { examples, integer } from '../flags.js';
import { printList } from '../output.js';

export function register(program: Command, session: Session): void {
  program
    .command('journal')
    .summary('every operation that changed the ledger')
    .description('Lists every operation that changed the ledger: when, which verb, and with what input.')
    .option('--limit <count>', 'only the latest', integer)
    .option('--verb <verb>', 'only this verb')
    .addHelpText('after', examples('journal --limit 20', 'journal --verb bill -o ndjson'))
    .action(async (flags: { limit?: number; verb?: string }) => {
      const { ledger } = await session.context();
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
