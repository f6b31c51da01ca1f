import { invalidParameter, limitExceeded, valueNotFound } from './faults.ts';

/**
 * The rules of versions and their staging labels, as facts about plain values.
 * Source: API reference, PutSecretValue and UpdateSecretVersionStage; user guide, "Secrets Manager quotas".
 */
export const CURRENT = 'AWSCURRENT';
export const PREVIOUS = 'AWSPREVIOUS';

/** Quota: labels attached across all versions of one secret. */
export const MAX_STAGES = 20;
/** Quota: versions of one secret; past it unlabelled versions are removed. */
export const MAX_VERSIONS = 100;
/** A version younger than this, in milliseconds, is never removed. */
export const MIN_VERSION_AGE_MS = 24 * 60 * 60 * 1000;

/** Which version holds a label. A map, so that a label is on one version at a time. */
export type Stages = ReadonlyMap<string, string>;

export interface StageMove {
  readonly stage: string;
  readonly removeFrom: string | undefined;
  readonly moveTo: string | undefined;
}

/** The labels of one version, sorted as Secrets Manager lists them. Empty: the version is deprecated. */
export function stagesOf(stages: Stages, versionId: string): string[] {
  return [...stages]
    .filter(([, holder]) => holder === versionId)
    .map(([stage]) => stage)
    .sort();
}

/**
 * Labels after a new version is put. No labels named: AWSCURRENT moves to it. The first version of a secret
 * always becomes AWSCURRENT. Where AWSCURRENT leaves a version, AWSPREVIOUS goes to that version.
 * @throws LimitExceededException past 20 labels
 */
export function putStages(stages: Stages, versionId: string, named: readonly string[] | undefined): Stages {
  const labels = new Set(named ?? [CURRENT]);
  if (stages.size === 0) labels.add(CURRENT);
  let after = stages;
  for (const label of labels) after = give(after, label, versionId);
  return after;
}

/**
 * Labels after UpdateSecretVersionStage.
 * @throws InvalidParameterException when RemoveFromVersionId is not the label's present holder, is missing
 * although another version holds the label, or AWSCURRENT would be left on no version
 * @throws ResourceNotFoundException for a version that is not there
 */
export function moveStage(stages: Stages, versionIds: ReadonlySet<string>, move: StageMove): Stages {
  const { stage, removeFrom, moveTo } = move;
  for (const id of [removeFrom, moveTo]) {
    if (id !== undefined && !versionIds.has(id)) throw valueNotFound(`VersionId: ${id}`);
  }
  checkHolder(stages.get(stage), move);
  if (moveTo !== undefined) return give(stages, stage, moveTo);
  if (stage === CURRENT) {
    throw invalidParameter(
      "You can only move staging label AWSCURRENT to a different secret version. It can't be completely removed.",
    );
  }
  return new Map([...stages].filter(([label]) => label !== stage));
}

/**
 * The versions to remove now: unlabelled, older than a day, oldest first, as many as exceed 100.
 * Source: user guide, "Secrets Manager quotas".
 */
export function prunable(
  versions: readonly { readonly versionId: string; readonly createdAt: number }[],
  stages: Stages,
  now: number,
): string[] {
  const labelled = new Set(stages.values());
  return versions
    .filter(({ versionId, createdAt }) => !labelled.has(versionId) && now - createdAt >= MIN_VERSION_AGE_MS)
    .sort((a, b) => a.createdAt - b.createdAt)
    .slice(0, Math.max(0, versions.length - MAX_VERSIONS))
    .map(({ versionId }) => versionId);
}

function checkHolder(holder: string | undefined, { stage, removeFrom, moveTo }: StageMove): void {
  if (removeFrom === undefined && moveTo === undefined) {
    throw invalidParameter('You must provide RemoveFromVersionId, MoveToVersionId, or both.');
  }
  if (removeFrom !== undefined && removeFrom !== holder) {
    throw invalidParameter(
      `RemoveFromVersionId must be the version that staging label ${stage} is currently attached to.`,
    );
  }
  if (removeFrom === undefined && holder !== undefined && holder !== moveTo) {
    throw invalidParameter(
      `The parameter RemoveFromVersionId can't be empty. Staging label ${stage} is currently attached to version ${holder}, so you must explicitly reference that version in RemoveFromVersionId.`,
    );
  }
}

function give(stages: Stages, stage: string, versionId: string): Stages {
  const former = stages.get(stage);
  if (former === versionId) return stages;
  const after = new Map(stages).set(stage, versionId);
  if (stage === CURRENT && former !== undefined) after.set(PREVIOUS, former);
  if (after.size > MAX_STAGES) {
    throw limitExceeded(
      `You can't attach more than ${MAX_STAGES} staging labels to the versions of a secret.`,
    );
  }
  return after;
}
