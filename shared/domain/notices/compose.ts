import type { ConnectionEvent } from '../../messages/connection-event.ts';
import { type NoticeKind, STATUS_REASONS, type StatusReason } from '../terms.ts';
import { dateOf, dateTimeOf, joinNames, quoteName, timeLeft, toAscii, truncate } from './wording.ts';

/** Text of one event for subscribers. */
export interface Notice {
  readonly eventId: string;
  readonly projectId: string;
  /** The provider's id. */
  readonly provider: string;
  readonly type: ConnectionEvent['type'];
  /** At most 99 printable ASCII characters. */
  readonly subject: string;
  /** Plain text: paragraphs of a sentence or two, separated by empty lines. */
  readonly text: string;
}

/** A message to the subscribers, about one event or several. */
export interface Message {
  readonly projectId: string;
  /** Provider ids and event types of the message, for filters of subscriptions. */
  readonly providers: readonly string[];
  readonly types: readonly ConnectionEvent['type'][];
  /** At most 99 printable ASCII characters. */
  readonly subject: string;
  readonly text: string;
}

/** Returns the message of a single notice. */
export function toMessage({ projectId, provider, type, subject, text }: Notice): Message {
  return { projectId, providers: [provider], types: [type], subject, text };
}

/** Notices that a digest describes at most. */
const MAX_DESCRIBED = 50;

/**
 * Address of the page that notices link to, without a trailing slash; undefined where there is none. The web console
 * serves the paths below it, as the page in its place does.
 */
export type ConsoleUrl = string | undefined;

/** Composes one message of several notices of a project: their number, and the first paragraph of each. */
export function composeDigest(
  projectId: string,
  notices: readonly Notice[],
  consoleUrl: ConsoleUrl,
): Message {
  const [only] = notices;
  if (only && notices.length === 1) return toMessage(only);
  const described = notices.slice(0, MAX_DESCRIBED).map(({ text }) => `- ${text.split('\n\n')[0]}`);
  const more = notices.length - described.length;
  return {
    projectId,
    providers: [...new Set(notices.map(({ provider }) => provider))],
    types: [...new Set(notices.map(({ type }) => type))],
    subject: truncate(`${notices.length} notices of project ${projectId}`, SUBJECT_MAX_LENGTH),
    text: [
      `${notices.length} connections of project ${projectId} changed within a few minutes.`,
      ...described,
      ...(more > 0 ? [`${more} more connections changed; see the connections page of the project.`] : []),
      ...(consoleUrl === undefined ? [] : [`Connections page: ${connectionsPage(consoleUrl, projectId)}`]),
    ].join('\n\n'),
  };
}

/** SNS requires subjects of fewer than 100 characters. https://docs.aws.amazon.com/sns/latest/api/API_Publish.html */
const SUBJECT_MAX_LENGTH = 99;

/** Why a connection is inactive, and how to repair it. */
const EXPLANATIONS: Readonly<
  Record<StatusReason, (provider: string) => readonly [cause: string, remedy: string]>
> = {
  credentials_expired: (provider) => [
    'Its credentials have expired.',
    `make new credentials at ${provider}, and have an administrator of the project reconnect the connection with them.`,
  ],
  access_revoked: (provider) => [
    `${provider} refuses its credentials: they were revoked, changed or removed there.`,
    `have an administrator of the project reconnect the connection with credentials that ${provider} accepts.`,
  ],
  access_changed: (provider) => [
    `${provider} knows its credentials but no longer allows what the connection needs: its permissions, the plan or a policy changed there.`,
    `give the account its access back at ${provider}; the next check then turns the connection Active by itself. Or have an administrator of the project reconnect it with an account that has access.`,
  ],
};

function connectionsPage(consoleUrl: string, projectId: string): string {
  return `${consoleUrl}/projects/${projectId}/connections`;
}

/** Headline and text of a notice. */
interface Content {
  readonly headline: string;
  readonly paragraphs: readonly string[];
  /** True where an administrator is to reconnect the connection. */
  readonly reconnect: boolean;
}

/**
 * Composes the notice of an event in whole sentences; null for an event that needs no notice.
 *
 * @param providerName the provider's display name.
 */
export function composeNotice(
  event: ConnectionEvent,
  providerName: string,
  consoleUrl: ConsoleUrl,
): Notice | null {
  const kind = noticeKind(event);
  if (!kind) return null;
  const content = CONTENTS[kind](event, providerName);
  const { eventId, projectId, connectionId, provider, type } = event;
  return {
    eventId,
    projectId,
    provider,
    type,
    subject: subjectOf(content.headline, event, providerName),
    text: [
      ...content.paragraphs,
      ...(content.reconnect && consoleUrl !== undefined
        ? [`Reconnect: ${connectionsPage(consoleUrl, projectId)}?reconnect=${connectionId}`]
        : []),
      `Connection ${connectionId}, event ${eventId}.`,
    ].join('\n\n'),
  };
}

/** Returns the kind of an event's notice; null for an event that needs none. */
export function noticeKind({ type, to }: Pick<ConnectionEvent, 'type' | 'to'>): NoticeKind | null {
  if (type === 'expiring') return 'expiring';
  if (type !== 'status_changed') return null;
  return to?.status === 'active' ? 'active_again' : 'inactive';
}

const CONTENTS: Readonly<Record<NoticeKind, (event: ConnectionEvent, provider: string) => Content>> = {
  inactive,
  active_again: activeAgain,
  expiring,
};

function inactive(event: ConnectionEvent, provider: string): Content {
  const [cause, remedy] = explain(event.reason, provider);
  const since =
    event.from?.status === 'inactive'
      ? `is still Inactive, since ${dateTimeOf(event.at)} for another reason`
      : `is Inactive since ${dateTimeOf(event.at)}`;
  return {
    headline: 'Inactive',
    reconnect: true,
    paragraphs: [
      `${connectionPhrase(event, provider)} ${since}. ${cause}`,
      ...flowsParagraph(event, {
        one: 'is held back until it works again',
        many: 'are held back until it works again',
      }),
      `What to do: ${remedy}`,
    ],
  };
}

function explain(
  reason: ConnectionEvent['reason'],
  provider: string,
): readonly [cause: string, remedy: string] {
  if (reason && isStatusReason(reason)) return EXPLANATIONS[reason](provider);
  return [`${provider} refuses it.`, 'have an administrator of the project reconnect the connection.'];
}

function isStatusReason(reason: string): reason is StatusReason {
  return STATUS_REASONS.some((known) => known === reason);
}

function activeAgain(event: ConnectionEvent, provider: string): Content {
  return {
    headline: 'Active again',
    reconnect: false,
    paragraphs: [
      `${connectionPhrase(event, provider)} works again: it is Active since ${dateTimeOf(event.at)}.`,
      ...flowsParagraph(event, { one: 'can run again', many: 'can run again' }),
      'What to do: nothing for the connection; what was held back can be resumed.',
    ],
  };
}

function expiring(event: ConnectionEvent, provider: string): Content {
  const end = event.to?.expiresAt;
  const when = end ? `end on ${dateTimeOf(end)}, ${timeLeft(event.at, end)}` : 'end soon';
  return {
    headline: end ? `Ends on ${dateOf(end)}` : 'Ends soon',
    reconnect: true,
    paragraphs: [
      `The credentials of ${connectionPhrase(event, provider, 'the')} ${when}.`,
      ...flowsParagraph(event, { one: 'will stop then', many: 'will stop then' }),
      `What to do: make new credentials at ${provider}, and have an administrator of the project reconnect the connection with them before that time.`,
    ],
  };
}

function connectionPhrase({ name, projectId }: ConnectionEvent, provider: string, article = 'The'): string {
  return `${article} ${provider} connection ${quoteName(name)} of project ${projectId}`;
}

function subjectOf(headline: string, { name, projectId }: ConnectionEvent, provider: string): string {
  const ascii = toAscii(name);
  const which = ascii === null ? `connection of project ${projectId}` : `connection "${ascii}"`;
  return truncate(
    `${headline}: ${toAscii(provider) ?? ''} ${which}`.replace(/ {2,}/g, ' '),
    SUBJECT_MAX_LENGTH,
  );
}

/** Flows that a notice names at most. */
const MAX_NAMED_FLOWS = 10;

/**
 * Describes the consequence for the flows as a paragraph: `3 flows that use it <many>: “a”, “b” and “c”.`, or `<one>`
 * for a single flow. Empty for an event without flows.
 */
function flowsParagraph(
  { flows }: Pick<ConnectionEvent, 'flows'>,
  { one, many }: { readonly one: string; readonly many: string },
): readonly string[] {
  if (!flows) return [];
  if (flows.count === 0) return ['No flow uses it at the moment.'];
  const subject =
    flows.count === 1 ? `1 flow that uses it ${one}` : `${flows.count} flows that use it ${many}`;
  const names = flows.items.slice(0, MAX_NAMED_FLOWS).map(({ name }) => quoteName(name));
  if (names.length === 0) return [`${subject}.`];
  const more = flows.count - names.length;
  return [`${subject}: ${joinNames(more > 0 ? [...names, `${more} more`] : names)}.`];
}
