import { invalidParameter, valueNotFound } from './errors.ts';

// The rules of staging labels, as facts about plain values.
// Source: API reference, PutSecretValue and UpdateSecretVersionStage; user guide, "Secrets Manager quotas".

const CURRENT = 'AWSCURRENT';
const PREVIOUS = 'AWSPREVIOUS';

/** Versions of one secret above which the service removes deprecated ones. */
export const MAX_VERSIONS = 100;
/** The service removes no version younger than a day. */
const MIN_PRUNABLE_AGE_MS = 24 * 60 * 60 * 1000;

/** The version that each staging label is attached to; a label is on one version at a time. */
export type StagingLabels = Readonly<Record<string, string>>;

/** The labels of one version in alphabetical order. A version without any is deprecated. */
export function labelsOf(labels: StagingLabels, versionId: string): string[] {
  return Object.keys(labels)
    .filter((label) => labels[label] === versionId)
    .sort();
}

/** Groups the labels by version, as DescribeSecret and ListSecrets return them: without deprecated versions. */
export function versionsToLabels(labels: StagingLabels): Record<string, string[]> {
  const versionIds = new Set(Object.values(labels));
  return Object.fromEntries([...versionIds].map((versionId) => [versionId, labelsOf(labels, versionId)]));
}

/**
 * Labels a new version: with the requested labels, else with AWSCURRENT. The first version of a secret becomes
 * AWSCURRENT in any case.
 */
export function labelNewVersion(
  labels: StagingLabels,
  versionId: string,
  requested: readonly string[] = [CURRENT],
): StagingLabels {
  const isFirst = Object.keys(labels).length === 0;
  const added = new Set(isFirst ? [...requested, CURRENT] : requested);
  return [...added].reduce((after, label) => attach(after, label, versionId), labels);
}

export interface LabelMove {
  readonly label: string;
  readonly removeFrom: string | undefined;
  readonly moveTo: string | undefined;
}

/**
 * Moves a label as UpdateSecretVersionStage does: `removeFrom` has to be the version that holds it, which makes the
 * move a compare-and-set.
 *
 * @throws ServiceException InvalidParameterException where `removeFrom` is not the label's version, is missing
 *   though another version has the label, or no version would be AWSCURRENT; ResourceNotFoundException for a
 *   version that does not exist.
 */
export function moveLabel(
  labels: StagingLabels,
  versionIds: ReadonlySet<string>,
  move: LabelMove,
): StagingLabels {
  const { label, removeFrom, moveTo } = move;
  for (const versionId of [removeFrom, moveTo]) {
    if (versionId !== undefined && !versionIds.has(versionId)) throw valueNotFound(`VersionId: ${versionId}`);
  }
  requireHolder(labels[label], move);
  if (moveTo !== undefined) return attach(labels, label, moveTo);
  if (label === CURRENT) {
    throw invalidParameter(
      "You can only move staging label AWSCURRENT to a different secret version. It can't be completely removed.",
    );
  }
  return Object.fromEntries(Object.entries(labels).filter(([other]) => other !== label));
}

function requireHolder(holder: string | undefined, { label, removeFrom, moveTo }: LabelMove): void {
  if (removeFrom === undefined && moveTo === undefined) {
    throw invalidParameter('You must provide RemoveFromVersionId, MoveToVersionId, or both.');
  }
  if (removeFrom !== undefined && removeFrom !== holder) {
    throw invalidParameter(
      `RemoveFromVersionId must be the version that staging label ${label} is currently attached to.`,
    );
  }
  if (removeFrom === undefined && holder !== undefined && holder !== moveTo) {
    throw invalidParameter(
      `The parameter RemoveFromVersionId can't be empty. Staging label ${label} is currently attached to version ${holder}, so you must explicitly reference that version in RemoveFromVersionId.`,
    );
  }
}

/** Attaches a label to a version. The version that AWSCURRENT leaves becomes AWSPREVIOUS. */
function attach(labels: StagingLabels, label: string, versionId: string): StagingLabels {
  const former = labels[label];
  if (former === versionId) return labels;
  const leaves = label === CURRENT && former !== undefined;
  return { ...labels, [label]: versionId, ...(leaves && { [PREVIOUS]: former }) };
}

/** The versions to remove now: deprecated, older than a day, oldest first, as many as exceed the quota. */
export function prunableVersions(
  versions: readonly { readonly versionId: string; readonly createdAt: number }[],
  labels: StagingLabels,
  now: number,
): string[] {
  const labeled = new Set(Object.values(labels));
  return versions
    .filter(({ versionId, createdAt }) => !labeled.has(versionId) && now - createdAt >= MIN_PRUNABLE_AGE_MS)
    .sort((a, b) => a.createdAt - b.createdAt)
    .slice(0, Math.max(0, versions.length - MAX_VERSIONS))
    .map(({ versionId }) => versionId);
}
