/** Why a connection is inactive: it ran out, the service refuses it, or the service no longer allows it. */
export type StatusReasonCode = 'credentials_expired' | 'access_revoked' | 'access_changed';

/** The account at the provider that a connection acts for, as the provider names it. */
export interface Account {
  readonly id: string;
  readonly label: string;
}

/** A connection is active, or inactive for a reason; there is nothing between. */
export type Status =
  | { readonly status: 'active'; readonly statusReason: null }
  | { readonly status: 'inactive'; readonly statusReason: StatusReasonCode };

/** A connection of a project to one account at one provider. Times are RFC 3339 in UTC with milliseconds. */
export type Connection = Status & {
  /** `con_` and a UUIDv7, so ids sort by age. */
  readonly id: string;
  readonly projectId: string;
  readonly providerId: string;
  readonly name: string;
  readonly statusSince: string;
  readonly account: Account | null;
  /** How many flows use it; flows, not steps. */
  readonly flowCount: number;
  readonly connectedAt: string;
  readonly reconnectedAt: string | null;
  readonly lastCheckedAt: string | null;
  readonly expiresAt: string | null;
  readonly createdBy: string;
  readonly updatedAt: string;
  /** Grows by one with every change but a check that found nothing new; the ETag of the connection. */
  readonly version: number;
};
