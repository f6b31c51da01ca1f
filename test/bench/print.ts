/** A claim that the bench checked. */
export interface Verdict {
  readonly passed: boolean;
  readonly claim: string;
}

/** Prints a heading. */
export function printHeading(text: string): void {
  process.stdout.write(`\n${text}\n${'='.repeat(text.length)}\n\n`);
}

/** Prints a line. */
export function printLine(text: string): void {
  process.stdout.write(`${text}\n`);
}

/** Prints rows in columns, the first one aligned left, the others right. */
export function printTable(head: readonly string[], rows: readonly (readonly (string | number)[])[]): void {
  const cells = [head, ...rows].map((row) => row.map(String));
  const widths = head.map((_, column) => Math.max(...cells.map((row) => (row[column] ?? '').length)));
  const line = (row: readonly string[]) =>
    row
      .map((cell, column) =>
        column === 0 ? cell.padEnd(widths[0] ?? 0) : cell.padStart(widths[column] ?? 0),
      )
      .join('  ');
  const [first = [], ...others] = cells;
  printLine(
    [line(first), widths.map((width) => '-'.repeat(width)).join('  '), ...others.map(line)].join('\n'),
  );
  printLine('');
}

/** Prints a claim and the result of its check. */
export function printVerdict({ passed, claim }: Verdict): void {
  printLine(`${passed ? 'PASS' : 'FAIL'}  ${claim}`);
}

/** Formats a number with a fixed number of decimals. */
export function formatNumber(value: number, digits = 2): string {
  return value.toLocaleString('en-US', { minimumFractionDigits: digits, maximumFractionDigits: digits });
}

/** Returns the quantile of values: 0.5 is the median, 1 the maximum. */
export function quantile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
}
