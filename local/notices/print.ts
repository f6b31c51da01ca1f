import type { ReceivedNotice } from './topic.ts';

/** A notice as lines for a terminal, each marked as one. */
export function printed({ subject, text }: ReceivedNotice): string {
  const lines = [subject, ...text.split('\n').filter((line) => line !== '')];
  return lines.map((line, index) => `${index === 0 ? 'NOTICE ' : '       '}${line}\n`).join('');
}
