/** Looks at the ledger through today's definitions and leaves no trace: an edit of the files is carried out, seen, undone. */
import type { OperationContext } from '../operations/context.js';
import { syncDefinitions } from '../operations/define.js';

class Seen {
  constructor(readonly shown: unknown) {}
}

export function rehearse<Shown>(context: OperationContext, view: (context: OperationContext) => Shown): Shown {
  try {
    return context.ledger.transaction(() => {
      throw new Seen(view(syncDefinitions(context)));
    });
  } catch (thrown) {
    if (thrown instanceof Seen) return thrown.shown as Shown;
    throw thrown;
  }
}
