/** A backtest on a terminal, and as Markdown that a pull request comment can hold. */
import { markdownText } from '../render/list.js';
import { palette, renderTable, type TableOptions, type TableRow } from '../render/table.js';
import { type Backtest, best, type CurrencyTotals, type CustomerChange, worst } from './backtest.js';
import { bareAmount, changePercent, signedAmount, units } from './figures.js';

const WORST = 10;
const BEST = 5;
const BAR = 30;

export function renderBacktest(test: Backtest, title: string, options: TableOptions): string {
  const paint = palette(options.colour);
  const blocks = [`${paint.bold('Backtest')} ${test.span.from} to ${test.span.to}: ${title}`];
  for (const totals of test.totals) {
    blocks.push(totalsTable(test, totals, options), peopleSentence(totals));
    if (totals.payMore + totals.payLess > 0)
      blocks.push(`${paint.bold('Distribution of changes')}\n${distribution(totals)}`);
    const own = test.customers.filter((each) => each.currency === totals.currency);
    blocks.push(...ranked(`Largest increases, ${totals.currency}`, worst(own, WORST), options));
    blocks.push(...ranked(`Largest decreases, ${totals.currency}`, best(own, BEST), options));
  }
  if (test.identical) blocks.push(paint.green('No figure of any customer differs.'));
  if (test.leftOut.length > 0) blocks.push(paint.yellow(leftOutText(test)));
  blocks.push(paint.dim('Billed: fees less coupons and credit notes, without taxes.'));
  return blocks.join('\n\n');
}

function totalsTable({ byPlan }: Backtest, totals: CurrencyTotals, options: TableOptions): string {
  const { currency, wasCents, wouldBeCents } = totals;
  const row = (label: string, was: number, would: number) => [
    label,
    bareAmount(was, currency),
    bareAmount(would, currency),
    signedAmount(would - was, currency),
    changePercent(was, would),
  ];
  const rows: TableRow[] = byPlan
    .filter((each) => each.currency === currency)
    .map((each) => ({ cells: row(`fees of ${each.planCode}`, each.wasCents, each.wouldBeCents), style: 'detail' }));
  rows.push('rule', { cells: row(`billed, ${currency}`, wasCents, wouldBeCents), style: 'total' });
  const right = (header: string) => ({ header, align: 'right' as const });
  return renderTable([{ header: '' }, right('was'), right('would be'), right('change'), right('%')], rows, options);
}

function peopleSentence({ customers, payMore, payLess, same }: CurrencyTotals): string {
  return `${units(customers)} ${customers === 1 ? 'customer' : 'customers'}: ${units(payMore)} would pay more, ${units(payLess)} less, ${units(same)} the same`;
}

function distribution({ distribution: bands }: CurrencyTotals): string {
  const most = Math.max(...bands.map((band) => band.customers), 1);
  return bands
    .filter((band) => band.customers > 0)
    .map(
      ({ label, customers }) =>
        `${label.padStart(16)}  ${'█'.repeat(Math.max(1, Math.round((customers / most) * BAR)))} ${units(customers)}`,
    )
    .join('\n');
}

function ranked(title: string, customers: readonly CustomerChange[], options: TableOptions): string[] {
  if (customers.length === 0) return [];
  const right = (header: string) => ({ header, align: 'right' as const });
  const table = renderTable(
    [{ header: 'customer' }, right('was'), right('would be'), right('change'), right('%')],
    customers.map(changeCells),
    options,
  );
  return [`${palette(options.colour).bold(title)}\n${table}`];
}

function changeCells({
  externalCustomerId,
  name,
  currency,
  wasCents,
  wouldBeCents,
  changeCents,
}: CustomerChange): string[] {
  return [
    name === null ? externalCustomerId : `${externalCustomerId} (${name})`,
    bareAmount(wasCents, currency),
    bareAmount(wouldBeCents, currency),
    signedAmount(changeCents, currency),
    changePercent(wasCents, wouldBeCents),
  ];
}

function leftOutText({ leftOut }: Backtest): string {
  const lines = leftOut.slice(0, 5).map(({ at, verb, externalCustomerId, message, code }) => {
    return `  ${at} ${verb}${externalCustomerId === null ? '' : ` (${externalCustomerId})`}: ${message} (${code})`;
  });
  const more = leftOut.length > 5 ? [`  and ${leftOut.length - 5} more`] : [];
  return [
    `${units(leftOut.length)} steps of the history are refused under the other prices, and left out:`,
    ...lines,
    ...more,
  ].join('\n');
}

export function backtestMarkdown(test: Backtest, title: string): string {
  const lines = [`### Backtest ${test.span.from} to ${test.span.to}`, '', markdownText(title), ''];
  for (const totals of test.totals) {
    const { currency, wasCents, wouldBeCents } = totals;
    lines.push(`| ${currency} | was | would be | change | % |`, '| --- | ---: | ---: | ---: | ---: |');
    lines.push(
      markdownRow([
        '**billed**',
        bareAmount(wasCents, currency),
        bareAmount(wouldBeCents, currency),
        signedAmount(wouldBeCents - wasCents, currency),
        changePercent(wasCents, wouldBeCents),
      ]),
    );
    for (const each of test.byPlan.filter((row) => row.currency === currency)) {
      lines.push(
        markdownRow([
          `fees of ${markdownText(each.planCode)}`,
          bareAmount(each.wasCents, currency),
          bareAmount(each.wouldBeCents, currency),
          signedAmount(each.wouldBeCents - each.wasCents, currency),
          changePercent(each.wasCents, each.wouldBeCents),
        ]),
      );
    }
    lines.push('', `${peopleSentence(totals)}.`, '');
    if (totals.payMore + totals.payLess > 0) {
      lines.push(
        '| change | customers |',
        '| --- | ---: |',
        ...totals.distribution
          .filter((band) => band.customers > 0)
          .map((band) => markdownRow([band.label, units(band.customers)])),
        '',
      );
    }
    const own = worst(
      test.customers.filter((each) => each.currency === currency),
      WORST,
    );
    if (own.length > 0) {
      lines.push(
        '<details><summary>Largest increases</summary>',
        '',
        '| customer | was | would be | change | % |',
        '| --- | ---: | ---: | ---: | ---: |',
        ...own.map((each) => markdownRow(changeCells(each).map(markdownText))),
        '',
        '</details>',
        '',
      );
    }
  }
  if (test.identical) lines.push('No figure of any customer differs.', '');
  if (test.leftOut.length > 0) lines.push('```', leftOutText(test), '```', '');
  return lines.join('\n').trimEnd();
}

function markdownRow(cells: readonly string[]): string {
  return `| ${cells.join(' | ')} |`;
}

export function backtestJson(test: Backtest, title: string) {
  const change = (each: CustomerChange) => ({
    external_customer_id: each.externalCustomerId,
    name: each.name,
    currency: each.currency,
    was_amount_cents: each.wasCents,
    would_be_amount_cents: each.wouldBeCents,
    change_amount_cents: each.changeCents,
    change_percent: each.changePercent,
    identical: each.identical,
  });
  return {
    title,
    from: test.span.from,
    to: test.span.to,
    identical: test.identical,
    totals: test.totals.map((each) => ({
      currency: each.currency,
      customers: each.customers,
      was_amount_cents: each.wasCents,
      would_be_amount_cents: each.wouldBeCents,
      change_amount_cents: each.wouldBeCents - each.wasCents,
      pay_more: each.payMore,
      pay_less: each.payLess,
      same: each.same,
      distribution: each.distribution,
    })),
    plans: test.byPlan.map((each) => ({
      plan_code: each.planCode,
      currency: each.currency,
      was_amount_cents: each.wasCents,
      would_be_amount_cents: each.wouldBeCents,
    })),
    worst: worst(test.customers, WORST).map(change),
    customers: test.customers.map(change),
    left_out: test.leftOut.map((each) => ({
      sequence: each.sequence,
      at: each.at,
      verb: each.verb,
      external_customer_id: each.externalCustomerId,
      code: each.code,
      message: each.message,
    })),
  };
}
