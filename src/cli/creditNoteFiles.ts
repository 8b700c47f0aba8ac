/** `credit-notes download`: one JSON and one PDF file each, named by number. */
import { join, resolve } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { BillingError } from '../errors.js';
import { safeJson } from '../render/printable.js';
import type { Session } from './context.js';
import { definitionsByHash, logos, prepareFolder, safeName } from './documentFiles.js';
import { counted } from './output.js';
import { writeWhole } from './wholeFile.js';

/** All are found before the first is written. The issuer and the definitions are those of the invoice. */
export async function writeCreditNotes(session: Session, named: readonly string[], folder: string): Promise<void> {
  const [{ renderCreditNotePdf }, views] = await Promise.all([
    import('../render/pdf/creditNote.js'),
    import('../operations/creditViews.js'),
  ]);
  const context = await session.context();
  const definitionsOf = await definitionsByHash(context);
  const logoOf = logos(session);
  const found = named.map((each) => views.creditNoteNamed(context, each));
  for (const { record } of found) if (record.status === 'draft') throw isDraft(record.number);
  prepareFolder(folder);
  for (const { account, record, invoice } of found) {
    const json = views.creditNoteView(account, record);
    const path = join(resolve(folder), safeName(record.number));
    const { issuer, catalogHash } = invoice;
    writeWhole(`${path}.json`, `${safeJson({ credit_note: json }, 2)}\n`);
    writeWhole(
      `${path}.pdf`,
      renderCreditNotePdf(json, issuer, { definitions: definitionsOf(catalogHash), logo: logoOf(issuer.logo) }),
    );
    await setImmediate();
  }
  session.note(`wrote ${counted(found.length, 'credit note')} to ${folder}, as JSON and PDF`);
}

function isDraft(number: string): BillingError {
  return new BillingError('is_draft', {
    message: `credit note ${number} is of a draft invoice: it has no document yet`,
    suggestion: 'Finalize the invoice with `lago-cli invoices finalize`.',
  });
}
