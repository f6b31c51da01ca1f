import type { IndexDefinition, TableDefinition } from '../../shared/adapters/aws/table/definition.ts';
import { compareIndexes, type DeployedIndex } from './compare.ts';
import type { TemplateIndexes } from './deployed.ts';
import { createCommand, deleteCommand } from './update-table.ts';

/** A deployed table beside what this commit and its stage want. */
export interface PlanInput {
  readonly stage: string;
  readonly tableName: string;
  /** True for a restored table, which CloudFormation does not change. */
  readonly isRestored: boolean;
  readonly definition: TableDefinition;
  /** Setting `withoutIndexes` of the stage. */
  readonly without: readonly string[];
  readonly deployed: readonly DeployedIndex[];
  /** Indexes in the deployed templates; undefined where they are not known. */
  readonly templates: TemplateIndexes | undefined;
}

/** One deployment, or another command, that must be done before the next. */
interface Step {
  readonly text: string;
  readonly command: string;
}

/** Deployments that bring a table to its definition, in order. */
export interface Plan {
  /** Why the definition or the settings must change before anything is deployed. */
  readonly problems: readonly string[];
  readonly steps: readonly Step[];
  /** Steps that make unqueried indexes ready for readers, once every deployment is done. */
  readonly afterwards: readonly Step[];
}

/** Plans the index changes of a table: each in a deployment of its own, because CloudFormation and DynamoDB take no more. */
export function planIndexes(input: PlanInput): Plan {
  const { inProgress } = compareIndexes(input.definition, input.deployed);
  const problems = problemsOf(input);
  if (problems.length > 0) return { problems, steps: [], afterwards: [] };
  const waits = inProgress.map(({ name, status }) => ({
    text: `Wait until ${name} is ACTIVE or gone; it is ${status}`,
    command: planCommand(input),
  }));
  // A table takes no other change meanwhile.
  if (waits.length > 0) return { problems, steps: waits, afterwards: [] };
  return {
    problems,
    steps: [...functionSteps(input), ...changeSteps(input)],
    afterwards: fillSteps(input),
  };
}

function problemsOf(input: PlanInput): readonly string[] {
  const { definition, deployed } = input;
  const { changed, missing, undeclared } = compareIndexes(definition, deployed);
  const unkept = undeclared.filter(({ name }) => !isOutsideOfStack(input, name));
  const early = missing.filter(({ name }) => isQueried(input, name) && !isOutsideOfStack(input, name));
  return [
    ...changed.map(
      ({ name }) =>
        `The index ${name} is deployed with other keys or another projection. No index can be changed: define a new one.`,
    ),
    ...early.map(
      ({ name }) =>
        `Functions of this commit query ${name}, which the table lacks. Move it to unqueriedIndexes and deploy that first.`,
    ),
    ...(unkept.length > 1
      ? [
          `${namesOf(unkept)} are in no definition, and one deployment deletes only one. Define all but one in unqueriedIndexes again.`,
        ]
      : []),
  ];
}

function isQueried({ definition }: PlanInput, name: string): boolean {
  return definition.indexes.some((index) => index.name === name);
}

/**
 * Returns true for an index that no deployment creates or deletes: of a restored table, and one of which stack and table
 * disagree, because somebody created or deleted it by hand.
 */
function isOutsideOfStack({ isRestored, templates, deployed }: PlanInput, name: string): boolean {
  const isDeployed = deployed.some((index) => index.name === name);
  return isRestored || (templates !== undefined && templates.inStack.has(name) !== isDeployed);
}

/** Functions that query an index must go before it. */
function functionSteps(input: PlanInput): readonly Step[] {
  const { stage, templates } = input;
  const removed = removalsOf(input);
  const text = (names: readonly { readonly name: string }[]) =>
    `Deploy the functions of this commit, because the deployed ones query ${namesOf(names)}`;
  const command = `npx cdk deploy -c stage=${stage} --exclusively '*/connections-${stage}-api'`;
  const inUse = removed.filter(({ name }) => templates?.queried.has(name) ?? true);
  return inUse.length > 0 ? [{ text: text(inUse), command }] : [];
}

/** Indexes that the table has and should not have: first those of no definition, because no setting keeps them. */
function removalsOf({ definition, deployed, without }: PlanInput): readonly DeployedIndex[] {
  const { undeclared } = compareIndexes(definition, deployed);
  const leftOut = definition.unqueriedIndexes.filter(({ name }) => without.includes(name));
  return [...undeclared, ...deployed.filter(({ name }) => leftOut.some((index) => index.name === name))];
}

function additionsOf({ definition, deployed, without }: PlanInput): readonly IndexDefinition[] {
  return compareIndexes(definition, deployed, without).missing;
}

/** Returns a step for each index: the removals, then the additions. */
function changeSteps(input: PlanInput): readonly Step[] {
  const { definition, stage, tableName } = input;
  const present = new Set(input.deployed.map(({ name }) => name));
  const deploy = `npx cdk deploy -c stage=${stage} --exclusively '*/connections-${stage}-data'`;
  const stepOf = (verb: string, name: string, updateTable: string): Step => {
    if (isOutsideOfStack(input, name)) return { text: `${verb} ${name}`, command: updateTable };
    const absent = definition.unqueriedIndexes.filter((index) => !present.has(index.name));
    return { text: `${verb} ${name}: set withoutIndexes: [${quoted(absent)}]`, command: deploy };
  };
  const removals = removalsOf(input).map(({ name }) => {
    present.delete(name);
    return stepOf('Remove', name, deleteCommand(tableName, name));
  });
  const additions = additionsOf(input).map((index) => {
    present.add(index.name);
    return stepOf('Add', index.name, createCommand(tableName, index));
  });
  return [...removals, ...additions];
}

/** Returns what makes unqueried indexes ready for readers. */
function fillSteps(input: PlanInput): readonly Step[] {
  const { definition, without, stage, tableName, isRestored } = input;
  const coming = definition.unqueriedIndexes.filter(({ name }) => !without.includes(name));
  if (coming.length === 0) return [];
  return [
    {
      text: 'Deploy the functions, which write the keys of new items',
      command: `npx cdk deploy -c stage=${stage} --all`,
    },
    {
      text: 'Fill the keys of the items that were there before; repeat it until nothing is filled',
      command: `npm run indexes:fill -- --stage ${stage}${isRestored ? ` --table ${tableName}` : ''}`,
    },
    {
      text: `Only now let functions query ${namesOf(coming)}: move it from unqueriedIndexes to indexes`,
      command: 'shared/adapters/aws/table/definition.ts',
    },
  ];
}

/** Returns the command that plans again. */
function planCommand({ stage }: PlanInput): string {
  return `npm run indexes:plan -- --stage ${stage}`;
}

function namesOf(indexes: readonly { readonly name: string }[]): string {
  return indexes.map(({ name }) => name).join(', ');
}

function quoted(indexes: readonly { readonly name: string }[]): string {
  return indexes.map(({ name }) => `'${name}'`).join(', ');
}
