import { placeholdersOf } from '../../../infra/placeholders.ts';
import { type DeployedStage, deployCommand } from '../deployed-stage.ts';
import { type Finding, problem, warning } from '../finding.ts';

const COMPLETE = new Set(['CREATE_COMPLETE', 'UPDATE_COMPLETE', 'IMPORT_COMPLETE']);
/** The last deployment failed, and the stack serves what the one before deployed. */
const ROLLED_BACK = new Set(['UPDATE_ROLLBACK_COMPLETE', 'IMPORT_ROLLBACK_COMPLETE']);

/** Checks that each stack is there and complete. */
export async function checkStacks(stage: DeployedStage): Promise<readonly Finding[]> {
  return stage.stacks.flatMap(({ name, status }): Finding[] => {
    if (status === undefined) return [problem(`there is no stack ${name}`, deployCommand(stage))];
    if (COMPLETE.has(status)) return [];
    const events = `aws cloudformation describe-stack-events --stack-name ${name}`;
    if (ROLLED_BACK.has(status))
      return [warning(`the last deployment of ${name} failed and was undone`, events)];
    return [problem(`${name} is ${status}`, events)];
  });
}

/** Checks the settings of the stage for placeholders. */
export async function checkPlaceholders({
  settings,
  name,
}: Pick<DeployedStage, 'settings' | 'name'>): Promise<readonly Finding[]> {
  if (!settings) return [];
  return placeholdersOf(settings).map(({ text }) =>
    warning(text, `edit infra/stages/${name}.ts, then ${deployCommand({ name })}`),
  );
}
