import { sampleCredentials } from '../../../local/sandbox/samples.ts';
import type { StatusReasonCode } from '../../../shared/domain/connections/connection.ts';
import { Credentials } from '../../../shared/domain/credentials/credentials.ts';
import type { Verification, Verifier } from '../../../shared/domain/credentials/verification.ts';

/** A question that reached a provider. */
export interface Asked {
  readonly providerId: string;
  /** The name that the credentials go by. */
  readonly name: string;
  /** In ms since 1970. */
  readonly at: number;
}

type Script = (asked: Asked) => Verification | Promise<Verification> | undefined;

const TOKEN = 'sample-token-';

/** The third parties of one deployment, as a script has them answer. */
export class Services {
  /** Why the credentials of a name are refused. */
  readonly refused = new Map<string, StatusReasonCode>();
  /** Providers that do not answer. */
  readonly down = new Set<string>();
  readonly asked: Asked[] = [];
  /** Answers in place of the rest, where it answers. */
  script: Script = () => undefined;
  readonly #now: () => number;

  constructor(now: () => number) {
    this.#now = now;
  }

  readonly verifier: Verifier = {
    verify: async ({ id }, credentials) => {
      const asked = { providerId: id, name: nameOf(credentials), at: this.#now() };
      this.asked.push(asked);
      return (await this.script(asked)) ?? this.#answer(asked);
    },
  };

  /** How often a provider was asked about the credentials of a name. */
  timesAsked(name: string): number {
    return this.asked.filter((asked) => asked.name === name).length;
  }

  #answer({ providerId, name }: Asked): Verification {
    if (this.down.has(providerId)) return NO_ANSWER;
    const reason = this.refused.get(name);
    if (reason) return { outcome: 'rejected', reason };
    return { outcome: 'ok', account: accountOf(name), expiresAt: null };
  }
}

/** What comes of a provider that hangs until the client gives up. */
export const NO_ANSWER: Verification = { outcome: 'unavailable', cause: 'timeout', retryAfterSeconds: 30 };

/** The account that credentials belong to: what follows the last hyphen of their name, and the same for all else. */
export function accountOf(name: string): { readonly id: string; readonly label: string } {
  const account = name.includes('-') ? name.slice(name.lastIndexOf('-') + 1) : 'one';
  return { id: `account-${account}`, label: account };
}

/** Credentials that go by a name. */
export function credentialsNamed(providerId: string, name: string): Credentials {
  return new Credentials(sampleCredentials(providerId, name));
}

/** The name that credentials go by. */
export function nameOf(credentials: Credentials): string {
  const token = Object.values(credentials.reveal()).find((value) => value.startsWith(TOKEN)) ?? '';
  return token.slice(TOKEN.length);
}
