/** A plan in pricing words: its base fee, then what each charge and fixed charge costs. What a plan does without is left out. */
import type { Plan } from '../catalog/types.js';
import { printable } from '../render/printable.js';
import { displayWidth, palette, type TableOptions } from '../render/table.js';
import { chargeParts, fixedChargeParts, type Part, planParts } from './priceWords.js';

export function describePlan(plan: Plan, options: TableOptions): string {
  const { bold } = palette(options.colour);
  const block = (title: string, parts: readonly Part[]) => [bold(printable(title)), ...partLines(parts)].join('\n');
  return [
    block(`${plan.name} (${plan.code})`, planParts(plan)),
    ...plan.charges.map((charge) => block(`Charge ${charge.code}`, chargeParts(charge, plan.amountCurrency))),
    ...plan.fixedCharges.map((charge) => block(`Fixed charge ${charge.code}`, fixedChargeParts(charge))),
  ].join('\n\n');
}

function partLines(parts: readonly Part[]): string[] {
  const said = parts.filter(({ text }) => text !== 'none' && text !== 'no');
  const width = Math.max(...said.map(({ name }) => displayWidth(name)));
  return said.map(
    ({ name, text }) => `  ${printable(name)}${' '.repeat(width - displayWidth(name))}  ${printable(text)}`,
  );
}
