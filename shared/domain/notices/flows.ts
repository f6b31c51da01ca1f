import type { ConnectionEvent } from '../../messages/connection-event.ts';
import { quoted, summary } from './wording.ts';

/** The most flows that a notice names. */
const NAMED = 10;

/**
 * What it means for the flows, as a paragraph: `3 flows <many>: “a”, “b” and “c”.`; `<one>` for a single one.
 * None where the event does not tell the flows.
 */
export function flowsParagraph(
  { flows }: Pick<ConnectionEvent, 'flows'>,
  { one, many }: { readonly one: string; readonly many: string },
): readonly string[] {
  if (!flows) return [];
  if (flows.count === 0) return ['No flow uses it at the moment.'];
  const subject =
    flows.count === 1 ? `1 flow that uses it ${one}` : `${flows.count} flows that use it ${many}`;
  const named = flows.items.slice(0, NAMED).map(({ name }) => quoted(name));
  if (named.length === 0) return [`${subject}.`];
  const more = flows.count - named.length;
  return [`${subject}: ${summary(more > 0 ? [...named, `${more} more`] : named)}.`];
}
