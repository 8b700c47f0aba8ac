/** `ingest`: the same as `events ingest`. */
import type { Command } from 'commander';
import type { Session } from '../context.js';
import { addIngest } from '../ingestCommand.js';

export function register(program: Command, session: Session): void {
  addIngest(program.command('ingest').summary('the same as `events ingest`'), session);
}
