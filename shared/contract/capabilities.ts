import type { MemberReader, MemberWriter } from '../domain/access/members.ts';
import type {
  CallBudget,
  CheckQueue,
  CheckSchedule,
  LastCheckReader,
  LastCheckStore,
} from '../domain/checks/ports.ts';
import type { ReminderReader } from '../domain/connections/announce-expiry.ts';
import type { HistoryReader } from '../domain/connections/history.ts';
import type { ConnectionReader, RecoveryReader } from '../domain/connections/reader.ts';
import type { IntentReader } from '../domain/connections/sweep.ts';
import type { SecretReader, SecretRemover, SecretWriter } from '../domain/credentials/secrets.ts';
import type { Verifier } from '../domain/credentials/verification.ts';
import type { EventBus } from '../domain/events/relay.ts';
import type { FlowReader } from '../domain/flows/flow.ts';
import type { Notifier } from '../domain/notices/notice.ts';
import type { OnceLog } from '../domain/once.ts';
import type { Committer } from '../domain/unit-of-work.ts';

/**
 * What a function may ask for, and the ports it gets for it. A port that a route does not ask for is not in its
 * handler's types, and the grant behind it is not in its role (`infra/grants.ts`).
 */
export interface CapabilityPorts {
  'table:read': ConnectionReader & FlowReader & HistoryReader & MemberReader & LastCheckReader;
  'table:write': Committer &
    RecoveryReader &
    IntentReader &
    ReminderReader &
    LastCheckStore &
    CheckSchedule &
    CallBudget;
  'checks:enqueue': CheckQueue;
  'members:write': MemberWriter;
  'secrets:read': SecretReader;
  'secrets:write': SecretWriter;
  'secrets:remove': SecretRemover;
  'providers:call': Verifier;
  'events:publish': EventBus;
  'notices:send': Notifier;
  'once:write': OnceLog;
}

export type Capability = keyof CapabilityPorts;

type Intersection<U> = (U extends unknown ? (value: U) => void : never) extends (value: infer I) => void
  ? I
  : never;

/** The ports behind a list of needs, together. */
export type PortsFor<N extends Capability> = [N] extends [never] ? object : Intersection<CapabilityPorts[N]>;
