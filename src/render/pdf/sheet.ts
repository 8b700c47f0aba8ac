/**
 * The paper of a document: A4 pages with margins, a cursor that moves down, text and rules at exact places, and page
 * numbers once all pages are there.
 *
 * The bytes depend on nothing but what is drawn: the creation date comes from the document, pdfkit derives the file's id
 * from it, and everything ends synchronously.
 */
import PDFDocument from 'pdfkit';
import { assert } from '../../errors.js';
import { type FontName, sharedFont, type Weight } from './fonts.js';
import { wrapText } from './lineBreaks.js';
import { textPieces, textWidth } from './textRuns.js';

export interface TextStyle {
  readonly size: number;
  readonly weight: Weight;
  readonly colour: string;
}

export interface SheetOptions {
  readonly title: string;
  readonly author: string;
  readonly createdAt: Date;
  /** BCP 47, for readers. */
  readonly language: string;
  /** False leaves page contents readable, for tests. */
  readonly compress?: boolean;
}

const colours = {
  ink: '#14181f',
  grey: '#667085',
  faint: '#98a2b3',
  rule: '#e4e7ec',
  strongRule: '#344054',
} as const;

export const styles = {
  title: { size: 21, weight: 'semiBold', colour: colours.ink },
  headline: { size: 17, weight: 'semiBold', colour: colours.ink },
  heading: { size: 11, weight: 'semiBold', colour: colours.ink },
  strong: { size: 9, weight: 'semiBold', colour: colours.ink },
  body: { size: 9, weight: 'regular', colour: colours.ink },
  label: { size: 9, weight: 'regular', colour: colours.grey },
  caption: { size: 8, weight: 'regular', colour: colours.grey },
  footer: { size: 7.5, weight: 'regular', colour: colours.faint },
} as const satisfies Record<string, TextStyle>;

const PAGE = { width: 595.28, height: 841.89 };
const MARGIN = { side: 52, top: 52, bottom: 64 };

export class Sheet {
  readonly left = MARGIN.side;
  readonly right = PAGE.width - MARGIN.side;
  readonly width = PAGE.width - 2 * MARGIN.side;
  readonly top = MARGIN.top;
  readonly bottom = PAGE.height - MARGIN.bottom;
  /** Where the next thing goes. */
  y = MARGIN.top;
  readonly #document: PDFKit.PDFDocument;
  readonly #fonts = new Set<FontName>();
  #colour: string | null = null;

  constructor(options: SheetOptions) {
    this.#document = new PDFDocument({
      size: [PAGE.width, PAGE.height],
      margin: 0,
      bufferPages: true,
      compress: options.compress ?? true,
      lang: options.language,
      // A standard font that is never drawn with would still cost its metrics: start without one.
      font: '',
      info: { Title: options.title, Author: options.author, CreationDate: options.createdAt, Producer: 'lago-cli' },
    });
  }

  /** Text with its baseline at `y`; `x` is its left edge, or its right edge when aligned right. */
  text(text: string, x: number, y: number, style: TextStyle, align: 'left' | 'right' = 'left'): void {
    const pieces = textPieces(text, style.weight);
    let at = align === 'left' ? x : x - pieces.reduce((sum, piece) => sum + piece.width, 0) * style.size;
    this.#useColour(style.colour);
    for (const piece of pieces) {
      this.#useFont(piece.font, style.size);
      const width = piece.width * style.size;
      // pdfkit measures what it prints unless it is told the width.
      const known = { lineBreak: false, baseline: 'alphabetic', textWidth: width, wordCount: 1 } as const;
      this.#document.text(piece.text, at, y, known);
      at += width;
    }
  }

  widthOf(text: string, style: TextStyle): number {
    return textWidth(text, style.weight) * style.size;
  }

  wrap(text: string, width: number, style: TextStyle): string[] {
    return wrapText(text, width / style.size, style.weight);
  }

  rule(y: number, options: { readonly from?: number; readonly to?: number; readonly strong?: boolean } = {}): void {
    this.#document
      .moveTo(options.from ?? this.left, y)
      .lineTo(options.to ?? this.right, y)
      .lineWidth(options.strong === true ? 0.8 : 0.5)
      .strokeColor(options.strong === true ? colours.strongRule : colours.rule)
      .stroke();
  }

  /** A PNG or JPEG inside the given box, against its right edge. */
  image(
    bytes: Buffer,
    box: { readonly right: number; readonly y: number; readonly width: number; readonly height: number },
  ): void {
    this.#document.image(bytes, box.right - box.width, box.y, {
      fit: [box.width, box.height],
      align: 'right',
      valign: 'center',
    });
  }

  hasRoom(height: number): boolean {
    return this.y + height <= this.bottom;
  }

  newPage(): void {
    this.#document.addPage();
    this.#colour = null;
    this.y = this.top;
  }

  /** Writes each page's foot, and ends the document. */
  finish(foot: (page: number, pages: number) => { readonly left: string; readonly right: string }): Buffer {
    const { count } = this.#document.bufferedPageRange();
    const y = PAGE.height - 36;
    for (let page = 0; page < count; page += 1) {
      this.#document.switchToPage(page);
      this.#colour = null;
      const { left, right } = foot(page + 1, count);
      this.rule(y - 14);
      this.text(left, this.left, y, styles.footer);
      this.text(right, this.right, y, styles.footer, 'right');
    }
    this.#document.end();
    const bytes: unknown = this.#document.read();
    assert(Buffer.isBuffer(bytes) && bytes.subarray(-6).toString('latin1') === '%%EOF\n', 'the document is whole');
    return bytes;
  }

  /** Each page starts with a colour of its own. */
  #useColour(colour: string): void {
    if (this.#colour === colour) return;
    this.#colour = colour;
    this.#document.fillColor(colour);
  }

  #useFont(name: FontName, size: number): void {
    if (!this.#fonts.has(name)) {
      this.#fonts.add(name);
      this.#document.registerFont(name, sharedFont(name) as never);
    }
    this.#document.font(name, size);
  }
}
