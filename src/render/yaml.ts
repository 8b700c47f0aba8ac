/** YAML that is safe on a terminal and still the same value: a text with unsafe characters is quoted and escaped. */
import { Document, type ToStringOptions, visit } from 'yaml';
import { escaped, isUnsafe } from './printable.js';

export function safeYaml(value: unknown, options: ToStringOptions = {}): string {
  const document = new Document(value, { aliasDuplicateObjects: false });
  visit(document, {
    Scalar(_key, node) {
      if (typeof node.value === 'string' && isUnsafe(node.value)) node.type = 'QUOTE_DOUBLE';
    },
  });
  return escaped(document.toString(options));
}
