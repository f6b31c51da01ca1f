import * as z from 'zod/mini';

/** An entry of PutEvents as it is sent; its time is seconds since 1970. */
export const entrySchema = z.object({
  Source: z.optional(z.string()),
  DetailType: z.optional(z.string()),
  Detail: z.optional(z.string()),
  EventBusName: z.optional(z.string()),
  Resources: z.optional(z.array(z.string())),
  Time: z.optional(z.number()),
});

export type Entry = z.infer<typeof entrySchema>;

/** An event as rules and their targets see it. */
export interface Envelope {
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

/** Why an entry is not taken. */
export interface EntryFault {
  readonly ErrorCode: string;
  readonly ErrorMessage: string;
}

const detailSchema = z.record(z.string(), z.unknown());

/** The event of an entry, or the fault that EventBridge answers for it. */
export function readEntry(
  entry: Entry,
  stamp: { readonly id: string; readonly now: Date; readonly region: string },
): Envelope | EntryFault {
  const { Source = '', DetailType = '', Detail = '', Resources = [], Time } = entry;
  for (const [name, value] of Object.entries({ Source, DetailType, Detail })) {
    if (value.trim() === '')
      return invalid(`Parameter ${name} is not valid. Reason: ${name} is a required argument.`);
  }
  if (Source.startsWith('aws.')) {
    return { ErrorCode: 'NotAuthorizedForSourceException', ErrorMessage: 'Not authorized for the source.' };
  }
  const detail = detailOf(Detail);
  if (!detail) return { ErrorCode: 'MalformedDetail', ErrorMessage: 'Detail is malformed.' };
  const time = Time === undefined ? stamp.now : new Date(Time * 1000);
  return {
    version: '0',
    id: stamp.id,
    'detail-type': DetailType,
    source: Source,
    account: '000000000000',
    time: `${time.toISOString().slice(0, 19)}Z`,
    region: stamp.region,
    resources: Resources,
    detail,
  };
}

/** What an entry counts for. https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-putevents.html */
export function entryBytes({
  Source = '',
  DetailType = '',
  Detail = '',
  Resources = [],
  Time,
}: Entry): number {
  const texts = [Source, DetailType, Detail, ...Resources];
  return texts.reduce((sum, text) => sum + Buffer.byteLength(text), Time === undefined ? 0 : 14);
}

function invalid(ErrorMessage: string): EntryFault {
  return { ErrorCode: 'InvalidArgument', ErrorMessage };
}

function detailOf(text: string): Record<string, unknown> | undefined {
  try {
    return detailSchema.safeParse(JSON.parse(text)).data;
  } catch {
    return undefined;
  }
}
