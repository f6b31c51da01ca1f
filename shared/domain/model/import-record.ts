/** Identifies a connection by the id that the other platform had for it. */
export interface ImportRef {
  readonly projectId: string;
  readonly platformId: string;
}

/** The record of an imported connection. It stays, so that a repeated import finds the connection by the platform's id. */
export interface ImportRecord extends ImportRef {
  readonly connectionId: string;
  /** False until every step is linked and the provider was asked. */
  readonly isComplete: boolean;
}

/** Reads the records of imported connections. */
export interface ImportReader {
  /** Reads strongly consistently. */
  find(ref: ImportRef): Promise<ImportRecord | undefined>;
}
