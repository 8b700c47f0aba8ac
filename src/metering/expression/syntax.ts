/**
 * The syntax tree of a billable metric's expression.
 *
 * A sum and a product are flat lists of signed terms rather than nested pairs, so that a tree is only as deep as its
 * parentheses, and a long sum cannot exhaust the stack.
 * Source: usage-and-pricing §2.6.
 */

export type ExpressionFunction = 'ceil' | 'floor' | 'round' | 'concat' | 'least' | 'greatest';

export type ExpressionNode =
  /** `text` as written; always `digits` or `digits.digits`. */
  | { readonly kind: 'number'; readonly text: string }
  | { readonly kind: 'string'; readonly text: string }
  | { readonly kind: 'code' }
  | { readonly kind: 'timestamp' }
  | { readonly kind: 'property'; readonly name: string }
  | { readonly kind: 'negation'; readonly operand: ExpressionNode }
  | { readonly kind: 'chain'; readonly first: ExpressionNode; readonly rest: readonly ChainLink[] }
  | { readonly kind: 'call'; readonly name: ExpressionFunction; readonly args: readonly ExpressionNode[] };

/** One more operand of a chain evaluated from left to right; all links of one chain have one precedence. */
export interface ChainLink {
  readonly operator: '+' | '-' | '*' | '/';
  readonly operand: ExpressionNode;
}

export interface Expression {
  /** As written. */
  readonly source: string;
  readonly root: ExpressionNode;
}
