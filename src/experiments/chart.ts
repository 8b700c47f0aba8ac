/**
 * A price curve drawn with characters: columns are units, rows are amounts, each plan has its own mark, so that it reads
 * without colour too. Where curves meet in one cell the later plan is on top; a steep rise is joined by a line.
 */
import { palette } from '../render/table.js';

export interface Series {
  readonly name: string;
  /** One value a column; null where there is none. */
  readonly values: readonly (number | null)[];
}

export interface ChartOptions {
  readonly height: number;
  readonly colour: boolean;
  readonly title: string;
  /** Texts of the axis: the value of a row, and of a column. */
  readonly yText: (value: number) => string;
  readonly xText: (column: number) => string;
  /** Columns to point at below the axis. */
  readonly marks: readonly number[];
}

const MARKS = ['●', '▲', '■', '◆', '○', '△', '□', '◇'];

export function markOf(index: number): string {
  return MARKS[index % MARKS.length] as string;
}

export function painter(colour: boolean): (index: number, text: string) => string {
  const paint = palette(colour);
  const colours = [paint.cyan, paint.yellow, paint.magenta, paint.green, paint.blue, paint.red];
  return (index, text) => (colours[index % colours.length] as (text: string) => string)(text);
}

export function drawChart(series: readonly Series[], options: ChartOptions): string {
  const { height, title, yText } = options;
  const paint = palette(options.colour);
  const colour = painter(options.colour);
  const width = Math.max(...series.map((each) => each.values.length));
  const top = niceCeiling(Math.max(...series.flatMap((each) => each.values.map((value) => value ?? 0)), 1e-9));
  const cells = Array.from({ length: height + 1 }, () => Array.from({ length: width }, () => ' '));
  const rowOf = (value: number) => height - Math.round((value / top) * height);
  for (const [index, { values }] of series.entries()) {
    let before: number | null = null;
    for (const [column, value] of values.entries()) {
      if (value === null) {
        before = null;
        continue;
      }
      const row = rowOf(value);
      const step = before === null || row < before ? 1 : -1;
      for (
        let between = row + step;
        before !== null && between !== before && Math.abs(row - before) > 1;
        between += step
      ) {
        (cells[between] as string[])[column] = colour(index, '│');
      }
      (cells[row] as string[])[column] = colour(index, markOf(index));
      before = row;
    }
  }
  const labels = cells.map((_, row) =>
    row % Math.max(1, Math.round(height / 5)) === 0 ? yText((top * (height - row)) / height) : '',
  );
  const labelWidth = Math.max(...labels.map((label) => label.length));
  const body = cells.map((row, index) => {
    const label = labels[index] as string;
    return `${paint.dim(`${label.padStart(labelWidth)} ${label === '' ? '│' : '┤'}`)}${row.join('').trimEnd()}`;
  });
  return [
    paint.bold(title),
    ...body,
    paint.dim(`${' '.repeat(labelWidth)} └${axisLine(width, options.marks)}`),
    paint.dim(`${' '.repeat(labelWidth)}  ${axisLabels(width, options.xText)}`),
  ].join('\n');
}

function axisLine(width: number, marks: readonly number[]): string {
  const line = Array.from({ length: width }, () => '─');
  for (const mark of marks) if (mark >= 0 && mark < width) line[mark] = '┴';
  return line.join('');
}

/** As many labels as fit: the first column, the last, and some between. */
function axisLabels(width: number, xText: (column: number) => string): string {
  let text = '';
  const widest = Math.max(xText(0).length, xText(width - 1).length);
  const count = Math.max(1, Math.min(5, Math.floor(width / (widest + 4))));
  for (let index = 0; index <= count; index += 1) {
    const column = Math.round(((width - 1) * index) / count);
    const label = xText(column);
    const start =
      index === count
        ? Math.max(width - label.length, text.length + 1)
        : index === 0
          ? 0
          : column - Math.floor(label.length / 2);
    text = text.padEnd(start) + label;
  }
  return text;
}

/** The next 1, 1.5, 2, 3, 4, 5 or 8 times a power of ten. */
function niceCeiling(value: number): number {
  const power = 10 ** Math.floor(Math.log10(value));
  const factor = [1, 1.5, 2, 3, 4, 5, 6, 8, 10].find((candidate) => candidate * power >= value) ?? 10;
  return factor * power;
}
