/** What every operation gets: the ledger, the definitions, and the instant that stands for now. */
import type { Catalog } from '../catalog/types.js';
import type { Ledger } from '../ledger/types.js';
import type { Instant } from '../time/instant.js';

export interface OperationContext {
  readonly ledger: Ledger;
  readonly catalog: Catalog;
  /** The clock of the operation. Nothing below the command layer reads another. */
  readonly at: Instant;
  /** Told how many customers of a long operation are done. */
  readonly onProgress?: (done: number, total: number) => void;
}
