/** `invoices verify`: issued invoices computed again, and compared with what is stored. */
import type { Command } from 'commander';
import { exitCodes } from '../errors.js';
import type { Finding, VerifiedInvoices } from '../operations/verifyInvoices.js';
import type { Session } from './context.js';
import { examples, given, runQuery } from './flags.js';
import { printDocument } from './output.js';

const MEANINGS: Readonly<Record<Finding['kind'], string>> = {
  document_changed: 'is not what it was when it was issued',
  not_sealed: 'was issued without a seal: nobody can tell whether it changed',
  totals_differ: 'does not add up',
  fees_differ: 'comes to something else when its periods are computed again',
  late_usage: 'would be another with the usage that arrived after it',
};

export function registerVerify(invoices: Command, session: Session): void {
  invoices
    .command('verify')
    .description(
      'Computes every issued invoice again from the ledger and compares: what it said when it was issued, what its parts ' +
        'add up to, what its periods come to. Usage that arrived later is named, and is no finding.',
    )
    .option('--customer <external_id>', 'only this customer')
    .addHelpText(
      'after',
      `${examples('invoices verify', 'invoices verify --customer acme --json')}\n\nExit code 9 when something differs.`,
    )
    .action(async (flags: { customer?: string }) => {
      const { verifyInvoices } = await import('../operations/verifyInvoices.js');
      const fields = given({ external_customer_id: flags.customer });
      const result = await runQuery(session, (context) => verifyInvoices(context, fields));
      const { verified, findings, lateUsage } = result;
      printDocument(session, { verified, findings, late_usage: lateUsage }, describe(session, result));
      if (findings.length > 0) process.exitCode = exitCodes.findings;
    });
}

function describe({ colors }: Session, { verified, findings, lateUsage }: VerifiedInvoices): string {
  const lines = [...findings, ...lateUsage].flatMap((finding) => {
    const colour = finding.kind === 'late_usage' ? colors.yellow : colors.red;
    const differences = finding.deviations.map(
      ({ field, stored, derived }) => `  ${field}: ${String(stored)} stored, ${String(derived)} computed`,
    );
    return [`${colour(finding.number)} (${finding.external_customer_id}) ${MEANINGS[finding.kind]}`, ...differences];
  });
  return [...lines, `${verified} verified, ${findings.length} with findings, ${lateUsage.length} with late usage`].join(
    '\n',
  );
}
