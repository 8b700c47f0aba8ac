/** The upper part of a document: title and logo, facts in two columns, sender and receiver, and the amount in large. */
import { preparedLogo } from './logo.js';
import type { Party } from './parties.js';
import { type Sheet, styles, type TextStyle } from './sheet.js';

export interface Fact {
  readonly label: string;
  readonly value: string;
}

export interface DocumentHead {
  readonly title: string;
  /** PNG or JPEG. */
  readonly logo: Buffer | null;
  readonly facts: readonly Fact[];
  /** The second column: what the customer wants to read on its invoices. */
  readonly customFacts: readonly Fact[];
  readonly parties: readonly { readonly caption: string; readonly party: Party }[];
  readonly headline: string;
  readonly notice: string;
}

const LOGO = { width: 150, height: 44 };
const LINE = 13;
const FACT_LABEL_WIDTH = 96;

export function drawHead(sheet: Sheet, head: DocumentHead): void {
  sheet.text(head.title, sheet.left, sheet.y + 22, styles.title);
  if (head.logo !== null) sheet.image(preparedLogo(head.logo), { right: sheet.right, y: sheet.y - 4, ...LOGO });
  sheet.y += 56;
  drawFacts(sheet, head);
  drawParties(sheet, head);
  sheet.rule(sheet.y);
  sheet.text(head.headline, sheet.left, sheet.y + 30, styles.headline);
  sheet.text(head.notice, sheet.left, sheet.y + 46, styles.label);
  sheet.rule(sheet.y + 60);
  sheet.y += 84;
}

function drawFacts(sheet: Sheet, head: DocumentHead): void {
  const half = columnWidth(sheet);
  const start = sheet.y;
  const column = (facts: readonly Fact[], x: number) => {
    let y = start;
    for (const fact of facts) {
      const label = sheet.wrap(fact.label, FACT_LABEL_WIDTH - 8, styles.label);
      const value = sheet.wrap(fact.value, half - FACT_LABEL_WIDTH, styles.body);
      for (const [index, line] of label.entries()) sheet.text(line, x, y + 9 + index * LINE, styles.label);
      for (const [index, line] of value.entries()) {
        sheet.text(line, x + FACT_LABEL_WIDTH, y + 9 + index * LINE, styles.body);
      }
      y += LINE * Math.max(label.length, value.length) + 1;
    }
    return y;
  };
  const left = column(head.facts, sheet.left);
  sheet.y = Math.max(left, column(head.customFacts, sheet.left + half + 24)) + 18;
}

function drawParties(sheet: Sheet, head: DocumentHead): void {
  const half = columnWidth(sheet);
  const start = sheet.y;
  const ends = head.parties.map(({ caption, party }, index) => {
    const x = sheet.left + index * (half + 24);
    let y = start + 9;
    sheet.text(caption, x, y, styles.label);
    y += 3;
    const print = (text: string, style: TextStyle) => {
      for (const line of sheet.wrap(text, half, style)) {
        y += LINE;
        sheet.text(line, x, y, style);
      }
    };
    print(party.name, styles.strong);
    for (const line of party.lines) print(line, styles.body);
    return y;
  });
  sheet.y = Math.max(...ends) + 22;
}

function columnWidth(sheet: Sheet): number {
  return (sheet.width - 24) / 2;
}
