/**
 * Prices are text in the catalog and decimals in a formula. A billing run prices the same charge for thousands of
 * subscriptions, so the text of one prices object is read once, and forgotten with the object.
 */
export function once<Source extends object, Parsed>(parse: (source: Source) => Parsed): (source: Source) => Parsed {
  const known = new WeakMap<Source, Parsed>();
  return (source) => {
    const before = known.get(source);
    if (before !== undefined) return before;
    const parsed = parse(source);
    known.set(source, parsed);
    return parsed;
  };
}
