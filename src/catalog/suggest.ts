/** "Did you mean": the known word nearest to a misspelt one, by edit distance; undefined when none is near. */
export function nearest(word: string, known: Iterable<string>): string | undefined {
  const limit = Math.max(1, Math.floor(word.length / 3));
  let best: string | undefined;
  let least = limit + 1;
  for (const candidate of known) {
    const distance = editDistance(word.toLowerCase(), candidate.toLowerCase(), least);
    if (distance < least) [best, least] = [candidate, distance];
  }
  return best;
}

/** A remedy for an unknown code: the nearest one, else a few that exist. */
export function suggestCode(word: string, known: Iterable<string>, noun: string): string {
  const codes = [...known];
  const near = nearest(word, codes);
  if (near !== undefined) return `Did you mean ${JSON.stringify(near)}?`;
  if (codes.length === 0) return `Define ${noun} with that code.`;
  const shown = codes.slice(0, 5).map((code) => JSON.stringify(code));
  return `Define it, or use one of ${shown.join(', ')}${codes.length > shown.length ? ', …' : ''}.`;
}

/** Letters added, left out, replaced, or swapped with the next; given up at `limit`. Words are short: keys and codes. */
function editDistance(a: string, b: string, limit: number): number {
  if (Math.abs(a.length - b.length) >= limit || a.length > 200) return limit;
  let beforePrevious: number[] = [];
  let previous = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i += 1) {
    const row = [i];
    for (let j = 1; j <= b.length; j += 1) {
      const substitution = (previous[j - 1] as number) + (a[i - 1] === b[j - 1] ? 0 : 1);
      const isSwapped = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1];
      const swap = isSwapped ? (beforePrevious[j - 2] as number) + 1 : substitution;
      row.push(Math.min((previous[j] as number) + 1, (row[j - 1] as number) + 1, substitution, swap));
    }
    beforePrevious = previous;
    previous = row;
  }
  return previous[b.length] as number;
}
