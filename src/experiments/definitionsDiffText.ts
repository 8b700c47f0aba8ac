/** Changes of definitions on a terminal and as Markdown: subjects as headings, `part  before → after  +25 %` below. */
import { renderMarkdown } from '../render/list.js';
import { printable } from '../render/printable.js';
import { displayWidth, palette, type TableOptions } from '../render/table.js';
import type { DefinitionChange } from './definitionsDiff.js';

export function renderDiff(changes: readonly DefinitionChange[], options: TableOptions): string {
  if (changes.length === 0) return 'nothing that is billed changes';
  const paint = palette(options.colour);
  const blocks = [...bySubject(changes)].map(([subject, own]) => {
    const [first] = own;
    if (first?.part === null) {
      const sign = first.kind === 'added' ? paint.green('+') : paint.red('−');
      const text = first.after ?? first.before;
      return `${sign} ${paint.bold(printable(subject))}${text === null || text === '' ? '' : `\n    ${printable(text)}`}`;
    }
    const width = Math.max(...own.map((each) => displayWidth(each.part ?? '')));
    const lines = own.map(
      (each) =>
        `    ${printable(each.part ?? '').padEnd(width)}  ${paint.red(side(each.before))} → ${paint.green(side(each.after))}${percentText(each)}`,
    );
    return [`${paint.yellow('~')} ${paint.bold(printable(subject))}`, ...lines].join('\n');
  });
  return blocks.join('\n\n');
}

export function diffMarkdown(changes: readonly DefinitionChange[]): string {
  if (changes.length === 0) return 'Nothing that is billed changes.';
  const rows = changes.map((each) => {
    if (each.part === null) return [each.subject, each.kind, each.before ?? '', each.after ?? '', ''];
    return [each.subject, each.part, side(each.before), side(each.after), percentText(each).trim()];
  });
  return renderMarkdown(['what', 'part', 'before', 'after', 'change'], rows).trimEnd();
}

function bySubject(changes: readonly DefinitionChange[]): Map<string, DefinitionChange[]> {
  const groups = new Map<string, DefinitionChange[]>();
  for (const change of changes) groups.set(change.subject, [...(groups.get(change.subject) ?? []), change]);
  return groups;
}

function side(text: string | null): string {
  return text === null ? 'none' : printable(text);
}

function percentText({ percent }: DefinitionChange): string {
  if (percent === null || percent === 0) return '';
  return `  ${percent > 0 ? '+' : '−'}${Math.abs(percent)} %`;
}
