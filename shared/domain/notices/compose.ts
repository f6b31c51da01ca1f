import type { ConnectionEvent } from '../../messages/connection-event.ts';
import type { StatusReasonCode } from '../connections/connection.ts';
import { flowsParagraph } from './flows.ts';
import type { Notice } from './notice.ts';
import { away, cut, day, inAscii, moment, quoted } from './wording.ts';

/** Subjects have to be shorter than 100 characters. https://docs.aws.amazon.com/sns/latest/api/API_Publish.html */
const SUBJECT_LENGTH = 99;

/** Why a connection is inactive, and what mends it; `it` is the provider's name. */
const REASONS: Readonly<Record<StatusReasonCode, (it: string) => readonly [why: string, remedy: string]>> = {
  credentials_expired: (it) => [
    'Its credentials have expired.',
    `make new credentials at ${it}, and have an administrator of the project reconnect the connection with them.`,
  ],
  access_revoked: (it) => [
    `${it} refuses its credentials: they were revoked, changed or removed there.`,
    `have an administrator of the project reconnect the connection with credentials that ${it} accepts.`,
  ],
  access_changed: (it) => [
    `${it} knows its credentials but no longer allows what the connection needs: its permissions, the plan or a policy changed there.`,
    `give the account its access back at ${it}; the next check then turns the connection Active by itself. Or have an administrator of the project reconnect it with an account that has access.`,
  ],
};

/** A notice in the making. */
interface Told {
  readonly headline: string;
  readonly paragraphs: readonly string[];
}

/**
 * The notice of an event for people, in whole sentences; null for an event that nobody has to be told of.
 *
 * @param providerName how the provider calls itself.
 */
export function composeNotice(event: ConnectionEvent, providerName: string): Notice | null {
  const told = tell(event, providerName);
  if (!told) return null;
  const { eventId, projectId, connectionId, provider, type } = event;
  return {
    eventId,
    projectId,
    provider,
    type,
    subject: subjectOf(told.headline, event, providerName),
    text: [...told.paragraphs, `Connection ${connectionId}, event ${eventId}.`].join('\n\n'),
  };
}

function tell(event: ConnectionEvent, it: string): Told | null {
  if (event.type === 'expiring') return expiring(event, it);
  if (event.type !== 'status_changed') return null;
  return event.to?.status === 'active' ? active(event, it) : inactive(event, it);
}

function inactive(event: ConnectionEvent, it: string): Told {
  const [why, remedy] = explain(event.reason, it);
  const since =
    event.from?.status === 'inactive'
      ? `is still Inactive, since ${moment(event.at)} for another reason`
      : `is Inactive since ${moment(event.at)}`;
  return {
    headline: 'Inactive',
    paragraphs: [
      `${theConnection(event, it)} ${since}. ${why}`,
      ...flowsParagraph(event, {
        one: 'is held back until it works again',
        many: 'are held back until it works again',
      }),
      `What to do: ${remedy}`,
    ],
  };
}

function explain(reason: ConnectionEvent['reason'], it: string): readonly [why: string, remedy: string] {
  if (reason && isStatusReason(reason)) return REASONS[reason](it);
  return [`${it} refuses it.`, 'have an administrator of the project reconnect the connection.'];
}

function isStatusReason(reason: string): reason is StatusReasonCode {
  return Object.hasOwn(REASONS, reason);
}

function active(event: ConnectionEvent, it: string): Told {
  return {
    headline: 'Active again',
    paragraphs: [
      `${theConnection(event, it)} works again: it is Active since ${moment(event.at)}.`,
      ...flowsParagraph(event, { one: 'can run again', many: 'can run again' }),
      'What to do: nothing for the connection; what was held back can be resumed.',
    ],
  };
}

function expiring(event: ConnectionEvent, it: string): Told {
  const end = event.to?.expiresAt;
  const when = end ? `end on ${moment(end)}, ${away(event.at, end)}` : 'end soon';
  return {
    headline: end ? `Ends on ${day(end)}` : 'Ends soon',
    paragraphs: [
      `The credentials of ${theConnection(event, it, 'the')} ${when}.`,
      ...flowsParagraph(event, { one: 'will stop then', many: 'will stop then' }),
      `What to do: make new credentials at ${it}, and have an administrator of the project reconnect the connection with them before that time.`,
    ],
  };
}

function theConnection({ name, projectId }: ConnectionEvent, it: string, the = 'The'): string {
  return `${the} ${it} connection ${quoted(name)} of project ${projectId}`;
}

function subjectOf(headline: string, { name, projectId }: ConnectionEvent, it: string): string {
  const ascii = inAscii(name);
  const which = ascii === null ? `connection of project ${projectId}` : `connection "${ascii}"`;
  return cut(`${headline}: ${inAscii(it) ?? ''} ${which}`.replace(/ {2,}/g, ' '), SUBJECT_LENGTH);
}
