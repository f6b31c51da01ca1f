import { randomUUID } from 'node:crypto';
import * as z from 'zod/mini';
import { type EntryFault, type Envelope, entryBytes, entrySchema, readEntry } from './entry.ts';

/** A request that EventBridge refuses as a whole. */
export class RequestFault extends Error {
  readonly type: string;
  readonly status: number;

  constructor(type: string, message: string, status = 400) {
    super(message);
    this.name = 'RequestFault';
    this.type = type;
    this.status = status;
  }
}

const requestSchema = z.object({ Entries: z.array(entrySchema) });

const MAX_ENTRIES = 10;
const MAX_BYTES = 262_144;

interface PutEvents {
  /** What reached this bus, to be kept before it is answered. */
  readonly taken: readonly Envelope[];
  readonly answer: {
    readonly FailedEntryCount: number;
    readonly Entries: readonly ({ readonly EventId: string } | EntryFault)[];
  };
}

/**
 * What PutEvents makes of a request. Each entry stands for itself; one for a bus that is not there is answered
 * as any other, and dropped.
 *
 * @throws RequestFault for a request that is refused as a whole.
 */
export function putEvents(
  body: string,
  bus: { readonly name: string; readonly region: string; readonly now: Date },
): PutEvents {
  const { Entries } = parsed(body);
  if (Entries.length < 1 || Entries.length > MAX_ENTRIES) throw badCount(Entries.length);
  const bytes = Entries.reduce((sum, entry) => sum + entryBytes(entry), 0);
  if (bytes >= MAX_BYTES) {
    throw new RequestFault(
      'ValidationException',
      'Total size of the entries in the request is over the limit.',
    );
  }
  const taken: Envelope[] = [];
  const answers = Entries.map((entry) => {
    const read = readEntry(entry, { id: randomUUID(), now: bus.now, region: bus.region });
    if ('ErrorCode' in read) return read;
    if ((entry.EventBusName ?? 'default').split('/').at(-1) === bus.name) taken.push(read);
    return { EventId: read.id };
  });
  const FailedEntryCount = answers.filter((answer) => 'ErrorCode' in answer).length;
  return { taken, answer: { FailedEntryCount, Entries: answers } };
}

function parsed(body: string): z.infer<typeof requestSchema> {
  try {
    return requestSchema.parse(JSON.parse(body));
  } catch {
    throw new RequestFault('SerializationException', 'The request cannot be read.');
  }
}

function badCount(count: number): RequestFault {
  const bound = count < 1 ? 'greater than or equal to 1' : `less than or equal to ${MAX_ENTRIES}`;
  return new RequestFault(
    'ValidationException',
    `1 validation error detected: Value at 'entries' failed to satisfy constraint: Member must have length ${bound}`,
  );
}
