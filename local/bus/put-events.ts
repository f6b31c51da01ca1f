import { randomUUID } from 'node:crypto';
import * as z from 'zod/mini';
import { ServiceException } from '../aws-json-server.ts';

const entrySchema = z.object({
  Source: z.optional(z.string()),
  DetailType: z.optional(z.string()),
  Detail: z.optional(z.string()),
  EventBusName: z.optional(z.string()),
  /** Seconds since 1970. */
  Time: z.optional(z.number()),
});
const requestSchema = z.object({ Entries: z.array(entrySchema) });
const detailSchema = z.record(z.string(), z.unknown());

type Entry = z.infer<typeof entrySchema>;

/** An event as rules and their targets receive it. */
export interface BusEvent {
  readonly version: '0';
  readonly id: string;
  readonly 'detail-type': string;
  readonly source: string;
  readonly account: string;
  readonly time: string;
  readonly region: string;
  readonly resources: readonly string[];
  readonly detail: Readonly<Record<string, unknown>>;
}

interface EntryError {
  readonly ErrorCode: string;
  readonly ErrorMessage: string;
}

const MAX_ENTRIES = 10;
/** https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-putevents.html */
const MAX_BYTES = 262_144;
const TIME_BYTES = 14;

/**
 * Reads a PutEvents request: the events that the bus accepted, and the response. A refused entry stops no other; one
 * for a bus that does not exist gets the response of any other and is dropped, as EventBridge does.
 *
 * @throws ServiceException for a request that is refused as a whole.
 */
export function putEvents(
  body: string,
  bus: { readonly name: string; readonly region: string; readonly now: Date },
) {
  const { Entries } = parseRequest(body);
  const accepted: BusEvent[] = [];
  const results = Entries.map((entry) => {
    const event = readEntry(entry, bus);
    if ('ErrorCode' in event) return event;
    if ((entry.EventBusName ?? 'default').split('/').at(-1) === bus.name) accepted.push(event);
    return { EventId: event.id };
  });
  const FailedEntryCount = results.filter((result) => 'ErrorCode' in result).length;
  return { accepted, response: { FailedEntryCount, Entries: results } };
}

function parseRequest(body: string): z.infer<typeof requestSchema> {
  const request = requestSchema.parse(JSON.parse(body));
  const { length } = request.Entries;
  if (length < 1 || length > MAX_ENTRIES) {
    const bound = length < 1 ? 'greater than or equal to 1' : `less than or equal to ${MAX_ENTRIES}`;
    throw new ServiceException(
      'ValidationException',
      `1 validation error detected: Value at 'entries' failed to satisfy constraint: Member must have length ${bound}`,
    );
  }
  if (request.Entries.reduce((sum, entry) => sum + entryBytes(entry), 0) >= MAX_BYTES) {
    throw new ServiceException(
      'ValidationException',
      'Total size of the entries in the request is over the limit.',
    );
  }
  return request;
}

function entryBytes({ Source = '', DetailType = '', Detail = '', Time }: Entry): number {
  const bytes = [Source, DetailType, Detail].reduce((sum, text) => sum + Buffer.byteLength(text), 0);
  return bytes + (Time === undefined ? 0 : TIME_BYTES);
}

function readEntry(entry: Entry, { region, now }: { region: string; now: Date }): BusEvent | EntryError {
  const { Source = '', DetailType = '', Detail = '', Time } = entry;
  for (const [name, value] of Object.entries({ Source, DetailType, Detail })) {
    if (value.trim() !== '') continue;
    const ErrorMessage = `Parameter ${name} is not valid. Reason: ${name} is a required argument.`;
    return { ErrorCode: 'InvalidArgument', ErrorMessage };
  }
  const detail = parseDetail(Detail);
  if (!detail) return { ErrorCode: 'MalformedDetail', ErrorMessage: 'Detail is malformed.' };
  const time = Time === undefined ? now : new Date(Time * 1000);
  return {
    version: '0',
    id: randomUUID(),
    'detail-type': DetailType,
    source: Source,
    account: '000000000000',
    time: `${time.toISOString().slice(0, 19)}Z`,
    region,
    resources: [],
    detail,
  };
}

function parseDetail(detail: string): Record<string, unknown> | undefined {
  try {
    return detailSchema.safeParse(JSON.parse(detail)).data;
  } catch {
    return undefined;
  }
}
