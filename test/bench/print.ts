/** A claim that the bench checks. */
export interface Verdict {
  readonly passed: boolean;
  readonly claim: string;
}

/** Prints a heading. */
export function heading(text: string): void {
  process.stdout.write(`\n${text}\n${'='.repeat(text.length)}\n\n`);
}

/** Prints a line. */
export function say(text: string): void {
  process.stdout.write(`${text}\n`);
}

/** Prints rows in columns; the first one to the left, numbers to the right. */
export function table(head: readonly string[], rows: readonly (readonly (string | number)[])[]): void {
  const cells = [head, ...rows].map((row) => row.map(String));
  const widths = head.map((_, column) => Math.max(...cells.map((row) => (row[column] ?? '').length)));
  const line = (row: readonly string[]) =>
    row
      .map((cell, column) =>
        column === 0 ? cell.padEnd(widths[0] ?? 0) : cell.padStart(widths[column] ?? 0),
      )
      .join('  ');
  const [first = [], ...others] = cells;
  say([line(first), widths.map((width) => '-'.repeat(width)).join('  '), ...others.map(line)].join('\n'));
  say('');
}

/** Prints what was claimed and whether it holds. */
export function verdictLine({ passed, claim }: Verdict): void {
  say(`${passed ? 'PASS' : 'FAIL'}  ${claim}`);
}

export function number(value: number, digits = 2): string {
  return value.toLocaleString('en-US', { minimumFractionDigits: digits, maximumFractionDigits: digits });
}

/** The value that half of the others lie below. */
export function quantile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
}
