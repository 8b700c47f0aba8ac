/** The ledger's own small facts: the journal, the versions of the definitions, and settings. */

import type { Instant } from '../time/instant.js';
import { instant } from '../time/instant.js';
import { storedJson } from './ledgerErrors.js';
import { sha256 } from './sha256.js';
import type { Statements } from './statements.js';
import type { JournalEntry } from './types.js';

const LATEST_DEFINITIONS = 'latest_definitions';
const PAGE = 1_000;

export class Facts {
  readonly #statements: Statements;

  constructor(statements: Statements) {
    this.#statements = statements;
  }

  record(entry: Omit<JournalEntry, 'sequence'>): void {
    this.#statements
      .writing('INSERT INTO journal (at, verb, input) VALUES (?, ?, ?)')
      .run(entry.at, entry.verb, JSON.stringify(entry.input));
  }

  /** In pages, so that the reader may write between two entries. */
  *journal(): Iterable<JournalEntry> {
    let last = 0;
    for (;;) {
      const page = this.#statements.rows<readonly [number, number, string, string]>(
        `SELECT sequence, at, verb, input FROM journal WHERE sequence > ? ORDER BY sequence LIMIT ${PAGE}`,
        [last],
      );
      for (const [sequence, at, verb, input] of page) {
        yield { sequence, at: instant(at), verb, input: storedJson(input) };
        last = sequence;
      }
      if (page.length < PAGE) return;
    }
  }

  storeDefinitions(hash: string, content: string, at: Instant): void {
    if (this.latestDefinitionsHash() === hash) return;
    this.#statements
      .writing(
        'INSERT INTO definitions (hash, content, sha256, first_used_at) VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING',
      )
      .run(hash, content, sha256(content), at);
    this.putSetting(LATEST_DEFINITIONS, hash);
  }

  definitions(hash: string): string | undefined {
    return this.#statements.value<string>('SELECT content FROM definitions WHERE hash = ?', [hash]);
  }

  latestDefinitionsHash(): string | undefined {
    return this.setting(LATEST_DEFINITIONS);
  }

  setting(name: string): string | undefined {
    return this.#statements.value<string>('SELECT value FROM settings WHERE name = ?', [name]);
  }

  putSetting(name: string, value: string): void {
    this.#statements
      .writing(
        'INSERT INTO settings (name, value) VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value',
      )
      .run(name, value);
  }
}
